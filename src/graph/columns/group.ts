// SPDX-License-Identifier: BSD-3-Clause
import { KeyTable } from './key-table.ts';

/**
 * Relational work on integer columns. Each column has a cardinality: its values are below it. Rows are combined into one
 * number by mixed radix; where that would pass 2^53 the part so far is replaced by dense numbers first, so any number of
 * columns works. No object and no `Map` entry per row.
 */
export interface KeyColumn {
  values: Uint32Array;
  /** All values are below this. */
  cardinality: number;
  /** Order of the values, when it is not their own (dictionary codes -> ranks). */
  ranks?: Uint32Array;
}

export interface Groups {
  /** Group of each row; groups are numbered in the order of their keys. */
  of: Uint32Array;
  count: number;
  /** One row of each group (the first). */
  first: Uint32Array;
}

/** Groups equal rows. Without columns all rows are one group. */
export function groupRows(columns: readonly KeyColumn[], rows: number): Groups {
  let keys: Float64Array = new Float64Array(rows);
  let cardinality = 1;
  for (const column of columns) {
    if (cardinality * column.cardinality > Number.MAX_SAFE_INTEGER) {
      const dense = densify(keys, cardinality);
      keys = Float64Array.from(dense.of);
      cardinality = dense.count;
    }
    const { values, ranks, cardinality: radix } = column;
    if (ranks === undefined) for (let i = 0; i < rows; i++) keys[i] = keys[i] * radix + values[i];
    else for (let i = 0; i < rows; i++) keys[i] = keys[i] * radix + ranks[values[i]];
    cardinality *= Math.max(1, radix);
  }
  return densify(keys, cardinality);
}

/** For each row of `right`, a row of `left` with the same key, or -1. Keys in `left` are taken to be distinct (the first counts). */
export function matchRows(
  left: readonly Uint32Array[],
  leftRows: number,
  right: readonly Uint32Array[],
  rightRows: number,
  cardinalities: readonly number[],
): Int32Array {
  const columns = cardinalities.map((cardinality, i): KeyColumn => {
    const values = new Uint32Array(leftRows + rightRows);
    values.set(left[i]);
    values.set(right[i], leftRows);
    return { values, cardinality };
  });
  const { of, first } = groupRows(columns, leftRows + rightRows);
  const found = new Int32Array(rightRows);
  for (let i = 0; i < rightRows; i++) {
    const row = first[of[leftRows + i]];
    found[i] = row < leftRows ? row : -1;
  }
  return found;
}

/** Rows of `values` picked by index. */
export function take(values: Uint32Array, rows: Uint32Array): Uint32Array {
  const out = new Uint32Array(rows.length);
  for (let i = 0; i < rows.length; i++) out[i] = values[rows[i]];
  return out;
}

/** Keys replaced by dense numbers in the order of the keys. */
function densify(keys: Float64Array, cardinality: number): Groups {
  const rows = keys.length;
  if (cardinality <= 4 * rows + 1024) return densifyByTable(keys, cardinality);
  const distinct = new KeyTable(1024);
  const slot = new Uint32Array(rows);
  const firsts: number[] = [];
  for (let i = 0; i < rows; i++) {
    const index = distinct.intern(keys[i]);
    slot[i] = index;
    if (index === firsts.length) firsts.push(i);
  }
  const sorted = distinct.keys.slice(0, distinct.size).sort();
  const rankOf = new Uint32Array(distinct.size);
  const first = new Uint32Array(distinct.size);
  for (let rank = 0; rank < sorted.length; rank++) {
    const index = distinct.intern(sorted[rank]);
    rankOf[index] = rank;
    first[rank] = firsts[index];
  }
  return { of: take(rankOf, slot), count: distinct.size, first };
}

function densifyByTable(keys: Float64Array, cardinality: number): Groups {
  const absent = 0xffffffff;
  const firstRow = new Uint32Array(cardinality).fill(absent);
  for (let i = keys.length - 1; i >= 0; i--) firstRow[keys[i]] = i;
  const dense = new Uint32Array(cardinality);
  let count = 0;
  for (let key = 0; key < cardinality; key++) if (firstRow[key] !== absent) dense[key] = count++;
  const first = new Uint32Array(count);
  for (let key = 0; key < cardinality; key++) if (firstRow[key] !== absent) first[dense[key]] = firstRow[key];
  const of = new Uint32Array(keys.length);
  for (let i = 0; i < keys.length; i++) of[i] = dense[keys[i]];
  return { of, count, first };
}
