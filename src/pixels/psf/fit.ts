// SPDX-License-Identifier: BSD-3-Clause
import type { Psf } from '../exposure.ts';
import { type MaskedImage, maskBits } from '../masked-image.ts';
import { polynomialTermCount, polynomialTerms, solveCholesky } from '../measure/polynomial.ts';
import { AnalyticPsf } from './analytic.ts';
import { PolynomialPsf, type PolynomialPsfModel } from './polynomial.ts';
import { shiftStamp } from './shift.ts';

export interface PsfStar {
  /** Parent-frame position. */
  x: number;
  y: number;
  flux: number;
  xx: number;
  yy: number;
  xy: number;
}

export interface PsfFitOptions {
  /** Highest degree of the variation over the image; lowered until there are enough stars a term: 5 for a plane, 8 above. Default 2. */
  maxDegree?: number;
  /** Everything else that shines: its light in the stars' stamps counts as missing, or it would end up in the wings of the model. */
  neighbours?: readonly { x: number; y: number; flux: number }[];
  /** Stamp size (odd); default from the star size. */
  size?: number;
  /** Fewer stars than this give a Gaussian or Moffat model. Default 4. */
  minStars?: number;
  rounds?: number;
}

export interface PsfFit {
  psf: Psf;
  model: 'polynomial' | 'gaussian';
  degree: number;
  /** Which stars the model rests on. */
  used: boolean[];
  /** Root mean misfit of the used stars: 1 is noise plus one per cent of the model, inner pixels; NaN for a Gaussian. */
  residual: number;
}

interface StarStamp {
  star: PsfStar;
  /** Pixel the stamp is centred on (image indices). */
  ix: number;
  iy: number;
  /** Star position less the central pixel. */
  dx: number;
  dy: number;
  flux: number;
  data: Float32Array;
  bad: Uint8Array;
  weight: number;
  terms: Float64Array;
  used: boolean;
  misfit: number;
}

const REJECT = maskBits('BAD', 'SAT', 'CR', 'NO_DATA', 'EDGE');

/**
 * Models the PSF in pixels with polynomial variation over the image. Stars are shifted to a common centre to start with;
 * then, in rounds, the model is shifted to each star, the star's flux is fitted, and what is left over is
 * shifted back and added to the model by least squares over all stars. So interpolation errors of shifting stars do not
 * stay in the model (the idea of effective-PSF building, Anderson & King 2000). Pixels that are masked count as the model.
 *
 * With too few stars the model is a Gaussian of their median moments; with none `undefined` is returned.
 */
export function fitPsf(image: MaskedImage, stars: readonly PsfStar[], options: PsfFitOptions = {}): PsfFit | undefined {
  if (stars.length === 0) return undefined;
  const typical = medianMoments(stars);
  const sigma = Math.sqrt(0.5 * (typical.xx + typical.yy));
  const size = options.size ?? 2 * Math.max(7, Math.ceil(6 * sigma)) + 1;
  const neighbours = options.neighbours ?? [];
  const stamps = stars
    .map((star) => cutStamp(image, star, size, neighboursOf(star, neighbours, size, sigma)))
    .filter((s) => s !== undefined);
  if (stamps.length < (options.minStars ?? 4))
    return {
      psf: new AnalyticPsf(typical),
      model: 'gaussian',
      degree: 0,
      used: stars.map(() => true),
      residual: Number.NaN,
    };
  levelSky(stamps, size);
  let degree = options.maxDegree ?? 2;
  while (degree > 0 && stamps.length < (degree === 1 ? 5 : 8) * polynomialTermCount(degree)) degree--;
  const model: PolynomialPsfModel = {
    size,
    degree,
    xCentre: image.x0 + image.width / 2,
    yCentre: image.y0 + image.height / 2,
    xScale: image.width / 2,
    yScale: image.height / 2,
    coefficients: new Float32Array(size * size * polynomialTermCount(degree)),
  };
  for (const s of stamps)
    s.terms = polynomialTerms(
      (s.star.x - model.xCentre) / model.xScale,
      (s.star.y - model.yCentre) / model.yScale,
      degree,
      new Float64Array(polynomialTermCount(degree)),
    );
  start(model, stamps);
  const rounds = options.rounds ?? 6;
  let residual = Number.NaN;
  for (let round = 0; round < rounds; round++) {
    const left = stamps.map((s) => refine(model, s, image));
    if (round >= 1) clipStars(stamps);
    residual = rms(stamps);
    addToModel(model, stamps, left);
  }
  normalise(model);
  const used = new Map(stamps.map((s) => [s.star, s.used]));
  return {
    psf: new PolynomialPsf(model),
    model: 'polynomial',
    degree,
    used: stars.map((s) => used.get(s) ?? false),
    residual,
  };
}

