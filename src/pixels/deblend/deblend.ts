// SPDX-License-Identifier: BSD-3-Clause
import { type Footprints, footprintBox } from '../detect/footprints.ts';
import type { Psf } from '../exposure.ts';
import type { Planes } from '../measure/aperture.ts';
import { fitPointSource } from './point-source.ts';
import { type Stamp, symmetricTemplate } from './template.ts';

export interface DeblendOptions {
  /** A peak whose neighbourhood a point source explains to this reduced chi-square gets the PSF as template. Default 1.5. */
  maxPsfChiSquare?: number;
  /** Footprints of more pixels are not taken apart. Default 1,000,000. */
  maxArea?: number;
  /** Only so many peaks, most significant first, are taken apart. Default 400. */
  maxPeaks?: number;
}

/** One child: its share of the image over a box. Pixels that are not its own are 0. */
export interface Child extends Stamp {
  /** Index of the peak among those given. */
  peak: number;
  /** Its template was the PSF. */
  pointSource: boolean;
}

/**
 * Takes a blended footprint apart, conserving its light: each peak gets a template (the PSF where the data allow it, else
 * the image made symmetric about the peak and falling monotonically from it), and each pixel's light is shared in
 * proportion to the templates there. Light where no template reaches goes to the nearest peak. Idea: Lupton's SDSS
 * deblender (Stoughton et al. 2002, section 4.4.3).
 *
 * @param peakX peak positions in image indices
 * @returns one child per peak that has any light, in the order of the peaks
 */
export function deblendFootprint(
  planes: Planes,
  psf: Psf,
  origin: { x0: number; y0: number },
  f: Footprints,
  k: number,
  peakX: ArrayLike<number>,
  peakY: ArrayLike<number>,
  options: DeblendOptions = {},
): Child[] {
  const { width, image } = planes;
  const box = footprintBox(f, k);
  const w = box.x1 - box.x0;
  const h = box.y1 - box.y0;
  const inside = new Uint8Array(w * h);
  for (let s = f.spanStart[k]; s < f.spanStart[k + 1]; s++)
    inside.fill(1, (f.spanY[s] - box.y0) * w + f.spanX[s] - box.x0, (f.spanY[s] - box.y0) * w + f.spanEnd[s] - box.x0);
  const local = new Float32Array(w * h);
  for (let y = 0; y < h; y++)
    for (let x = 0, i = y * w, j = (y + box.y0) * width + box.x0; x < w; x++, i++, j++) {
      const v = image[j];
      if (inside[i] && v - v === 0) local[i] = v;
    }
  const n = Math.min(peakX.length, options.maxPeaks ?? 400);
  const maxChi = options.maxPsfChiSquare ?? 1.5;
  const templates: Stamp[] = [];
  const isPoint: boolean[] = [];
  const total = new Float32Array(w * h);
  for (let p = 0; p < n; p++) {
    const fit = fitPointSource(planes, psf, origin, peakX, peakY, n, p);
    const point = fit !== undefined && fit.flux > 0 && fit.reducedChiSquare < maxChi;
    const template = point
      ? clipStamp(fit.model, box, w, h, inside)
      : symmetricTemplate(local, inside, w, h, peakX[p] - box.x0, peakY[p] - box.y0);
    templates.push(template);
    isPoint.push(point);
    for (let y = 0; y < template.height; y++)
      for (
        let x = 0, i = y * template.width, j = (y + template.y0) * w + template.x0;
        x < template.width;
        x++, i++, j++
      )
        total[j] += template.data[i];
  }
  // Children start as template shares; light nobody claims is then added to the nearest peak's stamp.
  const stray = nearestPeaks(local, inside, total, w, h, peakX, peakY, n, box);
  const children: Child[] = [];
  for (let p = 0; p < n; p++) {
    const stamp = growStamp(templates[p], stray.boxes[p]);
    let light = false;
    for (let y = 0; y < stamp.height; y++)
      for (let x = 0, i = y * stamp.width, j = (y + stamp.y0) * w + stamp.x0; x < stamp.width; x++, i++, j++) {
        if (total[j] > 0) stamp.data[i] = (stamp.data[i] / total[j]) * local[j];
        else stamp.data[i] = stray.owner[j] === p ? local[j] : 0;
        if (stamp.data[i] !== 0) light = true;
      }
    if (light)
      children.push({ ...stamp, x0: stamp.x0 + box.x0, y0: stamp.y0 + box.y0, peak: p, pointSource: isPoint[p] });
  }
  return children;
}

