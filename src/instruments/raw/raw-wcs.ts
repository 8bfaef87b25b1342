// SPDX-License-Identifier: BSD-3-Clause
import type { Wcs } from '../../sky/index.ts';
import { readHeaders } from '../headers/read-headers.ts';
import type { Instrument } from '../model.ts';

/** First guess of the WCS of one detector of a raw file, from its headers alone. */
export async function readRawWcs(path: string, instrument: Instrument, detectorId: number): Promise<Wcs | undefined> {
  const headers = await readHeaders(path);
  const info = instrument.translate(headers, path);
  return instrument.initialWcs(headers, info, instrument.detector(detectorId));
}
