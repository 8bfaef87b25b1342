// SPDX-License-Identifier: BSD-3-Clause
import { Dither, NULL_SAMPLE, type Quantisation, ZERO_SAMPLE } from './dither.ts';

export interface QuantiseOptions {
  /** Steps in one noise sigma; negative: minus the step itself. */
  level: number;
  method: Quantisation;
  seed: number;
  /** Tile number from 0. */
  tile: number;
  /** Samples in a row of the tile. */
  width: number;
}

/** Stored integers from here down are kept for NaN and exact zero. */
const RESERVED = NULL_SAMPLE + 10;
const MAX_STEPS = 2 ** 31 - 12;

/**
 * Quantises a tile into `out` (FITS standard 4.0, section 10.2): `stored = round((value - zero) / scale)` with the dither added.
 * Undefined where that would lose too much: no noise to hide the steps in, an infinite value, or too many steps.
 */
export function quantise(
  values: Float32Array | Float64Array,
  by: QuantiseOptions,
  out: Int32Array,
): { scale: number; zero: number } | undefined {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let missing = false;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (Number.isNaN(value)) {
      missing = true;
      continue;
    }
    if (value < min) min = value;
    if (value > max) max = value;
  }
  const scale = by.level < 0 ? -by.level : noiseOf(values, by.width) / by.level;
  if (!(scale > 0) || !(max - min >= 0) || !((max - min) / scale < MAX_STEPS)) return undefined;
  const reserve = missing || by.method === 'SUBTRACTIVE_DITHER_2';
  // A zero point on the grid of steps makes a second quantisation of the result change nothing.
  const zero = reserve ? min - scale * RESERVED : Math.floor(min / scale) * scale;
  if (!Number.isFinite(zero)) return undefined;
  const dither = by.method === 'NO_DITHER' ? undefined : new Dither(by.tile, by.seed);
  const keepZeros = by.method === 'SUBTRACTIVE_DITHER_2';
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    const offset = dither === undefined ? 0 : dither.next() - 0.5;
    if (Number.isNaN(value)) out[i] = NULL_SAMPLE;
    else if (keepZeros && value === 0) out[i] = ZERO_SAMPLE;
    else out[i] = Math.round((value - zero) / scale + offset);
  }
  return { scale, zero };
}

/**
 * Gaussian sigma of the noise from the median of |2 x[i] - x[i-2] - x[i+2]| along rows (Stoehr et al. 2008, ST-ECF Newsletter 42): sources,
 * which are smooth, hardly count. Zero where fewer than five samples in a row are there.
 */
function noiseOf(values: Float32Array | Float64Array, width: number): number {
  const differences = new Float64Array(values.length);
  let n = 0;
  for (let row = 0; row + width <= values.length; row += width)
    for (let i = row + 2; i < row + width - 2; i++) {
      const d = Math.abs(2 * values[i] - values[i - 2] - values[i + 2]);
      // Equal neighbours say nothing of the noise: they are interpolated or saturated.
      if (d > 0 && d < Number.POSITIVE_INFINITY) differences[n++] = d;
    }
  if (n === 0) return 0;
  const middle = n >> 1;
  const upper = select(differences, n, middle);
  let median = upper;
  if (n % 2 === 0) {
    let lower = 0;
    for (let i = 0; i < middle; i++) if (differences[i] > lower) lower = differences[i];
    median = (lower + upper) / 2;
  }
  return (1.482602 / Math.sqrt(6)) * median;
}

/** The `k`th smallest of the first `n` values (Hoare's selection); all before place `k` are no larger afterwards. */
function select(values: Float64Array, n: number, k: number): number {
  let left = 0;
  let right = n - 1;
  while (left < right) {
    const pivot = values[(left + right) >> 1];
    let i = left;
    let j = right;
    while (i <= j) {
      while (values[i] < pivot) i++;
      while (values[j] > pivot) j--;
      if (i <= j) {
        const value = values[i];
        values[i++] = values[j];
        values[j--] = value;
      }
    }
    if (k <= j) right = j;
    else if (k >= i) left = i;
    else break;
  }
  return values[k];
}
