// SPDX-License-Identifier: BSD-3-Clause
import { noRow } from '../columns/link.ts';
import type { RowSet } from '../columns/row-set.ts';
import { PagedColumn } from '../paged/column.ts';
import { Flags } from '../paged/flags.ts';
import { gather } from '../paged/gather.ts';
import { PagedLink } from '../paged/link.ts';
import type { PagePool } from '../paged/pool.ts';
import type { Relation, TaskRows, TypeRows } from './tables.ts';

/** A relation as it goes into the graph: the rows that some quantum or dataset uses, in the final order. */
export interface Kept {
  relation: Relation;
  /** Build rows in final order; undefined: all, in their order. */
  picked: PagedColumn | undefined;
  /** Final row of each build row, {@link noRow} for those that are left out; undefined: the same. */
  finalOf: ((row: number) => number) | undefined;
}

/** Which datasets are in the graph: those that an edge of a quantum touches, and init datasets. By type, rows of its relation. */
export function usedDatasets(tasks: readonly TaskRows[], types: Iterable<TypeRows>): Map<TypeRows, Flags> {
  const used = new Map<TypeRows, Flags>();
  for (const type of types)
    used.set(type, type.declared.isInit ? type.alive.copy() : new Flags(type.alive.pool, type.relation.count));
  for (const rows of tasks) {
    for (const { type, link } of [...rows.inputs, ...rows.outputs]) {
      const marks = used.get(type) as Flags;
      for (let quantum = 0; quantum < rows.relation.count; quantum++) {
        if (!rows.alive.has(quantum)) continue;
        for (let i = link.begin(quantum), end = link.end(quantum); i < end; i++) {
          const dataset = link.at(i);
          if (dataset !== noRow && type.alive.has(dataset)) marks.add(dataset);
        }
      }
    }
  }
  return used;
}

/** Leaves out the rows that nobody uses. Relations of one type of existing datasets are put in the order of values, then ids. */
export function keepRows(
  pool: PagePool,
  tasks: readonly TaskRows[],
  used: ReadonlyMap<TypeRows, Flags>,
  order: (relation: Relation, type: TypeRows | undefined, rows: PagedColumn) => PagedColumn | undefined,
): Map<Relation, Kept> {
  const flags = new Map<Relation, Flags>();
  const owners = new Map<Relation, (TypeRows | TaskRows)[]>();
  const add = (owner: TypeRows | TaskRows, alive: Flags): void => {
    const { relation } = owner;
    const marks = flags.get(relation) ?? new Flags(pool, relation.count);
    flags.set(relation, marks);
    owners.set(relation, [...(owners.get(relation) ?? []), owner]);
    marks.addAll(alive);
  };
  for (const rows of tasks) add(rows, rows.alive);
  for (const [type, marks] of used) add(type, marks);

  const kept = new Map<Relation, Kept>();
  for (const [relation, marks] of flags) {
    const [only] = owners.get(relation) as (TypeRows | TaskRows)[];
    const single = (owners.get(relation) as unknown[]).length === 1 && 'declared' in only ? only : undefined;
    const rows = rowsOf(pool, marks);
    const sorted = order(relation, single, rows);
    const picked = sorted ?? rows;
    if (picked.length === relation.count && sorted === undefined) {
      rows.free();
      marks.free();
      kept.set(relation, { relation, picked: undefined, finalOf: undefined });
      continue;
    }
    const final = { group: relation.group, count: picked.length, codes: gather(pool, relation.codes, picked) };
    kept.set(relation, { relation: final, picked, finalOf: finalRows(pool, marks, sorted) });
  }
  return kept;
}

function rowsOf(pool: PagePool, marks: Flags): PagedColumn {
  const rows = new PagedColumn(pool);
  for (let row = 0; row < marks.size; row++) if (marks.has(row)) rows.push(row);
  return rows;
}

/** Final rows: ranks among those that are kept, or, where these were put in another order, a column. */
function finalRows(pool: PagePool, marks: Flags, sorted: PagedColumn | undefined): (row: number) => number {
  if (sorted === undefined) {
    const set: RowSet = marks.rows();
    return (row) => (set.has(row) ? set.rank(row) : noRow);
  }
  const finalOf = PagedColumn.filled(pool, marks.size, noRow);
  for (let k = 0; k < sorted.length; k++) finalOf.set(sorted.at(k), k);
  marks.free();
  return (row) => finalOf.at(row);
}

/** Flags of build rows as flags of final rows. */
export function keptFlags(flags: Flags, { picked }: Kept): Flags {
  if (picked === undefined) return flags;
  const out = new Flags(flags.pool, picked.length);
  for (let k = 0; k < picked.length; k++) if (flags.has(picked.at(k))) out.add(k);
  return out;
}

/** A link between build rows as one between final rows; lists in ascending order. */
export function keptLink(pool: PagePool, link: PagedLink, from: Kept, to: Kept, sameRelation: boolean): PagedLink {
  if (link.kind === 'same' && sameRelation) return link;
  const { finalOf } = to;
  if (from.picked === undefined && finalOf === undefined && link.items !== undefined) return link;
  const items = new PagedColumn(pool);
  const lists = link.kind === 'lists' ? new PagedColumn(pool) : undefined;
  lists?.push(0);
  let list: number[] = [];
  for (let k = 0; k < from.relation.count; k++) {
    const row = from.picked === undefined ? k : from.picked.at(k);
    list = [];
    for (let i = link.begin(row), end = link.end(row); i < end; i++) {
      const item = link.at(i);
      list.push(item === noRow || finalOf === undefined ? item : finalOf(item));
    }
    if (finalOf !== undefined && list.length > 1) list.sort((a, b) => a - b);
    for (const item of list) items.push(item);
    lists?.push(items.length);
  }
  return lists === undefined ? PagedLink.map(items) : PagedLink.lists({ offsets: lists, items });
}
