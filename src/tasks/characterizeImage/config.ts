// SPDX-License-Identifier: BSD-3-Clause
import { z } from 'zod';

export const characterizeConfig = z.strictObject({
  backgroundBinSizePx: z.number().int().min(8).default(128).describe('Mesh size of the sky background'),
  psfFwhmGuessPx: z.number().positive().default(4).describe('First guess of the seeing; only starts the iteration'),
  threshold: z
    .number()
    .positive()
    .default(5)
    .describe('Detection level of the catalogue, sigma of the PSF-smoothed image'),
  starThreshold: z.number().positive().default(10).describe('Detection level while looking for PSF stars'),
  growSigma: z.number().min(0).default(2.4).describe('Footprints are grown by this many PSF sigmas'),
  minProminence: z
    .number()
    .min(0)
    .default(2)
    .describe('A blended peak must rise so many sigma above the saddle to its neighbour'),
  minContrast: z
    .number()
    .min(0)
    .default(0)
    .describe(
      '… and hold this fraction of the light of its footprint above the saddle; 0 keeps faint companions of bright stars',
    ),
  psfDegree: z
    .number()
    .int()
    .min(0)
    .max(4)
    .default(2)
    .describe('Highest degree of the PSF variation over the detector'),
  psfIterations: z.number().int().min(1).max(5).default(2).describe('Rounds of star selection and PSF fit'),
  minStarSignalToNoise: z.number().positive().default(50).describe('Signal to noise of a PSF star'),
  doCosmicRays: z
    .boolean()
    .default(false)
    .describe('Look for cosmic rays once the PSF is known (isr does by default; not both)'),
  apCorrAperturePx: z.number().positive().default(12).describe('Radius that fluxes of stars are corrected to'),
  aperturesPx: z
    .array(z.number().positive())
    .default([3, 4.5, 6, 9, 12, 17, 25])
    .describe('Radii of the circular apertures; must include apCorrAperturePx'),
  localBackground: z.boolean().default(false).describe('Also measure the sky in an annulus around each source'),
});
export type CharacterizeConfig = z.infer<typeof characterizeConfig>;
