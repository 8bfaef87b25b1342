// SPDX-License-Identifier: BSD-3-Clause
import { noRow } from './link.ts';

/** Open-addressing table of non-negative integers up to 2^53-1, numbered in the order of arrival. Grows as it fills. */
export class KeyTable {
  keys: Float64Array;
  size = 0;
  #slots: Uint32Array;
  #mask: number;

  constructor(capacity: number) {
    let slots = 16;
    while (slots < 2 * capacity) slots *= 2;
    this.#slots = new Uint32Array(slots);
    this.#mask = slots - 1;
    this.keys = new Float64Array(Math.max(capacity, 8));
  }

  /** Number of the key, given if it is new. */
  intern(key: number): number {
    let at = hash(key) & this.#mask;
    for (let index = this.#slots[at]; index !== 0; index = this.#slots[at]) {
      if (this.keys[index - 1] === key) return index - 1;
      at = (at + 1) & this.#mask;
    }
    if (this.size === this.keys.length) {
      this.#grow();
      return this.intern(key);
    }
    this.keys[this.size] = key;
    this.#slots[at] = ++this.size;
    return this.size - 1;
  }

  /** Number of the key, or {@link noRow}. */
  find(key: number): number {
    let at = hash(key) & this.#mask;
    for (let index = this.#slots[at]; index !== 0; index = this.#slots[at]) {
      if (this.keys[index - 1] === key) return index - 1;
      at = (at + 1) & this.#mask;
    }
    return noRow;
  }

  #grow(): void {
    const old = this.keys.subarray(0, this.size);
    const larger = new KeyTable(2 * this.keys.length);
    for (const key of old) larger.intern(key);
    this.keys = larger.keys;
    this.#slots = larger.#slots;
    this.#mask = larger.#mask;
  }
}

function hash(key: number): number {
  const high = Math.floor(key / 4294967296);
  let mixed = Math.imul(key >>> 0, 0x9e3779b1) ^ Math.imul(high + 0x7f4a7c15, 0x85ebca6b);
  mixed ^= mixed >>> 15;
  mixed = Math.imul(mixed, 0x2c1b3c6d);
  return (mixed ^ (mixed >>> 13)) >>> 0;
}
