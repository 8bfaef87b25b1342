// SPDX-License-Identifier: BSD-3-Clause
import type { Exposure } from '../exposure.ts';
import { numberColumn, type Table } from '../table.ts';
import { fitPolynomial, polynomialTermCount, polynomialTerms } from './polynomial.ts';

export type ApertureCorrection = NonNullable<Exposure['apCorr']>[string];

/** Value at a parent-frame position of the polynomial `sum_k c_k u^i v^j`, u = 2 x / width - 1, v = 2 y / height - 1. */
export function evaluateApertureCorrection(correction: ApertureCorrection, x: number, y: number): number {
  const terms = new Float64Array(polynomialTermCount(correction.degree));
  polynomialTerms((2 * x) / correction.widthPx - 1, (2 * y) / correction.heightPx - 1, correction.degree, terms);
  let value = 0;
  for (let k = 0; k < terms.length; k++) value += correction.coefficients[k] * terms[k];
  return value;
}

/**
 * How much each flux measurement of a star falls short of (or exceeds) its flux in the reference aperture, as a polynomial
 * of position: the clipped mean ratio of the given stars, weighted by their signal to noise. Stars with light of a neighbour in
 * the aperture are left out while others remain; ratios far from the median are, too, since a slope through a few stars
 * follows one bad ratio.
 *
 * @param stars rows of the table
 * @param reference column-name stem of the reference flux, e.g. `base_CircularApertureFlux_12_0`
 * @returns one correction per measurement that could be calibrated
 */
export function measureApertureCorrections(
  table: Table,
  stars: readonly number[],
  reference: string,
  measurements: readonly string[],
  frame: { widthPx: number; heightPx: number /** Radius of the reference aperture. */; aperturePx?: number },
  maxDegree = 2,
): Record<string, ApertureCorrection> {
  const x = numberColumn(table, 'base_SdssCentroid_x');
  const y = numberColumn(table, 'base_SdssCentroid_y');
  const total = numberColumn(table, `${reference}_instFlux`);
  const totalErr = numberColumn(table, `${reference}_instFluxErr`);
  const totalFlag = numberColumn(table, `${reference}_flag`);
  const bright = stars.filter((i) => totalFlag[i] === 0 && total[i] > 5 * totalErr[i]);
  const lonely = withoutNeighbours(bright, x, y, total, frame.aperturePx ?? 0);
  const { widthPx, heightPx } = frame;
  const corrections: Record<string, ApertureCorrection> = {};
  for (const name of measurements) {
    const flux = numberColumn(table, `${name}_instFlux`);
    const flag = numberColumn(table, `${name}_flag`);
    const usable = lonely.filter((i) => flag[i] === 0 && flux[i] > 0);
    if (usable.length === 0) continue;
    const rows = nearMedian(usable, (i) => total[i] / flux[i]);
    const fit = fitPolynomial(
      rows.map((i) => (2 * x[i]) / frame.widthPx - 1),
      rows.map((i) => (2 * y[i]) / frame.heightPx - 1),
      rows.map((i) => total[i] / flux[i]),
      // The aperture's noise dominates; a floor keeps the brightest star from deciding alone.
      rows.map((i) => 1 / ((totalErr[i] / total[i]) ** 2 + 0.01 ** 2)),
      // The correction hardly varies where the PSF model is right: a slope must earn its place with many stars.
      { degree: Math.min(maxDegree, rows.length >= 80 ? 2 : rows.length >= 40 ? 1 : 0), clipSigma: 3 },
    );
    if (fit !== undefined)
      corrections[name] = { degree: fit.degree, coefficients: [...fit.coefficients], widthPx, heightPx };
  }
  return corrections;
}

/** The corrections of one image, where they are wanted, and how much the image weighs. */
export interface CorrectedImage {
  apCorr: Exposure['apCorr'];
  x: number;
  y: number;
  weight: number;
}

/**
 * Corrections of a mean of images: for every measurement that all of them correct, the weighted harmonic mean (a star of true flux F
 * adds F / correction to the mean), constant over the image. Undefined if any image has none.
 */
export function meanApertureCorrections(
  images: readonly CorrectedImage[],
  frame: { widthPx: number; heightPx: number },
): Record<string, ApertureCorrection> | undefined {
  if (images.length === 0 || images.some((image) => image.apCorr === undefined)) return undefined;
  const names = Object.keys(images[0].apCorr!).filter((name) => images.every((image) => name in image.apCorr!));
  const total = images.reduce((sum, image) => sum + image.weight, 0);
  const mean = (name: string) =>
    total /
    images.reduce((sum, { apCorr, x, y, weight }) => sum + weight / evaluateApertureCorrection(apCorr![name], x, y), 0);
  const { widthPx, heightPx } = frame;
  return Object.fromEntries(names.map((name) => [name, { degree: 0, coefficients: [mean(name)], widthPx, heightPx }]));
}

/** Rows whose aperture holds no other source of more than a hundredth of their flux; all rows where fewer than five are left. */
function withoutNeighbours(
  rows: readonly number[],
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  flux: ArrayLike<number>,
  radiusPx: number,
): readonly number[] {
  const reach = (1.25 * radiusPx) ** 2;
  const lonely = rows.filter((i) => {
    for (let j = 0; j < x.length; j++) {
      if (j !== i && (x[j] - x[i]) ** 2 + (y[j] - y[i]) ** 2 < reach && flux[j] > 0.01 * flux[i]) return false;
    }
    return true;
  });
  return lonely.length >= 5 ? lonely : rows;
}

/** Rows whose value is within four robust standard deviations (at least 2 %) of the median. */
function nearMedian(rows: readonly number[], ratioOf: (row: number) => number): readonly number[] {
  const middle = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1];
  const median = middle(rows.map(ratioOf));
  const scatter = 1.4826 * middle(rows.map((row) => Math.abs(ratioOf(row) - median)));
  const limit = Math.max(4 * scatter, 0.02 * Math.abs(median));
  return rows.filter((row) => Math.abs(ratioOf(row) - median) <= limit);
}

/** Multiplies fluxes and errors of a table by their corrections and keeps the factor in `<name>_apCorr`. */
export function applyApertureCorrections(
  table: Table,
  corrections: Readonly<Record<string, ApertureCorrection>>,
): void {
  const x = numberColumn(table, 'base_SdssCentroid_x');
  const y = numberColumn(table, 'base_SdssCentroid_y');
  for (const [name, correction] of Object.entries(corrections)) {
    const flux = numberColumn(table, `${name}_instFlux`);
    const error = numberColumn(table, `${name}_instFluxErr`);
    const factors = new Float32Array(table.rows);
    for (let i = 0; i < table.rows; i++) {
      const factor = evaluateApertureCorrection(correction, x[i], y[i]);
      factors[i] = factor;
      flux[i] *= factor;
      error[i] *= factor;
    }
    table.columns[`${name}_apCorr`] = factors;
  }
}
