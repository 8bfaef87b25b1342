// SPDX-License-Identifier: BSD-3-Clause

/** Rows of the directory: one count for so many bits. A multiple of 8. */
const stride = 512;

/**
 * A set of rows as one bit a row, with both ways between a row and its place among the members: rank in constant time, select in
 * logarithmic time, by a directory of counts (4 bytes for 512 rows).
 *
 * Bit r % 8 of byte r / 8 (lowest first) stands for row r.
 */
export class RowSet {
  readonly size: number;
  /** How many rows are in the set. */
  readonly count: number;
  /** undefined: all rows. */
  readonly bits: Uint8Array | undefined;
  readonly #before: Uint32Array | undefined;

  constructor(size: number, bits?: Uint8Array) {
    this.size = size;
    this.bits = bits;
    if (bits === undefined) {
      this.count = size;
      return;
    }
    const before = new Uint32Array(Math.ceil(size / stride) + 1);
    let count = 0;
    for (let block = 0; block + 1 < before.length; block++) {
      before[block] = count;
      const end = Math.min(bits.length, ((block + 1) * stride) / 8);
      for (let at = (block * stride) / 8; at < end; at++) count += ones[bits[at]];
    }
    before[before.length - 1] = count;
    this.#before = before;
    this.count = count;
  }

  /** The rows whose flag is not 0. */
  static of(flags: Uint8Array | Uint32Array): RowSet {
    const bits = new Uint8Array(Math.ceil(flags.length / 8));
    let count = 0;
    for (let row = 0; row < flags.length; row++) {
      if (flags[row] === 0) continue;
      bits[row >>> 3] |= 1 << (row & 7);
      count++;
    }
    return count === flags.length ? new RowSet(flags.length) : new RowSet(flags.length, bits);
  }

  has(row: number): boolean {
    return this.bits === undefined ? row < this.size : (this.bits[row >>> 3] & (1 << (row & 7))) !== 0;
  }

  /** How many members come before the row: its place, if it is one. */
  rank(row: number): number {
    const { bits } = this;
    if (bits === undefined) return row;
    const block = Math.floor(row / stride);
    let count = (this.#before as Uint32Array)[block];
    const last = row >>> 3;
    for (let at = (block * stride) / 8; at < last; at++) count += ones[bits[at]];
    return count + ones[bits[last] & ((1 << (row & 7)) - 1)];
  }

  /** The member at this place: the inverse of {@link rank}. */
  select(place: number): number {
    const { bits } = this;
    if (bits === undefined) return place;
    const before = this.#before as Uint32Array;
    let [low, high] = [0, before.length - 1];
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (before[middle] <= place) low = middle;
      else high = middle;
    }
    let left = place - before[low];
    let at = (low * stride) / 8;
    while (left >= ones[bits[at]]) left -= ones[bits[at++]];
    for (let bit = 0; ; bit++) {
      if ((bits[at] & (1 << bit)) === 0) continue;
      if (left-- === 0) return at * 8 + bit;
    }
  }

  /** All members, ascending. */
  rows(): Uint32Array {
    const out = new Uint32Array(this.count);
    let place = 0;
    for (let row = 0; row < this.size; row++) if (this.has(row)) out[place++] = row;
    return out;
  }
}

const ones = Uint8Array.from({ length: 256 }, (_, byte) => {
  let count = 0;
  for (let rest = byte; rest > 0; rest &= rest - 1) count++;
  return count;
});
