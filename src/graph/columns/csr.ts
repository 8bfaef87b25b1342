// SPDX-License-Identifier: BSD-3-Clause

/** Lists of numbers, one per row: row i has `items[offsets[i] .. offsets[i+1])`. */
export interface Csr {
  offsets: Uint32Array;
  items: Uint32Array;
}

/** Lists from (row, item) pairs that are in the order of rows already. */
export function csrFromSorted(rows: Uint32Array, items: Uint32Array, rowCount: number): Csr {
  const offsets = new Uint32Array(rowCount + 1);
  for (const row of rows) offsets[row + 1]++;
  for (let row = 0; row < rowCount; row++) offsets[row + 1] += offsets[row];
  return { offsets, items };
}

/** Lists from pairs in any order; items keep the order of the pairs within a row. */
export function csrFromPairs(rows: Uint32Array, items: Uint32Array, rowCount: number): Csr {
  const { offsets } = csrFromSorted(rows, items, rowCount);
  const next = offsets.slice(0, rowCount);
  const placed = new Uint32Array(items.length);
  for (let i = 0; i < rows.length; i++) placed[next[rows[i]]++] = items[i];
  return { offsets, items: placed };
}

/** The lists the other way round: for each item the rows that have it, ascending. */
export function transpose({ offsets, items }: Csr, itemCount: number): Csr {
  const rows = new Uint32Array(items.length);
  for (let row = 0; row + 1 < offsets.length; row++) rows.fill(row, offsets[row], offsets[row + 1]);
  return csrFromPairs(items, rows, itemCount);
}
