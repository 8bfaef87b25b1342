// SPDX-License-Identifier: BSD-3-Clause
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Cause } from '../../src/run/outcomes/record.ts';
import {
  createScheduler,
  DEFAULT_RETRY_RULES,
  type Instruction,
  matchRule,
  type SchedulerEvent,
  step,
} from '../../src/run/scheduler/index.ts';
import { depthFirstRanks } from '../../src/run/scheduler/order.ts';
import { RankSet } from '../../src/run/scheduler/rank-set.ts';
import { schedulerGraphOf, type TaskShape } from '../support/scheduler-graphs.ts';

const dispatched = (out: Instruction[]) => out.flatMap((i) => (i.type === 'dispatch' ? [i.quantum] : []));
const failure = (kind: Cause['kind'], extra: Partial<Cause> = {}): Cause => ({
  kind,
  message: kind,
  signature: kind,
  ...extra,
});

/** Runs a graph to its end with one event at a time; `outcome` decides each attempt. @returns the order of starts. */
function runAll(
  shapes: TaskShape[],
  workers: number,
  options: { cores?: number; memoryBytes?: number } = {},
): number[] {
  const s = createScheduler(schedulerGraphOf(shapes), { cores: workers, memoryBytes: 1e9, ...options });
  const given: Extract<Instruction, { type: 'dispatch' }>[] = [];
  const send = (event: SchedulerEvent) => {
    for (const i of step(s, event)) if (i.type === 'dispatch') given.push(i);
  };
  for (let worker = 0; worker < workers; worker++) send({ type: 'workerReady', worker });
  send({ type: 'start' });
  for (let at = 0; at < given.length; at++) {
    const { worker, quantum } = given[at];
    send({ type: 'attemptStarted', worker, quantum, nowSeconds: at });
    send({ type: 'attemptEnded', worker, quantum, outcome: 'done', wallSeconds: 60 });
  }
  expect(s.finished).toBe(true);
  return given.map((i) => i.quantum);
}

