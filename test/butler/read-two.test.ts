// SPDX-License-Identifier: BSD-3-Clause
import { expect, test } from 'vitest';
import { readUntilOneEnds } from '../../src/butler/query/read-two.ts';

/** Batches of two numbers up to below `count`; notes where reading was and whether it was left. */
function source(count: number) {
  const state = { read: 0, left: false };
  async function* batches(): AsyncGenerator<number[]> {
    try {
      for (let at = 0; at < count; at += 2) {
        state.read = Math.min(count, at + 2);
        yield Array.from({ length: state.read - at }, (_, i) => at + i);
      }
    } finally {
      state.left = true;
    }
  }
  return { iterator: batches(), state };
}

const all = async (rows: AsyncIterable<number[]>) => {
  const out: number[] = [];
  for await (const batch of rows) out.push(...batch);
  return out;
};
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

test.for([
  [3, 100, 0],
  [100, 5, 1],
  [0, 100, 0],
  [6, 6, 0],
])('of %i and %i rows the smaller side is held, and neither loses a row', async ([a, b, held]) => {
  const sources = [source(a), source(b)];
  const read = await readUntilOneEnds(
    sources.map(({ iterator }) => iterator),
    20,
  );
  expect(read?.held).toBe(held);
  // The larger is not read much further than the smaller one goes.
  expect(sources[1 - held].state.read).toBeLessThanOrEqual(Math.min(a, b) + 4);
  expect(await all(read!.sides[0])).toEqual(upTo(a));
  expect(await all(read!.sides[1])).toEqual(upTo(b));
});

test('two sides that are too large are both left', async () => {
  const sources = [source(100), source(200)];
  const iterators = sources.map(({ iterator }) => iterator);
  expect(await readUntilOneEnds(iterators, 20)).toBeUndefined();
  expect(sources.map(({ state }) => state.left)).toEqual([true, true]);
  expect(sources[0].state.read).toBeLessThan(30);
});

test('a side that nobody reads to its end is left', async () => {
  const [a, b] = [source(2), source(100)];
  const read = await readUntilOneEnds([a.iterator, b.iterator], 20);
  for await (const batch of read!.sides[1]) if (batch.includes(10)) break;
  expect(b.state.left).toBe(true);
});
