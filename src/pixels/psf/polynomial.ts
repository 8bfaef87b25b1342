// SPDX-License-Identifier: BSD-3-Clause
import { pixelErrors } from '../errors.ts';
import type { Psf, PsfPlain } from '../exposure.ts';
import { adaptiveMoments } from '../measure/moments.ts';
import { polynomialTermCount, polynomialTerms } from '../measure/polynomial.ts';
import { shiftStamp } from './shift.ts';

export interface PolynomialPsfModel {
  /** Odd. */
  size: number;
  degree: number;
  /** Position (x, y) is scaled to (x - xCentre) / xScale, (y - yCentre) / yScale before the polynomial. */
  xCentre: number;
  yCentre: number;
  xScale: number;
  yScale: number;
  /** One plane of size * size for each polynomial term. */
  coefficients: Float32Array;
}

/**
 * A PSF sampled in pixels, each pixel a polynomial of position: `P(u, v; x, y) = sum_k c_k(u, v) t_k(x, y)`, normalised to
 * unit sum where it is evaluated. Sub-pixel shifts by Lanczos-5 interpolation.
 */
export class PolynomialPsf implements Psf {
  readonly #model: PolynomialPsfModel;
  readonly #terms: Float64Array;
  #last: { x: number; y: number; data: Float32Array; sigma?: number } | undefined;

  constructor(model: PolynomialPsfModel) {
    const expected = model.size * model.size * polynomialTermCount(model.degree);
    if (model.coefficients.length !== expected)
      throw pixelErrors.SHAPE({
        what: 'the coefficients of a polynomial PSF',
        expected: `${expected} numbers (size ${model.size}, degree ${model.degree})`,
        got: String(model.coefficients.length),
      });
    this.#model = model;
    this.#terms = new Float64Array(polynomialTermCount(model.degree));
  }

  static fromPlain(plain: PsfPlain): PolynomialPsf {
    const fields = plain as unknown as PolynomialPsfModel & { coefficients: ArrayLike<number> };
    return new PolynomialPsf({
      size: fields.size,
      degree: fields.degree,
      xCentre: fields.xCentre,
      yCentre: fields.yCentre,
      xScale: fields.xScale,
      yScale: fields.yScale,
      coefficients: Float32Array.from(fields.coefficients),
    });
  }

  toPlain(): PsfPlain {
    return { type: 'polynomial', ...this.#model };
  }

  kernelAt(x: number, y: number): { size: number; data: Float32Array } {
    return { size: this.#model.size, data: this.#evaluate(x, y).data };
  }

  imageAt(x: number, y: number): { size: number; x0: number; y0: number; data: Float32Array } {
    const { size } = this.#model;
    const half = (size - 1) / 2;
    const ix = Math.round(x);
    const iy = Math.round(y);
    return {
      size,
      x0: ix - half,
      y0: iy - half,
      data: shiftStamp(this.#evaluate(x, y).data, size, x - ix, y - iy),
    };
  }

  /** From adaptive moments: fourth root of the determinant. */
  sigmaAt(x: number, y: number): number {
    const value = this.#evaluate(x, y);
    if (value.sigma === undefined) {
      const { size } = this.#model;
      const half = (size - 1) / 2;
      const m = adaptiveMoments({ width: size, height: size, image: value.data }, half, half, size / 12, true);
      value.sigma = (m.xx * m.yy - m.xy * m.xy) ** 0.25;
    }
    return value.sigma;
  }

  #evaluate(x: number, y: number): { data: Float32Array; sigma?: number } {
    if (this.#last !== undefined && this.#last.x === x && this.#last.y === y) return this.#last;
    const { size, degree, xCentre, yCentre, xScale, yScale, coefficients } = this.#model;
    polynomialTerms((x - xCentre) / xScale, (y - yCentre) / yScale, degree, this.#terms);
    const n = size * size;
    const data = new Float32Array(n);
    for (let k = 0; k < this.#terms.length; k++) {
      const t = this.#terms[k];
      const plane = k * n;
      for (let i = 0; i < n; i++) data[i] += t * coefficients[plane + i];
    }
    let sum = 0;
    for (let i = 0; i < n; i++) sum += data[i];
    const inverse = 1 / sum;
    for (let i = 0; i < n; i++) data[i] *= inverse;
    this.#last = { x, y, data };
    return this.#last;
  }
}
