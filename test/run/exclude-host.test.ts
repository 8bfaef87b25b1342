// SPDX-License-Identifier: BSD-3-Clause
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Cause } from '../../src/run/outcomes/record.ts';
import {
  createScheduler,
  type Instruction,
  REASON_NAMES,
  type RetryRule,
  type SchedulerEvent,
  type SchedulerState,
  STATE_NAMES,
  step,
} from '../../src/run/scheduler/index.ts';
import { schedulerGraphOf, type TaskShape } from '../support/scheduler-graphs.ts';

const broken: Cause = { kind: 'crashed', message: 'no such device', signature: 'no such device' };
const rules: RetryRule[] = [{ name: 'elsewhere', when: {}, maxAttempts: 4, excludesHost: true }];

/** Drives a scheduler by hand: `hosts[i]` has worker i. */
class Cluster {
  readonly s: SchedulerState;
  readonly events: SchedulerEvent[] = [];
  readonly hostOf = new Map<number, string>();
  readonly queues = new Map<number, number[]>();
  readonly settled: Extract<Instruction, { type: 'settled' }>[] = [];
  /** By quantum: hosts on which it failed and was to go elsewhere. */
  readonly failedOn = new Map<number, Set<string>>();

  constructor(shapes: TaskShape[], hosts: string[], options: { memoryBytes?: number; queueSeconds?: number } = {}) {
    const memoryBytes = options.memoryBytes ?? 100;
    this.s = createScheduler(schedulerGraphOf(shapes), { cores: hosts.length, memoryBytes, rules, ...options });
    this.send({ type: 'start' });
    for (const host of hosts) this.addWorker(host);
  }

  addWorker(host: string): number {
    const worker = this.hostOf.size;
    this.hostOf.set(worker, host);
    this.queues.set(worker, []);
    this.send({ type: 'workerReady', worker, host });
    return worker;
  }

  send(event: SchedulerEvent): void {
    this.events.push(event);
    for (const instruction of step(this.s, event)) {
      if (instruction.type === 'settled') this.settled.push(instruction);
      if (instruction.type !== 'dispatch') continue;
      const { worker, quantum } = instruction;
      expect(this.failedOn.get(quantum)?.has(this.hostOf.get(worker)!), `${quantum} on ${worker}`).not.toBe(true);
      this.queues.get(worker)!.push(quantum);
    }
  }

  end(worker: number, fails: boolean, wallSeconds = 1): void {
    const quantum = this.queues.get(worker)![0];
    this.send({ type: 'attemptStarted', worker, quantum, nowSeconds: 0 });
    this.queues.get(worker)!.shift();
    if (fails) this.noteFailure(worker, quantum);
    const outcome = fails ? 'failed' : 'done';
    this.send({ type: 'attemptEnded', worker, quantum, outcome, cause: fails ? broken : undefined, wallSeconds });
  }

  crash(worker: number): void {
    const [quantum] = this.queues.get(worker)!;
    this.send({ type: 'attemptStarted', worker, quantum, nowSeconds: 0 });
    this.queues.delete(worker);
    this.noteFailure(worker, quantum);
    this.send({ type: 'workerLost', worker, cause: broken });
  }

  noteFailure(worker: number, quantum: number): void {
    const hosts = this.failedOn.get(quantum) ?? new Set();
    this.failedOn.set(quantum, hosts.add(this.hostOf.get(worker)!));
  }

  state(quantum: number): string {
    return STATE_NAMES[this.s.state[quantum]];
  }
  reason(quantum: number): string {
    return REASON_NAMES[this.s.reason[quantum]];
  }
}

const alone = (n: number): TaskShape[] => [{ dependencies: Array.from({ length: n }, () => []) }];

