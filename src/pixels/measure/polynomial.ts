// SPDX-License-Identifier: BSD-3-Clause

/** Number of terms of a polynomial in two variables of total degree `degree`. */
export function polynomialTermCount(degree: number): number {
  return ((degree + 1) * (degree + 2)) / 2;
}

/** Terms `u^i v^j`, ordered by total degree and then by the power of v: 1, u, v, u², uv, v², … */
export function polynomialTerms(u: number, v: number, degree: number, out: Float64Array): Float64Array {
  let k = 0;
  for (let d = 0; d <= degree; d++) for (let j = 0; j <= d; j++) out[k++] = u ** (d - j) * v ** j;
  return out;
}

/**
 * Solves the symmetric positive definite system `matrix x = right` in place by Cholesky; `columns` right-hand sides,
 * stored row-major (n x columns). A tiny ridge keeps nearly singular systems solvable.
 *
 * @returns false when the matrix is not positive definite even so
 */
export function solveCholesky(matrix: Float64Array, n: number, right: Float64Array, columns: number): boolean {
  for (let i = 0; i < n; i++) matrix[i * n + i] *= 1 + 1e-12;
  for (let j = 0; j < n; j++) {
    let d = matrix[j * n + j];
    for (let k = 0; k < j; k++) d -= matrix[j * n + k] ** 2;
    if (!(d > 0)) return false;
    const root = Math.sqrt(d);
    matrix[j * n + j] = root;
    for (let i = j + 1; i < n; i++) {
      let s = matrix[i * n + j];
      for (let k = 0; k < j; k++) s -= matrix[i * n + k] * matrix[j * n + k];
      matrix[i * n + j] = s / root;
    }
  }
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) {
      const m = matrix[i * n + k];
      for (let c = 0; c < columns; c++) right[i * columns + c] -= m * right[k * columns + c];
    }
    for (let c = 0; c < columns; c++) right[i * columns + c] /= matrix[i * n + i];
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) {
      const m = matrix[k * n + i];
      for (let c = 0; c < columns; c++) right[i * columns + c] -= m * right[k * columns + c];
    }
    for (let c = 0; c < columns; c++) right[i * columns + c] /= matrix[i * n + i];
  }
  return true;
}

export interface PolynomialFit {
  degree: number;
  coefficients: Float64Array;
  /** Robust scatter (1.4826 MAD) of the points kept. */
  scatter: number;
  /** Which points were kept. */
  used: Uint8Array;
}

/**
 * Weighted least-squares polynomial through `value` at scaled positions (u, v), with rounds of clipping by the robust
 * scatter. The degree is lowered until there are twice as many points as terms (degree 0 needs one point).
 *
 * @returns undefined without any point
 */
export function fitPolynomial(
  u: ArrayLike<number>,
  v: ArrayLike<number>,
  value: ArrayLike<number>,
  weight: ArrayLike<number> | undefined,
  options: { degree: number; clipSigma?: number; rounds?: number; scatterFloor?: number },
): PolynomialFit | undefined {
  const n = value.length;
  if (n === 0) return undefined;
  let degree = options.degree;
  while (degree > 0 && n < 2 * polynomialTermCount(degree)) degree--;
  const terms = polynomialTermCount(degree);
  const used = new Uint8Array(n).fill(1);
  const basis = new Float64Array(n * terms);
  for (let i = 0; i < n; i++) polynomialTerms(u[i], v[i], degree, basis.subarray(i * terms, (i + 1) * terms));
  let coefficients: Float64Array = new Float64Array(terms);
  let scatter = 0;
  for (let round = 0; round <= (options.rounds ?? 5); round++) {
    const matrix = new Float64Array(terms * terms);
    const right = new Float64Array(terms);
    for (let i = 0; i < n; i++) {
      if (!used[i]) continue;
      const w = weight?.[i] ?? 1;
      for (let a = 0; a < terms; a++) {
        const wa = w * basis[i * terms + a];
        right[a] += wa * value[i];
        for (let b = 0; b <= a; b++) matrix[a * terms + b] += wa * basis[i * terms + b];
      }
    }
    if (!solveCholesky(matrix, terms, right, 1))
      return degree > 0 ? fitPolynomial(u, v, value, weight, { ...options, degree: degree - 1 }) : undefined;
    coefficients = right;
    const residual = new Float64Array(n);
    const sizes: number[] = [];
    for (let i = 0; i < n; i++) {
      let model = 0;
      for (let a = 0; a < terms; a++) model += coefficients[a] * basis[i * terms + a];
      residual[i] = Math.abs(value[i] - model);
      if (used[i]) sizes.push(residual[i]);
    }
    sizes.sort((a, b) => a - b);
    scatter = Math.max(1.4826 * sizes[sizes.length >> 1], options.scatterFloor ?? 0);
    const cut = (options.clipSigma ?? 3) * scatter;
    let changed = false;
    let kept = 0;
    for (let i = 0; i < n; i++) {
      const keep = residual[i] <= cut || scatter === 0 ? 1 : 0;
      if (keep !== used[i]) changed = true;
      kept += keep;
      used[i] = keep;
    }
    if (!changed || kept < terms) break;
  }
  return { degree, coefficients, scatter, used };
}
