// SPDX-License-Identifier: BSD-3-Clause
import { medianInPlace, SIGMA_PER_MAD, selectKth } from '../statistics/select.ts';

/** How a stack of calibration frames becomes one. `clippedMean` leaves out values further than `nSigma` from the median. */
export type CombineMethod = 'mean' | 'median' | 'clippedMean';

export interface CombineOptions {
  method: CombineMethod;
  nSigma: number;
  /** Clipping rounds at most. */
  iterations: number;
}

/** Values of the same pixels in several frames: `planes[k][i]`; NaN is no value. */
export interface CombineBand {
  planes: readonly Float32Array[];
  /** Samples to combine in each plane. */
  length: number;
}

/** Where the result goes, at `offset`. */
export interface CombinedPlanes {
  image: Float32Array;
  /** Variance of the combined value, from the scatter of the values kept. */
  variance: Float32Array;
  /** Number of values kept. */
  count: Uint16Array;
}

/**
 * Combines a band of frames pixel by pixel. Where no frame has a value the result is NaN with count 0. The first clipping round
 * measures the scatter by the median absolute deviation, later rounds by the standard deviation of what is left. The scatter
 * of three or four values says too little to clip by: there `clippedMean` takes the median. Variance of a median is π/2 that of a mean.
 */
export function combineBand(band: CombineBand, options: CombineOptions, out: CombinedPlanes, offset = 0): void {
  const frames = band.planes.length;
  const values = new Float64Array(frames);
  const scratch = new Float64Array(frames);
  for (let i = 0; i < band.length; i++) {
    let n = 0;
    for (let k = 0; k < frames; k++) {
      const v = band.planes[k][i];
      if (!Number.isNaN(v)) values[n++] = v;
    }
    const to = offset + i;
    if (n === 0) {
      out.image[to] = Number.NaN;
      out.variance[to] = Number.NaN;
      out.count[to] = 0;
      continue;
    }
    const fewValues = n === 3 || n === 4;
    const asMedian = options.method === 'median' || (options.method === 'clippedMean' && fewValues);
    if (options.method === 'clippedMean' && n > 4) n = clip(values, n, scratch, options);
    let sum = 0;
    for (let k = 0; k < n; k++) sum += values[k];
    const mean = sum / n;
    let squares = 0;
    for (let k = 0; k < n; k++) squares += (values[k] - mean) * (values[k] - mean);
    const varianceOfMean = n > 1 ? squares / (n - 1) / n : Number.POSITIVE_INFINITY;
    if (asMedian) {
      out.image[to] = medianInPlace(values, n);
      out.variance[to] = n > 2 ? (varianceOfMean * Math.PI) / 2 : varianceOfMean;
    } else {
      out.image[to] = mean;
      out.variance[to] = varianceOfMean;
    }
    out.count[to] = n;
  }
}

/** Moves the values kept to the front and returns their number. */
function clip(values: Float64Array, count: number, scratch: Float64Array, options: CombineOptions): number {
  let n = count;
  let sigma = Number.NaN;
  for (let round = 0; round < options.iterations && n > 2; round++) {
    for (let k = 0; k < n; k++) scratch[k] = values[k];
    const centre = medianInPlace(scratch, n);
    if (round === 0) {
      for (let k = 0; k < n; k++) scratch[k] = Math.abs(values[k] - centre);
      sigma = SIGMA_PER_MAD * selectKth(scratch, n, n >> 1);
    } else {
      let sum = 0;
      for (let k = 0; k < n; k++) sum += (values[k] - centre) * (values[k] - centre);
      sigma = Math.sqrt(sum / (n - 1));
    }
    // Quantised data can have a zero deviation; then nothing can be called an outlier.
    if (!(sigma > 0)) break;
    let kept = 0;
    for (let k = 0; k < n; k++) if (Math.abs(values[k] - centre) <= options.nSigma * sigma) values[kept++] = values[k];
    if (kept === n) break;
    n = kept;
  }
  return n;
}