describe('a rule that excludes the host', () => {
  it('runs the quantum elsewhere, and others where it failed', () => {
    const c = new Cluster(alone(3), ['a', 'b']);
    expect([...c.queues]).toEqual([
      [0, [0]],
      [1, [1]],
    ]);
    c.end(0, true); // 0 fails on a: a takes 2, and 0 waits for b
    expect(c.settled).toMatchObject([{ quantum: 0, decision: 'retry', rule: 'elsewhere', action: 'excludeHost' }]);
    expect(c.queues.get(0)).toEqual([2]);
    c.end(0, false);
    expect(c.queues.get(0)).toEqual([]);
    c.end(1, false);
    expect(c.queues.get(1)).toEqual([0]);
    c.end(1, false);
    expect(c.s.finished).toBe(true);
    expect(c.s.hosts.excluded.size).toBe(0);
  });

  it('ends with failure and that reason when no host is left, and blocks what depends on it', () => {
    const c = new Cluster([...alone(1), { dependencies: [[0]] }], ['a', 'b']);
    c.end(0, true);
    c.crash(1);
    expect([c.state(0), c.reason(0), c.state(1)]).toEqual(['failed', 'noHostLeft', 'blocked']);
    expect(c.settled.at(-1)).toMatchObject({ decision: 'final', reason: 'noHostLeft', action: 'excludeHost' });
    expect(c.s.finished).toBe(true);
  });

  it('has nothing to say on a single host', () => {
    const c = new Cluster(alone(2), ['a', 'a']);
    c.end(0, true);
    expect([c.state(0), c.reason(0), c.state(1)]).toEqual(['failed', 'noHostLeft', 'running']);
  });

  it('waits for a host whose workers are gone for a moment, and gives up when it is gone for good', () => {
    const c = new Cluster(alone(2), ['a', 'b']);
    c.end(1, false); // 1 on b
    c.crash(0);
    expect(c.queues.get(1)).toEqual([0]);
    c.crash(1); // 0 failed on a and on b
    expect([c.state(0), c.reason(0)]).toEqual(['failed', 'noHostLeft']);

    const d = new Cluster(alone(2), ['a', 'b']);
    d.send({ type: 'workerLost', worker: 1, cause: broken });
    d.queues.set(1, []);
    d.end(0, true);
    d.end(0, false); // the other one, which was taken back from b
    expect([d.state(0), d.s.finished]).toEqual(['ready', false]);
    const back = d.addWorker('b');
    expect(d.queues.get(back)).toEqual([0]);

    const e = new Cluster(alone(1), ['a', 'b']);
    e.send({ type: 'workerLost', worker: 1, cause: broken });
    e.end(0, true);
    e.send({ type: 'hostGone', host: 'b' });
    expect([e.state(0), e.reason(0), e.s.finished]).toEqual(['failed', 'noHostLeft', true]);
  });

  it('keeps room for it when it needs much and others would always be quicker', () => {
    const shapes: TaskShape[] = [
      { dependencies: [[]], memoryBytes: 9 },
      { dependencies: Array.from({ length: 200 }, () => []), memoryBytes: 3 },
    ];
    const c = new Cluster(shapes, ['a', 'b', 'b'], { memoryBytes: 10 });
    const first = [...c.queues].find(([, queue]) => queue[0] === 0)![0];
    c.end(first, true);
    for (let turn = 0; turn < 150 && c.state(0) !== 'running'; turn++) {
      const [busy] = [...c.queues].find(([, queue]) => queue.length > 0)!;
      c.end(busy, false);
    }
    expect(c.state(0)).toBe('running');
  });

  it('holds under any order of events, with several hosts: never there again, no quantum forgotten, replayed the same', () => {
    const layers = fc.array(
      fc.record({
        size: fc.integer({ min: 1, max: 6 }),
        memoryBytes: fc.integer({ min: 1, max: 8 }),
        picks: fc.array(fc.array(fc.nat(1000), { maxLength: 3 }), { minLength: 6, maxLength: 6 }),
      }),
      { minLength: 1, maxLength: 4 },
    );
    const hosts = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(layers, hosts, fc.array(fc.nat(999), { minLength: 30, maxLength: 80 }), (drawn, on, choices) => {
        let before = 0;
        const shapes = drawn.map(({ size, memoryBytes, picks }): TaskShape => {
          const seen = before;
          before += size;
          const dependencies = Array.from({ length: size }, (_, i) =>
            seen === 0 ? [] : picks[i].map((pick) => pick % seen),
          );
          return { memoryBytes, dependencies };
        });
        const c = new Cluster(shapes, on, { memoryBytes: 12 });
        let at = 0;
        const choose = (n: number) => (choices[at++ % choices.length] + at * 7) % n;
        for (let turn = 0; !c.s.finished; turn++) {
          if (turn > 3000) throw new Error('the run does not end');
          const busy = [...c.queues].filter(([, queue]) => queue.length > 0);
          expect(c.s.usedMemoryBytes).toBeLessThanOrEqual(12);
          if (busy.length === 0) {
            // What is ready waits for a host: it comes back, or is gone for good.
            const lacking = [...c.s.hosts.known].filter(
              (host) => ![...c.queues.keys()].some((w) => c.hostOf.get(w) === host),
            );
            expect(lacking.length + (c.queues.size === 0 ? 1 : 0)).toBeGreaterThan(0);
            if (lacking.length > 0 && choose(3) === 0) c.send({ type: 'hostGone', host: lacking[0] });
            else c.addWorker(lacking[0] ?? on[0]);
            continue;
          }
          const [worker, queue] = busy[choose(busy.length)];
          const action = choose(8);
          if (action === 0) {
            const crashed = c.hostOf.get(worker)!;
            const lost = queue.slice(1);
            c.crash(worker);
            for (const quantum of lost) expect(['ready', 'running']).toContain(c.state(quantum));
            if (choose(2) === 0) c.addWorker(crashed);
          } else c.end(worker, action <= 3, choose(2) === 0 ? 0.001 : 5);
        }
        for (let q = 0; q < before; q++) {
          expect(['done', 'failed', 'blocked']).toContain(c.state(q));
          expect(c.s.attempts[q]).toBeLessThanOrEqual(4);
        }
        expect([c.s.hosts.excluded.size, c.s.hosts.ready.size, c.s.usedMemoryBytes]).toEqual([0, 0, 0]);
        const again = createScheduler(schedulerGraphOf(shapes), { cores: on.length, memoryBytes: 12, rules });
        for (const event of JSON.parse(JSON.stringify(c.events)) as SchedulerEvent[]) step(again, event);
        expect([again.state, again.attempts, again.reason]).toEqual([c.s.state, c.s.attempts, c.s.reason]);
      }),
      { numRuns: 200 },
    );
  });
});
