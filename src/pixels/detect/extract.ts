// SPDX-License-Identifier: BSD-3-Clause
import { correlate, type Kernel } from '../convolve/convolve.ts';
import { splitBranches } from './branches.ts';
import { cleanObjects } from './clean.ts';
import { type Footprints, footprintArea, selectFootprints } from './footprints.ts';
import { findFootprints } from './label.ts';

export interface ExtractOptions {
  /** Detection level in units of `sigma`. */
  threshold: number;
  /** Noise of the unfiltered image: one number, or a plane for a threshold that follows the local noise. */
  sigma: number | Float32Array;
  /** Smallest number of pixels above threshold. Default 5. */
  minArea?: number;
  /** Filter applied before thresholding, usually unit-sum and about the size of a star. */
  kernel?: Kernel;
  /** Smallest flux fraction of a branch; 1 switches deblending off. Default 0.005. */
  minContrast?: number;
  /** Drop objects that the wings of a neighbour explain, with this efficiency parameter (Moffat exponent); false for none. Default 1. */
  clean?: number | false;
}

/** Bits of {@link IsophotalObjects.flags}, as Source Extractor numbers them. */
export const ExtractFlags = Object.freeze({ NEIGHBOURS: 1, BLENDED: 2, SATURATED: 4, TRUNCATED: 8 } as const);

/** Isophotal measurements, one entry an object; positions and moments in 0-based pixels of the image. */
export interface IsophotalObjects {
  footprints: Footprints;
  /** Footprint pixels of each object are its own: no pixel belongs to two. */
  area: Int32Array;
  /** Sum of the unfiltered image over the footprint. */
  flux: Float64Array;
  /** Barycentre and second moments of the filtered image over the footprint. */
  x: Float64Array;
  y: Float64Array;
  xx: Float64Array;
  yy: Float64Array;
  xy: Float64Array;
  /** Semi-axes (rms) in pixels and position angle from x towards y in degrees. */
  a: Float64Array;
  b: Float64Array;
  thetaDeg: Float64Array;
  /** Highest value of the unfiltered and of the filtered image. */
  peak: Float64Array;
  filteredPeak: Float64Array;
  xPeak: Int32Array;
  yPeak: Int32Array;
  flags: Int32Array;
}

/**
 * Detection as Source Extractor describes it (Bertin & Arnouts 1996, sections 4-6): filter, threshold, label,
 * split blends, measure isophotal moments, clean. The image must be sky-subtracted and finite.
 */
export function extractObjects(
  image: Float32Array,
  width: number,
  height: number,
  options: ExtractOptions,
): IsophotalObjects {
  const filtered = options.kernel === undefined ? image : correlate(image, width, height, options.kernel);
  const minArea = options.minArea ?? 5;
  const found = findFootprints(filtered, width, height, {
    threshold: options.threshold,
    sigma: options.sigma,
    minArea,
  });
  const minContrast = options.minContrast ?? 0.005;
  const { footprints, blended } =
    minContrast < 1
      ? splitAll(filtered, width, found, minContrast, minArea)
      : { footprints: found, blended: undefined };
  const objects = measureIsophotes(image, filtered, width, height, footprints);
  if (blended !== undefined)
    for (let k = 0; k < footprints.count; k++) if (blended[k]) objects.flags[k] |= ExtractFlags.BLENDED;
  const clean = options.clean ?? 1;
  if (clean === false) return objects;
  const keep = cleanObjects(objects, filtered, width, options.threshold, options.sigma, clean, minArea);
  return keep.length === footprints.count ? objects : selectObjects(objects, keep);
}

/** Splits each footprint along its branches; each branch becomes a footprint of its own. */
function splitAll(
  filtered: Float32Array,
  width: number,
  f: Footprints,
  minContrast: number,
  minArea: number,
): { footprints: Footprints; blended: Uint8Array } {
  const spanStart: number[] = [0];
  const spanY: number[] = [];
  const spanX: number[] = [];
  const spanEnd: number[] = [];
  const blended: number[] = [];
  for (let k = 0; k < f.count; k++) {
    const branches = splitBranches(filtered, width, f, k, { minContrast, minArea });
    for (let b = 0; b < branches.peakX.length; b++) {
      let i = 0;
      for (let s = f.spanStart[k]; s < f.spanStart[k + 1]; s++) {
        const offset = i - f.spanX[s];
        i += f.spanEnd[s] - f.spanX[s];
        for (let x = f.spanX[s]; x < f.spanEnd[s]; x++) {
          if (branches.owner[offset + x] !== b) continue;
          const begin = x;
          while (x < f.spanEnd[s] && branches.owner[offset + x] === b) x++;
          spanY.push(f.spanY[s]);
          spanX.push(begin);
          spanEnd.push(x);
        }
      }
      spanStart.push(spanY.length);
      blended.push(branches.peakX.length > 1 ? 1 : 0);
    }
  }
  return {
    footprints: {
      count: spanStart.length - 1,
      spanStart: Int32Array.from(spanStart),
      spanY: Int32Array.from(spanY),
      spanX: Int32Array.from(spanX),
      spanEnd: Int32Array.from(spanEnd),
    },
    blended: Uint8Array.from(blended),
  };
}

