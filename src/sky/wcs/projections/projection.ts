// SPDX-License-Identifier: BSD-3-Clause

/**
 * A map projection of the native sphere, in radians on a sphere of unit radius. Formulas and names follow
 * Calabretta & Greisen (2002), A&A 395, 1077 ("paper II"), and Calabretta & Roukema (2007) for HPX.
 *
 * Both directions write two numbers to `out` and return false, with `out` undefined, where the projection has no value.
 */
export interface Projection {
  readonly code: string;
  /** Native latitude of the reference point, radians: pi/2 for zenithal projections. Native longitude is 0. */
  readonly theta0: number;
  /** (x, y) on the plane of a native longitude and latitude. */
  project(phi: number, theta: number, out: Float64Array): boolean;
  /** (phi, theta) of a point on the plane; phi in [-pi, pi]. */
  deproject(x: number, y: number, out: Float64Array): boolean;
}

/** Makes a projection from its PVi_m parameters of the latitude axis (m = 0 ... 20; undefined where not given). */
export type ProjectionMaker = (pv: readonly (number | undefined)[]) => Projection;

export const HALF_PI = Math.PI / 2;
/** Room for rounding at the edge of a projection's domain. */
export const EDGE = 1e-12;

/** asin that forgives rounding just outside [-1, 1]; NaN beyond that. */
export function asinSafe(s: number): number {
  if (s > 1) return s - 1 < EDGE ? HALF_PI : Number.NaN;
  if (s < -1) return -1 - s < EDGE ? -HALF_PI : Number.NaN;
  return Math.asin(s);
}
