// SPDX-License-Identifier: BSD-3-Clause

/** A plane to sum over, with optional variance and mask on the same grid. Positions are indices: pixel (i, j) spans i - 0.5 .. i + 0.5. */
export interface Planes {
  width: number;
  height: number;
  image: Float32Array;
  variance?: Float32Array;
  mask?: Int32Array;
}

/** What an aperture sum gives; a plain mutable record so that loops over sources allocate once. */
export interface ApertureSum {
  flux: number;
  /** Sum of the variance weighted as the flux is. NaN without a variance plane. */
  variance: number;
  /** Overlap area in pixels (the part inside the image, without rejected pixels). */
  area: number;
  /** OR of the mask over all pixels touched. */
  maskBits: number;
  /** Whether part of the aperture lies outside the image. */
  truncated: boolean;
}

export function newApertureSum(): ApertureSum {
  return { flux: 0, variance: 0, area: 0, maskBits: 0, truncated: false };
}

/**
 * Sum in a circle of radius `radius` at (x, y), pixels weighted by their exact overlap with the circle.
 * Pixels outside the image are left out and `truncated` is set.
 */
export function sumCircle(planes: Planes, x: number, y: number, radius: number, out: ApertureSum): ApertureSum {
  const { width, height, image, variance, mask } = planes;
  const xLow = Math.floor(x - radius + 0.5);
  const xHigh = Math.floor(x + radius + 0.5);
  const yLow = Math.floor(y - radius + 0.5);
  const yHigh = Math.floor(y + radius + 0.5);
  out.truncated = xLow < 0 || yLow < 0 || xHigh >= width || yHigh >= height;
  const x0 = Math.max(0, xLow);
  const x1 = Math.min(width - 1, xHigh);
  const y0 = Math.max(0, yLow);
  const y1 = Math.min(height - 1, yHigh);
  // Pixels whose centres are nearer than `inside` lie wholly in the circle, beyond `outside` wholly out of it.
  const inside = radius > Math.SQRT1_2 ? (radius - Math.SQRT1_2) ** 2 : -1;
  const outside = (radius + Math.SQRT1_2) ** 2;
  let flux = 0;
  let varianceSum = 0;
  let area = 0;
  let bits = 0;
  for (let j = y0; j <= y1; j++) {
    const dy = j - y;
    const row = j * width;
    for (let i = x0; i <= x1; i++) {
      const dx = i - x;
      const r2 = dx * dx + dy * dy;
      if (r2 > outside) continue;
      const weight = r2 < inside ? 1 : circleOverlap(dx - 0.5, dy - 0.5, dx + 0.5, dy + 0.5, radius);
      if (weight === 0) continue;
      const k = row + i;
      flux += weight * image[k];
      area += weight;
      if (variance !== undefined) varianceSum += weight * variance[k];
      if (mask !== undefined) bits |= mask[k];
    }
  }
  out.flux = flux;
  out.variance = variance === undefined ? Number.NaN : varianceSum;
  out.area = area;
  out.maskBits = bits;
  return out;
}

/** An ellipse by its quadratic form: inside where `cxx dx^2 + cyy dy^2 + cxy dx dy <= r^2`. */
export interface Ellipse {
  cxx: number;
  cyy: number;
  cxy: number;
}

/** The ellipse with semi-axes a, b and position angle (from x towards y). */
export function ellipseOf(a: number, b: number, thetaDeg: number): Ellipse {
  const t = (thetaDeg * Math.PI) / 180;
  const c = Math.cos(t);
  const s = Math.sin(t);
  return {
    cxx: (c * c) / (a * a) + (s * s) / (b * b),
    cyy: (s * s) / (a * a) + (c * c) / (b * b),
    cxy: 2 * c * s * (1 / (a * a) - 1 / (b * b)),
  };
}

/** Half-widths of the box around an ellipse scaled by r. */
export function ellipseReach(e: Ellipse, r: number): { dx: number; dy: number } {
  const det = e.cxx * e.cyy - 0.25 * e.cxy * e.cxy;
  return { dx: r * Math.sqrt(e.cyy / det), dy: r * Math.sqrt(e.cxx / det) };
}

