// SPDX-License-Identifier: BSD-3-Clause
import type { Psf } from '../exposure.ts';
import type { Planes } from './aperture.ts';

export interface PsfFlux {
  flux: number;
  variance: number;
  /** Pixels used; 0 when there was none. */
  pixels: number;
  /** Part of the PSF lies outside the image. */
  truncated: boolean;
}

/**
 * Flux of a point source at a known place: least squares of the PSF model, `sum(P I) / sum(P^2)` over good pixels.
 * Pixels weigh alike (those masked by `rejectBits` or without value do not count): weights by the source's own photon noise
 * would make the ratio of fitted to true flux depend on magnitude wherever the model is not perfect. For faint sources on
 * an even sky this is the optimal weight.
 *
 * @param origin parent-frame position of the image's first pixel; (x, y) are image indices
 */
export function psfFlux(
  planes: Planes,
  psf: Psf,
  origin: { x0: number; y0: number },
  x: number,
  y: number,
  rejectBits = 0,
): PsfFlux {
  const { width, height, image, variance, mask } = planes;
  const stamp = psf.imageAt(x + origin.x0, y + origin.y0);
  const sx = stamp.x0 - origin.x0;
  const sy = stamp.y0 - origin.y0;
  const x0 = Math.max(0, sx);
  const y0 = Math.max(0, sy);
  const x1 = Math.min(width, sx + stamp.size);
  const y1 = Math.min(height, sy + stamp.size);
  let pi = 0;
  let pp = 0;
  let ppv = 0;
  let pixels = 0;
  for (let j = y0; j < y1; j++) {
    const from = (j - sy) * stamp.size - sx;
    const row = j * width;
    for (let i = x0; i < x1; i++) {
      const k = row + i;
      const v = image[k];
      if (v - v !== 0 || (mask !== undefined && (mask[k] & rejectBits) !== 0)) continue;
      const p = stamp.data[from + i];
      pi += p * v;
      pp += p * p;
      if (variance !== undefined) ppv += p * p * variance[k];
      pixels++;
    }
  }
  return {
    flux: pp > 0 ? pi / pp : Number.NaN,
    variance: variance === undefined ? Number.NaN : ppv / (pp * pp),
    pixels,
    truncated: sx < 0 || sy < 0 || sx + stamp.size > width || sy + stamp.size > height,
  };
}
