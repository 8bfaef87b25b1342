// SPDX-License-Identifier: BSD-3-Clause
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clippedStatistics, maskBits, median, medianAndSigma, selectKth } from '../../src/pixels/index.ts';

const finite = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 });

test('selection finds what sorting finds, also with repeated values', () => {
  const value = fc.oneof(finite, fc.integer({ min: 0, max: 3 }));
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 60 }), fc.nat(), (list, seed) => {
      const k = seed % list.length;
      // Zeros of both signs are equal to every caller, and to the sorting by comparison that selection is.
      const plain = list.map((v) => v + 0);
      const work = Float64Array.from(plain);
      const sorted = Float64Array.from(plain).sort();
      expect(selectKth(work, work.length, k)).toBe(sorted[k]);
      for (let i = 0; i < k; i++) expect(work[i]).toBeLessThanOrEqual(sorted[k]);
      const half = sorted.length >> 1;
      const want = sorted.length % 2 === 1 ? sorted[half] : 0.5 * (sorted[half - 1] + sorted[half]);
      expect(median(plain)).toBe(want);
    }),
  );
});

test('the median leaves NaN out and of nothing is NaN', () => {
  expect(median([Number.NaN, 3, 1, Number.NaN, 2])).toBe(2);
  expect(median([])).toBeNaN();
  expect(median([4, 1])).toBe(2.5);
});

test('clipped statistics ignore outliers, masked and infinite pixels', () => {
  const n = 20000;
  const values = new Float32Array(n);
  const mask = new Int32Array(n);
  let state = 1;
  const uniform = (): number => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
  for (let i = 0; i < n; i++) {
    values[i] = 100 + 5 * Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
    if (i % 50 === 0) values[i] = 1e5;
    if (i % 51 === 0) {
      values[i] = -500;
      mask[i] = maskBits('BAD');
    }
    if (i % 53 === 0) values[i] = Number.POSITIVE_INFINITY;
  }
  const s = clippedStatistics(values, mask, maskBits('BAD'), { nSigma: 4 });
  expect(s.mean).toBeCloseTo(100, 0);
  expect(Math.abs(s.median - 100)).toBeLessThan(0.2);
  expect(Math.abs(s.sigma - 5)).toBeLessThan(0.15);
  expect(clippedStatistics(new Float32Array(0)).count).toBe(0);
  // Whole numbers: the median absolute deviation is 2 or 3 for a sigma of 4, the answer is not.
  const whole = Float64Array.from({ length: 300 }, () =>
    Math.round(4 * Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform())),
  );
  expect(Math.abs(clippedStatistics(whole).sigma - 4)).toBeLessThan(0.5);
  expect(medianAndSigma([1, 2, 3, 4, 100]).median).toBe(3);
});
