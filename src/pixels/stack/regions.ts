// SPDX-License-Identifier: BSD-3-Clause
import type { Column, Table } from '../table.ts';

/**
 * Which inputs are in which pixels, exactly, as runs along rows: columns `y`, `xBegin`, `xEnd` (exclusive; parent frame) and
 * `inputs0`, `inputs1`, …: bit k of `inputsW` stands for input number `32 W + k` of the coadd's input table. Pixels without any input have no run.
 * A patch without clipped pixels takes about one run a row and input boundary.
 */
export class RegionBuilder {
  readonly #words: number;
  readonly #y: number[] = [];
  readonly #xBegin: number[] = [];
  readonly #xEnd: number[] = [];
  readonly #inputs: number[] = [];

  constructor(inputCount: number) {
    this.#words = Math.max(1, Math.ceil(inputCount / 32));
  }

  /** Adds one row: `used` holds one array per word, `offset` is the row's first sample in them. */
  addRow(y: number, x0: number, width: number, used: readonly Uint32Array[], offset: number): void {
    let begin = 0;
    for (let x = 1; x <= width; x++) {
      if (x < width && used.every((word) => word[offset + x] === word[offset + begin])) continue;
      if (used.some((word) => word[offset + begin] !== 0)) {
        this.#y.push(y);
        this.#xBegin.push(x0 + begin);
        this.#xEnd.push(x0 + x);
        for (const word of used) this.#inputs.push(word[offset + begin]);
      }
      begin = x;
    }
  }

  build(): Table {
    const rows = this.#y.length;
    const columns: Record<string, Column> = {
      y: Int32Array.from(this.#y),
      xBegin: Int32Array.from(this.#xBegin),
      xEnd: Int32Array.from(this.#xEnd),
    };
    for (let w = 0; w < this.#words; w++) {
      const word = new BigInt64Array(rows);
      for (let i = 0; i < rows; i++) word[i] = BigInt(this.#inputs[i * this.#words + w]);
      columns[`inputs${w}`] = word;
    }
    return { rows, columns, units: { y: 'pixel', xBegin: 'pixel', xEnd: 'pixel' } };
  }
}

/** Numbers of the inputs that are in pixel (x, y) of the parent frame, by a regions table of {@link RegionBuilder}. */
export function inputsAt(regions: Table, x: number, y: number): number[] {
  const { y: rows, xBegin, xEnd } = regions.columns as Record<string, Int32Array>;
  let low = 0;
  let high = regions.rows;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows[middle] < y || (rows[middle] === y && xEnd[middle] <= x)) low = middle + 1;
    else high = middle;
  }
  if (low === regions.rows || rows[low] !== y || x < xBegin[low]) return [];
  const found: number[] = [];
  for (let w = 0; `inputs${w}` in regions.columns; w++) {
    const word = (regions.columns[`inputs${w}`] as BigInt64Array)[low];
    for (let k = 0; k < 32; k++) if (((word >> BigInt(k)) & 1n) === 1n) found.push(32 * w + k);
  }
  return found;
}
