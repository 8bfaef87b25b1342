// SPDX-License-Identifier: BSD-3-Clause
import type { DataId } from '../../butler/index.ts';
import type { ColumnGraph } from '../column-graph.ts';
import { type Link, noRow } from '../columns/link.ts';
import type { RowSet } from '../columns/row-set.ts';
import { linkOf } from '../derive/link-of.ts';
import type { ChangedQuantum, InputName, Some, TaskDiff } from './diff.ts';
import { fieldDifferences } from './fields.ts';
import type { Matcher } from './match.ts';

/** One task of two graphs. */
export function diffTask(a: ColumnGraph, b: ColumnGraph, matcher: Matcher, label: string, limit: number): TaskDiff {
  const [ta, tb] = [a, b].map((graph) => graph.tasks.findIndex((task) => task.label === label));
  const diff: TaskDiff = {
    label,
    a: ta < 0 ? null : a.tasks[ta].quantumCount,
    b: tb < 0 ? null : b.tasks[tb].quantumCount,
    onlyA: { count: 0, examples: [] },
    onlyB: { count: 0, examples: [] },
    changed: { count: 0, examples: [] },
    changedBy: [],
    config: [],
    declaration: [],
  };
  if (ta < 0 || tb < 0) {
    if (ta >= 0) diff.onlyA = firstQuanta(a, ta, limit);
    if (tb >= 0) diff.onlyB = firstQuanta(b, tb, limit);
    return diff;
  }
  const [{ config: configA, ...restA }, { config: configB, ...restB }] = [
    a.tasks[ta].declaration,
    b.tasks[tb].declaration,
  ];
  diff.config = fieldDifferences(configA, configB);
  diff.declaration = fieldDifferences(restA, restB);
  const [quantaA, quantaB] = [a.edges.quantaOf(ta), b.edges.quantaOf(tb)];
  const rowOf = matcher.rows(a.index.tasks[ta].relation, b.index.tasks[tb].relation);
  const matched = new Uint8Array(quantaA.size);
  const connections = inputsOfBoth(a, b, matcher, ta, tb);
  const changedBy = new Uint32Array(connections.length);
  for (let row = 0; row < quantaB.size; row++) {
    if (!quantaB.has(row)) continue;
    const rowA = rowOf[row];
    if (rowA === noRow || !quantaA.has(rowA)) {
      add(diff.onlyB, limit, () => b.quantumDataId(b.tasks[tb].firstQuantum + quantaB.rank(row)));
      continue;
    }
    matched[rowA] = 1;
    let changed = false;
    for (let k = 0; k < connections.length; k++) {
      if (connections[k].same(rowA, row)) continue;
      changed = true;
      changedBy[k]++;
    }
    if (changed)
      add(diff.changed, limit, (): ChangedQuantum => {
        const inputs = connections.filter((one) => !one.same(rowA, row)).map((one) => one.difference(rowA, row));
        return { dataId: b.quantumDataId(b.tasks[tb].firstQuantum + quantaB.rank(row)), inputs };
      });
  }
  for (let row = 0; row < quantaA.size; row++)
    if (matched[row] === 0 && quantaA.has(row))
      add(diff.onlyA, limit, () => a.quantumDataId(a.tasks[ta].firstQuantum + quantaA.rank(row)));
  diff.changedBy = connections
    .map(({ name }, k) => ({ connection: name, quanta: changedBy[k] }))
    .filter(({ quanta }) => quanta > 0);
  return diff;
}

/** Datasets of one connection in both graphs, compared for a row of each. */
interface BothInputs {
  name: string;
  same(rowA: number, rowB: number): boolean;
  difference(rowA: number, rowB: number): ChangedQuantum['inputs'][number];
}

interface Side {
  graph: ColumnGraph;
  type: number;
  datasets: RowSet;
  link: Link;
}

