// SPDX-License-Identifier: BSD-3-Clause
import { type MaskedImage, maskBits } from '../masked-image.ts';
import { clippedStatistics } from '../statistics/clipped.ts';

/**
 * Interpolation over bad pixels along rows by least-squares prediction (Rybicki & Press 1992, ApJ 398, 169): the missing samples
 * are the linear combination of the good neighbours that has the least mean square error for a signal whose covariance is
 * that of an image smoothed by a Gaussian PSF, plus white noise. Near a gap's edge it follows the star, in the middle of a
 * wide gap it falls back to the background: it invents no flux.
 */
export interface InterpolateOptions {
  /** Bits of the pixels to replace. */
  badBits: number;
  /** Gaussian sigma of the PSF in pixels. */
  psfSigmaPx: number;
  /** Runs longer than this in a row are filled column-wise where that is shorter, else linearly between their ends. */
  maximumGapPx: number;
}

/** Good samples used at each side of a gap. */
const SIDE = 3;
/** White noise relative to the signal variance: keeps the weights bounded. */
const NOISE = 0.001;

/**
 * Replaces the pixels having any of `badBits` and sets INTRP on them; their variance becomes that of the prediction (at least the
 * mean of the neighbours used). Returns the number of pixels replaced. A row and column without good pixels stay as they are.
 */
export function interpolateBad(target: MaskedImage, options: InterpolateOptions): number {
  const { width, height, mask } = target;
  const { badBits, maximumGapPx } = options;
  const background = clippedStatistics(target.image, mask, badBits, {
    // Odd, so that it walks through all columns of an image whose width is a power of two.
    step: ((width * height) >> 14) | 1,
  }).median;
  if (!Number.isFinite(background)) return 0;
  const filler = new GapFiller(target, badBits, options.psfSigmaPx, background);
  const vertical = verticalRuns(target, badBits);
  const intrp = maskBits('INTRP');
  let count = 0;
  for (let y = 0; y < height; y++) {
    const row = y * width;
    for (let x = 0; x < width; x++) {
      if ((mask[row + x] & badBits) === 0) continue;
      let end = x + 1;
      while (end < width && (mask[row + end] & badBits) !== 0) end++;
      const length = end - x;
      for (let u = x; u < end; u++) {
        // A long horizontal gap (a bad row) is short vertically: go the shorter way, pixel by pixel.
        const high = vertical.lengths[row + u];
        if (length > maximumGapPx && high < length && high <= maximumGapPx) {
          filler.fillPixel(u, y, vertical.starts[row + u] - y, high, width);
        } else if (length > maximumGapPx) filler.linear(u, y, x, end);
        else filler.fillPixel(u, y, x - u, length, 1);
        mask[row + u] |= intrp;
        count++;
      }
      x = end;
    }
  }
  return count;
}

/** For each bad pixel the first row and length of its vertical run. */
function verticalRuns(target: MaskedImage, badBits: number): { starts: Int32Array; lengths: Int32Array } {
  const { width, height, mask } = target;
  const starts = new Int32Array(mask.length);
  const lengths = new Int32Array(mask.length);
  for (let i = 0, y = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if ((mask[i] & badBits) === 0) continue;
      starts[i] = y > 0 && (mask[i - width] & badBits) !== 0 ? starts[i - width] : y;
    }
  }
  for (let y = height - 1; y >= 0; y--) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      if ((mask[i] & badBits) === 0) continue;
      const below = y + 1 < height && (mask[i + width] & badBits) !== 0;
      lengths[i] = below ? lengths[i + width] : y + 1 - starts[i];
    }
  }
  return { starts, lengths };
}

class GapFiller {
  readonly target: MaskedImage;
  readonly badBits: number;
  readonly sigma: number;
  readonly background: number;
  readonly weights = new Map<string, { weights: Float64Array; offsets: Int32Array }>();

  constructor(target: MaskedImage, badBits: number, sigma: number, background: number) {
    this.target = target;
    this.badBits = badBits;
    this.sigma = sigma;
    this.background = background;
  }

