// SPDX-License-Identifier: BSD-3-Clause
import {
  type ApertureSum,
  type Ellipse,
  ellipseOf,
  ellipseReach,
  type Planes,
  sumCircle,
  sumEllipse,
} from './aperture.ts';

export interface KronOptions {
  /** Flux radius in units of the Kron radius. Default 2.5. */
  factor?: number;
  /** Smallest flux radius, in units of the semi-axes (as `AUTO` photometry states it). Default 3.5. */
  minRadius?: number;
  /** The first moment is taken within this many semi-axes. Default 6. */
  reach?: number;
  /** A pixel counts for the Kron radius when this says so: other objects' pixels do not. */
  accept?: (pixel: number) => boolean;
}

export interface KronFlux {
  /** Kron's first-moment radius times factor, in units of the semi-axes; 0 where no light was found. */
  radius: number;
  flux: number;
  variance: number;
  maskBits: number;
  truncated: boolean;
  /** The Kron radius could not be measured and the smallest aperture was used. */
  badRadius: boolean;
}

/**
 * Flux in an ellipse scaled to Kron's (1980) radius `r1 = sum(r I) / sum(I)`: the light of galaxies and stars alike to a
 * few per cent. Ellipse from rms semi-axes a, b and position angle; aperture `factor * r1`, not below `minRadius`.
 */
export function kronFlux(
  planes: Planes,
  x: number,
  y: number,
  a: number,
  b: number,
  thetaDeg: number,
  scratch: ApertureSum,
  options: KronOptions = {},
): KronFlux {
  const ellipse = ellipseOf(a, Math.max(b, 1e-2 * a), thetaDeg);
  const factor = options.factor ?? 2.5;
  const minRadius = options.minRadius ?? 3.5;
  const first = kronRadius(planes, x, y, ellipse, options.reach ?? 6, options.accept);
  const measured = Number.isFinite(first) && first > 0;
  const radius = Math.max(measured ? factor * first : 0, minRadius);
  if (radius > 0) sumEllipse(planes, x, y, ellipse, radius, scratch);
  else sumCircle(planes, x, y, 0, scratch);
  return {
    radius,
    flux: scratch.flux,
    variance: scratch.variance,
    maskBits: scratch.maskBits,
    truncated: scratch.truncated,
    badRadius: !measured,
  };
}

/** Kron's first moment in units of the ellipse, over pixels whose centres lie within `reach`; NaN where the light sums to nothing. */
function kronRadius(
  planes: Planes,
  x: number,
  y: number,
  e: Ellipse,
  reach: number,
  accept: ((pixel: number) => boolean) | undefined,
): number {
  const { width, height, image } = planes;
  const box = ellipseReach(e, reach);
  const x0 = Math.max(0, Math.ceil(x - box.dx));
  const x1 = Math.min(width - 1, Math.floor(x + box.dx));
  const y0 = Math.max(0, Math.ceil(y - box.dy));
  const y1 = Math.min(height - 1, Math.floor(y + box.dy));
  let sum = 0;
  let weighted = 0;
  for (let j = y0; j <= y1; j++) {
    const dy = j - y;
    for (let i = x0; i <= x1; i++) {
      const dx = i - x;
      const q = e.cxx * dx * dx + e.cyy * dy * dy + e.cxy * dx * dy;
      if (q > reach * reach) continue;
      const k = j * width + i;
      if (accept !== undefined && !accept(k)) continue;
      sum += image[k];
      weighted += Math.sqrt(q) * image[k];
    }
  }
  return sum > 0 && weighted > 0 ? weighted / sum : Number.NaN;
}
