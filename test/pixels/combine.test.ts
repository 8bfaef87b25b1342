// SPDX-License-Identifier: BSD-3-Clause
import { expect, test } from 'vitest';
import { type CombineMethod, combineBand } from '../../src/pixels/index.ts';

function combine(values: number[], method: CombineMethod, nSigma = 4) {
  const out = { image: new Float32Array(1), variance: new Float32Array(1), count: new Uint16Array(1) };
  const planes = values.map((v) => Float32Array.of(v));
  combineBand({ planes, length: 1 }, { method, nSigma, iterations: 3 }, out);
  return { value: out.image[0], variance: out.variance[0], count: out.count[0] };
}

test('mean, median and clipped mean of one pixel', () => {
  expect(combine([1, 2, 6], 'mean').value).toBe(3);
  expect(combine([1, 2, 6], 'median').value).toBe(2);
  expect(combine([1, 2, 600], 'clippedMean').value).toBe(2); // too few to clip: the median
  const clipped = combine([10, 11, 9, 10, 10.5, 9.5, 5000], 'clippedMean');
  expect(clipped.value).toBe(10);
  expect(clipped.count).toBe(6);
});

test('values that are not there are not counted, and nothing gives NaN', () => {
  expect(combine([Number.NaN, 4, 6], 'mean')).toMatchObject({ value: 5, count: 2 });
  const none = combine([Number.NaN], 'clippedMean');
  expect(none.value).toBeNaN();
  expect(none.count).toBe(0);
});

test('the variance is that of the combined value', () => {
  const list = [1, 2, 3, 4, 5];
  expect(combine(list, 'mean').variance).toBeCloseTo(2.5 / 5, 6);
  expect(combine(list, 'median').variance).toBeCloseTo(((2.5 / 5) * Math.PI) / 2, 6);
  expect(combine([3], 'mean').variance).toBe(Number.POSITIVE_INFINITY);
});

test('equal values are never clipped', () => {
  expect(combine([5, 5, 5, 5, 5, 7], 'clippedMean')).toMatchObject({ count: 6 });
});
