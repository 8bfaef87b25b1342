// SPDX-License-Identifier: BSD-3-Clause
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { windowMedian, windowMinimum5 } from '../../src/pixels/cosmicRays/local.ts';
import { findCosmicRays, interpolateBad, type MaskedImage, maskBits, newMaskedImage } from '../../src/pixels/index.ts';

/** Deterministic Gaussian noise (Park-Miller generator, Box-Muller). */
function gaussian(seed: number): () => number {
  let state = seed;
  const uniform = (): number => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

const size = 256;
const sky = 200;

/** Sky, stars of 2.6 px FWHM over three decades of flux, photon noise. */
function starField(): { image: MaskedImage; stars: { x: number; y: number; flux: number }[] } {
  const image = newMaskedImage(size, size);
  const random = gaussian(7);
  const stars = Array.from({ length: 60 }, (_, i) => ({
    x: 12 + ((i * 37.31) % (size - 24)),
    y: 12 + ((i * 61.77) % (size - 24)),
    flux: 10 ** (2.7 + 3 * (i / 60)),
  }));
  const sigma = 2.6 / 2.3548;
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      let v = sky;
      for (const star of stars) {
        const r2 = (x - star.x) ** 2 + (y - star.y) ** 2;
        if (r2 < 120) v += (star.flux / (2 * Math.PI * sigma * sigma)) * Math.exp(-r2 / (2 * sigma * sigma));
      }
      image.image[y * size + x] = v + Math.sqrt(v) * random();
      image.variance[y * size + x] = v;
    }
  }
  return { image, stars };
}

describe('cosmic rays', () => {
  test('finds rays and keeps the stars', () => {
    const { image, stars } = starField();
    const truth = new Set<number>();
    for (let k = 0; k < 40; k++) {
      const x = 10 + ((k * 53) % (size - 30));
      const y = 10 + ((k * 97) % (size - 30));
      if (stars.some((s) => Math.hypot(s.x - x, s.y - y) < 14)) continue;
      for (let step = 0; step < 1 + (k % 9); step++) {
        const i = (y + (k % 2 === 0 ? step : 0)) * size + x + (k % 2 === 0 ? step >> 1 : step);
        image.image[i] += 400 + 100 * (k % 7);
        truth.add(i);
      }
    }
    const result = findCosmicRays(image);
    const bit = maskBits('CR');
    const found = new Set<number>();
    image.mask.forEach((bits, i) => {
      if ((bits & bit) !== 0) found.add(i);
    });
    expect(truth.size).toBeGreaterThan(50);
    const missed = [...truth].filter((i) => !found.has(i)).length;
    expect(missed / truth.size).toBeLessThan(0.02);
    const onStars = [...found].filter((i) =>
      stars.some((s) => Math.hypot(s.x - (i % size), s.y - Math.floor(i / size)) < 3),
    );
    expect(onStars).toEqual([]);
    expect(found.size - truth.size + missed).toBeLessThan(truth.size);
    expect(result.tooMany).toBe(false);
    expect(result.pixels).toBe(found.size);
  });

  test('gives up, marking nothing, when too much looks like rays', () => {
    const { image } = starField();
    for (let i = 0; i < image.image.length; i += 7) image.image[i] += 3000;
    const result = findCosmicRays(image, { maximumFraction: 0.05 });
    expect(result.tooMany).toBe(true);
    expect(image.mask.every((bits) => bits === 0)).toBe(true);
  });

  test('does not test masked pixels', () => {
    const { image } = starField();
    const place = 3 * size + 3;
    image.image[place] = 60000;
    image.mask[place] = maskBits('SAT');
    findCosmicRays(image);
    expect(image.mask[place]).toBe(maskBits('SAT'));
  });

  test('window medians and minima equal sorting every window', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 13 }),
        fc.integer({ min: 1, max: 13 }),
        fc.constantFrom(3, 5, 7),
        fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 169, maxLength: 169 }),
        (width, height, window, values) => {
          const image = Float32Array.from(values.slice(0, width * height));
          const least = windowMinimum5(image, width, height);
          const r = window >> 1;
          for (let y = 0; y < height; y++) {
            for (let x = 0; x < width; x++) {
              const list: number[] = [];
              for (let v = Math.max(0, y - r); v <= Math.min(height - 1, y + r); v++) {
                for (let u = Math.max(0, x - r); u <= Math.min(width - 1, x + r); u++) list.push(image[v * width + u]);
              }
              list.sort((a, b) => a - b);
              expect(windowMedian(image, width, height, x, y, window)).toBe(list[list.length >> 1]);
              if (window === 5) expect(least[y * width + x]).toBe(list[0]);
            }
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('interpolation', () => {
  const options = { badBits: maskBits('BAD', 'CR'), psfSigmaPx: 2.6 / 2.3548, maximumGapPx: 20 };

  test('a bad column through a star costs under 2 % of its flux', () => {
    const clean = newMaskedImage(64, 64);
    const sigma = options.psfSigmaPx;
    for (let y = 0; y < 64; y++) {
      for (let x = 0; x < 64; x++) {
        clean.image[y * 64 + x] = 50 + 1000 * Math.exp(-((x - 31.3) ** 2 + (y - 32.4) ** 2) / (2 * sigma * sigma));
      }
    }
    clean.variance.fill(9);
    const holed = { ...clean, image: clean.image.slice(), variance: clean.variance.slice(), mask: clean.mask.slice() };
    for (let y = 0; y < 64; y++) {
      holed.image[y * 64 + 31] = 65535;
      holed.mask[y * 64 + 31] = maskBits('BAD');
    }
    expect(interpolateBad(holed, options)).toBe(64);
    const sum = (p: Float32Array): number => p.reduce((a, b) => a + b - 50, 0);
    expect(Math.abs(sum(holed.image) / sum(clean.image) - 1)).toBeLessThan(0.02);
    expect(holed.mask[31]).toBe(maskBits('BAD', 'INTRP'));
    expect(holed.mask[30]).toBe(0);
    expect(holed.variance[31]).toBeGreaterThanOrEqual(9);
  });

  test('a bad row is filled from above and below; wide gaps fall back to the background', () => {
    const image = newMaskedImage(64, 64);
    for (let y = 0; y < 64; y++) image.image.fill(100 + y, y * 64, y * 64 + 64);
    image.variance.fill(4);
    for (let x = 0; x < 64; x++) {
      image.image[40 * 64 + x] = -1e6;
      image.mask[40 * 64 + x] = maskBits('BAD');
    }
    interpolateBad(image, options);
    for (let x = 0; x < 64; x++) expect(Math.abs(image.image[40 * 64 + x] - 140)).toBeLessThan(1);
  });

  test('an image with no good pixel is left alone', () => {
    const image = newMaskedImage(4, 4);
    image.image.fill(7);
    image.mask.fill(maskBits('BAD'));
    expect(interpolateBad(image, options)).toBe(0);
    expect(image.image.every((v) => v === 7)).toBe(true);
  });
});