function medianMoments(stars: readonly PsfStar[]): { xx: number; yy: number; xy: number } {
  const median = (pick: (s: PsfStar) => number): number => stars.map(pick).sort((a, b) => a - b)[stars.length >> 1];
  return { xx: median((s) => s.xx), yy: median((s) => s.yy), xy: median((s) => s.xy) };
}

interface Disc {
  x: number;
  y: number;
  radius2: number;
}

/**
 * Discs of other sources' light in a star's stamp. A source of the star's flux hides all within seven sigma, one of a
 * hundredth of it within four: about where a Moffat profile has fallen below a thousandth of the star's peak.
 */
function neighboursOf(
  star: PsfStar,
  others: readonly { x: number; y: number; flux: number }[],
  size: number,
  sigma: number,
): Disc[] {
  const discs: Disc[] = [];
  for (const { x, y, flux } of others) {
    const distance = Math.hypot(x - star.x, y - star.y);
    if (distance < 1 || flux < 0.003 * star.flux) continue;
    const radius = sigma * (3 + 2 * Math.log10(1 + (100 * flux) / star.flux));
    if (distance < size * 0.75 + radius) discs.push({ x, y, radius2: radius * radius });
  }
  return discs;
}

/** The pixels around a star; undefined when the inner part leaves the image, is masked or is a neighbour's. */
function cutStamp(image: MaskedImage, star: PsfStar, size: number, neighbours: readonly Disc[]): StarStamp | undefined {
  const half = (size - 1) / 2;
  const x = star.x - image.x0;
  const y = star.y - image.y0;
  const ix = Math.round(x);
  const iy = Math.round(y);
  const data = new Float32Array(size * size);
  const bad = new Uint8Array(size * size);
  let noise = 0;
  let good = 0;
  for (let j = 0; j < size; j++)
    for (let i = 0; i < size; i++) {
      const px = ix - half + i;
      const py = iy - half + j;
      const k = py * image.width + px;
      const inside = px >= 0 && py >= 0 && px < image.width && py < image.height;
      const v = inside ? image.image[k] : Number.NaN;
      const sx = px + image.x0;
      const sy = py + image.y0;
      const hidden = neighbours.some((n) => (sx - n.x) ** 2 + (sy - n.y) ** 2 < n.radius2);
      if (!inside || hidden || v - v !== 0 || (image.mask[k] & REJECT) !== 0) {
        if (Math.abs(i - half) <= 2 && Math.abs(j - half) <= 2) return undefined;
        bad[j * size + i] = 1;
        continue;
      }
      data[j * size + i] = v;
      noise += image.variance[k];
      good++;
    }
  if (good < 0.6 * size * size) return undefined;
  // Relative variance of a normalised pixel, softened so that the few brightest stars do not decide alone.
  const relative = noise / good / (star.flux * star.flux);
  const weight = 1 / (relative + 1e-8 + (0.003 / (size * 0.5)) ** 2);
  return {
    star,
    ix,
    iy,
    dx: x - ix,
    dy: y - iy,
    flux: star.flux,
    data,
    bad,
    weight,
    terms: new Float64Array(0),
    used: true,
    misfit: 0,
  };
}

/**
 * Takes the error of the local sky out of the stamps: an offset of a tenth of the sky noise, summed over a stamp, is a
 * good part of a faint star's flux, and would make the wings, and with them the norm, of the model lean over the image. Every
 * stamp's rim is brought to one fraction of its star's flux: what the brightest third of the stars, whose flux drowns the
 * error, have there.
 */
function levelSky(stamps: readonly StarStamp[], size: number): void {
  const half = (size - 1) / 2;
  const rims = stamps.map((s) => {
    const values: number[] = [];
    for (let k = 0; k < s.data.length; k++) {
      const r2 = ((k % size) - half) ** 2 + (Math.floor(k / size) - half) ** 2;
      if (s.bad[k] === 0 && r2 > (0.75 * half) ** 2) values.push(s.data[k]);
    }
    values.sort((a, b) => a - b);
    return values.length < 20 ? undefined : values[values.length >> 1];
  });
  const bright = stamps
    .map((_, i) => i)
    .filter((i) => rims[i] !== undefined)
    .sort((a, b) => stamps[b].flux - stamps[a].flux);
  const leading = bright.slice(0, Math.max(1, Math.ceil(bright.length / 3)));
  const total = leading.reduce((sum, i) => sum + stamps[i].flux, 0);
  const fraction = leading.reduce((sum, i) => sum + (rims[i] ?? 0), 0) / total;
  for (const i of bright) {
    const { data, bad, flux } = stamps[i];
    const offset = (rims[i] ?? 0) - fraction * flux;
    for (let k = 0; k < data.length; k++) if (bad[k] === 0) data[k] -= offset;
  }
}

