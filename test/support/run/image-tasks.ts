// SPDX-License-Identifier: BSD-3-Clause
/** Tasks that hand images on: makeImage -> blurImage -> measureImage, all with one calibration. */
import { z } from 'zod';
import {
  defineTask,
  input,
  output,
  prerequisite,
  type QuantumContext,
  type TaskDefinition,
} from '../../../src/pipeline/index.ts';
import type { Exposure } from '../../../src/pixels/index.ts';
import { misbehave, once, trouble } from './trouble.ts';

const dimensions = ['htm7'];
const storage = 'ExposureF';
const calib = prerequisite('calib', { dimensions: [], storage });
const numbers = 'StructuredDataDict';

const config = trouble.extend({ size: z.number().default(64), throwOnce: z.array(z.number()).default([]) });

async function behave(what: string, context: QuantumContext<z.infer<typeof config>>): Promise<number> {
  const { dataId, config: c } = context;
  const cell = Number(dataId['htm7']);
  await misbehave(cell, c, context);
  if (c.throwOnce.includes(cell) && once(c, `${what}-${cell}`)) throw new Error(`EIO once for ${cell}`);
  return cell;
}

const sumOf = (plane: Float32Array): number => plane.reduce((sum, value) => sum + value, 0);

/** Does all to an image that it must not do if others see it. */
function spoil(exposure: Exposure): void {
  exposure.image.fill(-1);
  exposure.mask.fill(1);
  exposure.metadata['SPOILT'] = true;
}

export const makeImage = defineTask({
  name: 'test.makeImage',
  dimensions,
  connections: {
    calib,
    image: output('image', { dimensions, storage }),
    note: output('note', { dimensions, storage: numbers }),
  },
  config,
  async run({ calib: { image: flat } }, context) {
    const cell = await behave('make', context);
    const { size } = context.config;
    const n = size * size;
    const exposure: Exposure = {
      width: size,
      height: size,
      x0: 0,
      y0: 0,
      image: Float32Array.from({ length: n }, (_, i) => ((i * cell) % 1009) + flat[i % flat.length]),
      variance: new Float32Array(n).fill(1),
      mask: new Int32Array(n),
      metadata: { CELL: cell },
    };
    flat.fill(-7);
    return { image: exposure, note: { cell } };
  },
});

export const blurImage = defineTask({
  name: 'test.blurImage',
  dimensions,
  connections: {
    calib,
    image: input('image', { dimensions, storage }),
    blurred: output('blurred', { dimensions, storage }),
  },
  config,
  async run({ calib: { image: flat }, image }, context) {
    await behave('blur', context);
    const before = (image as Exposure).image.slice();
    const made: Exposure = {
      ...image,
      metadata: { ...image.metadata },
      image: before.map((v, i) => v * 2 + flat[0] + i),
      mask: image.mask.slice(),
    };
    spoil(image);
    flat.fill(-8);
    return { blurred: made };
  },
});

export const measureImage = defineTask({
  name: 'test.measureImage',
  dimensions,
  connections: {
    image: input('image', { dimensions, storage }),
    blurred: input('blurred', { dimensions, storage, deferred: true }),
    sum: output('imageSum', { dimensions, storage: numbers }),
  },
  config,
  async run({ image, blurred }, context) {
    const cell = await behave('measure', context);
    const whole: Exposure = await blurred.get();
    const cut = await blurred.get({ parameters: { bbox: { x0: 1, y0: 1, x1: 4, y1: 3 } } });
    const value = [sumOf(image.image), sumOf(whole.image), sumOf(cut.image), Object.keys(whole.metadata).join(' ')];
    spoil(image);
    spoil(whole);
    return { sum: { value, cell } };
  },
});

export const imageTasks = [makeImage, blurImage, measureImage] as unknown as TaskDefinition[];
