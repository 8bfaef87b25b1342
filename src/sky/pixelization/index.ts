// SPDX-License-Identifier: BSD-3-Clause
import { unitVector } from '../angles.ts';
import type { Region } from '../regions/region.ts';
import { makeMq3c, makeQ3c } from './cube.ts';
import { Healpix } from './healpix.ts';
import { Htm } from './htm.ts';
import type { Pixelization } from './pixelization.ts';
import type { PixelRanges } from './range-set.ts';

export { Healpix } from './healpix.ts';
export { Htm } from './htm.ts';
export type { Pixelization } from './pixelization.ts';
export * from './range-set.ts';

const made = new Map<string, Pixelization>();
const makers: Readonly<Record<string, (level: number) => Pixelization>> = {
  htm: (level) => new Htm(level),
  healpix: (level) => new Healpix(level),
  q3c: makeQ3c,
  mq3c: makeMq3c,
};

export type PixelSystem = 'htm' | 'healpix' | 'q3c' | 'mq3c';

/** The pixelisation of a system at a level; instances are kept. */
export function pixelization(system: PixelSystem, level: number): Pixelization {
  const key = `${system}${level}`;
  let one = made.get(key);
  if (one === undefined) {
    one = makers[system](level);
    made.set(key, one);
  }
  return one;
}

/** HTM pixels that may overlap a region, as ranges. */
export function htmEnvelope(level: number, region: Region): PixelRanges {
  return pixelization('htm', level).envelope(region);
}
/** HEALPix (nested) pixels that may overlap a region, as ranges. */
export function healpixEnvelope(level: number, region: Region): PixelRanges {
  return pixelization('healpix', level).envelope(region);
}
/** Region of one pixel. */
export function pixelRegion(system: PixelSystem, level: number, index: number): Region {
  return pixelization(system, level).pixel(index);
}
/** HTM pixel of a position in degrees. */
export function htmIndex(level: number, raDeg: number, decDeg: number): number {
  return pixelization('htm', level).index(unitVector(raDeg, decDeg));
}
/** HEALPix (nested) pixel of a position in degrees. */
export function healpixIndex(level: number, raDeg: number, decDeg: number): number {
  return pixelization('healpix', level).index(unitVector(raDeg, decDeg));
}