  /** Fills (x, y), a pixel of a gap that begins `first` samples from it and is `length` long, along an axis of memory stride `stride`. */
  fillPixel(x: number, y: number, first: number, length: number, stride: number): void {
    const { image, variance, mask, width, height } = this.target;
    const here = y * width + x;
    const position = stride === 1 ? x : y;
    const limit = stride === 1 ? width : height;
    // Which of the neighbours at each side are good and inside.
    let pattern = 0;
    for (let k = 1; k <= SIDE; k++) {
      const left = first - k;
      const right = first + length - 1 + k;
      if (position + left >= 0 && (mask[here + left * stride] & this.badBits) === 0) pattern |= 1 << (k - 1);
      if (position + right < limit && (mask[here + right * stride] & this.badBits) === 0)
        pattern |= 1 << (SIDE + k - 1);
    }
    if (pattern === 0) {
      image[here] = this.background;
      return;
    }
    const { weights, offsets } = this.weightsFor(first, length, pattern);
    let value = 0;
    let noise = 0;
    let mean = 0;
    for (let k = 0; k < weights.length; k++) {
      const i = here + offsets[k] * stride;
      value += weights[k] * (image[i] - this.background);
      noise += weights[k] * weights[k] * variance[i];
      mean += variance[i];
    }
    image[here] = this.background + value;
    variance[here] = Math.max(noise, mean / weights.length);
  }

  /** A straight line between the good samples beside the run `[begin, end)` of row y. */
  linear(x: number, y: number, begin: number, end: number): void {
    const { image, variance, width } = this.target;
    const row = y * width;
    const left = begin > 0 ? image[row + begin - 1] : end < width ? image[row + end] : this.background;
    const right = end < width ? image[row + end] : left;
    const t = (x - begin + 1) / (end - begin + 1);
    image[row + x] = left + t * (right - left);
    const a = begin > 0 ? variance[row + begin - 1] : end < width ? variance[row + end] : variance[row + x];
    variance[row + x] = Math.max(a, end < width ? variance[row + end] : a);
  }

  /** Prediction weights for one geometry of gap and neighbours; there are few geometries in an image, so they are kept. */
  weightsFor(first: number, length: number, pattern: number): { weights: Float64Array; offsets: Int32Array } {
    const key = `${first},${length},${pattern}`;
    const known = this.weights.get(key);
    if (known !== undefined) return known;
    const places: number[] = [];
    for (let k = SIDE; k >= 1; k--) if ((pattern & (1 << (k - 1))) !== 0) places.push(first - k);
    for (let k = 1; k <= SIDE; k++) if ((pattern & (1 << (SIDE + k - 1))) !== 0) places.push(first + length - 1 + k);
    // Covariance of an image convolved with a Gaussian of sigma s falls as exp(-d² / 4 s²).
    const covariance = (d: number): number => Math.exp((-d * d) / (4 * this.sigma * this.sigma));
    const n = places.length;
    const matrix = places.map((a, i) => places.map((b, j) => covariance(a - b) + (i === j ? NOISE : 0)));
    const weights = solve(matrix, Float64Array.from(places, covariance));
    const made = { weights, offsets: Int32Array.from(places) };
    if (n > 0) this.weights.set(key, made);
    return made;
  }
}

/** Solves a small symmetric positive definite system by Cholesky factorisation. */
function solve(matrix: number[][], right: Float64Array): Float64Array {
  const n = right.length;
  for (let j = 0; j < n; j++) {
    for (let i = j; i < n; i++) {
      let sum = matrix[i][j];
      for (let k = 0; k < j; k++) sum -= matrix[i][k] * matrix[j][k];
      matrix[i][j] = i === j ? Math.sqrt(sum) : sum / matrix[j][j];
    }
  }
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) right[i] -= matrix[i][k] * right[k];
    right[i] /= matrix[i][i];
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) right[i] -= matrix[k][i] * right[k];
    right[i] /= matrix[i][i];
  }
  return right;
}
