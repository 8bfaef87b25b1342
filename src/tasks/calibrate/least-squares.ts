// SPDX-License-Identifier: BSD-3-Clause

/**
 * Least squares by Householder reflections, which keeps the digits that normal equations lose.
 * @param rows row-major design matrix, `n` x `terms`; destroyed
 * @param right right-hand sides, `columns` arrays of length `n`; destroyed
 * @returns one array of `terms` coefficients for each right-hand side, or undefined when the columns depend on each other
 */
export function leastSquares(
  rows: Float64Array,
  n: number,
  terms: number,
  right: readonly Float64Array[],
): Float64Array[] | undefined {
  if (n < terms) return undefined;
  const diagonal = new Float64Array(terms);
  for (let k = 0; k < terms; k++) {
    let norm = 0;
    for (let i = k; i < n; i++) norm += rows[i * terms + k] ** 2;
    norm = Math.sqrt(norm);
    if (!(norm > 1e-13 * Math.max(1, ...diagonal.subarray(0, k).map(Math.abs)))) return undefined;
    const pivot = rows[k * terms + k];
    diagonal[k] = pivot > 0 ? -norm : norm;
    rows[k * terms + k] = pivot - diagonal[k];
    let length = 0;
    for (let i = k; i < n; i++) length += rows[i * terms + k] ** 2;
    const reflect = (at: (i: number) => number, set: (i: number, value: number) => void) => {
      let projection = 0;
      for (let i = k; i < n; i++) projection += rows[i * terms + k] * at(i);
      const factor = (2 * projection) / length;
      for (let i = k; i < n; i++) set(i, at(i) - factor * rows[i * terms + k]);
    };
    for (let j = k + 1; j < terms; j++)
      reflect(
        (i) => rows[i * terms + j],
        (i, value) => {
          rows[i * terms + j] = value;
        },
      );
    for (const b of right)
      reflect(
        (i) => b[i],
        (i, value) => {
          b[i] = value;
        },
      );
  }
  return right.map((b) => {
    const x = new Float64Array(terms);
    for (let k = terms - 1; k >= 0; k--) {
      let sum = b[k];
      for (let j = k + 1; j < terms; j++) sum -= rows[k * terms + j] * x[j];
      x[k] = sum / diagonal[k];
    }
    return x;
  });
}
