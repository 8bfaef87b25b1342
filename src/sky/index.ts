// SPDX-License-Identifier: BSD-3-Clause
/** Angles, times, WCS, regions, pixelisations, sky maps. */
export {
  ARCSEC,
  angleBetween,
  DEG,
  lonLatDeg,
  normalizeLonDeg,
  separationArcsec,
  type UnitVector,
  unitVector,
} from './angles.ts';
export * from './pixelization/index.ts';
export * from './regions/index.ts';
export * from './skymap/index.ts';
export * from './time/index.ts';
export type { SipTerm, SipTerms } from './wcs/distortion/sip.ts';
export { makeTanWcs, type TanParameters, wcsFromCards, withSip } from './wcs/make.ts';
export * from './wcs/wcs.ts';
