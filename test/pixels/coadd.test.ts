// SPDX-License-Identifier: BSD-3-Clause
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CoaddLayer, coaddBand, inputsAt, maskBits, RegionBuilder } from '../../src/pixels/index.ts';

const size = 64;
const n = size * size;

function noise(seed: number): () => number {
  let state = seed;
  const uniform = (): number => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** Noise of sigma 1 and a star of given seeing in the middle. */
function layer(seed: number, options: { seeing?: number; flux?: number; weight?: number } = {}): CoaddLayer {
  const { seeing = 2, flux = 0, weight = 1 } = options;
  const random = noise(seed);
  const image = new Float32Array(n);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const r2 = (x - 32) ** 2 + (y - 32) ** 2;
      image[y * size + x] = random() + (flux / (2 * Math.PI * seeing * seeing)) * Math.exp(-r2 / (2 * seeing * seeing));
    }
  }
  return { image, variance: new Float32Array(n).fill(1), mask: new Int32Array(n), weight };
}

describe('coadd', () => {
  test('is the weighted mean with the variance of one', () => {
    const layers = [layer(1, { weight: 2 }), layer(2, { weight: 1 })];
    const band = coaddBand(layers, size, size, { clip: false });
    for (let i = 0; i < n; i += 97) {
      expect(band.image[i]).toBeCloseTo((2 * layers[0].image[i] + layers[1].image[i]) / 3, 5);
      expect(band.variance[i]).toBeCloseTo(5 / 9, 6);
      expect(band.used[0][i]).toBe(3);
    }
    expect(band.pixels).toEqual([n, n]);
  });

  test.each([2, 3, 6])('rejects a track in one of %i epochs and says where', (epochs) => {
    const layers = Array.from({ length: epochs }, (_, k) => layer(10 + k));
    for (let x = 0; x < size; x++) layers[1].image[20 * size + x] += 40;
    const band = coaddBand(layers, size, size);
    let track = 0;
    for (let x = 0; x < size; x++) {
      const i = 20 * size + x;
      expect(Math.abs(band.image[i])).toBeLessThan(6 / Math.sqrt(epochs - 1));
      expect(band.mask[i] & maskBits('CLIPPED', 'INEXACT_PSF')).toBe(maskBits('CLIPPED', 'INEXACT_PSF'));
      expect(band.used[0][i] & 2).toBe(0);
      track++;
    }
    expect(band.clipped[1]).toBeGreaterThanOrEqual(track);
    const elsewhere = band.clipped.reduce((a, b) => a + b, 0) - track;
    expect(elsewhere).toBeLessThan(0.01 * n); // noise and the track's own neighbours
  });

  test.each([2, 3, 5])('does not clip a bright star seen in different seeing (%i epochs)', (epochs) => {
    const layers = Array.from({ length: epochs }, (_, k) =>
      layer(30 + k, { seeing: 1.5 + (0.9 * k) / (epochs - 1), flux: 1e6 }),
    );
    const band = coaddBand(layers, size, size);
    let clipped = 0;
    for (let y = 24; y <= 40; y++) {
      for (let x = 24; x <= 40; x++) if ((band.mask[y * size + x] & maskBits('CLIPPED')) !== 0) clipped++;
    }
    expect(clipped).toBe(0);
  });

  test('leaves flagged pixels out where there is a clean one, and keeps them where there is none', () => {
    const layers = [layer(3), layer(4)];
    layers[0].image[5] = 1e4;
    layers[0].mask[5] = maskBits('SAT');
    layers[0].mask[6] = layers[1].mask[6] = maskBits('SAT');
    layers[0].mask[7] = layers[1].mask[7] = maskBits('NO_DATA');
    layers[0].image[8] = Number.NaN;
    layers[1].mask[9] = maskBits('INTRP');
    const band = coaddBand(layers, size, size);
    expect(band.image[5]).toBe(layers[1].image[5]);
    expect(band.mask[5]).toBe(maskBits('REJECTED', 'INEXACT_PSF'));
    expect(band.image[6]).toBeCloseTo((layers[0].image[6] + layers[1].image[6]) / 2, 6);
    expect(band.mask[6]).toBe(maskBits('SAT'));
    expect(band.image[7]).toBeNaN();
    expect(band.mask[7]).toBe(maskBits('NO_DATA'));
    expect(band.image[8]).toBe(layers[1].image[8]);
    expect(band.used[0][8]).toBe(2);
    expect(band.mask[9]).toBe(maskBits('INTRP'));
  });

  test('one epoch is passed through', () => {
    const only = layer(5);
    only.image[100] = 1e5;
    const band = coaddBand([only], size, size);
    expect(band.image).toEqual(only.image);
  });

  test('noise alone is hardly clipped', () => {
    const band = coaddBand(
      Array.from({ length: 8 }, (_, k) => layer(50 + k)),
      size,
      size,
    );
    expect(band.clipped.reduce((a, b) => a + b, 0) / (8 * n)).toBeLessThan(5e-4);
  });
});

test('the regions table gives back the inputs of every pixel', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 70 }),
      fc.array(fc.tuple(fc.nat(69), fc.nat(9), fc.nat(9), fc.nat(9), fc.nat(9)), { maxLength: 12 }),
      (inputs, boxes) => {
        const used = Array.from({ length: Math.ceil(inputs / 32) }, () => new Uint32Array(100));
        for (const [input, xa, xb, ya, yb] of boxes) {
          const k = input % inputs;
          for (let y = Math.min(ya, yb); y <= Math.max(ya, yb); y++) {
            for (let x = Math.min(xa, xb); x <= Math.max(xa, xb); x++) used[k >> 5][y * 10 + x] |= 1 << (k & 31);
          }
        }
        const builder = new RegionBuilder(inputs);
        for (let y = 0; y < 10; y++) builder.addRow(200 + y, 100, 10, used, y * 10);
        const table = builder.build();
        for (let y = 0; y < 10; y++) {
          for (let x = 0; x < 10; x++) {
            const want: number[] = [];
            for (let k = 0; k < inputs; k++) if (((used[k >> 5][y * 10 + x] >>> (k & 31)) & 1) === 1) want.push(k);
            expect(inputsAt(table, 100 + x, 200 + y)).toEqual(want);
          }
        }
        expect(inputsAt(table, 99, 200)).toEqual([]);
        expect(inputsAt(table, 105, 300)).toEqual([]);
      },
    ),
    { numRuns: 30 },
  );
});
