// SPDX-License-Identifier: BSD-3-Clause
/** Angles, times, WCS, regions, pixelisations, sky maps. */
export * from './wcs/wcs.ts';
