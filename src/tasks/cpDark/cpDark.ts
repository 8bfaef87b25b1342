// SPDX-License-Identifier: BSD-3-Clause
import { z } from 'zod';
import type { DeferredDataset } from '../../butler/index.ts';
import type { RawExposure } from '../../instruments/index.ts';
import { defineTask, input, output, prerequisite } from '../../pipeline/index.ts';
import type { Exposure } from '../../pixels/index.ts';
import { calibrationExposure, combineFields, combineFrames, combineMethod } from '../cpCombine/index.ts';
import { assembleRaw, assemblyFields } from '../isr/index.ts';

const config = z.strictObject({
  ...assemblyFields,
  ...combineFields,
  doBias: z.boolean().default(true).describe('Subtract the master bias'),
  combine: combineMethod.default('clippedMean'),
  observationTypes: z.array(z.string()).min(1).default(['dark']).describe('Types of exposure that may go in'),
});

/** Master dark of one detector: bias-subtracted dark exposures, each divided by its dark time, combined by clipped mean. */
export const cpDark = defineTask({
  name: 'cpDark',
  doc: 'Builds the master dark of one detector',
  dimensions: ['instrument', 'detector'],
  connections: {
    raws: input('raw', {
      dimensions: ['instrument', 'exposure', 'detector'],
      storage: 'Exposure',
      multiple: true,
      deferred: true,
      doc: 'Dark exposures (choose them with the data query)',
    }),
    bias: prerequisite('bias', {
      dimensions: ['instrument', 'detector'],
      storage: 'ExposureF',
      isCalibration: true,
      doc: 'Master bias, ADU',
    }),
    dark: output('dark', {
      dimensions: ['instrument', 'detector'],
      storage: 'ExposureF',
      isCalibration: true,
      doc: 'Master dark, ADU per second of dark time',
    }),
  },
  config,
  adjustConnections(connections, settings) {
    const kept = { ...connections };
    if (!settings.doBias) delete kept['bias'];
    return kept;
  },
  resources: (_inputs, settings) => ({ memoryBytes: settings.memoryLimitBytes + 1e9, cores: 1 }),
  async run({ raws, bias }: { raws: DeferredDataset<RawExposure>[]; bias?: Exposure }, context) {
    const settings = context.config;
    const combined = await combineFrames(
      raws,
      {
        observationTypes: settings.observationTypes,
        assemble: (raw) => assembleRaw(raw, settings, { bias: settings.doBias ? bias : undefined }).image,
        judge: (_image, raw) => {
          const seconds = raw.visitInfo.darkTimeSeconds ?? raw.visitInfo.exposureTimeSeconds;
          return seconds > 0 ? { scale: 1 / seconds } : { skip: `its dark time is ${seconds} s` };
        },
      },
      context,
    );
    return { dark: calibrationExposure(combined, 'dark', 'adu/s', settings.combine) };
  },
});
