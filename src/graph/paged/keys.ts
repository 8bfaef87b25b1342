// SPDX-License-Identifier: BSD-3-Clause
import type { PagedColumn } from './column.ts';

/** A column to group or to search by. */
export interface PagedKey {
  values: PagedColumn;
  /** All values are below this. */
  cardinality: number;
  /** Order of the values, when it is not their own (dictionary codes -> ranks). */
  ranks?: Uint32Array;
}

/** Rows are taken in blocks of so many. */
export const blockRows = 16_384;

/** Some columns as one number a row by mixed radix, block by block. */
export class KeyBlocks {
  /** All keys are below this. */
  readonly cardinality: number;
  readonly #columns: readonly PagedKey[];
  readonly #rows: number;
  readonly #keys = new Float64Array(blockRows);
  readonly #values = new Uint32Array(blockRows);

  constructor(columns: readonly PagedKey[], rows: number) {
    this.#columns = columns;
    this.#rows = rows;
    this.cardinality = columns.reduce((product, { cardinality }) => product * Math.max(1, cardinality), 1);
  }

  /** Calls `visit` with the first row, the keys of the block (good until the next one) and how many there are. */
  each(visit: (begin: number, keys: Float64Array, count: number) => void): void {
    for (let begin = 0; begin < this.#rows; begin += blockRows) {
      const count = Math.min(blockRows, this.#rows - begin);
      this.#fill(begin, count);
      visit(begin, this.#keys, count);
    }
  }

  #fill(begin: number, count: number): void {
    const [keys, values] = [this.#keys, this.#values];
    const into = count < blockRows ? values.subarray(0, count) : values;
    keys.fill(0, 0, count);
    for (const { values: column, ranks, cardinality } of this.#columns) {
      if (cardinality <= 1) continue;
      column.read(begin, into);
      if (ranks === undefined) for (let i = 0; i < count; i++) keys[i] = keys[i] * cardinality + values[i];
      else for (let i = 0; i < count; i++) keys[i] = keys[i] * cardinality + ranks[values[i]];
    }
  }
}
