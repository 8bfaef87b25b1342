// SPDX-License-Identifier: BSD-3-Clause
import { type MaskedImage, maskBits } from '../masked-image.ts';
import { medianFilter } from './median-filter.ts';

/**
 * Cosmic-ray identification by Laplacian edge detection, L.A.Cosmic: van Dokkum 2001, PASP 113, 1420. The noise comes from the
 * variance plane (smoothed over 5×5, without the pixel's own spike) rather than from one gain and read noise for the whole image.
 */
export interface CosmicRayOptions {
  /** Laplacian-to-noise limit for a cosmic ray (the paper's sigma_lim). */
  sigmaLimit: number;
  /** Neighbours of a cosmic ray are tested against this fraction of the limit. */
  neighbourFraction: number;
  /** Least contrast between Laplacian and fine structure (f_lim): what keeps undersampled stars. */
  contrastLimit: number;
  iterations: number;
  /** More pixels than this fraction of the image are no cosmic rays: the search stops and says so. */
  maximumFraction: number;
}

export const cosmicRayDefaults: CosmicRayOptions = {
  sigmaLimit: 5,
  neighbourFraction: 0.3,
  contrastLimit: 5,
  iterations: 4,
  maximumFraction: 0.05,
};

export interface CosmicRayResult {
  pixels: number;
  rays: number;
  iterations: number;
  /** True when the search was given up and nothing was marked. */
  tooMany: boolean;
}

/**
 * Marks cosmic rays with the CR bit. Pixels having any of BAD, SAT, NO_DATA (and their direct neighbours) are neither tested nor
 * used. Image samples are not changed: interpolation is a step of its own.
 */
export function findCosmicRays(target: MaskedImage, options: Partial<CosmicRayOptions> = {}): CosmicRayResult {
  const settings = { ...cosmicRayDefaults, ...options };
  const { width, height } = target;
  const n = width * height;
  const excluded = excludedPixels(target);
  const work = target.image.slice();
  fillExcluded(work, excluded, width, height);
  const noise = noiseOf(target.variance, width, height);
  const found = new Uint8Array(n);
  let total = 0;
  let round = 0;
  for (; round < settings.iterations; round++) {
    const added = detectOnce(work, noise, width, height, excluded, found, settings);
    total += added;
    if (total > settings.maximumFraction * n) return { pixels: 0, rays: 0, iterations: round + 1, tooMany: true };
    if (added === 0) break;
    replaceFound(work, found, excluded, width, height);
  }
  const bit = maskBits('CR');
  for (let i = 0; i < n; i++) if (found[i] !== 0) target.mask[i] |= bit;
  return { pixels: total, rays: countIslands(found, width, height), iterations: round, tooMany: false };
}

/** One iteration on the cleaned image; sets `found` and returns how many pixels are new. */
function detectOnce(
  work: Float32Array,
  noise: Float32Array,
  width: number,
  height: number,
  excluded: Uint8Array,
  found: Uint8Array,
  settings: CosmicRayOptions,
): number {
  const n = work.length;
  const significance = laplacian(work, width, height);
  for (let i = 0; i < n; i++) significance[i] /= 2 * noise[i];
  // Extended bright objects have a smooth Laplacian: take it off.
  const smooth = medianFilter(significance, width, height, 5);
  for (let i = 0; i < n; i++) significance[i] -= smooth[i];

  const median3 = medianFilter(work, width, height, 3);
  const median7 = medianFilter(median3, width, height, 7);
  const contrast = (i: number): boolean => {
    const fine = Math.max((median3[i] - median7[i]) / noise[i], 0.01);
    return significance[i] > settings.contrastLimit * fine;
  };

  const candidate = new Uint8Array(n);
  for (let i = 0; i < n; i++) {
    if (excluded[i] === 0 && significance[i] > settings.sigmaLimit && contrast(i)) candidate[i] = 1;
  }
  const grown = growOnce(candidate, width, height);
  for (let i = 0; i < n; i++) {
    if (grown[i] !== 0 && (excluded[i] !== 0 || significance[i] <= settings.sigmaLimit)) grown[i] = 0;
  }
  const low = settings.sigmaLimit * settings.neighbourFraction;
  const wider = growOnce(grown, width, height);
  let added = 0;
  for (let i = 0; i < n; i++) {
    const isRay =
      candidate[i] !== 0 || grown[i] !== 0 || (wider[i] !== 0 && significance[i] > low && excluded[i] === 0);
    if (isRay && found[i] === 0) {
      found[i] = 1;
      added++;
    }
  }
  return added;
}

/**
 * Laplacian of the image sampled twice as finely, negative values clipped, averaged back to the original pixels
 * (the paper's eq. 5 and 7; the four sub-pixels of pixel (x, y) each see two equal neighbours and two of the next pixels).
 */
