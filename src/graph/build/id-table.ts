// SPDX-License-Identifier: BSD-3-Clause
import { growingU32 } from '../columns/growing.ts';
import type { ExistingDatasets } from './existing.ts';

/** Finds datasets of one type by their ids: an open-addressing table over {@link ExistingDatasets}. */
export class IdTable {
  readonly #existing: ExistingDatasets;
  /** 0: free; else 1 + place in the lists. */
  #slots = new Uint32Array(64);
  readonly #known = growingU32();
  readonly #rows = growingU32();

  constructor(existing: ExistingDatasets) {
    this.#existing = existing;
  }

  /** Bytes that it takes. */
  get sizeBytes(): number {
    return 4 * this.#slots.length + 12 * this.#rows.length;
  }

  /** The row that is known for the id of this existing dataset; `row` if it is new, which is then known. */
  add(existing: number, row: number): number {
    if (2 * this.#rows.length >= this.#slots.length) this.#grow();
    let at = this.#place(existing);
    for (; this.#slots[at] !== 0; at = (at + 1) % this.#slots.length) {
      const known = this.#slots[at] - 1;
      if (this.#existing.compare(this.#known.at(known), existing) === 0) return this.#rows.at(known);
    }
    this.#known.push(existing);
    this.#rows.push(row);
    this.#slots[at] = this.#rows.length;
    return row;
  }

  #place(existing: number): number {
    // The last word is random in ids of any kind; the others are stirred in all the same.
    let mixed = 0;
    for (let k = 0; k < 4; k++) mixed = Math.imul(mixed ^ this.#existing.word(existing, k), 0x9e3779b1);
    return (mixed ^ (mixed >>> 15)) & (this.#slots.length - 1);
  }

  #grow(): void {
    this.#slots = new Uint32Array(2 * this.#slots.length);
    for (let i = 0; i < this.#rows.length; i++) {
      let at = this.#place(this.#known.at(i));
      while (this.#slots[at] !== 0) at = (at + 1) % this.#slots.length;
      this.#slots[at] = i + 1;
    }
  }
}