/** First model: stars shifted to the centre and normalised. Masked pixels are filled with their mirror image for this once. */
function start(model: PolynomialPsfModel, stamps: StarStamp[]): void {
  const n = model.size * model.size;
  const centred = stamps.map((s) => {
    const filled = s.data.slice();
    for (let i = 0; i < n; i++) if (s.bad[i]) filled[i] = s.bad[n - 1 - i] ? 0 : s.data[n - 1 - i];
    const shifted = shiftStamp(filled, model.size, -s.dx, -s.dy);
    for (let i = 0; i < n; i++) shifted[i] /= s.flux;
    return shifted;
  });
  addToModel(model, stamps, centred);
}

/** Model at a star, centred: the polynomial, unnormalised. */
function modelAt(model: PolynomialPsfModel, terms: Float64Array): Float32Array {
  const n = model.size * model.size;
  const out = new Float32Array(n);
  for (let t = 0; t < terms.length; t++) {
    const value = terms[t];
    const plane = t * n;
    for (let i = 0; i < n; i++) out[i] += value * model.coefficients[plane + i];
  }
  return out;
}

/**
 * Fits the flux of one star; gives what is left over, normalised and centred. The place stays where the centroid put it and
 * the sky where the background put it: were they free, model and stars could drift together, off centre or onto a pedestal.
 */
function refine(model: PolynomialPsfModel, s: StarStamp, image: MaskedImage): Float32Array {
  const { size } = model;
  const n = size * size;
  const shifted = shiftStamp(modelAt(model, s.terms), size, s.dx, s.dy);
  let pp = 0;
  let pv = 0;
  for (let k = 0; k < n; k++) {
    if (s.bad[k]) continue;
    pp += shifted[k] * shifted[k];
    pv += shifted[k] * s.data[k];
  }
  if (!(pv > 0)) {
    s.used = false;
    s.misfit = Number.POSITIVE_INFINITY;
    return new Float32Array(n);
  }
  s.flux = pv / pp;
  const left = new Float32Array(n);
  const half = (size - 1) / 2;
  const inner = (size / 4) ** 2;
  let misfit = 0;
  let expected = 0;
  for (let j = 0; j < size; j++)
    for (let i = 0; i < size; i++) {
      const k = j * size + i;
      if (s.bad[k]) continue;
      left[k] = s.data[k] / s.flux - shifted[k];
      if ((i - half) ** 2 + (j - half) ** 2 > inner) continue;
      const noise = image.variance[(s.iy + j - half) * image.width + s.ix + i - half] / (s.flux * s.flux);
      // Noise plus one per cent of the model, so that bright stars are not thrown out for a model that is not yet good.
      misfit += left[k] ** 2 / (noise + (0.01 * shifted[k]) ** 2);
      expected++;
    }
  s.misfit = misfit / expected;
  return shiftStamp(left, size, -s.dx, -s.dy);
}

/** Stars whose misfit is far above the others' do not count in this round. */
function clipStars(stamps: StarStamp[]): void {
  const sorted = stamps.map((s) => s.misfit).sort((a, b) => a - b);
  const middle = sorted[sorted.length >> 1];
  const deviation = sorted.map((m) => Math.abs(m - middle)).sort((a, b) => a - b)[sorted.length >> 1];
  const limit = Math.max(2 * middle, middle + 4 * 1.4826 * deviation);
  for (const s of stamps) s.used = s.misfit <= limit;
}

function rms(stamps: StarStamp[]): number {
  const used = stamps.filter((s) => s.used);
  return Math.sqrt(used.reduce((sum, s) => sum + s.misfit, 0) / used.length);
}

/** Adds the least-squares polynomial through the stars' stamps to the model, pixel by pixel. */
function addToModel(model: PolynomialPsfModel, stamps: StarStamp[], values: Float32Array[]): void {
  const n = model.size * model.size;
  const terms = polynomialTermCount(model.degree);
  const matrix = new Float64Array(terms * terms);
  const right = new Float64Array(terms * n);
  for (let q = 0; q < stamps.length; q++) {
    const s = stamps[q];
    if (!s.used) continue;
    for (let a = 0; a < terms; a++) {
      const w = s.weight * s.terms[a];
      for (let b = 0; b <= a; b++) matrix[a * terms + b] += w * s.terms[b];
      const row = a * n;
      const value = values[q];
      for (let i = 0; i < n; i++) right[row + i] += w * value[i];
    }
  }
  if (!solveCholesky(matrix, terms, right, n)) return;
  for (let i = 0; i < right.length; i++) model.coefficients[i] += right[i];
}

/** Scales the model to unit sum at the image centre. */
function normalise(model: PolynomialPsfModel): void {
  const n = model.size * model.size;
  let sum = 0;
  for (let i = 0; i < n; i++) sum += model.coefficients[i];
  for (let i = 0; i < model.coefficients.length; i++) model.coefficients[i] /= sum;
}
