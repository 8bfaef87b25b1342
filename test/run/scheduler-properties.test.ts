// SPDX-License-Identifier: BSD-3-Clause
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Cause } from '../../src/run/outcomes/record.ts';
import {
  blamedFor,
  createScheduler,
  type Instruction,
  isMissing,
  type SchedulerEvent,
  type SchedulerState,
  STATE_COUNT,
  STATE_NAMES,
  step,
} from '../../src/run/scheduler/index.ts';
import { clustersOf, schedulerGraphOf, type TaskShape } from '../support/scheduler-graphs.ts';

const CORES = 3;
const MEMORY = 10;
const cause = (kind: Cause['kind']): Cause => ({ kind, message: kind, signature: kind });

/** Layers of tasks; a quantum depends on some of any earlier layer. */
const shapes: fc.Arbitrary<TaskShape[]> = fc
  .array(
    fc.record({
      size: fc.integer({ min: 1, max: 6 }),
      cores: fc.integer({ min: 1, max: 4 }),
      memoryBytes: fc.integer({ min: 1, max: 12 }),
      minimum: fc.integer({ min: 0, max: 3 }),
      limited: fc.boolean(),
      inMemory: fc.boolean(),
      picks: fc.array(fc.array(fc.nat(1000), { maxLength: 4 }), { minLength: 6, maxLength: 6 }),
    }),
    { minLength: 1, maxLength: 5 },
  )
  .map((layers) => {
    let before = 0;
    return layers.map(({ size, cores, memoryBytes, minimum, limited, inMemory, picks }) => {
      const seen = before;
      before += size;
      return {
        cores,
        memoryBytes,
        minimum,
        limitSeconds: limited ? 5 : undefined,
        inMemory,
        dependencies: Array.from({ length: size }, (_, i) => (seen === 0 ? [] : picks[i].map((p) => p % seen))),
      };
    });
  });

interface World {
  s: SchedulerState;
  events: SchedulerEvent[];
  instructions: Instruction[];
  /** Quanta each live worker was given and has not ended, as the outside sees it. */
  held: Map<number, { queue: number[]; started: boolean; committing: number[]; memory: Set<number> }>;
  /** Quanta that were made again. */
  remade: Set<number>;
  inMemory(quantum: number): boolean;
}

function send(world: World, event: SchedulerEvent): void {
  world.events.push(structuredClone(event));
  const instructions = step(world.s, event);
  world.instructions.push(...structuredClone(instructions));
  for (const instruction of instructions) {
    if (instruction.type === 'dispatch') world.held.get(instruction.worker)!.queue.push(instruction.quantum);
    else if (instruction.type === 'forget') forget(world, instruction.worker, instruction.quanta);
    else if (instruction.type === 'remade') for (const quantum of instruction.quanta) world.remade.add(quantum);
  }
  // What a worker was given can be run: what is only in memory is in its own.
  for (const { queue, committing, memory } of world.held.values())
    for (const quantum of [...queue, ...committing])
      for (const { dataset } of world.s.graph.inputs(quantum))
        if (world.inMemory(dataset) && !isMissing(world.s, dataset))
          expect(memory, `${dataset}, which ${quantum} reads,`).toContain(dataset);
}

function forget({ s, held }: World, worker: number, quanta: readonly number[]): void {
  for (const quantum of quanta) held.get(worker)?.memory.delete(quantum);
  for (let reader = 0; reader < s.graph.quantumCount; reader++) {
    if (!['waiting', 'ready', 'running'].includes(STATE_NAMES[s.state[reader]])) continue;
    for (const { dataset } of s.graph.inputs(reader)) if (!isMissing(s, dataset)) expect(quanta).not.toContain(dataset);
  }
}