/** The part of a stamp (image indices) inside the footprint, in box coordinates; negative values are cut. */
function clipStamp(stamp: Stamp, box: { x0: number; y0: number }, w: number, h: number, inside: Uint8Array): Stamp {
  const x0 = Math.max(0, stamp.x0 - box.x0);
  const y0 = Math.max(0, stamp.y0 - box.y0);
  const x1 = Math.min(w, stamp.x0 - box.x0 + stamp.width);
  const y1 = Math.min(h, stamp.y0 - box.y0 + stamp.height);
  const width = Math.max(0, x1 - x0);
  const height = Math.max(0, y1 - y0);
  const data = new Float32Array(width * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      if (!inside[(y + y0) * w + x + x0]) continue;
      const v = stamp.data[(y + y0 + box.y0 - stamp.y0) * stamp.width + x + x0 + box.x0 - stamp.x0];
      data[y * width + x] = Math.max(0, v);
    }
  return { x0, y0, width, height, data };
}

/** For pixels with light but no template: the nearest peak, and the box each peak's stray pixels span. */
function nearestPeaks(
  local: Float32Array,
  inside: Uint8Array,
  total: Float32Array,
  w: number,
  h: number,
  peakX: ArrayLike<number>,
  peakY: ArrayLike<number>,
  n: number,
  box: { x0: number; y0: number },
): { owner: Int32Array; boxes: ({ x0: number; y0: number; x1: number; y1: number } | undefined)[] } {
  const owner = new Int32Array(w * h).fill(-1);
  const boxes: ({ x0: number; y0: number; x1: number; y1: number } | undefined)[] = new Array(n).fill(undefined);
  for (let y = 0; y < h; y++)
    for (let x = 0; x < w; x++) {
      const i = y * w + x;
      if (!inside[i] || total[i] > 0 || local[i] === 0) continue;
      let best = Number.POSITIVE_INFINITY;
      let who = 0;
      for (let p = 0; p < n; p++) {
        const d = (peakX[p] - box.x0 - x) ** 2 + (peakY[p] - box.y0 - y) ** 2;
        if (d < best) {
          best = d;
          who = p;
        }
      }
      owner[i] = who;
      const b = boxes[who];
      if (b === undefined) boxes[who] = { x0: x, y0: y, x1: x + 1, y1: y + 1 };
      else {
        if (x < b.x0) b.x0 = x;
        if (x >= b.x1) b.x1 = x + 1;
        if (y >= b.y1) b.y1 = y + 1;
      }
    }
  return { owner, boxes };
}

/** A stamp that also covers a box. */
function growStamp(stamp: Stamp, box: { x0: number; y0: number; x1: number; y1: number } | undefined): Stamp {
  if (box === undefined) return { ...stamp, data: stamp.data.slice() };
  const x0 = stamp.width > 0 ? Math.min(stamp.x0, box.x0) : box.x0;
  const y0 = stamp.width > 0 ? Math.min(stamp.y0, box.y0) : box.y0;
  const x1 = Math.max(stamp.width > 0 ? stamp.x0 + stamp.width : box.x1, box.x1);
  const y1 = Math.max(stamp.width > 0 ? stamp.y0 + stamp.height : box.y1, box.y1);
  const width = x1 - x0;
  const data = new Float32Array(width * (y1 - y0));
  for (let y = 0; y < stamp.height; y++)
    data.set(stamp.data.subarray(y * stamp.width, (y + 1) * stamp.width), (y + stamp.y0 - y0) * width + stamp.x0 - x0);
  return { x0, y0, width, height: y1 - y0, data };
}
