// SPDX-License-Identifier: BSD-3-Clause
import { PagedColumn } from './column.ts';
import { blockRows } from './keys.ts';
import type { PagePool } from './pool.ts';

/** Pairs of rows; without `to` each pair goes to its own place. Pairs `from` of which is `skip` are none. */
export interface RowPairs {
  from: PagedColumn;
  to?: PagedColumn;
  /** No pair stands where this is. */
  skip?: number;
}

/** Lists of numbers, one per row: row i has `items[offsets[i] .. offsets[i+1])`. */
export interface PagedLists {
  offsets: PagedColumn;
  items: PagedColumn;
}

/** Counts of pairs are kept for at most so many stretches of rows. */
const mostBuckets = 1 << 16;
/** Bytes of a pair while its stretch is put in order. */
const pairBytes = 12;

/**
 * Lists from pairs in any order: items of a row ascending, or, where `inOrder`, in the order of the pairs; repeats are dropped if
 * `distinct`. Stretches of rows whose pairs fit into the memory of one step are done one after the other.
 */
export function listsOf(
  pool: PagePool,
  pairs: RowPairs,
  fromCount: number,
  { distinct = false, inOrder = false } = {},
): PagedLists {
  const lists: PagedLists = { offsets: new PagedColumn(pool), items: new PagedColumn(pool) };
  lists.offsets.push(0);
  const room = pool.room(pairBytes);
  const scan = new PairScan(pairs);
  const stretch = new Stretch(scan, lists, distinct, inOrder);
  divide(scan, 0, fromCount, room, (begin, end, count) => stretch.add(begin, end, count));
  return lists;
}

/** Divides rows into stretches with at most `room` pairs each, and rows; a single row may have more. */
function divide(
  scan: PairScan,
  begin: number,
  end: number,
  room: number,
  add: (begin: number, end: number, count: number) => void,
): void {
  let width = 1;
  while ((end - begin) / width > mostBuckets) width *= 2;
  const counts = new Uint32Array(Math.ceil((end - begin) / width));
  scan.each((from) => {
    if (from >= begin && from < end) counts[Math.floor((from - begin) / width)]++;
  });
  let [first, sum] = [begin, 0];
  const flush = (upTo: number): void => {
    if (upTo > first) add(first, upTo, sum);
    [first, sum] = [upTo, 0];
  };
  for (const [bucket, count] of counts.entries()) {
    const from = begin + bucket * width;
    const to = Math.min(end, from + width);
    if (sum + count > room || to - first > room) flush(from);
    if (count > room && width > 1) {
      divide(scan, from, to, room, add);
      first = to;
    } else sum += count;
  }
  flush(end);
}

class PairScan {
  readonly #pairs: RowPairs;
  readonly #from = new Uint32Array(blockRows);
  readonly #to = new Uint32Array(blockRows);

  constructor(pairs: RowPairs) {
    this.#pairs = pairs;
  }

  each(visit: (from: number, to: number) => void): void {
    const { from, to, skip } = this.#pairs;
    for (let begin = 0; begin < from.length; begin += blockRows) {
      const count = from.read(begin, this.#from);
      to?.read(begin, this.#to);
      for (let i = 0; i < count; i++)
        if (this.#from[i] !== skip) visit(this.#from[i], to === undefined ? begin + i : this.#to[i]);
    }
  }
}

/** Puts the pairs of some neighbouring rows in order. */
class Stretch {
  readonly #scan: PairScan;
  readonly #lists: PagedLists;
  readonly #distinct: boolean;
  readonly #inOrder: boolean;

  constructor(scan: PairScan, lists: PagedLists, distinct: boolean, inOrder: boolean) {
    this.#scan = scan;
    this.#lists = lists;
    this.#distinct = distinct;
    this.#inOrder = inOrder;
  }

  add(begin: number, end: number, count: number): void {
    const next = new Uint32Array(end - begin + 1);
    this.#scan.each((from) => {
      if (from >= begin && from < end) next[from - begin + 1]++;
    });
    for (let row = 0; row < end - begin; row++) next[row + 1] += next[row];
    const placed = new Uint32Array(count);
    this.#scan.each((from, to) => {
      if (from >= begin && from < end) placed[next[from - begin]++] = to;
    });
    // Now next[r] is where the list of row r ends.
    const { offsets, items } = this.#lists;
    let kept = 0;
    const before = items.length;
    const ends = new Uint32Array(end - begin);
    for (let row = 0; row < end - begin; row++) {
      const [from, to] = [row === 0 ? 0 : next[row - 1], next[row]];
      if (!this.#inOrder) ascending(placed, from, to);
      const start = kept;
      for (let i = from; i < to; i++)
        if (!this.#distinct || kept === start || placed[i] !== placed[kept - 1]) placed[kept++] = placed[i];
      ends[row] = before + kept;
    }
    items.append(placed.subarray(0, kept));
    offsets.append(ends);
  }
}

/** Sorts part of an array; lists are short, and most are in order already. */
function ascending(values: Uint32Array, begin: number, end: number): void {
  if (end - begin > 48) {
    values.subarray(begin, end).sort();
    return;
  }
  for (let i = begin + 1; i < end; i++) {
    const value = values[i];
    let at = i;
    for (; at > begin && values[at - 1] > value; at--) values[at] = values[at - 1];
    values[at] = value;
  }
}
