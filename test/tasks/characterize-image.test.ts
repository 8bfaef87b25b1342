// SPDX-License-Identifier: BSD-3-Clause
import { describe, expect, test } from 'vitest';
import {
  AnalyticPsf,
  adaptiveMoments,
  type Exposure,
  maskBits,
  numberColumn,
  type Table,
} from '../../src/pixels/index.ts';
import { characterizeImage } from '../../src/tasks/characterizeImage/index.ts';
import { runTask } from '../support/run-task.ts';
import { medianValue, nearest, randomSource, type Star, scatter, starField } from '../support/scene.ts';
import { compareWithList } from '../support/science/sdss.ts';
import { sdssFrames, sdssSourceTables } from '../support/sdss-lists.ts';
import { describeShared } from '../support/shared.ts';

const dataId = { instrument: 'Sim', visit: 12, detector: 3 };
const psfAt = (size: number) => (star: Star) => {
  const sigma = 1.4 * (1 + 0.06 * (star.x / size - 0.5) + 0.05 * (star.y / size - 0.5));
  return new AnalyticPsf({ xx: 1.05 * sigma * sigma, yy: sigma * sigma, xy: 0.02 }, { beta: 3.5, size: 81 });
};

function simulated(seed: number, size = 512, count = 90) {
  const random = randomSource(seed);
  const stars = scatter(count, size, size, random).map((at) => ({ ...at, flux: 10 ** (3 + 2.3 * random.uniform()) }));
  return { stars, exposure: starField({ width: size, height: size, stars, psfAt: psfAt(size), seed }) };
}

describe('characterizeImage on simulated fields', async () => {
  const ratios: { signalToNoise: number; ratio: number }[] = [];
  let wanted = 0;
  let found = 0;
  let extra = 0;
  const offsets: number[] = [];
  for (const seed of [1, 2, 3, 4, 5, 6]) {
    const { stars, exposure } = simulated(seed);
    const { outputs } = await runTask(characterizeImage, { exposure }, { dataId });
    const sources: Table = outputs.sourceCat;
    const [x, y] = [numberColumn(sources, 'base_SdssCentroid_x'), numberColumn(sources, 'base_SdssCentroid_y')];
    const flux = numberColumn(sources, 'base_PsfFlux_instFlux');
    const error = numberColumn(sources, 'base_PsfFlux_instFluxErr');
    for (const star of stars) {
      const { row, distance } = nearest(x, y, star);
      // Of a star on sky of variance 525: flux over the noise of its 4 pi sigma^2 pixels.
      const signalToNoise = star.flux / Math.sqrt(525 * 4 * Math.PI * 1.4 ** 2);
      if (signalToNoise > 10) wanted++;
      if (distance > 1) continue;
      if (signalToNoise > 10) found++;
      ratios.push({ signalToNoise, ratio: flux[row] / star.flux });
      if (signalToNoise > 50) offsets.push(x[row] - star.x, y[row] - star.y);
    }
    for (let i = 0; i < sources.rows; i++)
      if (
        flux[i] > 10 * error[i] &&
        nearest(
          stars.map((s) => s.x),
          stars.map((s) => s.y),
          { x: x[i], y: y[i] },
        ).distance > 2
      )
        extra++;
  }

  test('99 % of stars above S/N 10 are found within a pixel, and nothing that is not there', () => {
    expect(wanted).toBeGreaterThan(300);
    expect(found / wanted).toBeGreaterThanOrEqual(0.99);
    expect(extra / found).toBeLessThan(0.01);
  });

  test('star fluxes have no bias of 0.3 %, at bright and at intermediate signal to noise', () => {
    const mean = (low: number, high: number): number => {
      const kept = ratios.filter((r) => r.signalToNoise > low && r.signalToNoise < high).map((r) => r.ratio);
      const middle = medianValue(kept);
      const near = kept.filter(
        (r) => Math.abs(r - middle) < 4 * 1.4826 * medianValue(kept.map((k) => Math.abs(k - middle))),
      );
      return near.reduce((a, b) => a + b) / near.length;
    };
    // 0.2 % of the light of this profile lies outside the correction aperture of 12 px.
    const outside = 0.0022;
    expect(Math.abs(mean(200, 1e9) + outside - 1)).toBeLessThan(0.003);
    expect(Math.abs(mean(50, 200) / mean(200, 1e9) - 1)).toBeLessThan(0.003);
  });

  test('positions have no bias', () => {
    const mean = offsets.reduce((a, b) => a + b) / offsets.length;
    expect(Math.abs(mean)).toBeLessThan(0.004);
  });
});

