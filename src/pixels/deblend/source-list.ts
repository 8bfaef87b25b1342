// SPDX-License-Identifier: BSD-3-Clause

import type { Footprints } from '../detect/footprints.ts';
import type { Detections } from '../detect/sources.ts';
import type { Psf } from '../exposure.ts';
import type { Planes } from '../measure/aperture.ts';
import { type Child, type DeblendOptions, deblendFootprint } from './deblend.ts';

/** What there is to measure: one entry a source, footprints shared by blends. Positions are indices of the image. */
export interface SourceList {
  count: number;
  footprints: Footprints;
  /** Footprint of each source. */
  footprint: Int32Array;
  /** Sources in the same footprint (1: isolated). */
  siblings: Int32Array;
  x: Float64Array;
  y: Float64Array;
  significance: Float64Array;
  /** The source's share of the light of a blend; undefined where the whole footprint is its own. */
  share: (Child | undefined)[];
}

/** Takes all blended footprints apart. */
export function deblendSources(
  planes: Planes,
  psf: Psf,
  origin: { x0: number; y0: number },
  detections: Detections,
  options: DeblendOptions = {},
): SourceList {
  const { footprints, peakStart } = detections;
  const entries: { footprint: number; siblings: number; peak: number; share: Child | undefined }[] = [];
  for (let k = 0; k < footprints.count; k++) {
    const first = peakStart[k];
    const peaks = peakStart[k + 1] - first;
    if (peaks === 1) {
      entries.push({ footprint: k, siblings: 1, peak: first, share: undefined });
      continue;
    }
    const px = detections.peakX.subarray(first, peakStart[k + 1]);
    const py = detections.peakY.subarray(first, peakStart[k + 1]);
    const children = deblendFootprint(planes, psf, origin, footprints, k, px, py, options);
    for (const child of children)
      entries.push({ footprint: k, siblings: children.length, peak: first + child.peak, share: child });
  }
  return {
    count: entries.length,
    footprints,
    footprint: Int32Array.from(entries, (e) => e.footprint),
    siblings: Int32Array.from(entries, (e) => e.siblings),
    x: Float64Array.from(entries, (e) => detections.peakX[e.peak]),
    y: Float64Array.from(entries, (e) => detections.peakY[e.peak]),
    significance: Float64Array.from(entries, (e) => detections.peakSignificance[e.peak]),
    share: entries.map((e) => e.share),
  };
}
