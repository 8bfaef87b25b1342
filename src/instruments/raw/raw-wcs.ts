// SPDX-License-Identifier: BSD-3-Clause
import type { Wcs } from '../../sky/index.ts';
import { readHeaders } from '../headers/read-headers.ts';
import type { Instrument } from '../model.ts';
import { wcsHeaders } from './initial-wcs.ts';

/** First guess of the WCS of one detector of a raw file, from its headers alone. */
export async function readRawWcs(path: string, instrument: Instrument, detectorId: number): Promise<Wcs | undefined> {
  const { headers } = await readHeaders(path);
  const info = instrument.translate(headers, path);
  const detector = instrument.detector(detectorId);
  return instrument.initialWcs(wcsHeaders(headers, detector), info, detector);
}
