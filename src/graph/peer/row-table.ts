// SPDX-License-Identifier: BSD-3-Clause
import { type Growing, growingU32 } from '../columns/growing.ts';

/**
 * Distinct rows of some 32-bit columns, numbered in the order in which they first come: no object a row, and no limit but memory
 * (a `Map` ends at 16.7 million entries). Open addressing, at most half full.
 */
export class RowTable {
  readonly columns: readonly Growing<Uint32Array<ArrayBuffer>>[];
  #slots = new Uint32Array(1024);
  size = 0;

  constructor(width: number) {
    this.columns = Array.from({ length: width }, growingU32);
  }

  /** The number of this row, given now if it is new. */
  intern(row: ArrayLike<number>): number {
    if (2 * this.size >= this.#slots.length) this.#grow();
    const at = this.#find(row);
    if (this.#slots[at] !== 0) return this.#slots[at] - 1;
    for (let k = 0; k < this.columns.length; k++) this.columns[k].push(row[k]);
    this.#slots[at] = ++this.size;
    return this.size - 1;
  }

  /** The number of this row, or undefined. */
  find(row: ArrayLike<number>): number | undefined {
    const slot = this.#slots[this.#find(row)];
    return slot === 0 ? undefined : slot - 1;
  }

  /** The slot that holds this row, or the free one where it belongs. */
  #find(row: ArrayLike<number>): number {
    const mask = this.#slots.length - 1;
    for (let at = hash(row, this.columns.length) & mask; ; at = (at + 1) & mask) {
      const slot = this.#slots[at];
      if (slot === 0 || this.#same(slot - 1, row)) return at;
    }
  }

  #same(number: number, row: ArrayLike<number>): boolean {
    for (let k = 0; k < this.columns.length; k++) if (this.columns[k].at(number) !== row[k]) return false;
    return true;
  }

  #grow(): void {
    const slots = new Uint32Array(2 * this.#slots.length);
    const mask = slots.length - 1;
    const row = new Uint32Array(this.columns.length);
    for (let number = 0; number < this.size; number++) {
      for (let k = 0; k < row.length; k++) row[k] = this.columns[k].at(number);
      let at = hash(row, row.length) & mask;
      while (slots[at] !== 0) at = (at + 1) & mask;
      slots[at] = number + 1;
    }
    this.#slots = slots;
  }
}

function hash(row: ArrayLike<number>, width: number): number {
  let value = 0x9e3779b9;
  for (let k = 0; k < width; k++) {
    value = Math.imul(value ^ row[k], 0x85ebca6b);
    value ^= value >>> 13;
  }
  value = Math.imul(value, 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
