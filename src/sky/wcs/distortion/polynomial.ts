// SPDX-License-Identifier: BSD-3-Clause

/**
 * A polynomial in two variables, coefficients c[p][q] of u^p v^q with p + q <= order, packed row by row
 * (p = 0: q = 0 ... order; p = 1: q = 0 ... order - 1; …).
 */
export class Polynomial2 {
  readonly order: number;
  readonly coefficients: Float64Array;

  constructor(order: number, coefficients?: ArrayLike<number>) {
    this.order = order;
    this.coefficients = new Float64Array(((order + 1) * (order + 2)) / 2);
    if (coefficients !== undefined) this.coefficients.set(coefficients);
  }

  static index(order: number, p: number, q: number): number {
    return p * (order + 1) - (p * (p - 1)) / 2 + q;
  }

  get(p: number, q: number): number {
    return p + q <= this.order ? this.coefficients[Polynomial2.index(this.order, p, q)] : 0;
  }
  set(p: number, q: number, value: number): void {
    this.coefficients[Polynomial2.index(this.order, p, q)] = value;
  }

  evaluate(u: number, v: number): number {
    const { order, coefficients } = this;
    let at = coefficients.length;
    let sum = 0;
    for (let p = order; p >= 0; p--) {
      let row = 0;
      for (let q = order - p; q >= 0; q--) row = row * v + coefficients[--at];
      sum = sum * u + row;
    }
    return sum;
  }

  /** Value and derivatives: `out` = [f, df/du, df/dv]. */
  evaluateWithGradient(u: number, v: number, out: Float64Array): void {
    const { order, coefficients } = this;
    let at = coefficients.length;
    let sum = 0;
    let sumU = 0;
    let sumV = 0;
    for (let p = order; p >= 0; p--) {
      let row = 0;
      let rowV = 0;
      for (let q = order - p; q >= 0; q--) {
        rowV = rowV * v + row;
        row = row * v + coefficients[--at];
      }
      sumU = sumU * u + sum;
      sum = sum * u + row;
      sumV = sumV * u + rowV;
    }
    out[0] = sum;
    out[1] = sumU;
    out[2] = sumV;
  }
}
