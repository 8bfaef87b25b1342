// SPDX-License-Identifier: BSD-3-Clause
import type { DimensionRecord } from '../../butler/index.ts';
import { type Cards, encodeRegion, polygonFromLonLat, type Wcs, wcsFromCards } from '../../sky/index.ts';
import type { Instrument } from '../model.ts';
import { readRawWcs } from '../raw/raw-wcs.ts';
import type { RawOfExposure } from './raws.ts';

/** Where a visit and each of its detectors look: encoded convex polygons around all padded detector corners. */
export interface VisitRegions {
  visit: Uint8Array;
  detectors: { detector: number; region: Uint8Array }[];
}

/**
 * Regions of a visit from the first WCS of its raws: from `pointings` (cards by `exposure detector`) where they are, else from the
 * headers of the file and the camera geometry. Undefined where no raw has a place on the sky.
 */
export async function visitRegions(
  instrument: Instrument,
  exposures: readonly number[],
  raws: ReadonlyMap<number, readonly RawOfExposure[]>,
  options: { paddingPx: number; pointings?: ReadonlyMap<string, Cards> },
): Promise<VisitRegions | undefined> {
  const corners: { detector: number; points: [number, number][] }[] = [];
  for (const exposure of exposures) {
    for (const { detector, path } of raws.get(exposure) ?? []) {
      const cards = options.pointings?.get(`${exposure} ${detector}`);
      const wcs = cards === undefined ? await readRawWcs(path, instrument, detector) : wcsFromCards(cards);
      if (wcs === undefined) continue;
      corners.push({ detector, points: detectorCorners(instrument, detector, wcs, options.paddingPx) });
    }
  }
  if (corners.length === 0) return undefined;
  const region = (list: typeof corners): Uint8Array => encodeRegion(polygonFromLonLat(list.flatMap((c) => c.points)));
  return {
    visit: region(corners),
    detectors: [...Map.groupBy(corners, (c) => c.detector)].map(([detector, group]) => ({
      detector,
      region: region(group),
    })),
  };
}

/** Records of `visit_detector_region`. */
export function detectorRegionRecords(instrument: string, visit: number, regions: VisitRegions): DimensionRecord[] {
  return regions.detectors.map(({ detector, region }) => ({ instrument, visit, detector, region }));
}

/** Outer corners of the pixel grid (half a pixel beyond the centres), padded, as [ra, dec] in degrees. */
function detectorCorners(instrument: Instrument, id: number, wcs: Wcs, padding: number): [number, number][] {
  const { width, height } = instrument.detector(id);
  const lo = -0.5 - padding;
  return [
    [lo, lo],
    [width - 0.5 + padding, lo],
    [width - 0.5 + padding, height - 0.5 + padding],
    [lo, height - 0.5 + padding],
  ].map(([x, y]) => {
    const { raDeg, decDeg } = wcs.pixelToSky(x, y);
    return [raDeg, decDeg];
  });
}
