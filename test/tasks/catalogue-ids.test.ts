// SPDX-License-Identifier: BSD-3-Clause
import { expect, test } from 'vitest';
import { packedId } from '../../src/tasks/catalogue-ids.ts';

const first = (visit: number, detector: number): bigint => packedId({ visit, detector }, ['visit', 'detector']);

test('ids of different catalogues never meet, and fit 64 signed bits', () => {
  const cases: [number, number][] = [];
  for (const visit of [0, 1, 2, 903334, 2 ** 27 - 1])
    for (const detector of [0, 1, 4095]) cases.push([visit, detector]);
  for (const visit of [2 ** 27, 4192403084, 6377404074, 2 ** 33 - 1])
    for (const detector of [0, 4, 63]) cases.push([visit, detector]);
  const ids = cases.map(([v, d]) => first(v, d)).sort((a, b) => (a < b ? -1 : 1));
  for (let i = 1; i < ids.length; i++) expect(ids[i] - ids[i - 1]).toBeGreaterThanOrEqual(1n << 23n);
  // Objects count from 1 to 2^23 - 1.
  expect(ids.at(-1)! + (1n << 23n) - 2n).toBeLessThan(1n << 63n);
});

test('visit numbers made of a date and a sequence keep apart, too', () => {
  const dated = [2024120100001, 2024120100002, 2024120200001, 2044123199999].flatMap((visit) =>
    [0, 1, 188].map((detector) => first(visit, detector)),
  );
  expect(new Set(dated).size).toBe(12);
  const sorted = [...dated].sort((a, b) => (a < b ? -1 : 1));
  expect(dated).toEqual(sorted);
  expect(sorted.at(-1)!).toBeLessThan(1n << 63n);
});

test('what does not fit is refused, not wrapped', () => {
  expect(() => first(2 ** 27, 64)).toThrow(/visit 134217728, detector 64 do not fit into object ids/);
  expect(() => first(2 ** 33, 0)).toThrow(/do not fit/);
  expect(() => first(2024120100001, 256)).toThrow(/do not fit/);
});
