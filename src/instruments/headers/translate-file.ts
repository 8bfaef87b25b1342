// SPDX-License-Identifier: BSD-3-Clause
import { instrumentErrors } from '../errors.ts';
import type { Instrument, StandardObservation } from '../model.ts';
import { readHeaders } from './read-headers.ts';

/** What the headers of a file say in standard terms, one for each detector; the first instrument that recognises them speaks. */
export async function translateFile(path: string, instruments: readonly Instrument[]): Promise<StandardObservation[]> {
  const { headers } = await readHeaders(path);
  const instrument = instruments.find((one) => one.recognises(headers));
  if (instrument !== undefined) return instrument.standardObservations(headers, path);
  throw instrumentErrors.NOT_RECOGNISED({
    file: path,
    clue: `INSTRUME = ${headers[0]?.['INSTRUME'] ?? '(absent)'}`,
    known: instruments.map((one) => one.name).join(', '),
  });
}
