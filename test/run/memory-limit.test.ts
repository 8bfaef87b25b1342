// SPDX-License-Identifier: BSD-3-Clause
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Butler } from '../../src/butler/index.ts';
import { type MemoryLimits, MemoryWatch } from '../../src/run/controller/memory-watch.ts';
import { execute, RunFolder, readOutcomeLog } from '../../src/run/index.ts';
import { createScheduler, step } from '../../src/run/scheduler/index.ts';
import type { QuantumSpec } from '../../src/run/workers/protocol.ts';
import { campaign, cell, testWorker } from '../support/run/campaign.ts';
import { schedulerGraphOf } from '../support/scheduler-graphs.ts';

const MB = 1e6;

describe('a leak', () => {
  let root: string;
  let butler: Butler;
  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), 'skymill-memory-'));
    butler = await Butler.create(join(root, 'repo'));
  });
  afterEach(async () => {
    await butler.close();
    rmSync(root, { recursive: true });
  });

  it('ends the attempt with its cause; it is tried again with more memory, and the rest goes on', async () => {
    const make = { leak: [cell(1)], leakOnce: [cell(2)], markers: root };
    const graph = campaign(butler, { cells: 4, config: { make }, resources: { memoryBytes: 100 * MB } });
    const rules = [{ name: 'more', when: { kinds: ['outOfMemory'] }, maxAttempts: 2, memoryFactor: 1.2 }] as const;
    const summary = await execute(graph, butler, { worker: testWorker, jobs: 2, scratchRoot: root, rules });
    expect(summary.progress.counts).toMatchObject({ failed: 1, blocked: 2, done: 6 });
    const attempts = [...readOutcomeLog(RunFolder.open(butler.root, 'test/run').outcomesPath)].filter(
      (r) => r.type === 'attempt',
    );
    const first = attempts.find((r) => r.quantum === 1 && r.attempt === 1)!;
    expect(first).toMatchObject({
      state: 'failed',
      decision: 'retry',
      rule: 'more',
      cause: { kind: 'outOfMemory' },
    });
    expect(first.cause!.message).toContain('took more memory than it may');
    // Noticed soon after the limit of 100 MB + 256 MiB over what the worker had.
    expect(first.usage.peakMemoryBytes).toBeGreaterThan(368 * MB);
    expect(first.usage.peakMemoryBytes).toBeLessThan(1200 * MB);
    expect(first.nextMemoryBytes).toBeGreaterThanOrEqual(1.2 * 368 * MB);
    const second = attempts.find((r) => r.quantum === 1 && r.attempt === 2)!;
    expect(second.usage.requestedMemoryBytes).toBe(first.nextMemoryBytes);
    expect(second).toMatchObject({ state: 'failed', decision: 'final', cause: { kind: 'outOfMemory' } });
    expect(attempts.filter((r) => r.quantum === 2).map((r) => r.state)).toEqual(['failed', 'done']);
  }, 120_000);
});

