// SPDX-License-Identifier: BSD-3-Clause
import { expect, test } from 'vitest';
import { ahead } from '../../src/graph/build/ahead.ts';

test('the next value is asked for before the one before is done with; order and end are those of the source', async () => {
  const asked: number[] = [];
  async function* source() {
    for (let k = 0; k < 4; k++) {
      asked.push(k);
      yield k;
    }
  }
  const seen: [number, number][] = [];
  for await (const value of ahead(source())) {
    await new Promise((resolve) => setImmediate(resolve));
    seen.push([value, asked.length]);
  }
  expect(seen).toEqual([
    [0, 2],
    [1, 3],
    [2, 4],
    [3, 4],
  ]);
});

test('an error comes where its value would have; leaving early ends the source', async () => {
  let ended = 0;
  async function* source() {
    try {
      yield 1;
      yield 2;
      throw new Error('broken');
    } finally {
      ended++;
    }
  }
  const seen: number[] = [];
  const all = (async () => {
    for await (const value of ahead(source())) seen.push(value);
  })();
  await expect(all).rejects.toThrow('broken');
  expect(seen).toEqual([1, 2]);
  for await (const value of ahead(source())) if (value === 1) break;
  expect(ended).toBe(2);
});
