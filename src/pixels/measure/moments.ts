// SPDX-License-Identifier: BSD-3-Clause
import type { Planes } from './aperture.ts';

/** Adaptive moments of a source: centre, covariance (pixels squared), and the flux of the matched Gaussian. */
export interface AdaptiveMoments {
  x: number;
  y: number;
  xx: number;
  yy: number;
  xy: number;
  /** Flux of the elliptical Gaussian that matches: twice the weighted sum. */
  flux: number;
  /** Error of xx (that of a Gaussian source at the noise given); NaN without variance. */
  xxErr: number;
  yyErr: number;
  xyErr: number;
  fluxErr: number;
  iterations: number;
  /** Did not converge, left the image, or became singular; values are then those of the last good round or unweighted. */
  failed: boolean;
}

const MAX_ROUNDS = 100;
/** Weight at four sigma. */
const CUT = Math.exp(-8);
/** Pixels visited at most: a shape that runs away on a slope of light must not cost seconds. A source of sigma 20 px in ten rounds needs 200,000. */
const MAX_VISITS = 500_000;

/**
 * Adaptive moments (Bernstein & Jarvis 2002; Hirata & Seljak 2003): moments under an elliptical Gaussian weight which is
 * itself matched to the source. With weight covariance M the measured covariance C obeys, for a Gaussian source T,
 * `C^-1 = T^-1 + M^-1`; M is replaced by T until both agree.
 *
 * @param sigmaGuess starting width in pixels
 * @param fixedCentre keep (x, y) where it is
 */
export function adaptiveMoments(
  planes: Planes,
  x: number,
  y: number,
  sigmaGuess: number,
  fixedCentre = false,
): AdaptiveMoments {
  const { width, height, image, variance } = planes;
  const start = { x, y };
  let mxx = sigmaGuess * sigmaGuess;
  let myy = mxx;
  let mxy = 0;
  let cx = x;
  let cy = y;
  let sum = 0;
  let failed = true;
  let visits = 0;
  let round = 0;
  for (; round < MAX_ROUNDS; round++) {
    const det = mxx * myy - mxy * mxy;
    if (!(det > 1e-4) || mxx > 1e4 || myy > 1e4) break;
    const wxx = myy / det;
    const wyy = mxx / det;
    const wxy = -mxy / det;
    const rx = 4 * Math.sqrt(mxx);
    const ry = 4 * Math.sqrt(myy);
    const x0 = Math.max(0, Math.ceil(cx - rx));
    const x1 = Math.min(width - 1, Math.floor(cx + rx));
    const y0 = Math.max(0, Math.ceil(cy - ry));
    const y1 = Math.min(height - 1, Math.floor(cy + ry));
    visits += (x1 - x0 + 1) * (y1 - y0 + 1);
    if (visits > MAX_VISITS) break;
    const decay = Math.exp(-wxx);
    let s = 0;
    let sx = 0;
    let sy = 0;
    let sxx = 0;
    let syy = 0;
    let sxy = 0;
    for (let j = y0; j <= y1; j++) {
      const dy = j - cy;
      const row = j * width;
      const start = x0 - cx;
      // exp(-q / 2) along the row by second differences of q: two multiplications a pixel instead of an exponential.
      let w = Math.exp(-0.5 * (wxx * start * start + wyy * dy * dy) - wxy * start * dy);
      let ratio = Math.exp(-wxx * (start + 0.5) - wxy * dy);
      for (let i = x0, dx = start; i <= x1; i++, dx++) {
        const weight = w;
        w *= ratio;
        ratio *= decay;
        // Outside the 4-sigma ellipse.
        if (weight < CUT) continue;
        const v = weight * image[row + i];
        s += v;
        sx += v * dx;
        sy += v * dy;
        sxx += v * dx * dx;
        syy += v * dy * dy;
        sxy += v * dx * dy;
      }
    }
    if (!(s > 0)) break;
    sum = s;
    const ox = sx / s;
    const oy = sy / s;
    const cxx = sxx / s - ox * ox;
    const cyy = syy / s - oy * oy;
    const cxy = sxy / s - ox * oy;
    const cdet = cxx * cyy - cxy * cxy;
    if (!(cdet > 0)) break;
    // T^-1 = C^-1 - M^-1
    const ixx = cyy / cdet - wxx;
    const iyy = cxx / cdet - wyy;
    const ixy = -cxy / cdet - wxy;
    const idet = ixx * iyy - ixy * ixy;
    if (!(idet > 0) || !(ixx > 0)) break;
    const txx = iyy / idet;
    const tyy = ixx / idet;
    const txy = -ixy / idet;
    // The weighted centroid lags by the same factor as the width; for a matched weight twice the offset is the step.
    if (!fixedCentre) {
      cx += 2 * ox;
      cy += 2 * oy;
      if (Math.abs(cx - start.x) > 3 * Math.sqrt(mxx) + 2 || Math.abs(cy - start.y) > 3 * Math.sqrt(myy) + 2) break;
    }
    const change = Math.max(Math.abs(txx - mxx), Math.abs(tyy - myy), Math.abs(txy - mxy)) / (txx + tyy);
    mxx = txx;
    myy = tyy;
    mxy = txy;
    if (change < 1e-4 && Math.abs(ox) < 2e-4 && Math.abs(oy) < 2e-4) {
      failed = false;
      break;
    }
  }
  const area = 4 * Math.PI * Math.sqrt(Math.max(mxx * myy - mxy * mxy, 0));
  const k = Math.round(cy) * width + Math.round(cx);
  const noise = variance !== undefined && k >= 0 && k < variance.length ? variance[k] : Number.NaN;
  const flux = 2 * sum;
  // A matched Gaussian averages the noise over 4 pi sigma^2 pixels; moments of it have relative error 2 fluxErr / flux (x 1/sqrt2 for xy).
  const fluxErr = Math.sqrt(noise * area);
  const relative = (Math.SQRT2 * fluxErr) / Math.abs(flux);
  return {
    x: cx,
    y: cy,
    xx: mxx,
    yy: myy,
    xy: mxy,
    flux,
    fluxErr,
    xxErr: relative * mxx,
    yyErr: relative * myy,
    xyErr: relative * Math.SQRT1_2 * Math.sqrt(mxx * myy),
    iterations: round + 1,
    failed,
  };
}
