// SPDX-License-Identifier: BSD-3-Clause
import * as sky from '../../sky/index.ts';
import { butlerErrors } from '../errors.ts';

type Envelope = (level: number, region: unknown) => readonly (readonly [number, number])[];
const lateSky = sky as unknown as {
  decodeRegion?: (bytes: Uint8Array) => unknown;
  htmEnvelope?: Envelope;
  healpixEnvelope?: Envelope;
};

/** Ranges `[begin, end)` of pixels that an encoded region may overlap: none is missing, some may be too many. */
export function skypixEnvelope(
  system: string,
  level: number,
  region: Uint8Array,
): readonly (readonly [number, number])[] {
  const envelope = system === 'htm' ? lateSky.htmEnvelope : system === 'healpix' ? lateSky.healpixEnvelope : undefined;
  if (envelope === undefined || lateSky.decodeRegion === undefined)
    throw butlerErrors.UNSUPPORTED({ what: `The sky pixelisation ${system}` });
  return envelope(level, lateSky.decodeRegion(region));
}
