// SPDX-License-Identifier: BSD-3-Clause
import { pixelErrors } from '../errors.ts';
import type { MaskedImage } from '../masked-image.ts';
import { clippedMode, ModeScratch } from './mode.ts';
import { splineImage } from './spline.ts';

export interface BackgroundOptions {
  /** Mesh size in pixels. */
  binSize: number;
  /** Width of the median filter over meshes (odd; 1 for none). */
  filterSize?: number;
  /** Mask bits whose pixels do not count. */
  ignoreMask?: number;
  /** Smallest fraction of good pixels of a mesh; a mesh below it takes its neighbours' level. Default 0.5. */
  minGoodFraction?: number;
}

/**
 * A smooth sky on a mesh: levels and noise at mesh centres, spline-interpolated between them.
 * Plain data; {@link backgroundImage} turns it into pixels. Widths are in pixels of the image it was measured on.
 */
export interface Background {
  width: number;
  height: number;
  binSize: number;
  nx: number;
  ny: number;
  /** Level at mesh centres, row-major, `nx * ny`. */
  level: Float32Array;
  /** Noise (sigma of one pixel) at mesh centres. */
  sigma: Float32Array;
  /** Medians over the meshes. */
  globalLevel: number;
  globalSigma: number;
}

/**
 * Measures the sky of an image on a mesh (Bertin & Arnouts 1996): clipped mode per mesh, meshes without enough good
 * pixels filled from the nearest good ones, then a median filter over meshes against bright stars.
 *
 * @throws PIXELS_MESH when no mesh has enough good pixels
 */
export function measureBackground(
  source: Pick<MaskedImage, 'width' | 'height' | 'image'> & { mask?: Int32Array },
  options: BackgroundOptions,
): Background {
  const { width, height, image, mask } = source;
  const binSize = Math.max(1, Math.min(options.binSize, Math.max(width, height)));
  const nx = Math.ceil(width / binSize);
  const ny = Math.ceil(height / binSize);
  const ignore = options.ignoreMask ?? 0;
  const minGood = options.minGoodFraction ?? 0.5;
  const level = new Float32Array(nx * ny).fill(Number.NaN);
  const sigma = new Float32Array(nx * ny).fill(Number.NaN);
  const sample = new Float32Array(binSize * binSize);
  const scratch = new ModeScratch();
  for (let by = 0; by < ny; by++) {
    const yEnd = Math.min(height, (by + 1) * binSize);
    for (let bx = 0; bx < nx; bx++) {
      const xBegin = bx * binSize;
      const xEnd = Math.min(width, xBegin + binSize);
      let n = 0;
      for (let y = by * binSize; y < yEnd; y++) {
        const row = y * width;
        for (let i = row + xBegin; i < row + xEnd; i++) {
          if (mask !== undefined && (mask[i] & ignore) !== 0) continue;
          const v = image[i];
          if (v - v === 0) sample[n++] = v;
        }
      }
      const area = (xEnd - xBegin) * (yEnd - by * binSize);
      if (n < Math.max(8, minGood * area)) continue;
      const mode = clippedMode(sample, n, scratch);
      level[by * nx + bx] = mode.level;
      sigma[by * nx + bx] = mode.sigma;
    }
  }
  if (!fillHoles(level, sigma, nx, ny)) throw pixelErrors.MESH({ binSize, width, height });
  const half = ((options.filterSize ?? 3) - 1) >> 1;
  const smoothLevel = half > 0 ? medianFilter(level, nx, ny, half) : level;
  const smoothSigma = half > 0 ? medianFilter(sigma, nx, ny, half) : sigma;
  return {
    width,
    height,
    binSize,
    nx,
    ny,
    level: smoothLevel,
    sigma: smoothSigma,
    globalLevel: medianOf(smoothLevel.slice()),
    globalSigma: medianOf(smoothSigma.filter((s) => s > 0)) || 0,
  };
}

/** The sky level of every pixel; `target` (length width * height) is filled when given. */
export function backgroundImage(background: Background, target?: Float32Array): Float32Array {
  return splineImage(background, background.level, 'replace', target);
}
/** The noise (one-pixel sigma) of every pixel. */
export function backgroundRms(background: Background, target?: Float32Array): Float32Array {
  return splineImage(background, background.sigma, 'replace', target);
}
/** Subtracts the sky from an image in place. */
export function subtractBackground(background: Background, image: Float32Array): void {
  splineImage(background, background.level, 'subtract', image);
}

/** Meshes without a value take the mean of the nearest meshes that have one. Returns false when none has. */
function fillHoles(level: Float32Array, sigma: Float32Array, nx: number, ny: number): boolean {
  const good: number[] = [];
  for (let i = 0; i < nx * ny; i++) if (!Number.isNaN(level[i])) good.push(i);
  if (good.length === 0) return false;
  for (let i = 0; i < nx * ny; i++) {
    if (!Number.isNaN(level[i])) continue;
    const x = i % nx;
    const y = (i - x) / nx;
    let best = Number.POSITIVE_INFINITY;
    let sumLevel = 0;
    let sumSigma = 0;
    let n = 0;
    for (const j of good) {
      const dx = (j % nx) - x;
      const dy = Math.floor(j / nx) - y;
      const distance = dx * dx + dy * dy;
      if (distance < best) {
        best = distance;
        sumLevel = sumSigma = n = 0;
      }
      if (distance === best) {
        sumLevel += level[j];
        sumSigma += sigma[j];
        n++;
      }
    }
    // Holes are filled in place but only `good` meshes are ever sources, so the order does not matter.
    level[i] = sumLevel / n;
    sigma[i] = sumSigma / n;
  }
  return true;
}

/** Median over a (2 half + 1) square of meshes. At edges the window shrinks on both sides alike, so that a gradient is not biased. */
function medianFilter(values: Float32Array, nx: number, ny: number, half: number): Float32Array {
  const out = new Float32Array(values.length);
  const window = new Float32Array((2 * half + 1) ** 2);
  for (let y = 0; y < ny; y++) {
    const hy = Math.min(half, y, ny - 1 - y);
    for (let x = 0; x < nx; x++) {
      const hx = Math.min(half, x, nx - 1 - x);
      let n = 0;
      for (let v = y - hy; v <= y + hy; v++) for (let u = x - hx; u <= x + hx; u++) window[n++] = values[v * nx + u];
      out[y * nx + x] = medianOf(window.subarray(0, n));
    }
  }
  return out;
}

/** Median of finite values; sorts in place. NaN when empty. */
export function medianOf(values: Float32Array | Float64Array): number {
  const n = values.length;
  if (n === 0) return Number.NaN;
  values.sort();
  return n % 2 === 1 ? values[n >> 1] : 0.5 * (values[n / 2 - 1] + values[n / 2]);
}