function newObjects(footprints: Footprints): IsophotalObjects {
  const n = footprints.count;
  const floats = (): Float64Array => new Float64Array(n);
  return {
    footprints,
    area: new Int32Array(n),
    flux: floats(),
    x: floats(),
    y: floats(),
    xx: floats(),
    yy: floats(),
    xy: floats(),
    a: floats(),
    b: floats(),
    thetaDeg: floats(),
    peak: floats(),
    filteredPeak: floats(),
    xPeak: new Int32Array(n),
    yPeak: new Int32Array(n),
    flags: new Int32Array(n),
  };
}

/** Isophotal sums over given footprints. `filtered` weighs the moments, `image` gives the flux. */
export function measureIsophotes(
  image: Float32Array,
  filtered: Float32Array,
  width: number,
  height: number,
  footprints: Footprints,
): IsophotalObjects {
  const out = newObjects(footprints);
  for (let k = 0; k < footprints.count; k++) {
    const begin = footprints.spanStart[k];
    const end = footprints.spanStart[k + 1];
    // Sums about the first pixel keep second moments well conditioned.
    const ox = footprints.spanX[begin];
    const oy = footprints.spanY[begin];
    let sum = 0;
    let sx = 0;
    let sy = 0;
    let sxx = 0;
    let syy = 0;
    let sxy = 0;
    let flux = 0;
    let peak = Number.NEGATIVE_INFINITY;
    let top = Number.NEGATIVE_INFINITY;
    let flags = 0;
    for (let s = begin; s < end; s++) {
      const y = footprints.spanY[s];
      const dy = y - oy;
      const x0 = footprints.spanX[s];
      const x1 = footprints.spanEnd[s];
      if (y === 0 || y === height - 1 || x0 === 0 || x1 === width) flags |= ExtractFlags.TRUNCATED;
      let rowSum = 0;
      let rowX = 0;
      let rowXX = 0;
      for (let x = x0, i = y * width + x0; x < x1; x++, i++) {
        const v = filtered[i];
        const dx = x - ox;
        rowSum += v;
        rowX += v * dx;
        rowXX += v * dx * dx;
        const raw = image[i];
        flux += raw;
        if (raw > peak) peak = raw;
        if (v > top) {
          top = v;
          out.xPeak[k] = x;
          out.yPeak[k] = y;
        }
      }
      sum += rowSum;
      sx += rowX;
      sxx += rowXX;
      sy += rowSum * dy;
      syy += rowSum * dy * dy;
      sxy += rowX * dy;
    }
    const mx = sx / sum;
    const my = sy / sum;
    let xx = sxx / sum - mx * mx;
    let yy = syy / sum - my * my;
    const xy = sxy / sum - mx * my;
    // An object one pixel wide has a singular moment matrix: add the variance of a pixel (Source Extractor manual).
    if (xx * yy - xy * xy < 1 / 144) {
      xx += 1 / 12;
      yy += 1 / 12;
    }
    out.area[k] = footprintArea(footprints, k);
    out.flux[k] = flux;
    out.x[k] = ox + mx;
    out.y[k] = oy + my;
    out.xx[k] = xx;
    out.yy[k] = yy;
    out.xy[k] = xy;
    const axes = momentAxes(xx, yy, xy);
    out.a[k] = axes.a;
    out.b[k] = axes.b;
    out.thetaDeg[k] = axes.thetaDeg;
    out.peak[k] = peak;
    out.filteredPeak[k] = top;
    out.flags[k] = flags;
  }
  return out;
}

/** Rms semi-axes and position angle (from x towards y, -90..90) of a moment matrix. */
export function momentAxes(xx: number, yy: number, xy: number): { a: number; b: number; thetaDeg: number } {
  const mean = 0.5 * (xx + yy);
  const half = 0.5 * (xx - yy);
  const root = Math.sqrt(half * half + xy * xy);
  return {
    a: Math.sqrt(mean + root),
    b: Math.sqrt(Math.max(0, mean - root)),
    thetaDeg: (0.5 * Math.atan2(2 * xy, xx - yy) * 180) / Math.PI,
  };
}

function selectObjects(objects: IsophotalObjects, keep: number[]): IsophotalObjects {
  const out = newObjects(selectFootprints(objects.footprints, keep));
  for (let i = 0; i < keep.length; i++) {
    const k = keep[i];
    for (const name of Object.keys(out) as (keyof IsophotalObjects)[])
      if (name !== 'footprints') out[name][i] = objects[name][k];
  }
  return out;
}
