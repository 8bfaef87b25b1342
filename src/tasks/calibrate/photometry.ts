// SPDX-License-Identifier: BSD-3-Clause
import { median, type PhotoCalib } from '../../pixels/index.ts';
import { calibrateErrors } from './errors.ts';

/** AB magnitude of one nanojansky. */
const AB_NANOJANSKY = 31.4;
const MAG_PER_LN = 2.5 / Math.LN10;

/** Magnitude in the exposure's band of a reference star: primary + c0 + c1 colour + c2 colour^2, colour = primary - secondary. */
export interface ColorTerm {
  primary: string;
  secondary: string;
  c0: number;
  c1: number;
  c2: number;
}

/** Stars measured and known: instrumental flux in counts, reference flux in nJy, with their errors (NaN: unknown). */
export interface StarFluxes {
  readonly n: number;
  readonly counts: Float64Array;
  readonly countsErr: Float64Array;
  readonly referenceNanojansky: Float64Array;
  readonly referenceNanojanskyErr: Float64Array;
}

export interface PhotometryOptions {
  clipSigma: number;
  /** Scatter that single stars have beyond their errors, mag: keeps the brightest from ruling the mean. */
  floorMag: number;
  minimumStars: number;
}

export interface PhotometryResult {
  photoCalib: PhotoCalib;
  /** AB magnitude of one count. */
  zeroPointMag: number;
  zeroPointErrMag: number;
  /** 1.4826 times the median absolute deviation of the used stars, mag. */
  scatterMag: number;
  used: Uint8Array;
  /** Star's own zero point minus the adopted one, mag. */
  residualMag: Float64Array;
}

/**
 * The zero point: weighted mean of the stars' own zero points, with clipping around their median by the stars' errors.
 * @throws CALIBRATE_TOO_FEW_MATCHES
 */
export function solveZeroPoint(stars: StarFluxes, options: PhotometryOptions): PhotometryResult {
  const { n } = stars;
  const zeroPoint = new Float64Array(n);
  const weight = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    zeroPoint[i] = AB_NANOJANSKY - 2.5 * Math.log10(stars.referenceNanojansky[i] / stars.counts[i]);
    const error = (flux: number, err: number) => (Number.isFinite(err) ? MAG_PER_LN * (err / flux) : 0);
    weight[i] =
      1 /
      (options.floorMag ** 2 +
        error(stars.counts[i], stars.countsErr[i]) ** 2 +
        error(stars.referenceNanojansky[i], stars.referenceNanojanskyErr[i]) ** 2);
  }
  let used = Uint8Array.from(zeroPoint, (z) => (Number.isFinite(z) ? 1 : 0));
  const kept = (values: Float64Array) => values.filter((_, i) => used[i] === 1);
  let scatterMag = Number.NaN;
  for (let round = 0; round < 20; round++) {
    const centre = median(kept(zeroPoint));
    scatterMag = 1.4826 * median(kept(zeroPoint).map((z) => Math.abs(z - centre)));
    // By each star's own error, scaled up where the errors are too small: faint stars are not outliers for being faint.
    const inErrors = zeroPoint.map((z, i) => Math.abs(z - centre) * Math.sqrt(weight[i]));
    const limit = options.clipSigma * Math.max(1, 1.4826 * median(kept(inErrors)));
    const next = Uint8Array.from(inErrors, (r) => (r <= limit ? 1 : 0));
    if (next.every((flag, i) => flag === used[i])) break;
    used = next;
  }
  const found = used.reduce((sum, flag) => sum + flag, 0);
  if (found < options.minimumStars)
    throw calibrateErrors.TOO_FEW_MATCHES({ found, needed: options.minimumStars, what: 'photometric zero point' });
  let [sum, sumWeight] = [0, 0];
  for (let i = 0; i < n; i++)
    if (used[i] === 1) {
      sum += weight[i] * zeroPoint[i];
      sumWeight += weight[i];
    }
  const zeroPointMag = sum / sumWeight;
  // By scatter or by errors, whichever is worse.
  const zeroPointErrMag = Math.max(Math.sqrt(1 / sumWeight), scatterMag / Math.sqrt(found));
  const nanojanskyPerCount = 10 ** ((AB_NANOJANSKY - zeroPointMag) / 2.5);
  return {
    photoCalib: { nanojanskyPerCount, nanojanskyPerCountErr: (nanojanskyPerCount * zeroPointErrMag) / MAG_PER_LN },
    zeroPointMag,
    zeroPointErrMag,
    scatterMag,
    used,
    residualMag: zeroPoint.map((z) => z - zeroPointMag),
  };
}

/** A reference flux moved to the exposure's band by a colour term; NaN without both fluxes. */
export function applyColorTerm(primaryNanojansky: number, secondaryNanojansky: number, term: ColorTerm): number {
  const color = -2.5 * Math.log10(primaryNanojansky / secondaryNanojansky);
  return primaryNanojansky * 10 ** (-0.4 * (term.c0 + term.c1 * color + term.c2 * color * color));
}