describe('the order of work', () => {
  it('finishes one product before it begins the next', () => {
    // Three patches, each of three warps (0-8), a coadd each (9-11), one catalogue over all (12).
    const order = runAll(
      [
        { dependencies: Array.from({ length: 9 }, () => []) },
        {
          dependencies: [
            [0, 1, 2],
            [3, 4, 5],
            [6, 7, 8],
          ],
        },
        { dependencies: [[9, 10, 11]] },
      ],
      1,
    );
    expect(order).toEqual([0, 1, 2, 9, 3, 4, 5, 10, 6, 7, 8, 11, 12]);
  });

  it('ranks every quantum once, after all it depends on', () => {
    const dags = fc
      .array(fc.array(fc.nat(1000), { maxLength: 4 }), { minLength: 1, maxLength: 60 })
      .map((lists) => lists.map((list, i) => (i === 0 ? [] : list.map((d) => d % i))));
    fc.assert(
      fc.property(dags, (dependencies) => {
        const rank = depthFirstRanks(schedulerGraphOf([{ dependencies }]));
        expect([...rank].sort((a, b) => a - b)).toEqual(dependencies.map((_, i) => i));
        dependencies.forEach((list, q) => {
          for (const d of list) expect(rank[d]).toBeLessThan(rank[q]);
        });
      }),
    );
  });

  it('lets smaller quanta overtake one that does not fit, but not for ever', () => {
    // Task 0: one quantum of 4 cores (rank 0 after its sink order); task 1: many of 1 core.
    const shapes: TaskShape[] = [
      { cores: 4, dependencies: [[]] },
      { cores: 1, dependencies: Array.from({ length: 200 }, () => []) },
    ];
    const s = createScheduler(schedulerGraphOf(shapes), { cores: 4, memoryBytes: 1e9, overtakeLimit: 10 });
    const running: { worker: number; quantum: number }[] = [];
    const started: number[] = [];
    const send = (event: SchedulerEvent) => {
      for (const i of step(s, event))
        if (i.type === 'dispatch') {
          running.push(i);
          started.push(i.quantum);
        }
    };
    // One small quantum runs when the large one becomes the preferred one: it never finds all cores free by itself.
    send({ type: 'workerReady', worker: 0 });
    send({ type: 'start' });
    const first = running.shift()!;
    expect(first.quantum).toBe(0);
    send({ type: 'attemptStarted', ...first, nowSeconds: 0 });
    for (const worker of [1, 2, 3]) send({ type: 'workerReady', worker });
    expect(started).toEqual([0]); // four cores are taken
    send({ type: 'workerLost', worker: 0, cause: failure('crashed') }); // retried: preferred again
    send({ type: 'workerReady', worker: 4 });
    for (let turn = 0; turn < 60 && !started.includes(0, 1); turn++) {
      const next = running.shift()!;
      send({ type: 'attemptStarted', ...next, nowSeconds: 0 });
      send({ type: 'attemptEnded', ...next, outcome: 'done', wallSeconds: 60 });
    }
    expect(started.indexOf(0, 1)).toBeGreaterThan(0);
    expect(started.indexOf(0, 1)).toBeLessThan(20);
  });

  it('packs by memory, and runs alone what asks for more than there is', () => {
    const shapes: TaskShape[] = [
      { memoryBytes: 5, dependencies: [[], [], [], []] },
      { memoryBytes: 50, dependencies: [[]] },
    ];
    const s = createScheduler(schedulerGraphOf(shapes), { cores: 8, memoryBytes: 12 });
    for (let worker = 0; worker < 5; worker++) step(s, { type: 'workerReady', worker });
    expect(dispatched(step(s, { type: 'start' }))).toEqual([0, 1]);
    expect(s.usedMemoryBytes).toBe(10);
    expect(runAll(shapes, 3, { memoryBytes: 12 })).toHaveLength(5);
  });

  it('queues short quanta behind each other, one behind a longer one while there are many, and very long ones not', () => {
    const queueAfter = (wallSeconds: number, quanta = 50) => {
      const s = createScheduler(schedulerGraphOf([{ dependencies: Array.from({ length: quanta }, () => []) }]), {
        cores: 1,
        memoryBytes: 1e9,
      });
      step(s, { type: 'workerReady', worker: 0 });
      const [quantum] = dispatched(step(s, { type: 'start' }));
      step(s, { type: 'attemptStarted', worker: 0, quantum, nowSeconds: 0 });
      return dispatched(step(s, { type: 'attemptEnded', worker: 0, quantum, outcome: 'done', wallSeconds })).length;
    };
    expect(queueAfter(0.01)).toBe(10); // a tenth of a second of work
    expect(queueAfter(1)).toBe(2);
    expect(queueAfter(1, 5)).toBe(1);
    expect(queueAfter(1.1)).toBe(1);
  });
});

describe('retry rules', () => {
  const begin = () => {
    const s = createScheduler(schedulerGraphOf([{ memoryBytes: 4, dependencies: [[], []] }, { dependencies: [[0]] }]), {
      cores: 1,
      memoryBytes: 100,
    });
    step(s, { type: 'workerReady', worker: 0 });
    const [quantum] = dispatched(step(s, { type: 'start' }));
    step(s, { type: 'attemptStarted', worker: 0, quantum, nowSeconds: 0 });
    return { s, quantum };
  };

  it('give more memory after the kernel took the worker for want of it', () => {
    const { s, quantum } = begin();
    step(s, { type: 'workerLost', worker: 0, cause: failure('outOfMemory'), peakMemoryBytes: 7 });
    const out = step(s, { type: 'workerReady', worker: 1 });
    expect(out).toMatchObject([{ type: 'dispatch', quantum, attempt: 2, memoryBytes: 14 }]);
    step(s, { type: 'attemptStarted', worker: 1, quantum, nowSeconds: 0 });
    const last = step(s, { type: 'workerLost', worker: 1, cause: failure('outOfMemory') });
    expect(last).toMatchObject([
      { type: 'settled', decision: 'final', state: 'failed', rule: 'outOfMemory', reason: 'retriesExhausted' },
      { type: 'blocked', quanta: [2], by: quantum, reason: 'upstreamFailed' },
    ]);
  });

  it('stop the run on a failure that would hit everything', () => {
    const { s, quantum } = begin();
    const cause = failure('exception', { code: 'BUTLER_DISK_FULL' });
    const ended = { type: 'attemptEnded', worker: 0, quantum, outcome: 'failed', cause, wallSeconds: 1 } as const;
    expect(step(s, ended).map((i) => i.type)).toEqual(['stopping', 'settled', 'blocked', 'finished']);
  });

  it('match by kind, exit code, signal, code, message and label, first one first', () => {
    const rules = [
      { name: 'a', when: { exitCodes: [3], labels: ['isr'] }, maxAttempts: 2 },
      { name: 'b', when: { signals: ['SIGBUS'] }, maxAttempts: 2 },
      { name: 'c', when: { message: 'stale file' }, maxAttempts: 2 },
    ];
    expect(matchRule(rules, failure('crashed', { exitCode: 3 }), 'isr')?.name).toBe('a');
    expect(matchRule(rules, failure('crashed', { exitCode: 3 }), 'warp')).toBeUndefined();
    expect(matchRule(rules, failure('signalled', { signal: 'SIGBUS' }), 'warp')?.name).toBe('b');
    expect(matchRule(rules, failure('exception', { message: 'A Stale File handle' }), 'warp')?.name).toBe('c');
    expect(matchRule(DEFAULT_RETRY_RULES, failure('exception', { message: 'singular matrix' }), 'x')).toBeUndefined();
    expect(matchRule(DEFAULT_RETRY_RULES, failure('exception', { message: 'read of x: … (ESTALE)' }), 'x')?.name).toBe(
      'storageTrouble',
    );
  });
});

