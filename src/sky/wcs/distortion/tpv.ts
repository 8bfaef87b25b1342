// SPDX-License-Identifier: BSD-3-Clause
import { type Distortion, newtonInverse } from './distortion.ts';
import { Polynomial2 } from './polynomial.ts';

const ORDER = 7;
const TOLERANCE_DEG = 1e-12;

/**
 * The TPV convention (FITS registry, "The TPV World Coordinate System"): polynomials of the intermediate world
 * coordinates in degrees, up to order seven, with terms in r, r^3, r^5 and r^7.
 */
export class Tpv implements Distortion {
  private readonly px: Polynomial2;
  private readonly py: Polynomial2;
  private readonly rx: Float64Array;
  private readonly ry: Float64Array;
  private readonly g = new Float64Array(3);

  /** `pv1`, `pv2`: PV1_m and PV2_m, m = 0 ... 39; PVi_1 is 1 where not given. */
  constructor(pv1: readonly (number | undefined)[], pv2: readonly (number | undefined)[]) {
    [this.px, this.rx] = termsOf(pv1, false);
    [this.py, this.ry] = termsOf(pv2, true);
  }

  apply(x: number, y: number, out: Float64Array): void {
    const r = Math.sqrt(x * x + y * y);
    const fx = this.px.evaluate(x, y) + oddPowers(this.rx, r);
    const fy = this.py.evaluate(x, y) + oddPowers(this.ry, r);
    out[0] = fx;
    out[1] = fy;
  }

  invert(x: number, y: number, out: Float64Array): boolean {
    out[0] = x;
    out[1] = y;
    return newtonInverse(this.jacobian, x, y, TOLERANCE_DEG, out);
  }

  private readonly jacobian = (x: number, y: number, out: Float64Array): void => {
    const r = Math.sqrt(x * x + y * y);
    const g = this.g;
    const rX = r > 0 ? x / r : 0;
    const rY = r > 0 ? y / r : 0;
    this.px.evaluateWithGradient(x, y, g);
    let slope = oddPowersSlope(this.rx, r);
    out[0] = g[0] + oddPowers(this.rx, r);
    out[2] = g[1] + slope * rX;
    out[3] = g[2] + slope * rY;
    this.py.evaluateWithGradient(x, y, g);
    slope = oddPowersSlope(this.ry, r);
    out[1] = g[0] + oddPowers(this.ry, r);
    out[4] = g[1] + slope * rX;
    out[5] = g[2] + slope * rY;
  };
}

/** PV numbers go by degree d: x^d, x^(d-1) y, …, y^d and, for odd d, r^d; the second axis has x and y swapped. */
function termsOf(pv: readonly (number | undefined)[], swapped: boolean): [Polynomial2, Float64Array] {
  const polynomial = new Polynomial2(ORDER);
  const radial = new Float64Array(4);
  let m = 0;
  for (let d = 0; d <= ORDER; d++) {
    for (let k = 0; k <= d; k++, m++) {
      const value = pv[m] ?? (m === 1 ? 1 : 0);
      if (swapped) polynomial.set(k, d - k, value);
      else polynomial.set(d - k, k, value);
    }
    if (d % 2 === 1) radial[(d - 1) / 2] = pv[m++] ?? 0;
  }
  return [polynomial, radial];
}

function oddPowers(c: Float64Array, r: number): number {
  const r2 = r * r;
  return r * (c[0] + r2 * (c[1] + r2 * (c[2] + r2 * c[3])));
}
function oddPowersSlope(c: Float64Array, r: number): number {
  const r2 = r * r;
  return c[0] + r2 * (3 * c[1] + r2 * (5 * c[2] + 7 * r2 * c[3]));
}
