// SPDX-License-Identifier: BSD-3-Clause
import { z } from 'zod';

const colorTerm = z.strictObject({
  primary: z.string().describe('reference band closest to the exposure'),
  secondary: z.string().describe('reference band that makes the colour primary - secondary'),
  c0: z.number().default(0).describe('constant, mag'),
  c1: z.number().describe('slope with colour'),
  c2: z.number().default(0).describe('curvature with colour'),
});

export const calibrateConfig = z.strictObject({
  refCat: z.string().default('refcat').describe('Reference catalogue: dataset type of its shards, fills {refCat}'),
  referenceBands: z
    .record(z.string(), z.string())
    .default({})
    .describe('Reference band for a band of ours, where the names differ'),
  colorTerms: z.record(z.string(), colorTerm).default({}).describe('Colour term for a band of ours'),
  fluxColumn: z.string().default('base_PsfFlux').describe('Flux to calibrate: prefix of _instFlux and _instFluxErr'),
  badFlags: z
    .array(z.string())
    .default([
      'base_SdssCentroid_flag',
      'base_PsfFlux_flag',
      'base_PixelFlags_flag_edge',
      'base_PixelFlags_flag_saturated',
      'base_PixelFlags_flag_interpolatedCenter',
      'base_PixelFlags_flag_crCenter',
      'base_PixelFlags_flag_bad',
      'base_PixelFlags_flag_nodata',
    ])
    .describe('Sources with any of these flags are not used; flags that the catalogue lacks do not count'),
  maximumShiftArcsec: z.number().positive().default(240).describe('Largest error of the initial pointing'),
  maximumRotationDeg: z.number().nonnegative().default(1).describe('Largest error of the initial position angle'),
  brightestSources: z.int().min(10).default(150).describe('Sources that vote for the pointing'),
  minimumSnrAstrometry: z.number().default(10).describe('Least signal to noise for astrometry'),
  minimumSnrPhotometry: z.number().default(20).describe('Least signal to noise for photometry'),
  order: z
    .int()
    .min(1)
    .max(6)
    .default(3)
    .describe('Order of the TAN-SIP fit; 1 is a plain TAN. Lowered where stars are few'),
  starsPerTerm: z.number().min(1).default(4).describe('Stars that each polynomial term needs'),
  clipSigma: z
    .number()
    .positive()
    .default(3.5)
    .describe('Matches beyond this many of their errors (scaled to the robust scatter) are left out'),
  matchRadiusArcsec: z.number().positive().default(1.5).describe('Radius of the final matching'),
  minimumMatches: z.int().min(3).default(5).describe('Fewest matched stars for astrometry'),
  maximumScatterArcsec: z
    .number()
    .positive()
    .default(0.5)
    .describe('Astrometric scatter per coordinate that fails the detector'),
  doPhotometry: z.boolean().default(true).describe('Fit the zero point'),
  maximumExtendedness: z.number().default(0.5).describe('Sources above this are galaxies and not used for photometry'),
  photometryFloorMag: z.number().nonnegative().default(0.01).describe('Scatter of single stars beyond their errors'),
  minimumPhotometryStars: z.int().min(1).default(3).describe('Fewest stars for the zero point'),
});
export type CalibrateConfig = z.infer<typeof calibrateConfig>;
