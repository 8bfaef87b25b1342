// SPDX-License-Identifier: BSD-3-Clause
import { RowSet } from '../columns/row-set.ts';
import type { PagePool } from './pool.ts';

/** A set of rows that changes while a graph is built: one bit a row. */
export class Flags {
  readonly size: number;
  readonly #bits: Uint8Array<ArrayBuffer>;
  readonly pool: PagePool;

  constructor(pool: PagePool, size: number, value: 0 | 1 = 0) {
    this.size = size;
    this.pool = pool;
    pool.reserve(Math.ceil(size / 8));
    this.#bits = new Uint8Array(Math.ceil(size / 8));
    if (value === 1) this.fill();
  }

  has(row: number): boolean {
    return (this.#bits[row >>> 3] & (1 << (row & 7))) !== 0;
  }
  add(row: number): void {
    this.#bits[row >>> 3] |= 1 << (row & 7);
  }
  delete(row: number): void {
    this.#bits[row >>> 3] &= ~(1 << (row & 7));
  }

  /** All rows. */
  fill(): void {
    this.#bits.fill(255);
    if (this.size % 8 !== 0) this.#bits[this.#bits.length - 1] = (1 << (this.size % 8)) - 1;
  }

  /** Adds the rows of another set of the same size. */
  addAll(other: Flags): void {
    for (let i = 0; i < this.#bits.length; i++) this.#bits[i] |= other.#bits[i];
  }

  count(): number {
    return new RowSet(this.size, this.#bits).count;
  }

  any(): boolean {
    return this.#bits.some((byte) => byte !== 0);
  }

  copy(): Flags {
    const copy = new Flags(this.pool, this.size);
    copy.addAll(this);
    return copy;
  }

  /** The same rows in a set that may have more. */
  widened(size: number): Flags {
    const wide = new Flags(this.pool, size);
    wide.#bits.set(this.#bits);
    return wide;
  }

  /** As a set with ranks; without bits where it has all rows. */
  rows(): RowSet {
    const set = new RowSet(this.size, this.#bits);
    return set.count === this.size ? new RowSet(this.size) : set;
  }

  free(): void {
    this.pool.reserve(-this.#bits.length);
  }
}
