// SPDX-License-Identifier: BSD-3-Clause
import type { ImageBox, PixelBox } from '../../pixels/index.ts';
import { separationArcsec, type Wcs } from '../../sky/index.ts';

/** Pixels more than the outline demands: the reach of the widest kernel, and the curvature between sampled points. */
const MARGIN_PX = 8;
/** Points along each side of the output box. */
const SAMPLES = 9;

/**
 * The part of a detector that is needed to fill an output box; undefined where they do not overlap. First by angular distance
 * (a distortion polynomial far outside its detector can point anywhere), then by the box's points in detector pixels.
 */
export function neededPart(box: ImageBox, outWcs: Wcs, detector: PixelBox, detectorWcs: Wcs): PixelBox | undefined {
  const patch = circleOf(box.x0, box.y0, box.x0 + box.width, box.y0 + box.height, outWcs);
  const chip = circleOf(detector.x0, detector.y0, detector.x1, detector.y1, detectorWcs);
  const apart = separationArcsec(patch.raDeg, patch.decDeg, chip.raDeg, chip.decDeg);
  if (!(apart <= 1.01 * (patch.radiusArcsec + chip.radiusArcsec))) return undefined;

  let x0 = Number.POSITIVE_INFINITY;
  let y0 = Number.POSITIVE_INFINITY;
  let x1 = Number.NEGATIVE_INFINITY;
  let y1 = Number.NEGATIVE_INFINITY;
  for (let j = 0; j < SAMPLES; j++) {
    for (let i = 0; i < SAMPLES; i++) {
      const sky = outWcs.pixelToSky(
        box.x0 + (i / (SAMPLES - 1)) * (box.width - 1),
        box.y0 + (j / (SAMPLES - 1)) * (box.height - 1),
      );
      const at = detectorWcs.skyToPixel(sky.raDeg, sky.decDeg);
      if (Number.isNaN(at.x)) continue;
      x0 = Math.min(x0, at.x);
      y0 = Math.min(y0, at.y);
      x1 = Math.max(x1, at.x);
      y1 = Math.max(y1, at.y);
    }
  }
  const part = {
    x0: Math.max(detector.x0, Math.floor(x0) - MARGIN_PX),
    y0: Math.max(detector.y0, Math.floor(y0) - MARGIN_PX),
    x1: Math.min(detector.x1, Math.ceil(x1) + MARGIN_PX + 1),
    y1: Math.min(detector.y1, Math.ceil(y1) + MARGIN_PX + 1),
  };
  return part.x0 < part.x1 && part.y0 < part.y1 ? part : undefined;
}

/** A circle that holds a box of pixels: centre and the farthest corner. */
function circleOf(x0: number, y0: number, x1: number, y1: number, wcs: Wcs) {
  const centre = wcs.pixelToSky((x0 + x1 - 1) / 2, (y0 + y1 - 1) / 2);
  let radiusArcsec = 0;
  for (const x of [x0 - 0.5, x1 - 0.5]) {
    for (const y of [y0 - 0.5, y1 - 0.5]) {
      const corner = wcs.pixelToSky(x, y);
      radiusArcsec = Math.max(radiusArcsec, separationArcsec(centre.raDeg, centre.decDeg, corner.raDeg, corner.decDeg));
    }
  }
  return { ...centre, radiusArcsec };
}
