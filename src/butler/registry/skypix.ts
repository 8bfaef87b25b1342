// SPDX-License-Identifier: BSD-3-Clause
import { decodeRegion, type PixelRanges, type PixelSystem, pixelization } from '../../sky/index.ts';
import { butlerErrors } from '../errors.ts';

/** Ranges `[begin, end)` of pixels that an encoded region may overlap: none is missing, some may be too many. */
export function skypixEnvelope(system: string, level: number, region: Uint8Array): PixelRanges {
  if (!isPixelSystem(system)) throw butlerErrors.UNSUPPORTED({ what: `The sky pixelisation ${system}` });
  return pixelization(system, level).envelope(decodeRegion(region));
}

function isPixelSystem(system: string): system is PixelSystem {
  return system === 'htm' || system === 'healpix';
}