const SUBPIXELS = 5;

/** Sum in an ellipse scaled by `r`; boundary pixels are sampled 5 x 5. Pixels outside the image are left out and `truncated` is set. */
export function sumEllipse(planes: Planes, x: number, y: number, e: Ellipse, r: number, out: ApertureSum): ApertureSum {
  const { width, height, image, variance, mask } = planes;
  const reach = ellipseReach(e, r);
  const xLow = Math.floor(x - reach.dx + 0.5);
  const xHigh = Math.floor(x + reach.dx + 0.5);
  const yLow = Math.floor(y - reach.dy + 0.5);
  const yHigh = Math.floor(y + reach.dy + 0.5);
  out.truncated = xLow < 0 || yLow < 0 || xHigh >= width || yHigh >= height;
  const r2 = r * r;
  let flux = 0;
  let varianceSum = 0;
  let area = 0;
  let bits = 0;
  const step = 1 / SUBPIXELS;
  for (let j = Math.max(0, yLow); j <= Math.min(height - 1, yHigh); j++) {
    const dy = j - y;
    for (let i = Math.max(0, xLow); i <= Math.min(width - 1, xHigh); i++) {
      const dx = i - x;
      const q = e.cxx * dx * dx + e.cyy * dy * dy + e.cxy * dx * dy;
      // The form's largest change within half a pixel decides whether the pixel can straddle the boundary.
      const slope = 0.5 * (Math.abs(2 * e.cxx * dx + e.cxy * dy) + Math.abs(2 * e.cyy * dy + e.cxy * dx));
      const curve = 0.25 * (e.cxx + e.cyy + Math.abs(e.cxy));
      let weight: number;
      if (q + slope + curve <= r2) weight = 1;
      else if (q - slope - curve > r2) continue;
      else {
        let hits = 0;
        for (let v = 0; v < SUBPIXELS; v++) {
          const sy = dy - 0.5 + (v + 0.5) * step;
          for (let u = 0; u < SUBPIXELS; u++) {
            const sx = dx - 0.5 + (u + 0.5) * step;
            if (e.cxx * sx * sx + e.cyy * sy * sy + e.cxy * sx * sy <= r2) hits++;
          }
        }
        if (hits === 0) continue;
        weight = hits * step * step;
      }
      const k = j * width + i;
      flux += weight * image[k];
      area += weight;
      if (variance !== undefined) varianceSum += weight * variance[k];
      if (mask !== undefined) bits |= mask[k];
    }
  }
  out.flux = flux;
  out.variance = variance === undefined ? Number.NaN : varianceSum;
  out.area = area;
  out.maskBits = bits;
  return out;
}

/** Area of the part of a rectangle that lies in a circle of radius r at the origin: exact, by Green's theorem over the rectangle's corners. */
export function circleOverlap(x0: number, y0: number, x1: number, y1: number, r: number): number {
  return quadrant(x1, y1, r) - quadrant(x0, y1, r) - quadrant(x1, y0, r) + quadrant(x0, y0, r);
}

/** Signed area of the circle's part of the rectangle from the origin to (x, y). */
function quadrant(x: number, y: number, r: number): number {
  const sign = (x < 0 ? -1 : 1) * (y < 0 ? -1 : 1);
  const a = Math.min(Math.abs(x), r);
  const b = Math.min(Math.abs(y), r);
  if (a * a + b * b <= r * r) return sign * a * b;
  // The arc leaves the top edge at xTop and meets the right edge at height yRight: a rectangle, then the area under the arc.
  const xTop = Math.sqrt(r * r - b * b);
  return sign * (b * xTop + underArc(a, r) - underArc(xTop, r));
}

/** Integral of sqrt(r^2 - t^2) from 0 to t. */
function underArc(t: number, r: number): number {
  return 0.5 * (t * Math.sqrt(Math.max(0, r * r - t * t)) + r * r * Math.asin(Math.min(1, t / r)));
}
