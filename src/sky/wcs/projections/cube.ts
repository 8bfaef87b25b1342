// SPDX-License-Identifier: BSD-3-Clause
import type { ProjectionMaker } from './projection.ts';

const QUARTER = Math.PI / 4;
/** Centres of the six faces on the plane, in units of 45 degrees: north, four around the equator, south. */
const FACE_X = [0, 0, 2, 4, 6, 0];
const FACE_Y = [2, 0, 0, 0, 0, -2];

/** Tangential spherical cube. Paper II, 5.6.1. */
export const tsc: ProjectionMaker = () => ({
  code: 'TSC',
  theta0: 0,
  project(phi, theta, out) {
    const cosTheta = Math.cos(theta);
    const l = cosTheta * Math.cos(phi);
    const m = cosTheta * Math.sin(phi);
    const n = Math.sin(theta);
    const face = faceOf(l, m, n);
    let chi: number;
    let psi: number;
    if (face === 0) [chi, psi] = [m / n, -l / n];
    else if (face === 5) [chi, psi] = [-m / n, -l / n];
    else if (face === 1) [chi, psi] = [m / l, n / l];
    else if (face === 2) [chi, psi] = [-l / m, n / m];
    else if (face === 3) [chi, psi] = [m / l, -n / l];
    else [chi, psi] = [-l / m, -n / m];
    out[0] = QUARTER * (FACE_X[face] + chi);
    out[1] = QUARTER * (FACE_Y[face] + psi);
    return true;
  },
  deproject(x, y, out) {
    let u = x / QUARTER;
    let v = y / QUARTER;
    // Longitudes may be laid out from either edge: the cross repeats after 8 units.
    if (u < -1 - 1e-12) u += 8;
    if (u > 7 + 1e-12 || u < -1 - 1e-12) return false;
    const face = u > 5 ? 4 : u > 3 ? 3 : u > 1 ? 2 : v > 1 ? 0 : v < -1 ? 5 : 1;
    u -= FACE_X[face];
    v -= FACE_Y[face];
    if (Math.abs(u) > 1 + 1e-12 || Math.abs(v) > 1 + 1e-12) return false;
    const l = [-v, 1, -u, -1, u, v][face];
    const m = [u, u, 1, -u, -1, u][face];
    const n = [1, v, v, v, v, -1][face];
    out[0] = l === 0 && m === 0 ? 0 : Math.atan2(m, l);
    out[1] = Math.atan2(n, Math.sqrt(l * l + m * m));
    return true;
  },
});

function faceOf(l: number, m: number, n: number): number {
  const al = Math.abs(l);
  const am = Math.abs(m);
  const an = Math.abs(n);
  if (an >= al && an >= am) return n > 0 ? 0 : 5;
  if (al >= am) return l > 0 ? 1 : 3;
  return m > 0 ? 2 : 4;
}