function laplacian(image: Float32Array, width: number, height: number): Float32Array {
  const out = new Float32Array(image.length);
  for (let y = 0; y < height; y++) {
    const up = (y + 1 < height ? y + 1 : y) * width;
    const down = (y > 0 ? y - 1 : y) * width;
    const row = y * width;
    for (let x = 0; x < width; x++) {
      const v = image[row + x];
      const left = v - image[row + (x > 0 ? x - 1 : x)];
      const right = v - image[row + (x + 1 < width ? x + 1 : x)];
      const below = v - image[down + x];
      const above = v - image[up + x];
      // Kernel (0 -1 0; -1 4 -1; 0 -1 0) on 2×2-replicated pixels: each sub-pixel keeps its two outward differences.
      const a = left + below;
      const b = right + below;
      const c = left + above;
      const d = right + above;
      out[row + x] = (Math.max(a, 0) + Math.max(b, 0) + Math.max(c, 0) + Math.max(d, 0)) / 4;
    }
  }
  return out;
}

/** Standard deviation, from the variance plane median-filtered over 5×5 so that the ray's own counts do not hide it. */
function noiseOf(variance: Float32Array, width: number, height: number): Float32Array {
  const clean = variance.slice();
  for (let i = 0; i < clean.length; i++) if (!(clean[i] > 0 && clean[i] < Number.POSITIVE_INFINITY)) clean[i] = 0;
  const noise = medianFilter(clean, width, height, 5);
  for (let i = 0; i < noise.length; i++) noise[i] = noise[i] > 0 ? Math.sqrt(noise[i]) : Number.POSITIVE_INFINITY;
  return noise;
}

function excludedPixels(target: MaskedImage): Uint8Array {
  const bits = maskBits('BAD', 'SAT', 'NO_DATA');
  const bad = new Uint8Array(target.mask.length);
  for (let i = 0; i < bad.length; i++) {
    const v = target.image[i];
    if ((target.mask[i] & bits) !== 0 || !Number.isFinite(v)) bad[i] = 1;
  }
  return growOnce(bad, target.width, target.height);
}

/** Excluded pixels take the value of the last good one in their row, so that they make no edges. */
function fillExcluded(work: Float32Array, excluded: Uint8Array, width: number, height: number): void {
  for (let y = 0; y < height; y++) {
    const start = y * width;
    let first = 0;
    while (first < width && excluded[start + first] !== 0) first++;
    let last = first < width ? work[start + first] : 0;
    for (let x = 0; x < width; x++) {
      if (excluded[start + x] === 0) last = work[start + x];
      else work[start + x] = last;
    }
  }
}

/** Pixels found so far take the median of the others in their 5×5 neighbourhood. */
function replaceFound(
  work: Float32Array,
  found: Uint8Array,
  excluded: Uint8Array,
  width: number,
  height: number,
): void {
  const values: number[] = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (found[y * width + x] === 0) continue;
      values.length = 0;
      for (let v = Math.max(0, y - 2); v <= Math.min(height - 1, y + 2); v++) {
        for (let u = Math.max(0, x - 2); u <= Math.min(width - 1, x + 2); u++) {
          const i = v * width + u;
          if (found[i] === 0 && excluded[i] === 0) values.push(work[i]);
        }
      }
      if (values.length === 0) continue;
      values.sort((a, b) => a - b);
      work[y * width + x] = values[values.length >> 1];
    }
  }
}

/** The pixels and their eight neighbours. */
function growOnce(bits: Uint8Array, width: number, height: number): Uint8Array {
  const out = new Uint8Array(bits.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (bits[y * width + x] === 0) continue;
      const x0 = x > 0 ? x - 1 : 0;
      const x1 = Math.min(width, x + 2);
      for (let v = y > 0 ? y - 1 : 0; v <= y + 1 && v < height; v++) out.fill(1, v * width + x0, v * width + x1);
    }
  }
  return out;
}

/** 8-connected islands of set pixels. */
function countIslands(found: Uint8Array, width: number, height: number): number {
  const seen = found.slice();
  const stack: number[] = [];
  let islands = 0;
  for (let i = 0; i < seen.length; i++) {
    if (seen[i] === 0) continue;
    islands++;
    stack.push(i);
    seen[i] = 0;
    while (stack.length > 0) {
      const place = stack.pop() as number;
      const x = place % width;
      const y = (place - x) / width;
      for (let v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v++) {
        for (let u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u++) {
          if (seen[v * width + u] !== 0) {
            seen[v * width + u] = 0;
            stack.push(v * width + u);
          }
        }
      }
    }
  }
  return islands;
}
