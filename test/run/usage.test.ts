// SPDX-License-Identifier: BSD-3-Clause
import { describe, expect, it } from 'vitest';
import {
  etaSeconds,
  RateMeter,
  type StateCounts,
  type TaskProgress,
  taskProgress,
} from '../../src/run/progress/snapshot.ts';
import { createScheduler, type SchedulerEvent, step } from '../../src/run/scheduler/index.ts';
import { markUsage, peakMemoryBytes, residentBytes, usageSince } from '../../src/run/workers/usage.ts';
import { schedulerGraphOf } from '../support/scheduler-graphs.ts';

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
    cores: 1,
    meanWallSeconds,
  });

  it('is the remaining work over the cores, the last of each later task alone; tasks that have not run count as the others on average', () => {
    expect(etaSeconds([task(10)], 2)).toBeUndefined();
    expect(etaSeconds([task(10, 3)], 2)).toBe(15);
    expect(etaSeconds([task(10, 3), task(4, 5), task(6)], 2)).toBe((30 + 20 + 24 - 9) / 2 + 9);
  });

  it('is no less than one quantum of each open task after the other, weighs cores, and counts what runs as done in part', () => {
    const wide = { ...task(4, 10), cores: 2 };
    expect(etaSeconds([wide], 2)).toBe(40);
    expect(etaSeconds([task(1, 60), task(1, 30)], 100)).toBe(90);
    expect(etaSeconds([task(10, 3)], 2, 10)).toBe(10);
    expect(etaSeconds([task(0, 3)], 2)).toBe(0);
  });

  it('is near the truth for a run of several tasks with wall times of their own', () => {
    // 300 short, then 100 that need three each, then 1 that gathers all; played by the scheduler on 4 cores.
    const chain = (size: number, of: (i: number) => number[]) => ({
      dependencies: Array.from({ length: size }, (_, i) => of(i)),
    });
    const graph = schedulerGraphOf([
      chain(300, () => []),
      chain(100, (i) => [3 * i, 3 * i + 1, 3 * i + 2]),
      chain(1, () => Array.from({ length: 100 }, (_, i) => 300 + i)),
    ]);
    const wall = [2, 9, 25];
    const s = createScheduler(graph, { cores: 4, memoryBytes: 1e9, queueSeconds: 0 });
    const ends: { at: number; worker: number; quantum: number }[] = [];
    let now = 0;
    const send = (event: SchedulerEvent) => {
      for (const i of step(s, event)) {
        if (i.type !== 'dispatch') continue;
        step(s, { type: 'attemptStarted', worker: i.worker, quantum: i.quantum, nowSeconds: now });
        ends.push({ at: now + wall[s.taskOf[i.quantum]], worker: i.worker, quantum: i.quantum });
      }
    };
    send({ type: 'start' });
    for (let worker = 0; worker < 4; worker++) send({ type: 'workerReady', worker });
    const told: { at: number; eta: number }[] = [];
    while (!s.finished) {
      ends.sort((a, b) => a.at - b.at);
      const { at, worker, quantum } = ends.shift()!;
      now = at;
      const wallSeconds = wall[s.taskOf[quantum]];
      send({ type: 'attemptEnded', worker, quantum, outcome: 'done', wallSeconds });
      told.push({ at, eta: etaSeconds(taskProgress(s), 4) ?? Number.NaN });
    }
    for (const part of [0.2, 0.5, 0.8]) {
      const { at, eta } = told.find((one) => one.at >= part * now)!;
      expect(eta / (now - at)).toBeGreaterThan(0.8);
      expect(eta / (now - at)).toBeLessThan(1.25);
    }
  });

  it('goes with a rate over the last half minute', () => {
    const meter = new RateMeter();
    expect(meter.update(0, 0)).toBe(0);
    expect(meter.update(10, 50)).toBe(5);
    for (let t = 20; t <= 100; t += 10) meter.update(t, 50);
    expect(meter.update(110, 80)).toBe(1);
  });
});
