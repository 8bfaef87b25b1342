// SPDX-License-Identifier: BSD-3-Clause
import { take } from '../columns/group.ts';
import { type Link, noRow } from '../columns/link.ts';
import { existingAt, type Relation, type TaskRows, type TypeRows } from './tables.ts';

/** A relation as it goes into the graph: the rows that some quantum or dataset uses, in the final order. */
export interface Kept {
  relation: Relation;
  /** Build rows in final order; undefined: all, in their order. */
  picked: Uint32Array | undefined;
  /** Final row of each build row, {@link noRow} for those that are left out; undefined: the same. */
  finalOf: Uint32Array | undefined;
}

/**
 * Which datasets are in the graph: those that an edge of a quantum touches, and init datasets. By type, a flag a row of its
 * relation.
 */
export function usedDatasets(tasks: readonly TaskRows[], types: Iterable<TypeRows>): Map<TypeRows, Uint8Array> {
  const used = new Map<TypeRows, Uint8Array>();
  for (const type of types)
    used.set(type, type.declared.isInit ? type.alive.slice() : new Uint8Array(type.relation.count));
  for (const rows of tasks) {
    for (const { type, link } of [...rows.inputs, ...rows.outputs]) {
      const marks = used.get(type) as Uint8Array;
      for (let quantum = 0; quantum < rows.relation.count; quantum++) {
        if (rows.alive[quantum] === 0) continue;
        for (let i = link.begin(quantum), end = link.end(quantum); i < end; i++) {
          const dataset = link.at(i);
          if (dataset !== noRow && type.alive[dataset] === 1) marks[dataset] = 1;
        }
      }
    }
  }
  return used;
}

/** Leaves out the rows that nobody uses. Relations of one type of existing datasets are put in the order of values, then ids. */
export function keepRows(
  tasks: readonly TaskRows[],
  used: ReadonlyMap<TypeRows, Uint8Array>,
  order: (relation: Relation, type: TypeRows | undefined) => ((a: number, b: number) => number) | undefined,
): Map<Relation, Kept> {
  const flags = new Map<Relation, Uint8Array>();
  const owners = new Map<Relation, (TypeRows | TaskRows)[]>();
  const add = (owner: TypeRows | TaskRows, alive: Uint8Array): void => {
    const { relation } = owner;
    const marks = flags.get(relation) ?? new Uint8Array(relation.count);
    flags.set(relation, marks);
    owners.set(relation, [...(owners.get(relation) ?? []), owner]);
    for (let row = 0; row < marks.length; row++) marks[row] |= alive[row];
  };
  for (const rows of tasks) add(rows, rows.alive);
  for (const [type, marks] of used) add(type, marks);

  const kept = new Map<Relation, Kept>();
  for (const [relation, marks] of flags) {
    const [only] = owners.get(relation) as (TypeRows | TaskRows)[];
    const single = (owners.get(relation) as unknown[]).length === 1 && 'declared' in only ? only : undefined;
    const compare = order(relation, single);
    const picked: Uint32Array = rowsOf(marks);
    if (compare !== undefined) picked.sort(compare);
    if (picked.length === marks.length && compare === undefined) {
      kept.set(relation, { relation, picked: undefined, finalOf: undefined });
      continue;
    }
    const finalOf = new Uint32Array(relation.count).fill(noRow);
    for (let k = 0; k < picked.length; k++) finalOf[picked[k]] = k;
    const codes = Object.fromEntries(Object.entries(relation.codes).map(([name, all]) => [name, take(all, picked)]));
    kept.set(relation, { relation: { group: relation.group, count: picked.length, codes }, picked, finalOf });
  }
  return kept;
}

function rowsOf(marks: Uint8Array): Uint32Array {
  let count = 0;
  for (const mark of marks) count += mark;
  const rows = new Uint32Array(count);
  let at = 0;
  for (let row = 0; row < marks.length; row++) if (marks[row]) rows[at++] = row;
  return rows;
}

/** Flags of build rows as flags of final rows. */
export function keptFlags(flags: Uint8Array, { picked }: Kept): Uint8Array {
  if (picked === undefined) return flags;
  const out = new Uint8Array(picked.length);
  for (let k = 0; k < picked.length; k++) out[k] = flags[picked[k]];
  return out;
}

/** A link between build rows as one between final rows. */
export function keptLink(link: Link, from: Kept, to: Kept, sameRelation: boolean): Link {
  if (link.kind === 'same' && sameRelation) return link;
  const taken = from.picked === undefined ? link : link.taken(from.picked);
  const { finalOf } = to;
  if (finalOf === undefined && taken.items !== undefined) return taken;
  return taken.mapped(from.relation.count, (row) => (finalOf === undefined ? row : finalOf[row])).sorted();
}

/** For each dataset in the graph, in final order: 0, or 1 + row among the existing ones. undefined: none exists. */
export function keptExisting(type: TypeRows, used: Uint8Array, { picked }: Kept): Uint32Array | undefined {
  if (type.existing === undefined) return undefined;
  const out: number[] = [];
  const rows = picked ?? used.keys();
  for (const row of rows) if (used[row]) out.push(existingAt(type, row));
  return out.some((one) => one > 0) ? Uint32Array.from(out) : undefined;
}
