// SPDX-License-Identifier: BSD-3-Clause
import type { Psf } from '../exposure.ts';
import type { Planes } from '../measure/aperture.ts';
import { solveCholesky } from '../measure/polynomial.ts';
import type { Stamp } from './template.ts';

/** Reduced chi-square is relative to noise plus this fraction of the model, so that bright stars with an imperfect PSF still count as stars. */
const MODEL_TOLERANCE = 0.02;
const MAX_NEIGHBOURS = 6;

/**
 * Fits a point source near a peak, with its close neighbours as point sources too and a sloping floor for the light
 * beneath: `I = f P + fx dP/dx + fy dP/dy + c + cx x + cy y + sum_j f_j P_j`, within 1.5 FWHM of the peak.
 *
 * @param origin parent-frame position of the image's first pixel, for the PSF
 * @returns undefined where the fit is not possible; `model` is the PSF at the fitted place times its flux, in image indices
 */
export function fitPointSource(
  planes: Planes,
  psf: Psf,
  origin: { x0: number; y0: number },
  peakX: ArrayLike<number>,
  peakY: ArrayLike<number>,
  n: number,
  p: number,
): { flux: number; reducedChiSquare: number; model: Stamp } | undefined {
  const { width, height, image, variance } = planes;
  const px = peakX[p];
  const py = peakY[p];
  const sigma = psf.sigmaAt(px + origin.x0, py + origin.y0);
  const radius = Math.max(2.5, 3.5 * sigma);
  const neighbours: number[] = [];
  for (let j = 0; j < n; j++) {
    if (j === p) continue;
    const d = Math.hypot(peakX[j] - px, peakY[j] - py);
    if (d < radius + 3 * sigma) neighbours.push(j);
  }
  neighbours.sort((a, b) => Math.hypot(peakX[a] - px, peakY[a] - py) - Math.hypot(peakX[b] - px, peakY[b] - py));
  neighbours.length = Math.min(neighbours.length, MAX_NEIGHBOURS);
  let x = px;
  let y = py;
  // A second round re-centres the model where the first found the source.
  for (let round = 0; ; round++) {
    const own = psfStamp(psf, origin, x, y);
    const others = neighbours.map((j) => psfStamp(psf, origin, peakX[j], peakY[j]));
    const terms = 6 + others.length;
    const matrix = new Float64Array(terms * terms);
    const right = new Float64Array(terms);
    const row = new Float64Array(terms);
    const x0 = Math.max(1, Math.ceil(px - radius));
    const x1 = Math.min(width - 2, Math.floor(px + radius));
    const y0 = Math.max(1, Math.ceil(py - radius));
    const y1 = Math.min(height - 2, Math.floor(py + radius));
    const rows: Float64Array[] = [];
    const data: number[] = [];
    const noise: number[] = [];
    for (let j = y0; j <= y1; j++)
      for (let i = x0; i <= x1; i++) {
        if ((i - px) ** 2 + (j - py) ** 2 > radius * radius) continue;
        const k = j * width + i;
        const v = variance === undefined ? 1 : variance[k];
        const value = image[k];
        if (!(v > 0) || !(v < Number.POSITIVE_INFINITY) || value - value !== 0) continue;
        row[0] = stampAt(own, i, j);
        row[1] = 0.5 * (stampAt(own, i - 1, j) - stampAt(own, i + 1, j));
        row[2] = 0.5 * (stampAt(own, i, j - 1) - stampAt(own, i, j + 1));
        row[3] = 1;
        row[4] = i - px;
        row[5] = j - py;
        for (let o = 0; o < others.length; o++) row[6 + o] = stampAt(others[o], i, j);
        for (let a = 0; a < terms; a++) {
          const w = row[a] / v;
          right[a] += w * value;
          for (let b = 0; b <= a; b++) matrix[a * terms + b] += w * row[b];
        }
        rows.push(row.slice());
        data.push(value);
        noise.push(v);
      }
    if (rows.length < terms + 3) return undefined;
    if (!solveCholesky(matrix, terms, right, 1) || !(right[0] > 0)) return undefined;
    const dx = right[1] / right[0];
    const dy = right[2] / right[0];
    if (Math.abs(x + dx - px) > 1 || Math.abs(y + dy - py) > 1) return undefined;
    if (round === 0 && dx * dx + dy * dy > 0.01) {
      x += dx;
      y += dy;
      continue;
    }
    let chi = 0;
    for (let r = 0; r < rows.length; r++) {
      let model = 0;
      for (let a = 0; a < terms; a++) model += right[a] * rows[r][a];
      const tolerance = MODEL_TOLERANCE * right[0] * rows[r][0];
      chi += (data[r] - model) ** 2 / (noise[r] + tolerance * tolerance);
    }
    const flux = right[0];
    const model: Stamp = { ...own, data: own.data.map((v) => v * flux) };
    return { flux, reducedChiSquare: chi / (rows.length - terms), model };
  }
}

function psfStamp(psf: Psf, origin: { x0: number; y0: number }, x: number, y: number): Stamp {
  const drawn = psf.imageAt(x + origin.x0, y + origin.y0);
  return {
    x0: drawn.x0 - origin.x0,
    y0: drawn.y0 - origin.y0,
    width: drawn.size,
    height: drawn.size,
    data: drawn.data,
  };
}

function stampAt(stamp: Stamp, i: number, j: number): number {
  const x = i - stamp.x0;
  const y = j - stamp.y0;
  return x >= 0 && x < stamp.width && y >= 0 && y < stamp.height ? stamp.data[y * stamp.width + x] : 0;
}
