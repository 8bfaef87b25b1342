// SPDX-License-Identifier: BSD-3-Clause
import {
  CoaddPsf,
  type CoaddPsfInput,
  type CorrectedImage,
  clippedStatistics,
  type Exposure,
  emptyWarp,
  type ImageBox,
  maskBits,
  meanApertureCorrections,
  type PixelBox,
  type WarpOptions,
  warpInto,
} from '../../pixels/index.ts';
import type { Wcs } from '../../sky/index.ts';
import type { SummaryRow } from '../makeVisitSummary/index.ts';
import { neededPart } from './overlap.ts';

export interface VisitWarp {
  exposure: Exposure;
  /** Detectors that gave pixels, with how many. */
  detectors: { detector: number; pixels: number }[];
  goodPixels: number;
}

export interface WarpVisitOptions extends Pick<WarpOptions, 'kernel'> {
  centredKernel: boolean;
  /** AB magnitude of one count of the warp. */
  zeroPointMag: number;
}

/** Nanojansky of one count at an AB zero point. */
export function nanojanskyAt(zeroPointMag: number): number {
  return 10 ** ((31.4 - zeroPointMag) / 2.5);
}

/**
 * One visit in the frame of an output box: every overlapping detector resampled in turn, fluxes scaled to a common zero point. `read` gives the asked part of a
 * detector's image. Where two detectors cover a pixel the one with the lower number has it. Returns undefined where
 * nothing overlaps.
 */
export async function warpVisit(
  box: ImageBox,
  outWcs: Wcs,
  rows: readonly SummaryRow[],
  read: (row: SummaryRow, part: PixelBox) => Promise<Exposure>,
  options: WarpVisitOptions,
): Promise<VisitWarp | undefined> {
  const out = emptyWarp(box);
  const target = nanojanskyAt(options.zeroPointMag);
  const detectors: VisitWarp['detectors'] = [];
  const psfs: CoaddPsfInput[] = [];
  const corrected: CorrectedImage[] = [];
  let first: Exposure | undefined;
  for (const row of rows) {
    const part = neededPart(box, outWcs, row.box, row.wcs);
    if (part === undefined) continue;
    const exposure = await read(row, part);
    const { pixels } = warpInto(out, outWcs, exposure, row.wcs, {
      kernel: options.kernel,
      centredKernel: options.centredKernel,
      fluxScale: row.nanojanskyPerCount / target,
    });
    if (pixels === 0) continue;
    detectors.push({ detector: row.detector, pixels });
    if (exposure.psf !== undefined) psfs.push({ psf: exposure.psf, wcs: row.wcs, box: row.box, weight: 1 });
    corrected.push({ apCorr: exposure.apCorr, ...nearestPixel(box, outWcs, row), weight: pixels });
    first ??= exposure;
  }
  if (first === undefined) return undefined;
  const bad = maskBits('NO_DATA', 'BAD', 'SAT', 'CR');
  const typical = clippedStatistics(out.variance, out.mask, bad);
  const { visitInfo, instrument, physicalFilter, band } = first;
  return {
    exposure: {
      ...out,
      wcs: outWcs,
      psf: psfs.length === detectors.length ? new CoaddPsf(outWcs, psfs) : undefined,
      apCorr: meanApertureCorrections(corrected, { widthPx: box.width, heightPx: box.height }),
      photoCalib: { nanojanskyPerCount: target, nanojanskyPerCountErr: 0 },
      visitInfo,
      instrument,
      physicalFilter,
      band,
      metadata: {
        // Typical variance of a clean pixel: assembleCoadd weights by its inverse.
        MEANVAR: typical.count > 0 ? typical.median : null,
        NDETECT: detectors.length,
        MAGZERO: options.zeroPointMag,
      },
    },
    detectors,
    goodPixels: typical.count,
  };
}

/** The pixel of a detector that is nearest to the middle of the output box. */
function nearestPixel(box: ImageBox, outWcs: Wcs, row: SummaryRow): { x: number; y: number } {
  const middle = outWcs.pixelToSky(box.x0 + (box.width - 1) / 2, box.y0 + (box.height - 1) / 2);
  const { x, y } = row.wcs.skyToPixel(middle.raDeg, middle.decDeg);
  return {
    x: Math.min(row.box.x1 - 1, Math.max(row.box.x0, x)),
    y: Math.min(row.box.y1 - 1, Math.max(row.box.y0, y)),
  };
}
