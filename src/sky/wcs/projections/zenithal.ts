// SPDX-License-Identifier: BSD-3-Clause
import { EDGE, HALF_PI, type Projection, type ProjectionMaker } from './projection.ts';
import { zenithalPolynomial } from './zpn.ts';

/** A zenithal projection whose radius depends on the native colatitude z = pi/2 - theta alone. */
function radial(
  code: string,
  radiusOf: (z: number) => number,
  colatitudeOf: (radius: number) => number,
): ProjectionMaker {
  const projection: Projection = {
    code,
    theta0: HALF_PI,
    project(phi, theta, out) {
      const r = radiusOf(HALF_PI - theta);
      out[0] = r * Math.sin(phi);
      out[1] = -r * Math.cos(phi);
      return r >= 0 && r < Infinity;
    },
    deproject(x, y, out) {
      const r = Math.sqrt(x * x + y * y);
      const z = colatitudeOf(r);
      out[0] = r === 0 ? 0 : Math.atan2(x, -y);
      out[1] = HALF_PI - z;
      return z >= 0;
    },
  };
  return () => projection;
}

export const tan = radial(
  'TAN',
  (z) => (z < HALF_PI ? Math.tan(z) : Number.NaN),
  (r) => Math.atan(r),
);
export const stg = radial(
  'STG',
  (z) => (z < Math.PI ? 2 * Math.tan(z / 2) : Number.NaN),
  (r) => 2 * Math.atan(r / 2),
);
export const arc = radial(
  'ARC',
  (z) => z,
  (r) => (r <= Math.PI + EDGE ? r : Number.NaN),
);
export const zea = radial(
  'ZEA',
  (z) => 2 * Math.sin(z / 2),
  (r) => (r <= 2 ? 2 * Math.asin(r / 2) : r <= 2 + EDGE ? Math.PI : Number.NaN),
);

export const zpn: ProjectionMaker = (pv) => {
  const polynomial = zenithalPolynomial(pv);
  return radial('ZPN', polynomial.radius, polynomial.colatitude)(pv);
};

/** Orthographic, or slant orthographic (synthesis) with PVi_1 = xi, PVi_2 = eta. Paper II, 5.1.5. */
export const sin: ProjectionMaker = (pv) => {
  const xi = pv[1] ?? 0;
  const eta = pv[2] ?? 0;
  const a = xi * xi + eta * eta + 1;
  return {
    code: 'SIN',
    theta0: HALF_PI,
    project(phi, theta, out) {
      const cosTheta = Math.cos(theta);
      // 1 - sin(theta) without cancellation near the pole.
      const half = Math.sin((HALF_PI - theta) / 2);
      const z = 2 * half * half;
      out[0] = cosTheta * Math.sin(phi) + xi * z;
      out[1] = -cosTheta * Math.cos(phi) + eta * z;
      // The visible side: the line of sight (xi, -eta, 1) meets the sphere from outside.
      return Math.sin(theta) >= -cosTheta * (xi * Math.sin(phi) - eta * Math.cos(phi)) - EDGE;
    },
    deproject(x, y, out) {
      // With t = 1 - sin(theta): a t^2 - 2 b t + r^2 = 0, the smaller root is the visible point.
      const r2 = x * x + y * y;
      const b = 1 + xi * x + eta * y;
      const discriminant = b * b - a * r2;
      if (!(discriminant >= 0)) return false;
      const t = r2 / (b + Math.sqrt(discriminant));
      if (!(t >= 0 && t <= 2)) return false;
      const u = x - xi * t;
      const v = y - eta * t;
      out[0] = u === 0 && v === 0 ? 0 : Math.atan2(u, -v);
      out[1] = Math.atan2(1 - t, Math.sqrt(u * u + v * v));
      return true;
    },
  };
};

/** Zenithal (azimuthal) perspective, PVi_1 = mu, PVi_2 = gamma (degrees of tilt). Paper II, 5.1.1. */
export const azp: ProjectionMaker = (pv) => {
  const mu = pv[1] ?? 0;
  const gamma = ((pv[2] ?? 0) * Math.PI) / 180;
  const tanGamma = Math.tan(gamma);
  const cosGamma = Math.cos(gamma);
  return {
    code: 'AZP',
    theta0: HALF_PI,
    project(phi, theta, out) {
      const cosTheta = Math.cos(theta);
      const s = mu + Math.sin(theta) + cosTheta * Math.cos(phi) * tanGamma;
      if (!(s > 0)) return false;
      const r = ((mu + 1) * cosTheta) / s;
      out[0] = r * Math.sin(phi);
      out[1] = (-r * Math.cos(phi)) / cosGamma;
      return Math.sin(theta) >= (Math.abs(mu) > 1 ? -1 / mu : -mu) - EDGE;
    },
    deproject(x, y, out) {
      const yc = y * cosGamma;
      const r = Math.sqrt(x * x + yc * yc);
      const rho = r / (mu + 1 + y * Math.sin(gamma));
      const s = (rho * mu) / Math.sqrt(rho * rho + 1);
      if (!(Math.abs(s) <= 1)) return false;
      const psi = Math.atan2(1, rho);
      const omega = Math.asin(s);
      const near = psi - omega;
      let far = psi + omega + Math.PI;
      if (far > Math.PI) far -= 2 * Math.PI;
      out[0] = r === 0 ? 0 : Math.atan2(x, -yc);
      out[1] = Math.abs(near - HALF_PI) <= Math.abs(far - HALF_PI) || far < -HALF_PI ? near : far;
      return Math.abs(out[1]) <= HALF_PI + EDGE;
    },
  };
};
