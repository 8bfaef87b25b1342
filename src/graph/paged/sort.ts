// SPDX-License-Identifier: BSD-3-Clause
import { PagedColumn } from './column.ts';
import type { PagePool } from './pool.ts';

/** Bytes of an entry while a run is put in order. */
const entryBytes = 24;

/**
 * The entries of a column in another order: runs that fit into the memory of one step are sorted one by one and then merged, two by two.
 * What is compared is read by the caller, for entries of one run or of two at a time.
 */
export function sortedBy(pool: PagePool, column: PagedColumn, compare: (a: number, b: number) => number): PagedColumn {
  if (isSorted(column, compare)) return column;
  const room = pool.room(entryBytes);
  let runs: PagedColumn[] = [];
  for (let begin = 0; begin < column.length; begin += room) {
    const run = new Uint32Array(Math.min(room, column.length - begin));
    column.read(begin, run);
    runs.push(PagedColumn.of(pool, run.sort(compare)));
  }
  while (runs.length > 1) {
    const merged: PagedColumn[] = [];
    for (let i = 0; i < runs.length; i += 2)
      merged.push(i + 1 < runs.length ? mergedRuns(pool, runs[i], runs[i + 1], compare) : runs[i]);
    runs = merged;
  }
  return runs[0];
}

function isSorted(column: PagedColumn, compare: (a: number, b: number) => number): boolean {
  for (let i = 1; i < column.length; i++) if (compare(column.at(i - 1), column.at(i)) > 0) return false;
  return true;
}

function mergedRuns(
  pool: PagePool,
  a: PagedColumn,
  b: PagedColumn,
  compare: (a: number, b: number) => number,
): PagedColumn {
  const out = new PagedColumn(pool);
  let [i, k] = [0, 0];
  while (i < a.length && k < b.length) out.push(compare(a.at(i), b.at(k)) <= 0 ? a.at(i++) : b.at(k++));
  while (i < a.length) out.push(a.at(i++));
  while (k < b.length) out.push(b.at(k++));
  a.free();
  b.free();
  return out;
}
