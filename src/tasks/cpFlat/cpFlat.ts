// SPDX-License-Identifier: BSD-3-Clause
import { z } from 'zod';
import type { DeferredDataset } from '../../butler/index.ts';
import type { RawExposure } from '../../instruments/index.ts';
import { defineTask, input, output, prerequisite } from '../../pipeline/index.ts';
import { type Exposure, goodMedian, type MaskedImage, maskBits } from '../../pixels/index.ts';
import { calibrationExposure, combineFields, combineFrames, combineMethod } from '../cpCombine/index.ts';
import { assembleRaw, assemblyFields } from '../isr/index.ts';

const config = z.strictObject({
  ...assemblyFields,
  ...combineFields,
  doBias: z.boolean().default(true).describe('Subtract the master bias'),
  doDark: z.boolean().default(false).describe('Subtract the master dark, scaled by the dark time'),
  combine: combineMethod.default('clippedMean'),
  observationTypes: z
    .array(z.string())
    .min(1)
    .default(['flat', 'domeflat', 'skyflat', 'dome flat', 'sky flat'])
    .describe('Types of exposure that may go in'),
  minimumLevelAdu: z.number().default(500).describe('Exposures with a lower median are too faint to go in'),
  maximumLevelAdu: z.number().optional().describe('Exposures with a higher median are left out (near saturation)'),
  minimumResponse: z.number().default(0.1).describe('Pixels with less response than this are marked bad'),
  maximumResponse: z.number().default(3).describe('Pixels with more response than this are marked bad'),
});

/**
 * Flat field of one detector and filter: bias- and dark-subtracted flats, each divided by the median of its good pixels, combined
 * by clipped mean (by median when there are three or four). The result has a median of about one.
 */
export const cpFlat = defineTask({
  name: 'cpFlat',
  doc: 'Builds the flat field of one detector and filter',
  dimensions: ['instrument', 'detector', 'physical_filter'],
  connections: {
    raws: input('raw', {
      dimensions: ['instrument', 'exposure', 'detector'],
      storage: 'Exposure',
      multiple: true,
      deferred: true,
      doc: 'Flat exposures (choose them with the data query)',
    }),
    bias: prerequisite('bias', {
      dimensions: ['instrument', 'detector'],
      storage: 'ExposureF',
      isCalibration: true,
      doc: 'Master bias, ADU',
    }),
    dark: prerequisite('dark', {
      dimensions: ['instrument', 'detector'],
      storage: 'ExposureF',
      isCalibration: true,
      doc: 'Master dark, ADU per second of dark time',
    }),
    flat: output('flat', {
      dimensions: ['instrument', 'detector', 'physical_filter'],
      storage: 'ExposureF',
      isCalibration: true,
      doc: 'Response relative to the median',
    }),
  },
  config,
  adjustConnections(connections, settings) {
    const kept = { ...connections };
    if (!settings.doBias) delete kept['bias'];
    if (!settings.doDark) delete kept['dark'];
    return kept;
  },
  resources: (_inputs, settings) => ({ memoryBytes: settings.memoryLimitBytes + 1e9, cores: 1 }),
  async run({ raws, bias, dark }: { raws: DeferredDataset<RawExposure>[]; bias?: Exposure; dark?: Exposure }, context) {
    const settings = context.config;
    const badBits = maskBits('BAD', 'SAT', 'NO_DATA', 'UNMASKEDNAN');
    const combined = await combineFrames(
      raws,
      {
        observationTypes: settings.observationTypes,
        assemble: (raw) =>
          assembleRaw(raw, settings, {
            bias: settings.doBias ? bias : undefined,
            dark: settings.doDark ? dark : undefined,
          }).image,
        judge: (image) => {
          const level = goodMedian(image, badBits);
          const maximum = settings.maximumLevelAdu ?? Number.POSITIVE_INFINITY;
          if (level >= settings.minimumLevelAdu && level <= maximum) return { scale: 1 / level };
          return { skip: `its median level is ${level.toFixed(1)} ADU` };
        },
      },
      context,
    );
    markResponse(combined.image, settings.minimumResponse, settings.maximumResponse);
    return { flat: calibrationExposure(combined, 'flat', '', settings.combine) };
  },
});

function markResponse(image: MaskedImage, minimum: number, maximum: number): void {
  const bad = maskBits('BAD');
  for (let i = 0; i < image.image.length; i++) {
    const response = image.image[i];
    if (!(response >= minimum && response <= maximum)) image.mask[i] |= bad;
  }
}
