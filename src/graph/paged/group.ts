// SPDX-License-Identifier: BSD-3-Clause
import { growingU32 } from '../columns/growing.ts';
import { KeyTable } from '../columns/key-table.ts';
import { PagedColumn } from './column.ts';
import { blockRows, KeyBlocks, type PagedKey } from './keys.ts';
import type { PagePool } from './pool.ts';

export interface PagedGroups {
  /** Group of each row; groups are numbered in the order of their keys. */
  of: PagedColumn;
  count: number;
  /** The first row of each group. */
  first: PagedColumn;
}

/**
 * Groups equal rows, as columns/group.ts does. Keys that do not fit into the memory of one step are taken range by range, in as many passes
 * over the columns as it needs.
 */
export function groupPaged(pool: PagePool, columns: readonly PagedKey[], rows: number): PagedGroups {
  let product = 1;
  for (const [k, { cardinality }] of columns.entries()) {
    product *= Math.max(1, cardinality);
    if (product <= Number.MAX_SAFE_INTEGER || k === 0) continue;
    // The columns before become one of dense numbers.
    const before = groupPaged(pool, columns.slice(0, k), rows);
    const dense = { values: before.of, cardinality: before.count };
    const groups = groupPaged(pool, [dense, ...columns.slice(k)], rows);
    before.of.free();
    before.first.free();
    return groups;
  }
  const keys = new KeyBlocks(columns, rows);
  if (keys.cardinality <= 4 * rows + 1024) return byTable(pool, keys, rows);
  return byHash(pool, keys, rows);
}

const absent = 0xffffffff;

/** With a number for each key that there could be. */
function byTable(pool: PagePool, keys: KeyBlocks, rows: number): PagedGroups {
  const room = pool.room(4);
  const first = new PagedColumn(pool);
  const groups = new GroupColumn(pool, rows, keys.cardinality > room);
  const table = new Uint32Array(Math.min(room, keys.cardinality));
  for (let low = 0; low < keys.cardinality; low += room) {
    const size = Math.min(room, keys.cardinality - low);
    table.fill(absent);
    keys.each((begin, block, count) => {
      for (let i = 0; i < count; i++) {
        const key = block[i] - low;
        if (key >= 0 && key < size && table[key] === absent) table[key] = begin + i;
      }
    });
    for (let key = 0; key < size; key++) {
      if (table[key] === absent) continue;
      first.push(table[key]);
      table[key] = first.length - 1;
    }
    keys.each((begin, block, count) => {
      groups.block(begin, count, (i) => {
        const key = block[i] - low;
        return key >= 0 && key < size ? table[key] : absent;
      });
    });
  }
  return { of: groups.column, count: first.length, first };
}

/** Bytes of a key in a table of keys while it is looked up and put in order. */
const hashedBytes = 44;

/** With a table of the keys that there are: the smallest that fit, then those above, and so on. */
function byHash(pool: PagePool, keys: KeyBlocks, rows: number): PagedGroups {
  const room = pool.room(hashedBytes);
  const first = new PagedColumn(pool);
  let groups: GroupColumn | undefined;
  let low = 0;
  do {
    const found = smallest(keys, low, room);
    const { sorted, firsts, high } = found;
    groups ??= new GroupColumn(pool, rows, high !== undefined);
    const base = first.length;
    first.append(firsts);
    const end = high ?? Number.POSITIVE_INFINITY;
    const column = groups;
    keys.each((begin, block, count) => {
      column.block(begin, count, (i) => {
        const key = block[i];
        return key >= low && key < end ? base + sorted.rank(key) : absent;
      });
    });
    low = end;
  } while (low !== Number.POSITIVE_INFINITY);
  return { of: groups.column, count: first.length, first };
}

/** The distinct keys from `low` on, as many as there is room for: with their first rows, in order. `high`: where the rest begins. */
function smallest(keys: KeyBlocks, low: number, room: number) {
  let table = new KeyTable(1024);
  let firsts = growingU32();
  let high: number | undefined;
  const cut = (): void => {
    const ordered = table.keys.slice(0, table.size).sort();
    high = ordered[ordered.length >>> 1];
    const [kept, rows] = [new KeyTable(1024), growingU32()];
    for (let index = 0; index < table.size; index++) {
      if (table.keys[index] >= high) continue;
      kept.intern(table.keys[index]);
      rows.push(firsts.at(index));
    }
    [table, firsts] = [kept, rows];
  };
  keys.each((begin, block, count) => {
    for (let i = 0; i < count; i++) {
      const key = block[i];
      if (key < low || (high !== undefined && key >= high)) continue;
      if (table.intern(key) < firsts.length) continue;
      firsts.push(begin + i);
      if (table.size > room) cut();
    }
  });
  const ordered = table.keys.slice(0, table.size).sort();
  const rankOf = new Uint32Array(table.size);
  const inOrder = new Uint32Array(table.size);
  for (let rank = 0; rank < ordered.length; rank++) {
    const index = table.find(ordered[rank]);
    rankOf[index] = rank;
    inOrder[rank] = firsts.at(index);
  }
  return { sorted: { rank: (key: number) => rankOf[table.find(key)] }, firsts: inOrder, high };
}

/** The group of each row, written in one pass, or in several that each know some. */
class GroupColumn {
  readonly column: PagedColumn;
  readonly #several: boolean;
  readonly #block = new Uint32Array(blockRows);

  constructor(pool: PagePool, rows: number, several: boolean) {
    this.column = several ? PagedColumn.filled(pool, rows) : new PagedColumn(pool);
    this.#several = several;
  }

  block(begin: number, count: number, groupOf: (i: number) => number): void {
    if (this.#several) {
      for (let i = 0; i < count; i++) {
        const group = groupOf(i);
        if (group !== absent) this.column.set(begin + i, group);
      }
      return;
    }
    for (let i = 0; i < count; i++) this.#block[i] = groupOf(i);
    this.column.append(count < blockRows ? this.#block.subarray(0, count) : this.#block);
  }
}