describe('the watch over memory', () => {
  const spec = (quantum: number, requestedMB: number, extra: Partial<QuantumSpec> = {}) =>
    ({ quantum, task: 0, attempt: 1, requestedMemoryBytes: requestedMB * MB, ...extra }) as QuantumSpec;
  const setUp = (limits: Partial<MemoryLimits>, specs: QuantumSpec[]) => {
    const sizes: number[] = [];
    const watch = new MemoryWatch({ factor: 2, stated: [true], totalBytes: 1e12, ...limits }, (pid) => sizes[pid]);
    const workers = new Map(specs.map((one, pid) => [pid, { pid, current: { spec: one, atSeconds: 0 } }]));
    return (...megabytes: number[]) => {
      megabytes.forEach((size, pid) => {
        sizes[pid] = size * MB;
      });
      return watch.look(workers).map(({ quantum }) => quantum);
    };
  };

  it('looks at what a worker has grown by, not at what earlier quanta left', () => {
    const look = setUp({}, [spec(7, 1000), spec(8, 1000)]);
    expect(look(5000, 100)).toEqual([]);
    expect(look(6900, 2000)).toEqual([]);
    expect(look(6900, 2150)).toEqual([8]);
    expect(look(7100, 2000)).toEqual([7]);
  });

  it('does not blame a quantum for datasets that its worker keeps for others', () => {
    let resident = 100 * MB;
    const watch = new MemoryWatch({ factor: 2, stated: [true], totalBytes: 1e12 }, () => resident);
    const look = (residentMB: number, datasetsMB: number) => {
      resident = residentMB * MB;
      const worker = { pid: 1, datasetBytes: datasetsMB * MB, current: { spec: attempt, atSeconds: 0 } };
      return watch.look(new Map([[0, worker]])).map(({ quantum }) => quantum);
    };
    const attempt = spec(4, 1000);
    expect(look(100, 0)).toEqual([]);
    expect(look(5000, 4000)).toEqual([]);
    expect(look(6200, 4000)).toEqual([4]);
    expect(look(2000, 0)).toEqual([]); // they gave way, and the quantum took the room
    expect(look(2200, 0)).toEqual([4]);
  });

  it('allows something to small requests, and everything to the first attempt of a task that states none', () => {
    const small = setUp({}, [spec(1, 10)]);
    small(100);
    expect(small(100 + 270)).toEqual([]);
    expect(small(100 + 290)).toEqual([1]);
    const guessed = setUp({ stated: [false] }, [spec(1, 10), spec(2, 10, { attempt: 2 })]);
    guessed(100, 100);
    expect(guessed(9000, 9000)).toEqual([2]);
    const unlimited = setUp({ factor: 0 }, [spec(1, 10)]);
    unlimited(100);
    expect(unlimited(9000)).toEqual([]);
  });

  it('ends the one farthest beyond its request when the machine has no more to give', () => {
    const look = setUp({ totalBytes: 8000 * MB, stated: [false] }, [spec(1, 1000), spec(2, 100), spec(3, 3000)]);
    look(100, 100, 100);
    expect(look(1500, 2000, 4000)).toEqual([]);
    expect(look(2000, 2600, 4500)).toEqual([2]);
  });

  it('meets no successor: a quantum that ended meanwhile is not blamed, nor the one that came after it', () => {
    const graph = schedulerGraphOf([{ label: 'a', dependencies: [[], [], []] }]);
    const s = createScheduler(graph, { cores: 1, memoryBytes: 100, queueSeconds: 10 });
    step(s, { type: 'workerReady', worker: 0 });
    step(s, { type: 'start' });
    // The mean of one short quantum is known: the other two are given together.
    step(s, { type: 'attemptStarted', worker: 0, quantum: 0, nowSeconds: 0 });
    step(s, { type: 'attemptEnded', worker: 0, quantum: 0, outcome: 'done', wallSeconds: 0.01 });
    const [first, second] = [1, 2];
    step(s, { type: 'attemptStarted', worker: 0, quantum: first, nowSeconds: 0 });
    const over = { type: 'overMemory', worker: 0, quantum: first, residentBytes: 1 } as const;
    expect(step(s, over)).toEqual([{ type: 'kill', worker: 0, why: 'memoryLimit', quantum: first }]);
    expect(step(s, over)).toEqual([]); // once is enough
    step(s, { type: 'attemptEnded', worker: 0, quantum: first, outcome: 'done', wallSeconds: 1 });
    step(s, { type: 'attemptStarted', worker: 0, quantum: second, nowSeconds: 1 });
    const cause = { kind: 'outOfMemory', message: 'm', signature: 'm' } as const;
    expect(step(s, { type: 'workerLost', worker: 0, cause })).toEqual([]);
    expect(s.attempts[second]).toBe(0);
    expect(s.ready[0].size).toBe(1);
    expect(step(s, { ...over, worker: 5 })).toEqual([]); // a worker that is gone
  });
});
