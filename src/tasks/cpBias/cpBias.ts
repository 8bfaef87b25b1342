// SPDX-License-Identifier: BSD-3-Clause
import { z } from 'zod';
import type { DeferredDataset } from '../../butler/index.ts';
import type { RawExposure } from '../../instruments/index.ts';
import { defineTask, input, output } from '../../pipeline/index.ts';
import { calibrationExposure, combineFields, combineFrames, combineMethod } from '../cpCombine/index.ts';
import { assembleRaw, assemblyFields } from '../isr/index.ts';

const config = z.strictObject({
  ...assemblyFields,
  ...combineFields,
  doLinearity: z.boolean().default(false).describe('Correct non-linearity (a bias has no signal to correct)'),
  growSaturationPx: z.number().int().min(0).default(0).describe('Grow the mask of saturated pixels'),
  combine: combineMethod.default('clippedMean'),
  observationTypes: z.array(z.string()).min(1).default(['bias', 'zero']).describe('Types of exposure that may go in'),
});

/**
 * Master bias of one detector: overscan-corrected zero-length exposures, combined by clipped mean. Raw exposures are read once
 * and processed within the combination; no intermediate image is written.
 */
export const cpBias = defineTask({
  name: 'cpBias',
  doc: 'Builds the master bias of one detector',
  dimensions: ['instrument', 'detector'],
  connections: {
    raws: input('raw', {
      dimensions: ['instrument', 'exposure', 'detector'],
      storage: 'Exposure',
      multiple: true,
      deferred: true,
      doc: 'Bias exposures (choose them with the data query)',
    }),
    bias: output('bias', {
      dimensions: ['instrument', 'detector'],
      storage: 'ExposureF',
      isCalibration: true,
      doc: 'Master bias, ADU above the overscan',
    }),
  },
  config,
  resources: (_inputs, settings) => ({ memoryBytes: settings.memoryLimitBytes + 1e9, cores: 1 }),
  async run({ raws }: { raws: DeferredDataset<RawExposure>[] }, context) {
    const settings = context.config;
    const combined = await combineFrames(
      raws,
      {
        observationTypes: settings.observationTypes,
        assemble: (raw) => assembleRaw(raw, settings).image,
        judge: () => ({ scale: 1 }),
      },
      context,
    );
    return { bias: calibrationExposure(combined, 'bias', 'adu', settings.combine) };
  },
});
