// SPDX-License-Identifier: BSD-3-Clause

/** Arrays the selection works on; they are reordered in place. */
export type Scratch = Float64Array | Float32Array;

/** Up to so many values insertion sort is quicker than partitioning. */
const FEW = 12;

function sortFew(values: Scratch, n: number): void {
  for (let i = 1; i < n; i++) {
    const v = values[i];
    let j = i;
    while (j > 0 && values[j - 1] > v) {
      values[j] = values[j - 1];
      j--;
    }
    values[j] = v;
  }
}

/**
 * The k-th smallest (0-based) of `values[0 .. n)`, in linear time on average; reorders that part of the array so that
 * everything before k is <= and everything after is >= the answer. Values must be free of NaN.
 * Hoare's FIND (CACM 4, 321, 1961) with a median-of-three pivot.
 */
export function selectKth(values: Scratch, n: number, k: number): number {
  if (n <= FEW) {
    sortFew(values, n);
    return values[k];
  }
  let low = 0;
  let high = n - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const a = values[low];
    const b = values[middle];
    const c = values[high];
    const pivot = Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
    let i = low;
    let j = high;
    while (i <= j) {
      while (values[i] < pivot) i++;
      while (values[j] > pivot) j--;
      if (i <= j) {
        const swap = values[i];
        values[i] = values[j];
        values[j] = swap;
        i++;
        j--;
      }
    }
    if (k <= j) high = j;
    else if (k >= i) low = i;
    else break;
  }
  return values[k];
}

/** Median of `values[0 .. n)` (mean of the middle two when n is even; NaN when n is 0). Reorders the array. */
export function medianInPlace(values: Scratch, n: number = values.length): number {
  if (n === 0) return Number.NaN;
  const half = n >>> 1;
  const upper = selectKth(values, n, half);
  if (n % 2 === 1) return upper;
  let lower = values[0];
  for (let i = 1; i < half; i++) if (values[i] > lower) lower = values[i];
  return 0.5 * (lower + upper);
}

/** Median without touching the input; NaN values are left out. */
export function median(values: ArrayLike<number>): number {
  const scratch = new Float64Array(values.length);
  let n = 0;
  for (let i = 0; i < values.length; i++) {
    const v = values[i];
    if (!Number.isNaN(v)) scratch[n++] = v;
  }
  return medianInPlace(scratch, n);
}

/** Ratio of a Gaussian's sigma to its median absolute deviation. */
export const SIGMA_PER_MAD = 1.482602218505602;

/** Median and robust sigma (1.4826 × the median absolute deviation) of the finite values. */
export function medianAndSigma(values: ArrayLike<number>): { median: number; sigma: number; count: number } {
  const scratch = new Float64Array(values.length);
  let n = 0;
  for (let i = 0; i < values.length; i++) if (Number.isFinite(values[i])) scratch[n++] = values[i];
  const centre = medianInPlace(scratch, n);
  for (let i = 0; i < n; i++) scratch[i] = Math.abs(scratch[i] - centre);
  return { median: centre, sigma: SIGMA_PER_MAD * medianInPlace(scratch, n), count: n };
}
