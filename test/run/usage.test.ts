// SPDX-License-Identifier: BSD-3-Clause
import { describe, expect, it } from 'vitest';
import { etaSeconds, RateMeter, type StateCounts, type TaskProgress } from '../../src/run/progress/snapshot.ts';
import { markUsage, peakMemoryBytes, residentBytes, usageSince } from '../../src/run/workers/usage.ts';

describe('usage of a quantum', () => {
  it('has the CPU time that was spent and not what was slept', async () => {
    const mark = markUsage();
    const until = performance.now() + 150;
    let sink = 0;
    while (performance.now() < until) sink += Math.sqrt(sink + 1);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const usage = usageSince(mark);
    expect(usage.wallSeconds).toBeGreaterThan(0.24);
    expect(usage.cpuUserSeconds + usage.cpuSystemSeconds).toBeGreaterThan(0.01);
    expect(usage.cpuUserSeconds + usage.cpuSystemSeconds).toBeLessThan(usage.wallSeconds * 2);
  });

  it.runIf(process.platform === 'linux')('has the peak of this quantum, not that of an earlier one', async () => {
    const bytes = 300e6;
    let first = markUsage();
    let block: Uint8Array | undefined = new Uint8Array(bytes).fill(1);
    expect(block[bytes - 1]).toBe(1);
    expect(usageSince(first).peakMemoryBytes).toBeGreaterThan(bytes);
    // Give the block back to the system, then measure a quantum that needs little.
    (block as unknown) = undefined;
    block = undefined;
    const { setFlagsFromString } = await import('node:v8');
    const { runInNewContext } = await import('node:vm');
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    for (let i = 0; i < 50 && residentBytes(process.pid)! > bytes; i++) {
      collect();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(residentBytes(process.pid)).toBeLessThan(bytes);
    first = markUsage();
    expect(usageSince(first).peakMemoryBytes).toBeLessThan(bytes);
    expect(peakMemoryBytes(2 ** 22 - 3)).toBeUndefined();
  });
});

describe('the expected end', () => {
  const counts = (open: number): StateCounts => ({
    waiting: open,
    ready: 0,
    running: 0,
    done: 5,
    doneWithCaveat: 0,
    noWork: 0,
    failed: 0,
    blocked: 0,
    killed: 0,
    skipped: 0,
    excluded: 0,
  });
  const task = (open: number, meanWallSeconds?: number): TaskProgress => ({
    label: 't',
    total: open + 5,
    counts: counts(open),
    active: 0,
    meanWallSeconds,
  });

  it('is the remaining work over the slots; tasks that have not run count as the others do on average', () => {
    expect(etaSeconds([task(10)], 2)).toBeUndefined();
    expect(etaSeconds([task(10, 3)], 2)).toBe(15);
    expect(etaSeconds([task(10, 3), task(4, 5), task(6)], 2)).toBe((30 + 20 + 24) / 2);
  });

  it('goes with a rate over the last half minute', () => {
    const meter = new RateMeter();
    expect(meter.update(0, 0)).toBe(0);
    expect(meter.update(10, 50)).toBe(5);
    for (let t = 20; t <= 100; t += 10) meter.update(t, 50);
    expect(meter.update(110, 80)).toBe(1);
  });
});