function checkInvariants(world: World): void {
  const { s, held } = world;
  const counts = new Uint32Array(s.counts.length);
  const g = s.graph;
  for (let q = 0; q < g.quantumCount; q++) {
    counts[s.taskOf[q] * STATE_COUNT + s.state[q]]++;
    const name = STATE_NAMES[s.state[q]];
    const up = [...g.dependencies.subarray(g.dependencyOffsets[q], g.dependencyOffsets[q + 1])];
    const states = up.map((d) => STATE_NAMES[s.state[d]]);
    if (['ready', 'running', 'done', 'doneWithCaveat', 'failed', 'killed'].includes(name)) {
      const ended = ['done', 'doneWithCaveat', 'noWork', 'skipped', 'blocked'];
      // One that was given to a worker has read what is made again for others.
      const before = name === 'ready' ? states : states.filter((_, i) => !world.remade.has(up[i]));
      expect(
        before.every((x) => ended.includes(x)),
        `${q} is ${name} after ${states}`,
      ).toBe(true);
      const there = up.filter((d) => !isMissing(s, d) || (name !== 'ready' && world.remade.has(d))).length;
      expect(there === up.length || there >= g.tasks[s.taskOf[q]].minimums[0]).toBe(true);
    }
    if (name === 'waiting' && s.started) {
      expect(states).not.toContain('failed');
      expect(states.some((x) => ['waiting', 'ready', 'running', 'killed'].includes(x))).toBe(true);
    }
    if (name === 'blocked') expect(blamedFor(s, q)).toBeDefined();
  }
  expect(s.counts).toEqual(counts);
  const queued = [...held.values()].flatMap((w) => [...w.queue, ...w.committing]);
  expect(new Set(queued).size).toBe(queued.length);
  expect(queued.length).toBe(s.stateTotals[STATE_NAMES.indexOf('running')]);
  expect(s.usedCores).toBeLessThanOrEqual(s.cores);
  expect(s.usedMemoryBytes).toBeLessThanOrEqual(s.memoryBytes);
  for (const [id, { queue, committing }] of held) expect(s.workers.get(id)).toMatchObject({ queue, committing });
}

function ended(worker: number, quantum: number, which: number): Extract<SchedulerEvent, { type: 'attemptEnded' }> {
  const outcome = (['failed', 'noWork', 'doneWithCaveat', 'done', 'done', 'done', 'done'] as const)[which];
  return {
    type: 'attemptEnded',
    worker,
    quantum,
    outcome,
    cause: outcome === 'failed' ? cause('exception') : undefined,
    missing: outcome === 'noWork' ? [quantum] : undefined,
    wallSeconds: 0.01,
  };
}

/** An attempt ends; what it made for others of its worker is there before they are given to it. */
function end(world: World, worker: number, event: ReturnType<typeof ended>): void {
  const { memory } = world.held.get(worker)!;
  if (event.outcome.startsWith('done') && world.inMemory(event.quantum)) memory.add(event.quantum);
  send(world, event);
  send(world, { type: 'held', worker, heldBytes: memory.size });
}

/** A worker dies: what it has in commit has the attempt of before, unless that was the third worker it lost like this. */
function lose(world: World, worker: number, why: Cause['kind']): void {
  const { s } = world;
  const committing = world.held.get(worker)!.committing;
  const before = committing.map((q) => ({ q, attempts: s.attempts[q], losses: s.commitLosses.get(q) ?? 0 }));
  world.held.delete(worker);
  send(world, { type: 'workerLost', worker, cause: cause(why) });
  for (const { q, attempts, losses } of before) {
    const blamed = losses === 2;
    // Ready or, with another worker, running again.
    expect(s.attempts[q]).toBe(blamed ? attempts : attempts - 1);
    if (!blamed)
      expect(['ready', 'running', ...(world.remade.size > 0 ? ['waiting'] : [])]).toContain(STATE_NAMES[s.state[q]]);
  }
}

