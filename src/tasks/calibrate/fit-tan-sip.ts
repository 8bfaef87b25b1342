// SPDX-License-Identifier: BSD-3-Clause
import { makeTanWcs, type SipTerm, type Wcs, withSip } from '../../sky/index.ts';
import { leastSquares } from './least-squares.ts';

/** Positions of the same stars in pixels and on the sky (ICRS degrees), with weights (inverse variance, any unit). */
export interface StarPairs {
  readonly n: number;
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly raDeg: Float64Array;
  readonly decDeg: Float64Array;
  readonly weight: Float64Array;
}

export interface FitFrame {
  /** Reference pixel, and half the size of the field, in pixels: the fit is done in coordinates of order one. */
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

/** Terms of a polynomial of total degree `order`. */
export function termCount(order: number): number {
  return ((order + 1) * (order + 2)) / 2;
}

/** Powers (p, q) by degree: 1, u, v, u^2, uv, v^2, … */
function powers(order: number): [number, number][] {
  return Array.from({ length: order + 1 }, (_, d) =>
    Array.from({ length: d + 1 }, (_, q) => [d - q, q] as [number, number]),
  ).flat();
}

/** Design matrix of the powers at scaled positions. */
function design(
  u: Float64Array,
  v: Float64Array,
  n: number,
  terms: readonly (readonly [number, number])[],
): Float64Array {
  const rows = new Float64Array(n * terms.length);
  for (let i = 0; i < n; i++)
    for (let k = 0; k < terms.length; k++) rows[i * terms.length + k] = u[i] ** terms[k][0] * v[i] ** terms[k][1];
  return rows;
}

/**
 * Weighted least-squares TAN-SIP WCS: order 1 is a plain TAN with free scales and skew. The tangent point is moved until
 * the constant terms vanish, so that the reference pixel's sky position is exact. SIP convention: Shupe et al. (2005).
 * @returns undefined where the stars do not determine the terms
 */
export function fitTanSip(pairs: StarPairs, order: number, frame: FitFrame, start: Wcs): Wcs | undefined {
  const { n } = pairs;
  const terms = powers(order);
  const u = Float64Array.from({ length: n }, (_, i) => (pairs.x[i] - frame.x) / frame.scale);
  const v = Float64Array.from({ length: n }, (_, i) => (pairs.y[i] - frame.y) / frame.scale);
  let { raDeg, decDeg } = start.pixelToSky(frame.x, frame.y);
  const xi = new Float64Array(n);
  const eta = new Float64Array(n);
  let solution: Float64Array[] | undefined;
  for (let round = 0; round < 10; round++) {
    // A TAN plane in degrees: a WCS whose pixels are degrees, x to the east.
    const plane = makeTanWcs({ raDeg, decDeg, x: 0, y: 0, cd: [1, 0, 0, 1] });
    plane.skyToPixelMany(n, pairs.raDeg, pairs.decDeg, xi, eta);
    const rows = design(u, v, n, terms);
    for (let i = 0; i < n; i++) {
      const root = Math.sqrt(pairs.weight[i]);
      for (let k = 0; k < terms.length; k++) rows[i * terms.length + k] *= root;
      xi[i] *= root;
      eta[i] *= root;
    }
    solution = leastSquares(rows, n, terms.length, [xi, eta]);
    if (solution === undefined || !solution.every((s) => s.every(Number.isFinite))) return undefined;
    const [dx, dy] = [solution[0][0], solution[1][0]];
    // 1e-10 degrees is a third of a microarcsecond.
    if (Math.abs(dx) < 1e-10 && Math.abs(dy) < 1e-10) break;
    ({ raDeg, decDeg } = plane.pixelToSky(dx, dy));
  }
  const [a, b] = solution!;
  const cd = [a[1], a[2], b[1], b[2]].map((c) => c / frame.scale) as [number, number, number, number];
  const tan = makeTanWcs({ raDeg, decDeg, x: frame.x, y: frame.y, cd });
  if (order < 2) return tan;
  const determinant = cd[0] * cd[3] - cd[1] * cd[2];
  const sip: { a: SipTerm[]; b: SipTerm[] } = { a: [], b: [] };
  terms.forEach(([p, q], k) => {
    if (p + q < 2) return;
    const unit = frame.scale ** (p + q);
    sip.a.push({ p, q, value: (cd[3] * a[k] - cd[1] * b[k]) / determinant / unit });
    sip.b.push({ p, q, value: (cd[0] * b[k] - cd[2] * a[k]) / determinant / unit });
  });
  return withSip(tan, { ...sip, ...inverseTerms(sip, order + 2, frame) });
}

/** AP and BP by least squares over a grid of the field: other programs invert SIP with them. */
function inverseTerms(
  { a, b }: { a: readonly SipTerm[]; b: readonly SipTerm[] },
  order: number,
  frame: FitFrame,
): { ap: SipTerm[]; bp: SipTerm[] } {
  const side = 2 * order + 5;
  const n = side * side;
  const [u, v, du, dv] = [0, 1, 2, 3].map(() => new Float64Array(n));
  for (let i = 0; i < n; i++) {
    const s = (2 * (i % side)) / (side - 1) - 1;
    const t = (2 * Math.floor(i / side)) / (side - 1) - 1;
    const [x, y] = [s * frame.scale, t * frame.scale];
    const evaluate = (list: readonly SipTerm[]) => list.reduce((sum, c) => sum + c.value * x ** c.p * y ** c.q, 0);
    [du[i], dv[i]] = [-evaluate(a), -evaluate(b)];
    [u[i], v[i]] = [(x - du[i]) / frame.scale, (y - dv[i]) / frame.scale];
  }
  const terms = powers(order);
  const [ap, bp] = leastSquares(design(u, v, n, terms), n, terms.length, [du, dv]) ?? [];
  if (ap === undefined) return { ap: [], bp: [] };
  const list = (c: Float64Array) => terms.map(([p, q], k) => ({ p, q, value: c[k] / frame.scale ** (p + q) }));
  return { ap: list(ap), bp: list(bp) };
}
