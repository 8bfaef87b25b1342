// SPDX-License-Identifier: BSD-3-Clause
import { medianInPlace, SIGMA_PER_MAD } from './select.ts';

export interface ClippedStatistics {
  mean: number;
  median: number;
  /** Standard deviation of the values kept. */
  sigma: number;
  /** Values kept. */
  count: number;
}

export interface ClipOptions {
  /** Values further than this many sigma from the median are left out. Default 3. */
  nSigma?: number;
  /** Rounds at most; ends earlier when nothing more is clipped. Default 5. */
  iterations?: number;
  /** Look at every n-th value only (for large planes). Default 1. */
  step?: number;
}

/**
 * Sigma-clipped statistics of a plane around its median. Pixels with any bit of `badBits`, and those that are not finite,
 * are left out. The first round uses 1.4826 × the median absolute deviation, so that outliers cannot widen their own limit.
 */
export function clippedStatistics(
  values: Float32Array | Float64Array,
  mask?: Int32Array | undefined,
  badBits = 0,
  options: ClipOptions = {},
): ClippedStatistics {
  const { nSigma = 3, iterations = 5, step = 1 } = options;
  const kept = new Float64Array(Math.ceil(values.length / step));
  let n = 0;
  for (let i = 0; i < values.length; i += step) {
    const v = values[i];
    if (Number.isFinite(v) && (mask === undefined || (mask[i] & badBits) === 0)) kept[n++] = v;
  }
  if (n === 0) return { mean: Number.NaN, median: Number.NaN, sigma: Number.NaN, count: 0 };
  let centre = medianInPlace(kept, n);
  const deviations = new Float64Array(n);
  for (let i = 0; i < n; i++) deviations[i] = Math.abs(kept[i] - centre);
  let sigma = SIGMA_PER_MAD * medianInPlace(deviations, n);
  let mean = meanOf(kept, n);
  const all = n;
  for (let round = 0; round < iterations; round++) {
    const limit = nSigma * sigma;
    let left = 0;
    // Values within the limit to the front. All are judged again: a deviation of quantised data may have been too small at first.
    for (let i = 0; i < all; i++) {
      const v = kept[i];
      if (Math.abs(v - centre) > limit) continue;
      kept[i] = kept[left];
      kept[left++] = v;
    }
    const settled = left === n && round > 0;
    n = left;
    if (settled) break;
    centre = medianInPlace(kept, n);
    mean = meanOf(kept, n);
    sigma = deviationOf(kept, n, mean);
  }
  return { mean, median: centre, sigma, count: n };
}

function meanOf(values: Float64Array, n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += values[i];
  return sum / n;
}

function deviationOf(values: Float64Array, n: number, mean: number): number {
  if (n < 2) return 0;
  let sum = 0;
  for (let i = 0; i < n; i++) sum += (values[i] - mean) * (values[i] - mean);
  return Math.sqrt(sum / (n - 1));
}
