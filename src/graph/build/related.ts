// SPDX-License-Identifier: BSD-3-Clause
import type { DatasetColumns, DimensionGroup } from '../../butler/index.ts';
import { type Csr, csrFromPairs } from '../columns/csr.ts';
import { groupRows, matchRows, take } from '../columns/group.ts';
import { growingU32 } from '../columns/growing.ts';
import { Link, noRow } from '../columns/link.ts';
import type { BuildContext } from './candidates.ts';
import { stack } from './sky-pixels.ts';
import type { CodedRows, ConnectionEdges, Relation, TaskRows } from './tables.ts';

/** Pairs (row of quanta, row of fetched datasets), in the order of quanta, then datasets. */
export interface Pairs {
  quanta: Uint32Array;
  datasets: Uint32Array;
}

/** Whether data IDs of the group have a region. */
export function isSpatial(group: DimensionGroup): boolean {
  return group.skypix.length > 0 || ['visit', 'tract', 'patch'].some((dimension) => group.has(dimension));
}

/**
 * Datasets with more dimensions than the quanta (sky pixels of a reference catalogue): what the regions of the quanta, and of the datasets
 * at the connections that the task names as its bounds, overlap. One question for each set of dimensions and one for the datasets.
 */
export async function relatedPairs(
  context: BuildContext,
  task: TaskRows,
  group: DimensionGroup,
  fetch: (wanted: CodedRows) => Promise<DatasetColumns>,
): Promise<{ found: DatasetColumns; pairs: Pairs }> {
  const { dictionaries } = context;
  const dimensions = group.required;
  const sides: { relation: Relation; link: Link; alive: Uint8Array }[] = boundsOf(task, 'spatialBounds').map(
    ({ type: { relation, alive }, link }) => ({ relation, link, alive }),
  );
  if (isSpatial(task.relation.group) || sides.length === 0)
    sides.unshift({ relation: task.relation, link: Link.same, alive: task.alive });
  const tables: CodedRows[] = [];
  for (const { relation } of sides) tables.push(await relate(context, relation, group));
  const codes = Object.fromEntries(dimensions.map((name) => [name, stack(tables.map((table) => table.codes[name]))]));
  const all: CodedRows = { count: tables.reduce((sum, table) => sum + table.count, 0), codes };
  const { of, first } = groupRows(dictionaries.keys(all, dimensions), all.count);
  const wanted = {
    count: first.length,
    codes: Object.fromEntries(dimensions.map((name) => [name, take(codes[name], first)])),
  };
  const found = await fetch(wanted);
  const datasetOf = matched(context, dictionaries.encode(found), wanted, dimensions);

  const [quanta, datasets] = [growingU32(), growingU32()];
  let offset = 0;
  for (const [s, { relation, link, alive }] of sides.entries()) {
    const table = tables[s];
    const lists = datasetsOf(context, relation, table, (row) => datasetOf[of[offset + row]]);
    offset += table.count;
    for (let quantum = 0; quantum < task.relation.count; quantum++) {
      for (let i = link.begin(quantum); i < link.end(quantum); i++) {
        const row = link.at(i);
        if (row === noRow || alive[row] === 0) continue;
        for (let k = lists.offsets[row]; k < lists.offsets[row + 1]; k++) {
          quanta.push(quantum);
          datasets.push(lists.items[k]);
        }
      }
    }
  }
  return { found, pairs: distinctPairs(quanta.take(), datasets.take(), task.relation.count, found.rows) };
}

/** Connections that a task names as bounds. */
export function boundsOf(task: TaskRows, which: 'spatialBounds' | 'temporalBounds'): ConnectionEdges[] {
  const names = task.task.declaration[which] ?? [];
  return [...task.inputs, ...task.outputs].filter(
    ({ name, connection }) => names.includes(name) && connection.kind !== 'prerequisite',
  );
}

/** For each row of `right`, the row of `left` with the same values, or -1. */
export function matched(
  context: BuildContext,
  left: CodedRows,
  right: CodedRows,
  dimensions: readonly string[],
): Int32Array {
  const columns = (table: CodedRows) => dimensions.map((dimension) => table.codes[dimension]);
  return matchRows(
    columns(left),
    left.count,
    columns(right),
    right.count,
    context.dictionaries.cardinalities(dimensions),
  );
}

/** What {@link relate} found for a relation, by dimensions: tasks of the same dimensions ask once. */
const relatedTo = new WeakMap<Relation, Map<string, CodedRows>>();

/** Data IDs over the dimensions of the rows and those of the datasets. Only what relates the two is uploaded, without repeats. */
async function relate(context: BuildContext, rows: Relation, group: DimensionGroup): Promise<CodedRows> {
  const { source, dictionaries } = context;
  const dimensions = rows.group.required;
  const names = source.universe.conform([...dimensions, ...group.required]).required;
  const known = relatedTo.get(rows) ?? new Map<string, CodedRows>();
  relatedTo.set(rows, known);
  const before = known.get(names.join());
  if (before !== undefined) return before;
  const within = dimensions.length === 0 ? undefined : dictionaries.decode(rows, dimensions);
  const related = await dictionaries.encodeAll(source.dataIds({ dimensions: names, implied: false, within }), names);
  known.set(names.join(), related);
  return related;
}

/** For each row of the relation, the datasets of its related rows. */
function datasetsOf(
  context: BuildContext,
  relation: Relation,
  related: CodedRows,
  datasetOf: (row: number) => number,
): Csr {
  const rowOf = matched(context, relation, related, relation.group.required);
  const [rows, items] = [growingU32(), growingU32()];
  for (let i = 0; i < related.count; i++) {
    const dataset = datasetOf(i);
    if (rowOf[i] < 0 || dataset < 0) continue;
    rows.push(rowOf[i]);
    items.push(dataset);
  }
  return csrFromPairs(rows.take(), items.take(), relation.count);
}

function distinctPairs(quanta: Uint32Array, datasets: Uint32Array, left: number, right: number): Pairs {
  const { first } = groupRows(
    [
      { values: quanta, cardinality: left },
      { values: datasets, cardinality: right },
    ],
    quanta.length,
  );
  return { quanta: take(quanta, first), datasets: take(datasets, first) };
}
