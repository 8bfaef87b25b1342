// SPDX-License-Identifier: BSD-3-Clause
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { backgroundImage, backgroundRms, maskBits, measureBackground } from '../../src/pixels/index.ts';
import { randomSource } from '../support/scene.ts';
import { describeShared } from '../support/shared.ts';
import { readPlane } from '../support/source-extractor.ts';

test('a noisy slope comes back: level everywhere, noise, also with stars in it', () => {
  const { normal, uniform } = randomSource(3);
  const [width, height] = [300, 260];
  const level = (x: number, y: number): number => 1000 + 0.05 * x - 0.03 * y;
  const image = Float32Array.from(
    { length: width * height },
    (_, i) => level(i % width, Math.floor(i / width)) + 10 * normal(),
  );
  for (let star = 0; star < 60; star++) {
    const [sx, sy, peak] = [uniform() * width, uniform() * height, 10 ** (2 + 2 * uniform())];
    for (let i = 0; i < image.length; i++) {
      const r2 = ((i % width) - sx) ** 2 + (Math.floor(i / width) - sy) ** 2;
      if (r2 < 100) image[i] += peak * Math.exp(-r2 / 4);
    }
  }
  const background = measureBackground({ width, height, image }, { binSize: 64 });
  const sky = backgroundImage(background);
  let worst = 0;
  for (let i = 0; i < sky.length; i++)
    worst = Math.max(worst, Math.abs(sky[i] - level(i % width, Math.floor(i / width))));
  expect(worst).toBeLessThan(2.5);
  expect(background.globalSigma).toBeGreaterThan(9.5);
  expect(background.globalSigma).toBeLessThan(11);
});

test('masked pixels and NaN do not count, and a mesh without pixels takes its neighbours’ level', () => {
  const { normal } = randomSource(4);
  const [width, height] = [192, 192];
  const image = Float32Array.from({ length: width * height }, () => 50 + normal());
  const mask = new Int32Array(image.length);
  for (let y = 64; y < 128; y++)
    for (let x = 64; x < 128; x++) {
      mask[y * width + x] = maskBits('BAD');
      image[y * width + x] = 9e6;
    }
  for (let i = 0; i < 500; i++) image[i * 7] = Number.NaN;
  const background = measureBackground({ width, height, image, mask }, { binSize: 64, ignoreMask: maskBits('BAD') });
  for (const level of background.level) expect(Math.abs(level - 50)).toBeLessThan(0.3);
  expect(() => measureBackground({ width, height, image, mask: mask.fill(1) }, { binSize: 64, ignoreMask: 1 })).toThrow(
    /no background mesh of 64 px in an image of 192 x 192/,
  );
});

test('a constant image has its level and no noise, at any size', () => {
  for (const [width, height] of [
    [8, 8],
    [64, 64],
    [100, 3],
  ]) {
    const image = new Float32Array(width * height).fill(7);
    const background = measureBackground({ width, height, image }, { binSize: 64 });
    expect([...backgroundImage(background)].every((v) => v === 7)).toBe(true);
    expect(background.globalSigma).toBe(0);
  }
});

describeShared('data/sep-reference', 'sky against Source Extractor', (dir) => {
  test('level and noise maps agree to a hundredth of the noise', async () => {
    const [image, level, rms] = await Promise.all(
      ['image.fits', 'back.fits', 'rms.fits'].map((name) => readPlane(join(dir, name))),
    );
    const background = measureBackground(image, { binSize: 64 });
    const ours = backgroundImage(background);
    const noise = backgroundRms(background);
    for (let i = 0; i < ours.length; i++) {
      expect(Math.abs(ours[i] - level.image[i]) / rms.image[i]).toBeLessThan(0.01);
      expect(Math.abs(noise[i] / rms.image[i] - 1)).toBeLessThan(0.002);
    }
  });
});
