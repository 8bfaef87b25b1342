// SPDX-License-Identifier: BSD-3-Clause
import { asinSafe, EDGE, HALF_PI, type Projection, type ProjectionMaker } from './projection.ts';

/** x = phi * stretch, y a function of latitude alone. */
function cylindrical(
  code: string,
  yOf: (theta: number) => number,
  thetaOf: (y: number) => number,
  stretch = 1,
): Projection {
  return {
    code,
    theta0: 0,
    project(phi, theta, out) {
      out[0] = phi * stretch;
      out[1] = yOf(theta);
      return Number.isFinite(out[1]);
    },
    deproject(x, y, out) {
      out[0] = x / stretch;
      out[1] = thetaOf(y);
      return Math.abs(out[1]) <= HALF_PI + EDGE;
    },
  };
}

export const car: ProjectionMaker = () =>
  cylindrical(
    'CAR',
    (theta) => theta,
    (y) => y,
  );

export const mer: ProjectionMaker = () =>
  cylindrical(
    'MER',
    (theta) => (Math.abs(theta) < HALF_PI ? Math.asinh(Math.tan(theta)) : Number.NaN),
    (y) => Math.atan(Math.sinh(y)),
  );

/** Cylindrical equal area, PVi_1 = lambda. */
export const cea: ProjectionMaker = (pv) => {
  const lambda = pv[1] ?? 1;
  return cylindrical(
    'CEA',
    (theta) => Math.sin(theta) / lambda,
    (y) => asinSafe(y * lambda),
  );
};

/** Cylindrical perspective, PVi_1 = mu, PVi_2 = lambda. Paper II, 5.2.1. */
export const cyp: ProjectionMaker = (pv) => {
  const mu = pv[1] ?? 1;
  const lambda = pv[2] ?? 1;
  return cylindrical(
    'CYP',
    (theta) => ((mu + lambda) * Math.sin(theta)) / (mu + Math.cos(theta)),
    (y) => {
      const eta = y / (mu + lambda);
      return Math.atan2(eta, 1) + asinSafe((eta * mu) / Math.sqrt(eta * eta + 1));
    },
    lambda,
  );
};
