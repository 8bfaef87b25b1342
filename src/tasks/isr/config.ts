// SPDX-License-Identifier: BSD-3-Clause
import { z } from 'zod';
import { cosmicRayDefaults } from '../../pixels/index.ts';

/** Fields of every step that turns raw pixels into an assembled detector: `isr` and the calibration builders share them. */
export const assemblyFields = {
  overscan: z
    .enum(['median-per-row', 'median', 'none'])
    .default('median-per-row')
    .describe('How the bias level is taken from the serial overscan'),
  parallelOverscan: z.boolean().default(false).describe('Also take off column levels from the parallel overscan'),
  pedestalAdu: z
    .number()
    .default(0)
    .describe('Constant to subtract besides: the soft bias of frames that come corrected (SDSS: 1000)'),
  doLinearity: z.boolean().default(true).describe('Correct non-linearity with the coefficients of the camera'),
  growSaturationPx: z
    .number()
    .int()
    .min(0)
    .default(1)
    .describe('Grow the mask of saturated pixels by so many pixels, where charge has spilled'),
  doDefects: z.boolean().default(true).describe('Mask the known bad pixels of the camera definition'),
};

export const isrConfig = z.strictObject({
  ...assemblyFields,
  doBias: z.boolean().default(true).describe('Subtract the master bias'),
  doDark: z.boolean().default(false).describe('Subtract the master dark, scaled by the dark time'),
  doFlat: z.boolean().default(true).describe('Divide by the flat of the exposure’s filter'),
  minimumFlat: z.number().positive().default(0.1).describe('Pixels with less response than this are bad, not divided'),
  doDefectTable: z
    .boolean()
    .default(false)
    .describe('Also mask the boxes of the certified `defects` table (columns x0, y0, width, height)'),
  doLinearizer: z
    .boolean()
    .default(false)
    .describe('Take non-linearity from the certified `linearizer` table instead of the camera definition'),
  doApplyGain: z.boolean().default(false).describe('Give the image in electrons instead of ADU'),
  doCosmicRays: z.boolean().default(true).describe('Find cosmic rays by their sharp edges (L.A.Cosmic)'),
  cosmicRays: z
    .strictObject({
      sigmaLimit: z.number().positive().default(cosmicRayDefaults.sigmaLimit).describe('Laplacian-to-noise limit'),
      neighbourFraction: z
        .number()
        .positive()
        .default(cosmicRayDefaults.neighbourFraction)
        .describe('Neighbours of a ray are tested against this fraction of the limit'),
      contrastLimit: z
        .number()
        .positive()
        .default(cosmicRayDefaults.contrastLimit)
        .describe('Least contrast to the fine structure: raise it for undersampled images'),
      iterations: z.number().int().positive().default(cosmicRayDefaults.iterations).describe('Rounds at most'),
      maximumFraction: z
        .number()
        .positive()
        .default(cosmicRayDefaults.maximumFraction)
        .describe('Give up, mark nothing and say so beyond this fraction of pixels'),
    })
    .prefault({})
    .describe('Cosmic-ray search'),
  doInterpolate: z.boolean().default(true).describe('Interpolate over bad, saturated and cosmic-ray pixels'),
  interpolation: z
    .strictObject({
      psfFwhmPx: z.number().positive().default(3).describe('Guess of the PSF’s full width at half maximum'),
      maximumGapPx: z.number().int().positive().default(30).describe('Longer gaps are filled by a straight line'),
      saturated: z.boolean().default(true).describe('Also interpolate over saturated pixels'),
    })
    .prefault({})
    .describe('Interpolation over bad pixels'),
});
export type IsrConfig = z.infer<typeof isrConfig>;
export type AssemblyConfig = Pick<IsrConfig, keyof typeof assemblyFields>;
