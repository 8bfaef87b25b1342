// SPDX-License-Identifier: BSD-3-Clause
import { z } from 'zod';

/** Fields which the builders of master calibrations share. */
export const combineFields = {
  nSigma: z.number().positive().default(4).describe('Values further than this from the median are left out'),
  iterations: z.number().int().positive().default(3).describe('Clipping rounds at most'),
  minimumFrames: z
    .number()
    .int()
    .positive()
    .default(2)
    .describe('Fewer usable exposures than this make no calibration'),
  memoryLimitBytes: z
    .number()
    .positive()
    .default(2 ** 30)
    .describe('Planes beyond this much memory wait in the scratch folder'),
};

export const combineMethod = z
  .enum(['mean', 'median', 'clippedMean'])
  .describe('How the exposures are combined at each pixel');

export interface CombineConfig {
  combine: 'mean' | 'median' | 'clippedMean';
  nSigma: number;
  iterations: number;
  minimumFrames: number;
  memoryLimitBytes: number;
}
