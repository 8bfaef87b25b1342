// SPDX-License-Identifier: BSD-3-Clause
import { FitsFile } from '../../fits/index.ts';
import type { VisitInfo } from '../../pixels/index.ts';
import { mjdFromTaiNs } from '../../sky/index.ts';
import { formatSection } from '../definition/sections.ts';
import { instrumentErrors } from '../errors.ts';
import type { Instrument, ObservationInfo, RawAmplifier, RawExposure } from '../model.ts';
import { wcsHeaders } from './initial-wcs.ts';

/** Reads one detector of a raw file: every amplifier's whole section, each HDU once. */
export async function readRaw(path: string, instrument: Instrument, detectorId?: number): Promise<RawExposure> {
  const file = await FitsFile.open(path);
  try {
    const headers = file.hdus.map((hdu) => hdu.header.toCards());
    const info = instrument.translate(headers, path);
    const detector = instrument.detector(detectorId ?? info.detectors[0]);
    if (detector.amplifiers.length === 0) {
      throw instrumentErrors.NO_AMPLIFIERS({ instrument: instrument.name, detector: detector.name });
    }
    const planes = new Map<number | string, { data: Float32Array; width: number; height: number }>();
    const amplifiers: RawAmplifier[] = [];
    for (const amplifier of detector.amplifiers) {
      let plane = planes.get(amplifier.hdu);
      if (plane === undefined) {
        const image = await file.hdu(amplifier.hdu).readImage({ as: 'float32' });
        plane = { data: image.data, width: image.width, height: image.height };
        planes.set(amplifier.hdu, plane);
      }
      for (const box of [amplifier.rawData, amplifier.rawOverscan]) {
        if (box !== undefined && (box.x1 > plane.width || box.y1 > plane.height)) {
          throw instrumentErrors.RAW_SHAPE({
            file: path,
            amplifier: amplifier.name,
            section: formatSection(box),
            width: plane.width,
            height: plane.height,
          });
        }
      }
      amplifiers.push({ amplifier, ...plane });
    }
    return {
      instrument,
      detector,
      amplifiers,
      headers,
      info,
      visitInfo: visitInfoOf(info),
      wcs: instrument.initialWcs(wcsHeaders(headers, detector), info, detector),
    };
  } finally {
    await file.close();
  }
}

export function visitInfoOf(info: ObservationInfo): VisitInfo {
  return {
    exposureTimeSeconds: info.exposureTimeSeconds,
    darkTimeSeconds: info.darkTimeSeconds,
    mjdTai: (mjdFromTaiNs(info.beginNs) + mjdFromTaiNs(info.endNs)) / 2,
    boresightRaDeg: info.raDeg,
    boresightDecDeg: info.decDeg,
    rotatorAngleDeg: info.skyAngleDeg,
    airmass: info.zenithAngleDeg === undefined ? undefined : 1 / Math.cos((info.zenithAngleDeg * Math.PI) / 180),
  };
}
