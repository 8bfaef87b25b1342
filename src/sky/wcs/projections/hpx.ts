// SPDX-License-Identifier: BSD-3-Clause
import { EDGE, type ProjectionMaker } from './projection.ts';

/** HEALPix as a projection, PVi_1 = H (default 4), PVi_2 = K (default 3). Calabretta & Roukema (2007), MNRAS 381, 865. */
export const hpx: ProjectionMaker = (pv) => {
  const h = pv[1] ?? 4;
  const k = pv[2] ?? 3;
  const sinThetaX = (k - 1) / k;
  const facet = Math.PI / h;
  const yScale = (Math.PI / 2) * (k / h);
  const yX = yScale * sinThetaX;
  /** Central meridian of the polar facet that holds x (or phi), for the northern or southern cap. */
  const meridian = (x: number, north: boolean): number => {
    const odd = k % 2 === 1 || north ? 1 : 0;
    const facetIndex = Math.floor(((x + Math.PI) * h) / (2 * Math.PI) + (1 - odd) / 2);
    const top = odd === 1 ? h - 1 : h;
    return -Math.PI + (2 * Math.min(Math.max(facetIndex, 0), top) + odd) * facet;
  };
  return {
    code: 'HPX',
    theta0: 0,
    project(phi, theta, out) {
      const s = Math.sin(theta);
      if (Math.abs(s) <= sinThetaX) {
        out[0] = phi;
        out[1] = yScale * s;
        return true;
      }
      const half = Math.sin((Math.PI / 2 - Math.abs(theta)) / 2);
      const sigma = Math.sqrt(k * 2 * half * half);
      const centre = meridian(phi, theta > 0);
      out[0] = centre + (phi - centre) * sigma;
      out[1] = Math.sign(theta) * facet * ((k + 1) / 2 - sigma);
      return true;
    },
    deproject(x, y, out) {
      if (Math.abs(y) <= yX) {
        out[0] = x;
        out[1] = Math.asin(y / yScale);
        return Math.abs(x) <= 2 * Math.PI + EDGE;
      }
      const sigma = (k + 1) / 2 - Math.abs(y) / facet;
      if (sigma < -EDGE) return false;
      const t = (Math.max(0, sigma) * Math.max(0, sigma)) / k;
      const theta = Math.atan2(1 - t, Math.sqrt(t * (2 - t)));
      const centre = meridian(x, y > 0);
      const offset = x - centre;
      out[0] = sigma > 1e-14 ? centre + offset / sigma : centre;
      out[1] = y > 0 ? theta : -theta;
      return Math.abs(offset) <= facet * Math.max(0, sigma) + EDGE;
    },
  };
};