describe('a kill for time that comes too late', () => {
  it('does not count against the quantum that it meets instead', () => {
    const shapes: TaskShape[] = [{ limitSeconds: 5, dependencies: [[], []] }];
    const s = createScheduler(schedulerGraphOf(shapes), { cores: 1, memoryBytes: 1, queueSeconds: 100 });
    s.meanWallSeconds[0] = 1; // short ones so far: two are queued
    step(s, { type: 'workerReady', worker: 0 });
    expect(dispatched(step(s, { type: 'start' }))).toEqual([0, 1]);
    step(s, { type: 'attemptStarted', worker: 0, quantum: 0, nowSeconds: 0 });
    expect(step(s, { type: 'tick', nowSeconds: 6 })).toMatchObject([{ type: 'kill', worker: 0, quantum: 0 }]);
    step(s, { type: 'attemptEnded', worker: 0, quantum: 0, outcome: 'done', wallSeconds: 6 });
    expect(s.idle.size).toBe(0);
    step(s, { type: 'attemptStarted', worker: 0, quantum: 1, nowSeconds: 6 });
    expect(step(s, { type: 'workerLost', worker: 0, cause: failure('timeLimit') })).toEqual([]);
    expect(step(s, { type: 'workerReady', worker: 1 })).toMatchObject([{ type: 'dispatch', quantum: 1, attempt: 1 }]);
  });
});

describe('impossible events', () => {
  it('are refused with their story', () => {
    const s = createScheduler(schedulerGraphOf([{ dependencies: [[]] }]), { cores: 1, memoryBytes: 1 });
    const ended: SchedulerEvent = { type: 'attemptEnded', worker: 5, quantum: 0, outcome: 'done', wallSeconds: 1 };
    expect(() => step(s, ended)).toThrow(expect.objectContaining({ code: 'RUN_IMPOSSIBLE_EVENT', kind: 'fault' }));
    step(s, { type: 'workerReady', worker: 0 });
    step(s, { type: 'start' });
    expect(() => step(s, { ...ended, worker: 0 })).toThrow('is not running it');
    expect(() => step(s, { type: 'preset', quantum: 0, state: 'skipped' })).toThrow('the run has started');
  });
});

describe('a set of ranks', () => {
  it('agrees with a plain set under any operations', () => {
    const ops = fc.array(fc.tuple(fc.boolean(), fc.nat(4999)), { maxLength: 300 });
    fc.assert(
      fc.property(ops, (list) => {
        const ours = new RankSet(5000);
        const plain = new Set<number>();
        for (const [add, value] of list) {
          if (add) {
            ours.add(value);
            plain.add(value);
          } else {
            ours.delete(value);
            plain.delete(value);
          }
          expect(ours.size).toBe(plain.size);
          expect(ours.first()).toBe(plain.size === 0 ? -1 : Math.min(...plain));
        }
      }),
    );
  });
});
