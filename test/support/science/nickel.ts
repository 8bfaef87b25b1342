// SPDX-License-Identifier: BSD-3-Clause
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadInstrument, type RawExposure, readRaw } from '../../../src/instruments/index.ts';
import { type Exposure, type MaskedImage, median, overscanLevels } from '../../../src/pixels/index.ts';
import { cpBias } from '../../../src/tasks/cpBias/index.ts';
import { cpFlat } from '../../../src/tasks/cpFlat/index.ts';
import { isr } from '../../../src/tasks/isr/index.ts';
import { deferredOf, runTask } from '../run-task.ts';

/** The recipe of the reference reduction: nothing masked, nothing clipped. */
export const plainRecipe = { doDefects: false, growSaturationPx: 0 };

export const nickelBiases = Array.from({ length: 10 }, (_, i) => `d10${String(i + 1).padStart(2, '0')}`);
export const nickelFlats = ['d1035', 'd1036', 'd1037'];
export const nickelCalibrated = ['d1047', 'd1048', 'd1059'];

/** Medians of 128-pixel blocks, row by row from the bottom. */
export function blockMedians(image: MaskedImage): number[][] {
  const blocks: number[][] = [];
  for (let j = 0; j < image.height; j += 128) {
    const row: number[] = [];
    for (let i = 0; i < image.width; i += 128) {
      const values: number[] = [];
      for (let y = j; y < j + 128; y++) for (let x = i; x < i + 128; x++) values.push(image.image[y * image.width + x]);
      row.push(median(values));
    }
    blocks.push(row);
  }
  return blocks;
}

export function worstRelative(got: number[][], want: number[][]): number {
  return Math.max(...got.flatMap((row, j) => row.map((v, i) => Math.abs(v / want[j][i] - 1))));
}

/** The Nickel data: raws by name, and what the reference reduction says of them. */
export async function openNickel(dir: string) {
  const nickel = await loadInstrument('nickel');
  // biome-ignore lint/suspicious/noExplicitAny: a facts file of the data set
  const facts: any = JSON.parse(readFileSync(join(dir, 'reference/isr-facts.json'), 'utf8'));
  const raw = (name: string): Promise<RawExposure> => readRaw(join(dir, `raw/${name}.fits`), nickel);
  return { facts, raw };
}
export type Nickel = Awaited<ReturnType<typeof openNickel>>;

/** Bias and flat by the recipe of the reference. */
export async function plainMasters({ raw }: Nickel): Promise<{ bias: Exposure; flat: Exposure }> {
  const biases = await Promise.all(nickelBiases.map(raw));
  const combined = await runTask(
    cpBias,
    { raws: biases.map(deferredOf) },
    { config: { ...plainRecipe, combine: 'mean' } },
  );
  const { bias } = combined.outputs;
  const flats = await Promise.all(nickelFlats.map(raw));
  const { outputs } = await runTask(
    cpFlat,
    { raws: flats.map(deferredOf), bias },
    { config: { ...plainRecipe, combine: 'median' } },
  );
  return { bias, flat: outputs.flat };
}

/** Largest difference, ADU, of a frame's overscan median and mean, and of its median after the correction, from the facts. */
export async function overscanDifference({ raw, facts }: Nickel, name: string): Promise<number> {
  const exposure = await raw(name);
  const want = facts.frames[name];
  const [pixels] = exposure.amplifiers;
  const { x0, x1 } = pixels.amplifier.rawOverscan!;
  const overscan = pixels.data.filter((_, i) => i % pixels.width >= x0 && i % pixels.width < x1);
  const mean = overscan.reduce((a, b) => a + b, 0) / overscan.length;
  const config = { ...plainRecipe, doBias: false, doFlat: false, doCosmicRays: false, doInterpolate: false };
  const { outputs } = await runTask(isr, { raw: exposure }, { config });
  return Math.max(
    Math.abs(overscanLevels(pixels, 'median').level - want.overscan_median),
    Math.abs(mean - want.overscan_mean),
    Math.abs(median(outputs.outputExposure.image) - want.corrected_median),
  );
}

/** Largest relative difference of block medians of a calibrated science frame. */
export async function calibratedDifference(
  { raw, facts }: Nickel,
  masters: { bias: Exposure; flat: Exposure },
  name: string,
): Promise<number> {
  const config = { ...plainRecipe, doCosmicRays: false, doInterpolate: false };
  const { outputs } = await runTask(isr, { raw: await raw(name), ...masters }, { config });
  return worstRelative(blockMedians(outputs.outputExposure), facts[`calibrated_${name}`].block_median_128);
}
