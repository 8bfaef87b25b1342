// SPDX-License-Identifier: BSD-3-Clause
import { PagedColumn } from './column.ts';
import type { PagePool } from './pool.ts';

/** Rows are picked in blocks of so many; within one, columns that do not fit into memory are read in the order of their rows. */
const blockSize = 1 << 18;

/** Entries of columns at the rows picked, in the order in which they are picked. */
export function gather(
  pool: PagePool,
  columns: Readonly<Record<string, PagedColumn>>,
  rows: PagedColumn,
): Record<string, PagedColumn> {
  const out = Object.fromEntries(Object.keys(columns).map((name) => [name, new PagedColumn(pool)]));
  const size = Math.min(blockSize, rows.length);
  const [picked, values] = [new Uint32Array(size), new Uint32Array(size)];
  const inMemory = Object.entries(columns).filter(([, column]) => pool.holds(column.length));
  for (const [name, column] of inMemory) {
    for (let begin = 0; begin < rows.length; begin += size) {
      const count = rows.read(begin, picked);
      for (let k = 0; k < count; k++) values[k] = column.at(picked[k]);
      out[name].append(values.subarray(0, count));
    }
  }
  const others = Object.entries(columns).filter(([, column]) => !pool.holds(column.length));
  for (let begin = 0; begin < rows.length && others.length > 0; begin += size) {
    const count = rows.read(begin, picked);
    const order = accessOrder(picked, count);
    for (const [name, column] of others) {
      for (const k of order) values[k] = column.at(picked[k]);
      out[name].append(values.subarray(0, count));
    }
  }
  return out;
}

/** One column. */
export function gatherOne(pool: PagePool, column: PagedColumn, rows: PagedColumn): PagedColumn {
  return gather(pool, { it: column }, rows)['it'];
}

/** Places in the order of the rows that stand there. */
function accessOrder(picked: Uint32Array, count: number): Uint32Array {
  const keys = new Float64Array(count);
  for (let k = 0; k < count; k++) keys[k] = picked[k] * blockSize + k;
  keys.sort();
  return Uint32Array.from(keys, (key) => key % blockSize);
}
