// SPDX-License-Identifier: BSD-3-Clause
import { z } from 'zod';
import {
  defineTask,
  initInput,
  initOutput,
  input,
  output,
  prerequisite,
  type TaskDefinition,
  type TaskResolver,
} from '../../src/pipeline/index.ts';

/** A small survey pipeline's declarations: raws to calibrated images, warps, coadds and a catalogue. */
export const surveyTasks: Record<string, TaskDefinition> = {
  isr: defineTask({
    name: 'isr',
    dimensions: ['instrument', 'exposure', 'detector'],
    connections: {
      raw: input('raw', { dimensions: ['exposure', 'detector'], storage: 'Exposure' }),
      bias: prerequisite('bias', { dimensions: ['detector'], storage: 'ExposureF', isCalibration: true }),
      exposure: output('postISRCCD', { dimensions: ['exposure', 'detector'], storage: 'Exposure' }),
    },
    config: z.object({
      doBias: z.boolean().default(true).describe('subtract the bias'),
      saturation: z.number().positive().default(65000).describe('saturation level in ADU'),
      overscan: z
        .object({
          order: z.number().int().min(0).default(1).describe('polynomial order'),
          method: z.enum(['median', 'mean']).default('median'),
        })
        .prefault({}),
    }),
    run: () => ({}),
  }) as TaskDefinition,
  calibrate: defineTask({
    name: 'calibrate',
    dimensions: ['instrument', 'visit', 'detector'],
    connections: {
      exposures: input('postISRCCD', { dimensions: ['exposure', 'detector'], storage: 'ExposureF', multiple: true }),
      schema: initOutput('src_schema', { storage: 'SourceCatalog' }),
      calexp: output('calexp', { dimensions: ['visit', 'detector'], storage: 'ExposureF' }),
    },
    config: z.object({ threshold: z.number().default(5) }),
    run: () => ({}),
  }) as TaskDefinition,
  makeWarp: defineTask({
    name: 'makeWarp',
    dimensions: ['tract', 'patch', 'visit'],
    connections: {
      images: input('calexp', { dimensions: ['visit', 'detector'], storage: 'ExposureF', multiple: true }),
      skyMap: prerequisite('skyMap', { dimensions: ['skymap'], storage: 'SkyMap' }),
      schema: initInput('src_schema', { storage: 'SourceCatalog' }),
      warp: output('{coaddName}Coadd_warp', { dimensions: ['tract', 'patch', 'visit'], storage: 'ExposureF' }),
    },
    config: z.object({
      kernel: z.enum(['lanczos3', 'lanczos5']).default('lanczos3'),
      coaddName: z.string().default('deep'),
    }),
    run: () => ({}),
  }) as TaskDefinition,
  assemble: defineTask({
    name: 'assemble',
    dimensions: ['tract', 'patch', 'band'],
    connections: {
      warps: input('{coaddName}Coadd_warp', {
        dimensions: ['tract', 'patch', 'visit'],
        storage: 'ExposureF',
        multiple: true,
        deferred: true,
      }),
      coadd: output('{coaddName}Coadd', { dimensions: ['tract', 'patch', 'band'], storage: 'ExposureF' }),
    },
    config: z.object({
      kernel: z.enum(['lanczos3', 'lanczos5']).default('lanczos3'),
      coaddName: z.string().default('deep'),
    }),
    run: () => ({}),
  }) as TaskDefinition,
};

export const resolver: TaskResolver = async (name) => surveyTasks[name];
