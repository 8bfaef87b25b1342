// SPDX-License-Identifier: BSD-3-Clause
import { beforeAll, expect, test } from 'vitest';
import type { RawExposure } from '../../src/instruments/index.ts';
import { type Exposure, maskBits, median } from '../../src/pixels/index.ts';
import { cpBias } from '../../src/tasks/cpBias/index.ts';
import { cpFlat } from '../../src/tasks/cpFlat/index.ts';
import { isr } from '../../src/tasks/isr/index.ts';
import { deferredOf, runTask } from '../support/run-task.ts';
import {
  blockMedians,
  calibratedDifference,
  type Nickel,
  nickelBiases,
  nickelCalibrated,
  nickelFlats,
  openNickel,
  overscanDifference,
  plainMasters,
  worstRelative,
} from '../support/science/nickel.ts';
import { describeShared } from '../support/shared.ts';

describeShared('data/nickel-raw', 'Nickel raw frames against a reference reduction', (dir) => {
  let nickel: Nickel;
  let masters: { bias: Exposure; flat: Exposure };
  const raw = (name: string): Promise<RawExposure> => nickel.raw(name);

  beforeAll(async () => {
    nickel = await openNickel(dir);
    masters = await plainMasters(nickel);
  });

  test('overscan levels of all frames to 0.1 ADU', async () => {
    const names = Object.keys(nickel.facts.frames);
    expect(names.length).toBe(19);
    for (const name of names) expect(await overscanDifference(nickel, name), name).toBeLessThan(0.1);
  });

  test('master bias and flat, block medians to 0.1 %', () => {
    const { facts } = nickel;
    expect(worstRelative(blockMedians(masters.bias), facts.master_bias.block_median_128)).toBeLessThan(1e-3);
    expect(worstRelative(blockMedians(masters.flat), facts.master_flat_V.block_median_128)).toBeLessThan(1e-3);
    expect(masters.bias.metadata['CALNEXP']).toBe(10);
    expect(masters.flat.physicalFilter).toBe('V');
  });

  test.each(nickelCalibrated)('calibrated %s, block medians to 0.1 percent', async (name) => {
    expect(await calibratedDifference(nickel, masters, name)).toBeLessThan(1e-3);
  });

  test('with the usual configuration: variance as the noise is, bad columns masked, cosmic rays found in a long exposure', async () => {
    const biases = await Promise.all(nickelBiases.map(raw));
    const usual = await runTask(cpBias, { raws: biases.map(deferredOf) });
    const clipped = usual.outputs.bias as Exposure;
    // Quantised to 1 ADU in ten frames: a clipped mean differs from the mean by rounding.
    expect(worstRelative(blockMedians(clipped), nickel.facts.master_bias.block_median_128)).toBeLessThan(0.01);
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
    const raws = await Promise.all([...nickelFlats, ...nickelBiases.slice(0, 2)].map(raw));
    const failed = runTask(cpFlat, { raws: raws.slice(2).map(deferredOf), bias: masters.bias });
    await expect(failed).rejects.toThrow(/1 usable exposures, but at least 2 are needed.*it is a bias, not a flat/);
    const { messages, outputs } = await runTask(cpFlat, { raws: raws.map(deferredOf), bias: masters.bias });
    expect(messages.filter((m) => m.startsWith('warn')).length).toBe(2);
    expect(outputs.flat.metadata['CALNEXP']).toBe(3);
  });
});
