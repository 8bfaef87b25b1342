// SPDX-License-Identifier: BSD-3-Clause
import type { DimensionGroup } from '../../butler/index.ts';
import { noRow } from '../columns/link.ts';
import { PagedColumn } from '../paged/column.ts';
import { matchPaged } from '../paged/finder.ts';
import type { Flags } from '../paged/flags.ts';
import { gather } from '../paged/gather.ts';
import { groupPaged } from '../paged/group.ts';
import { PagedLink } from '../paged/link.ts';
import { listsOf, type PagedLists } from '../paged/lists.ts';
import type { BuildContext } from './candidates.ts';
import type { FoundDatasets } from './found.ts';
import { stack } from './sky-pixels.ts';
import type { CodedRows, ConnectionEdges, Relation, TaskRows } from './tables.ts';

/** Pairs (row of quanta, row of fetched datasets), in the order of quanta, then datasets. */
export interface Pairs {
  quanta: PagedColumn;
  datasets: PagedColumn;
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
  fetch: (wanted: CodedRows) => Promise<FoundDatasets>,
): Promise<{ found: FoundDatasets; pairs: Pairs }> {
  const { dictionaries, pool } = context;
  const dimensions = group.required;
  const sides: { relation: Relation; link: PagedLink; alive: Flags }[] = boundsOf(task, 'spatialBounds').map(
    ({ type: { relation, alive }, link }) => ({ relation, link, alive }),
  );
  if (isSpatial(task.relation.group) || sides.length === 0)
    sides.unshift({ relation: task.relation, link: PagedLink.same, alive: task.alive });
  const tables: CodedRows[] = [];
  for (const { relation } of sides) tables.push(await relate(context, relation, group));
  const codes = Object.fromEntries(
    dimensions.map((name) => [
      name,
      stack(
        pool,
        tables.map((table) => table.codes[name]),
      ),
    ]),
  );
  const all: CodedRows = { count: tables.reduce((sum, table) => sum + table.count, 0), codes };
  const { of, first, count } = groupPaged(pool, dictionaries.keys(all, dimensions), all.count);
  const wanted = { count, codes: gather(pool, codes, first) };
  const found = await fetch(wanted);
  const datasetOf = matched(context, found, wanted, dimensions);

  const [quanta, datasets] = [new PagedColumn(pool), new PagedColumn(pool)];
  let offset = 0;
  for (const [s, { relation, link, alive }] of sides.entries()) {
    const table = tables[s];
    const begin = offset;
    const lists = datasetsOf(context, relation, table, (row) => datasetOf.at(of.at(begin + row)));
    offset += table.count;
    for (let quantum = 0; quantum < task.relation.count; quantum++) {
      for (let i = link.begin(quantum), last = link.end(quantum); i < last; i++) {
        const row = link.at(i);
        if (row === noRow || !alive.has(row)) continue;
        for (let k = lists.offsets.at(row), end = lists.offsets.at(row + 1); k < end; k++) {
          quanta.push(quantum);
          datasets.push(lists.items.at(k));
        }
      }
    }
    lists.offsets.free();
    lists.items.free();
  }
  const pairs = distinctPairs(context, quanta, datasets, task.relation.count);
  for (const column of [of, first, datasetOf, quanta, datasets, ...Object.values(codes)]) column.free();
  return { found, pairs };
}

/** Connections that a task names as bounds. */
export function boundsOf(task: TaskRows, which: 'spatialBounds' | 'temporalBounds'): ConnectionEdges[] {
  const names = task.task.declaration[which] ?? [];
  return [...task.inputs, ...task.outputs].filter(
    ({ name, connection }) => names.includes(name) && connection.kind !== 'prerequisite',
  );
}

/** For each row of `right`, the row of `left` with the same values, or {@link noRow}. */
export function matched(
  { dictionaries, pool }: BuildContext,
  left: CodedRows,
  right: CodedRows,
  dimensions: readonly string[],
): PagedColumn {
  const columns = dimensions.map((dimension) => right.codes[dimension]);
  return matchPaged(pool, dictionaries.keys(left, dimensions), left.count, columns, right.count);
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
): PagedLists {
  const { pool, dictionaries } = context;
  const names = relation.group.required;
  const finder = dictionaries.finder(relation, names);
  const [rows, items] = [new PagedColumn(pool), new PagedColumn(pool)];
  for (let i = 0; i < related.count; i++) {
    const row = finder.find((column) => related.codes[names[column]].at(i));
    const dataset = datasetOf(i);
    if (row === noRow || dataset === noRow) continue;
    rows.push(row);
    items.push(dataset);
  }
  const lists = listsOf(pool, { from: rows, to: items }, relation.count, { inOrder: true });
  rows.free();
  items.free();
  return lists;
}

/** Each pair once, by quanta, then datasets. */
function distinctPairs({ pool }: BuildContext, quanta: PagedColumn, datasets: PagedColumn, left: number): Pairs {
  const { offsets, items } = listsOf(pool, { from: quanta, to: datasets }, left, { distinct: true });
  const rows = new PagedColumn(pool);
  for (let row = 0; row < left; row++) for (let i = offsets.at(row); i < offsets.at(row + 1); i++) rows.push(row);
  offsets.free();
  return { quanta: rows, datasets: items };
}
