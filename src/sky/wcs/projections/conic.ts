// SPDX-License-Identifier: BSD-3-Clause
import { skyErrors } from '../../errors.ts';
import { asinSafe, EDGE, HALF_PI, type ProjectionMaker } from './projection.ts';

interface Cone {
  /** Constant of the cone. */
  c: number;
  y0: number;
  radiusOf(theta: number): number;
  thetaOf(radius: number): number;
}

/** A conic projection with PVi_1 = theta_a (mean of the standard parallels) and PVi_2 = eta (half their distance), degrees. Paper II, 5.4. */
function conic(code: string, cone: (thetaA: number, eta: number) => Cone): ProjectionMaker {
  return (pv) => {
    const degrees = pv[1];
    if (degrees === undefined || degrees === 0)
      throw skyErrors.WCS_MISSING_CARD({ card: 'PVi_1', why: `projection ${code} needs its middle parallel` });
    const thetaA = (degrees * Math.PI) / 180;
    const { c, y0, radiusOf, thetaOf } = cone(thetaA, ((pv[2] ?? 0) * Math.PI) / 180);
    const sign = Math.sign(thetaA);
    return {
      code,
      theta0: thetaA,
      project(phi, theta, out) {
        const r = radiusOf(theta);
        out[0] = r * Math.sin(c * phi);
        out[1] = y0 - r * Math.cos(c * phi);
        return Number.isFinite(r);
      },
      deproject(x, y, out) {
        const dy = y0 - y;
        const r = sign * Math.sqrt(x * x + dy * dy);
        out[0] = r === 0 ? 0 : Math.atan2(x / r, dy / r) / c;
        out[1] = thetaOf(r);
        return Math.abs(out[1]) <= HALF_PI + EDGE && Math.abs(out[0]) <= Math.PI * (1 + EDGE);
      },
    };
  };
}

/** Conic perspective. */
export const cop = conic('COP', (thetaA, eta) => {
  const cosEta = Math.cos(eta);
  const cot = 1 / Math.tan(thetaA);
  return {
    c: Math.sin(thetaA),
    y0: cosEta * cot,
    radiusOf: (theta) => (Math.abs(theta - thetaA) < HALF_PI ? cosEta * (cot - Math.tan(theta - thetaA)) : Number.NaN),
    thetaOf: (r) => thetaA + Math.atan(cot - r / cosEta),
  };
});

/** Conic equidistant. */
export const cod = conic('COD', (thetaA, eta) => {
  const etaCot = eta === 0 ? 1 : eta / Math.tan(eta);
  const y0 = etaCot / Math.tan(thetaA);
  return {
    c: eta === 0 ? Math.sin(thetaA) : (Math.sin(thetaA) * Math.sin(eta)) / eta,
    y0,
    radiusOf: (theta) => thetaA - theta + y0,
    thetaOf: (r) => thetaA + y0 - r,
  };
});

/** Conic equal area. */
export const coe = conic('COE', (thetaA, eta) => {
  const s1 = Math.sin(thetaA - eta);
  const s2 = Math.sin(thetaA + eta);
  const gamma = s1 + s2;
  const radiusOf = (theta: number) => (2 / gamma) * Math.sqrt(1 + s1 * s2 - gamma * Math.sin(theta));
  return {
    c: gamma / 2,
    y0: radiusOf(thetaA),
    radiusOf,
    thetaOf: (r) => asinSafe(1 / gamma + (s1 * s2) / gamma - (gamma * r * r) / 4),
  };
});

/** Conic orthomorphic. */
export const coo = conic('COO', (thetaA, eta) => {
  const t1 = thetaA - eta;
  const t2 = thetaA + eta;
  const tanHalf = (theta: number) => Math.tan((HALF_PI - theta) / 2);
  const c = eta === 0 ? Math.sin(thetaA) : Math.log(Math.cos(t2) / Math.cos(t1)) / Math.log(tanHalf(t2) / tanHalf(t1));
  const psi = Math.cos(t1) / (c * tanHalf(t1) ** c);
  const radiusOf = (theta: number) => psi * tanHalf(theta) ** c;
  return {
    c,
    y0: radiusOf(thetaA),
    radiusOf,
    thetaOf: (r) => HALF_PI - 2 * Math.atan((r / psi) ** (1 / c)),
  };
});
