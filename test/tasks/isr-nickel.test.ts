// SPDX-License-Identifier: BSD-3-Clause
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { type Instrument, loadInstrument, type RawExposure, readRaw } from '../../src/instruments/index.ts';
import { type Exposure, type MaskedImage, maskBits, median, overscanLevels } from '../../src/pixels/index.ts';
import { cpBias } from '../../src/tasks/cpBias/index.ts';
import { cpFlat } from '../../src/tasks/cpFlat/index.ts';
import { isr } from '../../src/tasks/isr/index.ts';
import { deferredOf, runTask } from '../support/run-task.ts';
import { describeShared } from '../support/shared.ts';

/** Medians of 128-pixel blocks, row by row from the bottom, over pixels chosen by `keep`. */
function blockMedians(image: MaskedImage): number[][] {
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

function worstRelative(got: number[][], want: number[][]): number {
  return Math.max(...got.flatMap((row, j) => row.map((v, i) => Math.abs(v / want[j][i] - 1))));
}

describeShared('data/nickel-raw', 'Nickel raw frames against a reference reduction', (dir) => {
  // biome-ignore lint/suspicious/noExplicitAny: a facts file of the data set
  const facts: any = JSON.parse(readFileSync(join(dir, 'reference/isr-facts.json'), 'utf8'));
  const bias = Array.from({ length: 10 }, (_, i) => `d10${String(i + 1).padStart(2, '0')}`);
  const flats = ['d1035', 'd1036', 'd1037'];
  /** The recipe of the reference: nothing masked, nothing clipped. */
  const plain = { doDefects: false, growSaturationPx: 0 };
  let nickel: Instrument;
  const raw = (name: string): Promise<RawExposure> => readRaw(join(dir, `raw/${name}.fits`), nickel);
  const masters: { bias?: Exposure; flat?: Exposure } = {};

  beforeAll(async () => {
    nickel = await loadInstrument('nickel');
    const biases = await Promise.all(bias.map(raw));
    masters.bias = (
      await runTask(cpBias, { raws: biases.map(deferredOf) }, { config: { ...plain, combine: 'mean' } })
    ).outputs.bias;
    const flatRaws = await Promise.all(flats.map(raw));
    masters.flat = (
      await runTask(
        cpFlat,
        { raws: flatRaws.map(deferredOf), bias: masters.bias },
        { config: { ...plain, combine: 'median' } },
      )
    ).outputs.flat;
  });

  test('overscan levels of all frames to 0.1 ADU', async () => {
    const names = Object.keys(facts.frames);
    expect(names.length).toBe(19);
    for (const name of names) {
      const exposure = await raw(name);
      const [pixels] = exposure.amplifiers;
      // The facts give median and mean of all overscan pixels, and the science pixels' median after correction row by row.
      expect(Math.abs(overscanLevels(pixels, 'median').level - facts.frames[name].overscan_median)).toBeLessThan(0.1);
      const { x0, x1 } = pixels.amplifier.rawOverscan!;
      const overscan = pixels.data.filter((_, i) => i % pixels.width >= x0 && i % pixels.width < x1);
      const mean = overscan.reduce((a, b) => a + b, 0) / overscan.length;
      expect(Math.abs(mean - facts.frames[name].overscan_mean)).toBeLessThan(0.1);
      const { outputs } = await runTask(
        isr,
        { raw: exposure },
        {
          config: { ...plain, doBias: false, doFlat: false, doCosmicRays: false, doInterpolate: false },
        },
      );
      expect(Math.abs(median(outputs.outputExposure.image) - facts.frames[name].corrected_median)).toBeLessThan(0.1);
    }
  });

  test('master bias and flat, block medians to 0.1 %', () => {
    expect(worstRelative(blockMedians(masters.bias!), facts.master_bias.block_median_128)).toBeLessThan(1e-3);
    expect(worstRelative(blockMedians(masters.flat!), facts.master_flat_V.block_median_128)).toBeLessThan(1e-3);
    expect(masters.bias!.metadata['CALNEXP']).toBe(10);
    expect(masters.flat!.physicalFilter).toBe('V');
  });

  test.each(['d1047', 'd1048', 'd1059'])('calibrated %s, block medians to 0.1 percent', async (name) => {
    const { outputs } = await runTask(
      isr,
      { raw: await raw(name), ...masters },
      {
        config: { ...plain, doCosmicRays: false, doInterpolate: false },
      },
    );
    const { outputExposure } = outputs as { outputExposure: Exposure };
    expect(worstRelative(blockMedians(outputExposure), facts[`calibrated_${name}`].block_median_128)).toBeLessThan(
      1e-3,
    );
  });

  test('with the usual configuration: variance as the noise is, bad columns masked, cosmic rays found in a long exposure', async () => {
    const biases = await Promise.all(bias.map(raw));
    const usual = await runTask(cpBias, { raws: biases.map(deferredOf) });
    const clipped = usual.outputs.bias as Exposure;
    // Quantised to 1 ADU in ten frames: a clipped mean differs from the mean by rounding.
    expect(worstRelative(blockMedians(clipped), facts.master_bias.block_median_128)).toBeLessThan(0.01);
    expect(clipped.mask[500 * 1024 + 256] & maskBits('BAD')).not.toBe(0); // the saturated column
    const exposure = await raw('d1074'); // 600 s
    const { outputs, metrics, messages } = await runTask(isr, { raw: exposure, bias: clipped, flat: masters.flat });
    const image = outputs.outputExposure as Exposure;
    expect(messages.filter((m) => !m.startsWith('info'))).toEqual([]);
    expect(metrics['cosmicRays.count']).toBeGreaterThan(50);
    expect(metrics['cosmicRays.pixels']).toBeLessThan(0.01 * 1024 * 1024);
    for (const column of [0, 256, 783, 1003 - 1]) {
      expect(image.mask[600 * 1024 + column] & maskBits('BAD', 'INTRP')).toBe(maskBits('BAD', 'INTRP'));
    }
    // Differences of neighbours along rows in a source-free corner scatter as the variance plane says.
    const differences: number[] = [];
    for (let y = 40; y < 200; y++) {
      for (let x = 300; x < 700; x += 2) {
        const i = y * 1024 + x;
        if ((image.mask[i] | image.mask[i + 1]) !== 0) continue;
        differences.push((image.image[i + 1] - image.image[i]) / Math.sqrt(image.variance[i] + image.variance[i + 1]));
      }
    }
    const sigma = 1.4826 * median(differences.map(Math.abs));
    expect(Math.abs(sigma - 1)).toBeLessThan(0.1);
    expect(image.metadata['OBJECT']).toBe('UGC_9837');
    expect(image.metadata['NAXIS1']).toBeUndefined();
    expect(image.wcs).toBeDefined();
  });

  test('exposures of another type are left out, and too few are an error', async () => {
    const raws = await Promise.all([...flats, ...bias.slice(0, 2)].map(raw));
    const failed = runTask(cpFlat, { raws: raws.slice(2).map(deferredOf), bias: masters.bias });
    await expect(failed).rejects.toThrow(/1 usable exposures, but at least 2 are needed.*it is a bias, not a flat/);
    const { messages, outputs } = await runTask(cpFlat, { raws: raws.map(deferredOf), bias: masters.bias });
    expect(messages.filter((m) => m.startsWith('warn')).length).toBe(2);
    expect(outputs.flat.metadata['CALNEXP']).toBe(3);
  });
});