describe('characterizeImage', () => {
  test('gives the image less its sky, its PSF, corrections, and marks what it detected', async () => {
    const { exposure } = simulated(7, 256, 40);
    const before = exposure.image.slice();
    const { outputs, metrics } = await runTask(characterizeImage, { exposure }, { dataId });
    const result: Exposure = outputs.characterized;
    expect(exposure.image).toEqual(before);
    expect(medianValue([...result.image])).toBeLessThan(5);
    expect(Math.abs(Number(metrics['background.level']) - 500)).toBeLessThan(3);
    const drawn = psfAt(256)({ x: 128, y: 128, flux: 1 }).kernelAt(128, 128);
    const half = (drawn.size - 1) / 2;
    const m = adaptiveMoments({ width: drawn.size, height: drawn.size, image: drawn.data }, half, half, 1.5);
    expect(Math.abs(result.psf!.sigmaAt(128, 128) / (m.xx * m.yy - m.xy * m.xy) ** 0.25 - 1)).toBeLessThan(0.02);
    expect(result.apCorr!['base_PsfFlux'].coefficients[0]).toBeGreaterThan(0.98);
    expect(result.mask.filter((m) => m & maskBits('DETECTED')).length).toBeGreaterThan(500);
    expect(outputs.backgroundModel.rows).toBe(4);
    const ids = outputs.sourceCat.columns.id as BigInt64Array;
    expect(ids[0]).toBe((((12n << 12n) | 3n) << 23n) + 1n);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('a tiny field, and one without a single star, still come through; the latter says so', async () => {
    const tiny = simulated(8, 64, 4);
    const small = await runTask(characterizeImage, { exposure: tiny.exposure }, { dataId });
    expect(small.outputs.sourceCat.rows).toBeGreaterThanOrEqual(1);
    const empty = starField({ width: 64, height: 64, stars: [], psfAt: psfAt(64), seed: 9 });
    const none = await runTask(characterizeImage, { exposure: empty }, { dataId });
    expect(none.outputs.sourceCat.rows).toBeLessThanOrEqual(1);
    expect(none.caveats).toEqual(['no PSF stars were found; the PSF is the guessed Gaussian']);
    expect(Object.keys(none.outputs.sourceCat.columns)).toEqual(
      expect.arrayContaining(['base_PsfFlux_instFlux', 'id']),
    );
  });

  test('cosmic rays are marked and repaired when asked for', async () => {
    const { exposure } = simulated(10, 256, 40);
    const rays = scatter(12, 256, 256, randomSource(44), 20);
    for (const ray of rays)
      for (let step = 0; step < 4; step++) exposure.image[(Math.round(ray.y) + step) * 256 + Math.round(ray.x)] += 8000;
    const { outputs } = await runTask(characterizeImage, { exposure }, { dataId, config: { doCosmicRays: true } });
    const { mask, image } = outputs.characterized as Exposure;
    let marked = 0;
    for (const ray of rays) {
      const p = (Math.round(ray.y) + 1) * 256 + Math.round(ray.x);
      if ((mask[p] & maskBits('CR')) !== 0 && image[p] < 2000) marked++;
    }
    expect(marked).toBeGreaterThanOrEqual(10);
  });
});

describeShared('data/sdss-stripe82', 'characterizeImage on real frames', (dir) => {
  const lists = sdssSourceTables(dir);
  const frames = sdssFrames.map((frame, i) => ({ ...frame, i })).filter(({ band }) => 'gri'.includes(band));
  test.each(frames)(
    '$name: sources of the independent list are found, and few others',
    { timeout: 120_000 },
    async ({ i }) => {
      const { wanted, found, bright, alone, fluxRatio } = await compareWithList(dir, i, lists[i]);
      process.stderr.write(
        `${sdssFrames[i].name}: found ${((100 * found) / wanted).toFixed(2)} % of ${wanted}; alone ${((100 * alone) / bright).toFixed(2)} % of ${bright}; 6 px flux ratio ${fluxRatio.toFixed(4)}\n`,
      );
      expect(wanted).toBeGreaterThan(150);
      expect(found / wanted).toBeGreaterThanOrEqual(0.96);
      expect(alone / bright).toBeLessThan(0.04);
      expect(Math.abs(fluxRatio - 1)).toBeLessThan(0.02);
    },
  );
});
