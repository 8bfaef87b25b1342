// SPDX-License-Identifier: BSD-3-Clause
import { didYouMean } from '../../base/index.ts';
import type { DataIdValue } from '../../butler/index.ts';
import type { ColumnGraph } from '../column-graph.ts';
import { groupRows, take } from '../columns/group.ts';
import { noRow } from '../columns/link.ts';
import { taskOrder } from '../derive/task-order.ts';
import { graphErrors } from '../errors.ts';

/** Parts with names, and the part of each quantum; the order of parts is not yet that of running. */
export interface NamedParts {
  names: string[];
  partOf: Uint32Array;
}

const many = noRow - 1;

/** Each task goes to the first group of labels that has it; tasks that are in none make the part "rest". */
export function assignByTasks(
  graph: ColumnGraph,
  groups: readonly { name: string; labels: readonly string[] }[],
): NamedParts {
  const names = [...groups.map(({ name }) => name), 'rest'];
  const partOf = new Uint32Array(graph.quantumCount);
  for (const task of graph.tasks) {
    const at = groups.findIndex(({ labels }) => labels.includes(task.label));
    partOf.fill(at < 0 ? groups.length : at, task.firstQuantum, task.firstQuantum + task.quantumCount);
  }
  return { names, partOf };
}

/**
 * By the values of some dimensions. A quantum that has not all of them goes with the only part that needs its results or whose
 * results it needs; where several parts do, it goes to "before" (they need it) or "after" (it needs them). With `parts`, values
 * that follow each other are put together so that parts have about equally many quanta.
 */
export function assignByDimensions(graph: ColumnGraph, dimensions: readonly string[], parts?: number): NamedParts {
  const own = ownParts(graph, dimensions, parts);
  if (own.names.length === 0) throw graphErrors.SPLIT_NOTHING({ how: dimensions.join(', ') });
  const { up, down } = reach(graph, own.partOf);
  const [before, after] = [own.names.length, own.names.length + 1];
  const { partOf } = own;
  for (let quantum = 0; quantum < partOf.length; quantum++) {
    if (partOf[quantum] !== noRow) continue;
    const [above, below] = [up[quantum], down[quantum]];
    if (above === noRow) partOf[quantum] = below === noRow || below === many ? before : below;
    else partOf[quantum] = above === many ? after : above;
  }
  return { names: [...own.names, 'before', 'after'], partOf };
}

/** The part of each quantum that has all of the dimensions; {@link noRow} for the others. */
function ownParts(graph: ColumnGraph, dimensions: readonly string[], parts: number | undefined): NamedParts {
  const { index } = graph;
  for (const dimension of dimensions) {
    const known = [...new Set(index.tasks.flatMap(({ relation }) => index.relations[relation].names))];
    if (known.includes(dimension)) continue;
    throw graphErrors.UNKNOWN_DIMENSION({ dimension, hint: didYouMean(dimension, known), known: known.join(', ') });
  }
  const partOf = new Uint32Array(graph.quantumCount).fill(noRow);
  const values = dimensions.map((name) => graph.parts.values(name));
  const found = new Map<string, { at: number; values: DataIdValue[]; quanta: number }>();
  for (const [t, task] of index.tasks.entries()) {
    if (!dimensions.every((name) => index.relations[task.relation].names.includes(name))) continue;
    const rows = graph.edges.quantaOf(t).rows();
    const columns = dimensions.map((name, d) => ({
      values: take(graph.parts.column(`relation/${task.relation}/${name}`) as Uint32Array, rows),
      cardinality: Math.max(1, values[d].length),
    }));
    const { of, count, first } = groupRows(columns, rows.length);
    const groups = Array.from({ length: count }, (_, group) => {
      const codes = columns.map((column) => column.values[first[group]]);
      const key = codes.join();
      const entry = found.get(key) ?? { at: found.size, values: codes.map((code, d) => values[d][code]), quanta: 0 };
      found.set(key, entry);
      return entry;
    });
    for (let k = 0; k < of.length; k++) {
      const entry = groups[of[k]];
      entry.quanta++;
      partOf[task.firstQuantum + k] = entry.at;
    }
  }
  const ordered = [...found.values()].sort((a, b) => compareValues(a.values, b.values));
  const { bins, names } = binned(ordered, dimensions, parts);
  const binOf = new Uint32Array(ordered.length);
  for (const [k, entry] of ordered.entries()) binOf[entry.at] = bins[k];
  for (let quantum = 0; quantum < partOf.length; quantum++)
    if (partOf[quantum] !== noRow) partOf[quantum] = binOf[partOf[quantum]];
  return { names, partOf };
}

/** Neighbouring values put together: each part is closed when it has reached its share of the quanta. */
function binned(
  ordered: readonly { values: readonly DataIdValue[]; quanta: number }[],
  dimensions: readonly string[],
  parts: number | undefined,
): { bins: number[]; names: string[] } {
  const text = (values: readonly DataIdValue[]): string => values.map((one, d) => `${dimensions[d]}=${one}`).join(',');
  if (parts === undefined || parts >= ordered.length)
    return { bins: ordered.map((_, k) => k), names: ordered.map(({ values }) => text(values)) };
  const total = ordered.reduce((sum, { quanta }) => sum + quanta, 0);
  const bins: number[] = [];
  let before = 0;
  for (const [k, { quanta }] of ordered.entries()) {
    const ideal = Math.floor(((before + quanta / 2) * parts) / total);
    const previous = k === 0 ? -1 : bins[k - 1];
    // No part is empty: as many values as parts must be left for the parts that are left.
    bins.push(Math.min(previous + 1, Math.max(ideal, previous, 0, parts - (ordered.length - k))));
    before += quanta;
  }
  const last = bins[bins.length - 1] + 1;
  const width = String(last).length;
  return { bins, names: Array.from({ length: last }, (_, bin) => `part-${String(bin + 1).padStart(width, '0')}`) };
}

/** Which part's quanta a quantum depends on (up) and which depend on it (down): one, {@link many}, or none ({@link noRow}). */
function reach(graph: ColumnGraph, own: Uint32Array): { up: Uint32Array; down: Uint32Array } {
  const up = new Uint32Array(own.length).fill(noRow);
  const down = new Uint32Array(own.length).fill(noRow);
  const add = (into: Uint32Array, at: number, part: number): void => {
    if (part === noRow || into[at] === part) return;
    into[at] = into[at] === noRow ? part : many;
  };
  const { offsets, quanta } = graph.dependencies();
  const order = taskOrder(graph.index).map((t) => graph.tasks[t]);
  for (const { firstQuantum, quantumCount } of order)
    for (let quantum = firstQuantum; quantum < firstQuantum + quantumCount; quantum++)
      for (let i = offsets[quantum]; i < offsets[quantum + 1]; i++)
        add(up, quantum, own[quanta[i]] === noRow ? up[quanta[i]] : own[quanta[i]]);
  for (const { firstQuantum, quantumCount } of order.reverse())
    for (let quantum = firstQuantum; quantum < firstQuantum + quantumCount; quantum++) {
      const part = own[quantum] === noRow ? down[quantum] : own[quantum];
      for (let i = offsets[quantum]; i < offsets[quantum + 1]; i++) add(down, quanta[i], part);
    }
  return { up, down };
}

function compareValues(a: readonly DataIdValue[], b: readonly DataIdValue[]): number {
  for (const [k, one] of a.entries()) {
    if (one < b[k]) return -1;
    if (one > b[k]) return 1;
  }
  return 0;
}