/** Plays the world: workers start, end, crash and appear as `choices` says, until the scheduler is finished. */
function play(graphShapes: TaskShape[], choices: number[], stopAt: number | undefined): World {
  const options = { cores: CORES, memoryBytes: MEMORY };
  const clusters = clustersOf(graphShapes);
  const world: World = {
    s: createScheduler(schedulerGraphOf(graphShapes), { ...options, clusters }),
    events: [],
    instructions: [],
    held: new Map(),
    remade: new Set(),
    inMemory: (quantum) => clusters?.isInMemory(quantum) === true,
  };
  let nextWorker = 0;
  let now = 0;
  const addWorker = () => {
    world.held.set(nextWorker, { queue: [], started: false, committing: [], memory: new Set() });
    send(world, { type: 'workerReady', worker: nextWorker++ });
  };
  send(world, { type: 'start' });
  addWorker();
  addWorker();
  let at = 0;
  const choose = (n: number) => (choices[at++ % choices.length] + at * 7) % n;
  for (let turn = 0; !world.s.finished; turn++) {
    if (turn > 3000) throw new Error('the run does not end');
    if (turn === stopAt) send(world, { type: turn % 2 === 0 ? 'drain' : 'cancel' });
    for (const instruction of world.instructions.splice(0)) {
      if ('worker' in instruction && !world.held.has(instruction.worker)) continue; // died meanwhile
      if (instruction.type === 'recall') {
        const w = world.held.get(instruction.worker)!;
        const quanta = w.queue.splice(w.started ? 1 : 0);
        send(world, { type: 'recalled', worker: instruction.worker, quanta });
      } else if (instruction.type === 'kill') {
        world.held.delete(instruction.worker);
        const why = instruction.why === 'timeLimit' ? 'timeLimit' : 'cancelled';
        send(world, { type: 'workerLost', worker: instruction.worker, cause: cause(why) });
        addWorker();
      }
    }
    checkInvariants(world);
    const busy = [...world.held].filter(([, w]) => w.queue.length + w.committing.length > 0);
    if (busy.length === 0) {
      if (!world.s.finished) addWorker();
      continue;
    }
    const [worker, w] = busy[choose(busy.length)];
    const action = choose(12);
    const inCommit = w.committing.length > 0 && (w.queue.length === 0 || choose(2) === 0);
    const quantum = inCommit ? w.committing[choose(w.committing.length)] : w.queue[0];
    if (inCommit && action === 0) lose(world, worker, 'crashed');
    else if (inCommit) {
      w.committing.splice(w.committing.indexOf(quantum), 1);
      end(world, worker, ended(worker, quantum, choose(7)));
    } else if (!w.started) {
      if (action === 0) {
        lose(world, worker, 'crashed');
      } else {
        w.started = true;
        send(world, { type: 'attemptStarted', worker, quantum, nowSeconds: now });
      }
    } else if (action <= 1) {
      lose(world, worker, action === 0 ? 'crashed' : 'outOfMemory');
    } else if (action === 2) {
      now += 10;
      send(world, { type: 'tick', nowSeconds: now });
    } else {
      w.queue.shift();
      w.started = false;
      if (action >= 7) {
        w.committing.push(quantum);
        send(world, { type: 'attemptComputed', worker, quantum });
      } else end(world, worker, ended(worker, quantum, choose(7)));
    }
    checkInvariants(world);
  }
  return world;
}

describe('the scheduler, under any order of events', () => {
  const choices = fc.array(fc.nat(10_000), { minLength: 20, maxLength: 60 });

  it('keeps its invariants and ends with every quantum accounted for', () => {
    fc.assert(
      fc.property(shapes, choices, (graphShapes, list) => {
        const { s, held } = play(graphShapes, list, undefined);
        for (const { memory } of held.values()) expect([...memory]).toEqual([]);
        for (const worker of s.workers.values()) expect([worker.clusters.size, worker.bound.size]).toEqual([0, 0]);
        const open = ['waiting', 'ready', 'running', 'killed'].map(
          (name) => s.stateTotals[STATE_NAMES.indexOf(name as never)],
        );
        expect(open).toEqual([0, 0, 0, 0]);
        expect(s.usedCores).toBe(0);
        expect(s.usedMemoryBytes).toBe(0);
        expect(s.commitLosses.size).toBe(0);
      }),
      { numRuns: 300 },
    );
  });

  it('stops when told to, leaving the rest as it was', () => {
    fc.assert(
      fc.property(shapes, choices, fc.integer({ min: 0, max: 30 }), (graphShapes, list, stopAt) => {
        const { s } = play(graphShapes, list, stopAt);
        expect(s.stateTotals[STATE_NAMES.indexOf('running')]).toBe(0);
      }),
      { numRuns: 300 },
    );
  });

  it('gives the same state and instructions when its event log is replayed', () => {
    fc.assert(
      fc.property(
        shapes,
        choices,
        fc.option(fc.integer({ min: 0, max: 30 }), { nil: undefined }),
        (graphShapes, list, stopAt) => {
          const { s, events } = play(graphShapes, list, stopAt);
          const clusters = clustersOf(graphShapes);
          const again = createScheduler(schedulerGraphOf(graphShapes), {
            cores: CORES,
            memoryBytes: MEMORY,
            clusters,
          });
          for (const event of JSON.parse(JSON.stringify(events)) as SchedulerEvent[]) step(again, event);
          for (const key of [
            'state',
            'attempts',
            'remaining',
            'reason',
            'touched',
            'missing',
            'counts',
            'meanWallSeconds',
          ] as const)
            expect(again[key]).toEqual(s[key]);
          expect(again.blamed).toEqual(s.blamed);
          expect(again.memoryOverride).toEqual(s.memoryOverride);
          expect(again.commitLosses).toEqual(s.commitLosses);
        },
      ),
      { numRuns: 100 },
    );
  });
});
