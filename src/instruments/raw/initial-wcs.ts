// SPDX-License-Identifier: BSD-3-Clause
import { type Cards, makeTanWcs, type Wcs, wcsFromCards } from '../../sky/index.ts';
import type { Detector, Instrument, ObservationInfo } from '../model.ts';

/**
 * First guess of a detector's WCS. `header`: the TAN keywords of the raw file (the detector's own HDU, else the primary).
 * `boresight`: a TAN plane at the pointing, scaled by the plate scale, turned by the sky angle and shifted to the
 * detector's place in the focal plane.
 */
export function initialWcs(
  source: 'header' | 'boresight' | 'none',
  instrument: Instrument,
  headers: readonly Cards[],
  info: ObservationInfo,
  detector: Detector,
): Wcs | undefined {
  if (!info.canSeeSky || source === 'none') return undefined;
  if (source === 'header') {
    const cards = headers.find((h) => typeof h['CTYPE1'] === 'string' && h['CTYPE1'].startsWith('RA'));
    return cards === undefined ? undefined : wcsFromCards(cards);
  }
  if (info.raDeg === undefined || info.decDeg === undefined) return undefined;
  const scale = instrument.plateScaleArcsecPerMm * detector.pixelSizeMm;
  return makeTanWcs({
    raDeg: info.raDeg,
    decDeg: info.decDeg,
    // Where the boresight falls in this detector's pixels.
    ...boresightPixel(detector),
    pixelScaleArcsec: scale,
    rotationDeg: (info.skyAngleDeg ?? 0) + detector.rotationDeg,
  });
}

function boresightPixel(detector: Detector): { x: number; y: number } {
  const angle = (-detector.rotationDeg * Math.PI) / 180;
  const dx = -detector.centerXMm / detector.pixelSizeMm;
  const dy = -detector.centerYMm / detector.pixelSizeMm;
  return {
    x: (detector.width - 1) / 2 + dx * Math.cos(angle) - dy * Math.sin(angle),
    y: (detector.height - 1) / 2 + dx * Math.sin(angle) + dy * Math.cos(angle),
  };
}

/** The headers to look for a WCS in: the detector's own HDU before the primary. */
export function wcsHeaders(headers: readonly Cards[], detector: Detector): readonly Cards[] {
  const hdu = detector.amplifiers[0]?.hdu ?? detector.name;
  const named = (h: Cards) => typeof h['EXTNAME'] === 'string' && h['EXTNAME'].trim() === hdu;
  const own = typeof hdu === 'number' ? headers[hdu] : headers.find(named);
  return own === undefined ? headers : [own, ...headers];
}
