// SPDX-License-Identifier: BSD-3-Clause
import { PagedColumn } from './column.ts';
import type { PagePool } from './pool.ts';

/** Rows are picked in blocks of so many; within one, columns are read in the order of their rows. */
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
  for (let begin = 0; begin < rows.length; begin += size) {
    const count = rows.read(begin, picked);
    const order = pool.bounded ? accessOrder(picked, count) : undefined;
    for (const [name, column] of Object.entries(columns)) {
      if (order === undefined) for (let k = 0; k < count; k++) values[k] = column.at(picked[k]);
      else for (const k of order) values[k] = column.at(picked[k]);
      out[name].append(values.subarray(0, count));
    }
  }
  return out;
}

/** One column. */
export function gatherOne(pool: PagePool, column: PagedColumn, rows: PagedColumn): PagedColumn {
  return gather(pool, { it: column }, rows)['it'];
}

/** Places in the order of the rows that stand there; undefined where they are in order. */
function accessOrder(picked: Uint32Array, count: number): Uint32Array | undefined {
  let ordered = true;
  for (let k = 1; ordered && k < count; k++) ordered = picked[k - 1] <= picked[k];
  if (ordered) return undefined;
  const keys = new Float64Array(count);
  for (let k = 0; k < count; k++) keys[k] = picked[k] * blockSize + k;
  keys.sort();
  return Uint32Array.from(keys, (key) => key % blockSize);
}
