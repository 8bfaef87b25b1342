// SPDX-License-Identifier: BSD-3-Clause

/** Reusable buffers of {@link clippedMode}; one per thread of work. */
export class ModeScratch {
  readonly count: Float64Array;
  readonly sumIndex: Float64Array;
  readonly sumSquare: Float64Array;
  readonly maxLevels: number;
  constructor(maxLevels = 4096) {
    this.maxLevels = maxLevels;
    this.count = new Float64Array(maxLevels + 1);
    this.sumIndex = new Float64Array(maxLevels + 1);
    this.sumSquare = new Float64Array(maxLevels + 1);
  }
}

/**
 * Background level and noise of a sample of sky pixels with stars in it: 3-sigma clipping around the median of a
 * histogram until the deviation settles, then Pearson's mode estimate `2.5 median - 1.5 mean`, or the median where the
 * two disagree by more than 0.3 sigma (a crowded mesh). Estimator: Bertin & Arnouts 1996, section 4.1, with the
 * constants of the Source Extractor manual.
 *
 * Prefix sums of count, i*count and i^2*count make each clipping round constant time.
 *
 * @param values the sample; only the first `n` are used; must be finite
 * @returns mean and sigma in the unit of the sample; sigma 0 for a constant sample; NaN for an empty one
 */
export function clippedMode(values: Float32Array, n: number, scratch: ModeScratch): { level: number; sigma: number } {
  if (n === 0) return { level: Number.NaN, sigma: Number.NaN };
  // First guess: moments, then moments within two sigma, to scale the histogram.
  let sum = 0;
  for (let i = 0; i < n; i++) sum += values[i];
  const mean0 = sum / n;
  let squares = 0;
  for (let i = 0; i < n; i++) {
    const d = values[i] - mean0;
    squares += d * d;
  }
  const sigma0 = Math.sqrt(squares / n);
  const lowCut = mean0 - 2 * sigma0;
  const highCut = mean0 + 2 * sigma0;
  let kept = 0;
  let cutSum = 0;
  let cutSquares = 0;
  for (let i = 0; i < n; i++) {
    const v = values[i];
    if (v < lowCut || v > highCut) continue;
    const d = v - mean0;
    kept++;
    cutSum += d;
    cutSquares += d * d;
  }
  const shift = cutSum / kept;
  const mean1 = mean0 + shift;
  const sigma1 = Math.sqrt(Math.max(0, cutSquares / kept - shift * shift));
  if (!(sigma1 > 0)) return { level: mean1, sigma: 0 };

  // Histogram over +-5 sigma; the number of levels keeps about four counts in the fullest bins.
  const levels = Math.max(8, Math.min(scratch.maxLevels, Math.floor(Math.sqrt(2 / Math.PI) * (5 / 4) * kept + 1)));
  const width = (10 * sigma1) / levels;
  const origin = mean1 - 5 * sigma1;
  const { count, sumIndex, sumSquare } = scratch;
  count.fill(0, 0, levels + 1);
  const inverse = 1 / width;
  for (let i = 0; i < n; i++) {
    const bin = (values[i] - origin) * inverse + 0.5;
    if (bin >= 0 && bin < levels) count[(bin | 0) + 1]++;
  }
  sumIndex[0] = 0;
  sumSquare[0] = 0;
  for (let i = 0; i < levels; i++) {
    const c = count[i + 1];
    sumIndex[i + 1] = sumIndex[i] + c * i;
    sumSquare[i + 1] = sumSquare[i] + c * i * i;
    count[i + 1] = count[i] + c;
  }

  let low = 0;
  let high = levels - 1;
  let mean = 0;
  let median = 0;
  let sigma = 10 * levels;
  for (let round = 0; round < 100; round++) {
    const total = count[high + 1] - count[low];
    if (total === 0) break;
    mean = (sumIndex[high + 1] - sumIndex[low]) / total;
    const meanSquare = (sumSquare[high + 1] - sumSquare[low]) / total;
    const next = Math.sqrt(Math.max(0, meanSquare - mean * mean));
    median = histogramMedian(count, low, high);
    const settled = next < 0.1 || Math.abs(next / sigma - 1) < 1e-4;
    sigma = next;
    if (settled) break;
    low = Math.max(0, Math.floor(median - 3 * sigma + 0.5));
    high = Math.min(levels - 1, Math.floor(median + 3 * sigma + 0.5));
  }
  const crowded = sigma > 0 && Math.abs((mean - median) / sigma) >= 0.3;
  const bin = crowded || sigma === 0 ? median : 2.5 * median - 1.5 * mean;
  return { level: origin + bin * width, sigma: sigma * width };
}

/** Median of cumulative counts between two bins (inclusive), interpolated within its bin; bin centres are integers. */
function histogramMedian(cumulative: Float64Array, low: number, high: number): number {
  const base = cumulative[low];
  const half = base + (cumulative[high + 1] - base) / 2;
  let a = low;
  let b = high;
  while (a < b) {
    const middle = (a + b) >> 1;
    if (cumulative[middle + 1] >= half) b = middle;
    else a = middle + 1;
  }
  const inBin = cumulative[a + 1] - cumulative[a];
  return inBin > 0 ? a - 0.5 + (half - cumulative[a]) / inBin : a;
}
