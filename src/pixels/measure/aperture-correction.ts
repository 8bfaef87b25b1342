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
 * of position: the clipped mean ratio of the given stars, weighted by their signal to noise.
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
  frame: { widthPx: number; heightPx: number },
  maxDegree = 2,
): Record<string, ApertureCorrection> {
  const x = numberColumn(table, 'base_SdssCentroid_x');
  const y = numberColumn(table, 'base_SdssCentroid_y');
  const total = numberColumn(table, `${reference}_instFlux`);
  const totalErr = numberColumn(table, `${reference}_instFluxErr`);
  const totalFlag = numberColumn(table, `${reference}_flag`);
  const corrections: Record<string, ApertureCorrection> = {};
  for (const name of measurements) {
    const flux = numberColumn(table, `${name}_instFlux`);
    const flag = numberColumn(table, `${name}_flag`);
    const rows = stars.filter((i) => totalFlag[i] === 0 && flag[i] === 0 && flux[i] > 0 && total[i] > 5 * totalErr[i]);
    if (rows.length === 0) continue;
    const fit = fitPolynomial(
      rows.map((i) => (2 * x[i]) / frame.widthPx - 1),
      rows.map((i) => (2 * y[i]) / frame.heightPx - 1),
      rows.map((i) => total[i] / flux[i]),
      // The aperture's noise dominates; a floor keeps the brightest star from deciding alone.
      rows.map((i) => 1 / ((totalErr[i] / total[i]) ** 2 + 0.003 ** 2)),
      // One degree needs ten stars, two degrees thirty.
      { degree: Math.min(maxDegree, rows.length >= 30 ? 2 : rows.length >= 10 ? 1 : 0), clipSigma: 3 },
    );
    if (fit !== undefined) corrections[name] = { degree: fit.degree, coefficients: [...fit.coefficients], ...frame };
  }
  return corrections;
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
