// SPDX-License-Identifier: BSD-3-Clause
import { asinSafe, EDGE, HALF_PI, type ProjectionMaker } from './projection.ts';

/** Sanson-Flamsteed (sinusoidal). */
export const sfl: ProjectionMaker = () => ({
  code: 'SFL',
  theta0: 0,
  project(phi, theta, out) {
    out[0] = phi * Math.cos(theta);
    out[1] = theta;
    return true;
  },
  deproject(x, y, out) {
    const c = Math.cos(y);
    out[0] = c > 1e-15 ? x / c : 0;
    out[1] = y;
    return Math.abs(y) <= HALF_PI + EDGE && Math.abs(out[0]) <= Math.PI * (1 + EDGE) && (c > 1e-15 || x === 0);
  },
});

/** Parabolic. */
export const par: ProjectionMaker = () => ({
  code: 'PAR',
  theta0: 0,
  project(phi, theta, out) {
    const s = Math.sin(theta / 3);
    out[0] = phi * (1 - 4 * s * s);
    out[1] = Math.PI * s;
    return true;
  },
  deproject(x, y, out) {
    const s = y / Math.PI;
    const width = 1 - 4 * s * s;
    out[0] = width > 1e-15 ? x / width : 0;
    out[1] = 3 * asinSafe(s);
    return width >= -EDGE && Math.abs(out[0]) <= Math.PI * (1 + EDGE);
  },
});

/** Mollweide. The auxiliary angle solves 2 gamma + sin(2 gamma) = pi sin(theta). */
export const mol: ProjectionMaker = () => ({
  code: 'MOL',
  theta0: 0,
  project(phi, theta, out) {
    const gamma = mollweideAngle(theta);
    out[0] = ((2 * Math.SQRT2) / Math.PI) * phi * Math.cos(gamma);
    out[1] = Math.SQRT2 * Math.sin(gamma);
    return true;
  },
  deproject(x, y, out) {
    const s = y / Math.SQRT2;
    const gamma = asinSafe(s);
    if (Number.isNaN(gamma)) return false;
    const c = Math.sqrt(Math.max(0, 1 - s * s));
    out[0] = c > 1e-12 ? (Math.PI * x) / (2 * Math.SQRT2 * c) : 0;
    out[1] = asinSafe((2 * gamma + Math.sin(2 * gamma)) / Math.PI);
    return Math.abs(out[0]) <= Math.PI * (1 + EDGE) && (c > 1e-12 || Math.abs(x) < 1e-11);
  },
});

function mollweideAngle(theta: number): number {
  if (Math.abs(theta) >= HALF_PI) return Math.sign(theta) * HALF_PI;
  const target = Math.PI * Math.sin(theta);
  let low = -HALF_PI;
  let high = HALF_PI;
  let gamma = theta * 0.8;
  for (let i = 0; i < 100; i++) {
    const excess = 2 * gamma + Math.sin(2 * gamma) - target;
    if (excess > 0) high = gamma;
    else low = gamma;
    const newton = gamma - excess / (2 + 2 * Math.cos(2 * gamma));
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    if (Math.abs(next - gamma) < 1e-16) return next;
    gamma = next;
  }
  return gamma;
}

/** Hammer-Aitoff. Paper II, 5.3.4. */
export const ait: ProjectionMaker = () => ({
  code: 'AIT',
  theta0: 0,
  project(phi, theta, out) {
    const cosTheta = Math.cos(theta);
    const gamma = Math.sqrt(2 / (1 + cosTheta * Math.cos(phi / 2)));
    out[0] = 2 * gamma * cosTheta * Math.sin(phi / 2);
    out[1] = gamma * Math.sin(theta);
    return true;
  },
  deproject(x, y, out) {
    const z2 = 1 - (x * x) / 16 - (y * y) / 4;
    if (z2 < 0.5 - EDGE) return false;
    const z = Math.sqrt(z2);
    const u = 2 * z2 - 1;
    out[0] = 2 * Math.atan2((z * x) / 2, u);
    out[1] = asinSafe(y * z);
    return !Number.isNaN(out[1]);
  },
});
