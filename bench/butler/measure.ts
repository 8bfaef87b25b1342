// SPDX-License-Identifier: BSD-3-Clause
import type { Figure } from '../figure.ts';

/** Smaller sizes, for work on the code: `SKYMILL_BENCH_QUICK=1`. The goals are for full sizes. */
export const quick = process.env['SKYMILL_BENCH_QUICK'] === '1';
/** Both sides are measured in turn this often, so that what else the machine does meets both. */
export const rounds = quick ? 1 : 3;

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

export async function seconds(work: () => unknown): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

/** Rates of both sides, and whether ours is so many times the peer's. */
export function against(
  figure: string,
  unit: string,
  ours: readonly number[],
  theirs: readonly number[],
  times: number,
): Figure {
  const value = median(ours);
  const peer = median(theirs);
  return {
    figure,
    value,
    unit,
    peer: Number(peer.toPrecision(3)),
    goal: `>= ${times} x (${(value / peer).toFixed(1)} x)`,
    ok: value >= times * peer,
  };
}