function inputsOfBoth(a: ColumnGraph, b: ColumnGraph, matcher: Matcher, ta: number, tb: number): BothInputs[] {
  const names = [...new Set([...a.tasks[ta].inputNames, ...b.tasks[tb].inputNames])];
  return names.map((name): BothInputs => {
    const left = sideOf(a, ta, name);
    const right = sideOf(b, tb, name);
    const sameType =
      left !== undefined && right !== undefined && a.datasetTypes[left.type].name === b.datasetTypes[right.type].name;
    const match = sameType ? matcher.datasets(left.type, right.type) : undefined;
    let [inA, inB]: Uint32Array[] = [new Uint32Array(64), new Uint32Array(64)];
    const read = (side: Side | undefined, row: number, into: Uint32Array): { rows: Uint32Array; count: number } => {
      let [rows, count] = [into, 0];
      if (side === undefined) return { rows, count };
      const { link, datasets } = side;
      for (let i = link.begin(row), end = link.end(row); i < end; i++) {
        const to = link.at(i);
        if (to === noRow || !datasets.has(to)) continue;
        if (count === rows.length) {
          const larger = new Uint32Array(2 * count);
          larger.set(rows);
          rows = larger;
        }
        rows[count++] = to;
      }
      return { rows, count };
    };
    /** B's datasets as rows of A, in ascending order; those that A has not are {@link noRow} and come last. */
    const same = (rowA: number, rowB: number): boolean => {
      const fromA = read(left, rowA, inA);
      const fromB = read(right, rowB, inB);
      [inA, inB] = [fromA.rows, fromB.rows];
      if (fromA.count !== fromB.count) return false;
      if (match === undefined) return fromA.count === 0;
      for (let i = 0; i < fromB.count; i++) inB[i] = match[inB[i]];
      if (fromA.count > 1) {
        inA.subarray(0, fromA.count).sort();
        inB.subarray(0, fromB.count).sort();
      }
      for (let i = 0; i < fromA.count; i++) if (inA[i] !== inB[i]) return false;
      return true;
    };
    return {
      name,
      same,
      difference(rowA, rowB) {
        const fromA = read(left, rowA, inA);
        const rowsA = [...fromA.rows.subarray(0, fromA.count)];
        const fromB = read(right, rowB, inB);
        const rowsB = [...fromB.rows.subarray(0, fromB.count)];
        const common = new Set(match === undefined ? [] : rowsB.map((row) => match[row]));
        return {
          connection: name,
          removed: rowsA.filter((row) => !common.has(row)).map((row) => inputName(left as Side, row)),
          added: rowsB
            .filter((row) => match === undefined || !rowsA.includes(match[row]))
            .map((row) => inputName(right as Side, row)),
        };
      },
    };
  });
}

function sideOf(graph: ColumnGraph, t: number, name: string): Side | undefined {
  const at = graph.tasks[t].inputNames.indexOf(name);
  if (at < 0) return undefined;
  const { type, link } = graph.index.tasks[t].inputs[at];
  return { graph, type, datasets: graph.edges.datasetsOf(type), link: linkOf(graph, link) };
}

function inputName({ graph, type, datasets }: Side, row: number): InputName {
  const dataset = graph.dataset(graph.datasetTypes[type].firstDataset + datasets.rank(row));
  const { datasetType, dataId, id, run, producer } = dataset;
  return producer === undefined ? { datasetType, dataId, id, run } : { datasetType, dataId };
}

function firstQuanta(graph: ColumnGraph, t: number, limit: number): Some<DataId> {
  const { firstQuantum, quantumCount } = graph.tasks[t];
  const examples = Array.from({ length: Math.min(limit, quantumCount) }, (_, k) =>
    graph.quantumDataId(firstQuantum + k),
  );
  return { count: quantumCount, examples };
}

function add<T>(to: Some<T>, limit: number, example: () => T): void {
  to.count++;
  if (to.examples.length < limit) to.examples.push(example());
}
