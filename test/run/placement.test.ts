// SPDX-License-Identifier: BSD-3-Clause
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Butler } from '../../src/butler/index.ts';
import { type AttemptRecord, execute, RunFolder, readOutcomeLog } from '../../src/run/index.ts';
import { createScheduler, type Instruction, type SchedulerState, step } from '../../src/run/scheduler/index.ts';
import { campaign, cell, testWorker } from '../support/run/campaign.ts';
import { schedulerGraphOf, type TaskShape } from '../support/scheduler-graphs.ts';

type Dispatch = Extract<Instruction, { type: 'dispatch' }>;

/** Chains of three, `chains` of them; all quanta take as long. */
function chainsOf(chains: number): TaskShape[] {
  const list = (from: number | undefined) =>
    Array.from({ length: chains }, (_, i) => (from === undefined ? [] : [from + i]));
  return [{ dependencies: list(undefined) }, { dependencies: list(0) }, { dependencies: list(chains) }];
}

/** Runs everything with as many workers as cores; @returns by quantum the worker that ran it, and the order of starts. */
function runAll(shapes: readonly TaskShape[], workers: number): { where: Map<number, number>; order: number[] } {
  const s: SchedulerState = createScheduler(schedulerGraphOf(shapes), { cores: workers, memoryBytes: 1e9 });
  const where = new Map<number, number>();
  const order: number[] = [];
  let running: Dispatch[] = [];
  const send = (event: Parameters<typeof step>[1]) => {
    for (const instruction of step(s, event)) if (instruction.type === 'dispatch') running.push(instruction);
  };
  send({ type: 'start' });
  for (let worker = 0; worker < workers; worker++) send({ type: 'workerReady', worker });
  while (running.length > 0) {
    const round = running;
    running = [];
    for (const { worker, quantum } of round) {
      where.set(quantum, worker);
      order.push(quantum);
      send({ type: 'attemptStarted', worker, quantum, nowSeconds: 0 });
    }
    // Last started, first ended: the order in which they ask for more is not the one they were given work in.
    for (const { worker, quantum } of round.reverse())
      send({ type: 'attemptEnded', worker, quantum, outcome: 'done', wallSeconds: 10 });
  }
  expect(s.finished).toBe(true);
  return { where, order };
}

describe('where quanta run', () => {
  it('is where their inputs were made, and every worker has something to do to the end', () => {
    const chains = 12;
    const { where, order } = runAll(chainsOf(chains), 3);
    for (let i = 0; i < chains; i++)
      expect([where.get(chains + i), where.get(2 * chains + i)]).toEqual([where.get(i), where.get(i)]);
    const perWorker = [0, 1, 2].map((worker) => [...where.values()].filter((w) => w === worker).length);
    expect(perWorker).toEqual([12, 12, 12]);
    // Depth first all the same: at no time more chains are begun than workers.
    const begun = new Set<number>();
    for (const quantum of order) {
      if (quantum < chains) begun.add(quantum);
      if (quantum >= 2 * chains) begun.delete(quantum - 2 * chains);
      expect(begun.size).toBeLessThanOrEqual(3);
    }
  });

  it('does not put off what is first in the order for what is far behind', () => {
    // One worker is at the last of many chains when the first chain can go on.
    const { order } = runAll(chainsOf(200), 2);
    const place = new Map(order.map((quantum, at) => [quantum, at]));
    for (let i = 0; i < 200; i++) expect(place.get(400 + i)! - place.get(i)!).toBeLessThan(10);
  });
});

describe('no barrier but the data', () => {
  let root: string;
  let butler: Butler;
  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), 'skymill-barrier-'));
    butler = await Butler.create(join(root, 'repo'));
  });
  afterEach(async () => {
    await butler.close();
    rmSync(root, { recursive: true });
  });

  it('a gather starts as soon as its own inputs exist, while quanta of the first task are still to come', async () => {
    const graph = campaign(butler, { cells: 24, group: 4, config: { make: { sleepMs: 50 } } });
    const { exitCode } = await execute(graph, butler, { worker: testWorker, jobs: 2, scratchRoot: root });
    expect(exitCode).toBe(0);
    const attempts = [...readOutcomeLog(RunFolder.open(butler.root, 'test/run').outcomesPath)].filter(
      (record): record is AttemptRecord => record.type === 'attempt',
    );
    const of = (label: string) => attempts.filter((one) => one.label === label);
    const lastMakeStarts = Math.max(...of('make').map((one) => one.startedUnixMs));
    // Of six sums all but the last two or so are over before the last number is begun.
    expect(of('sum').filter((one) => one.endedUnixMs < lastMakeStarts).length).toBeGreaterThanOrEqual(3);
    for (const sum of of('sum')) {
      const first = Number(sum.dataId['htm7']);
      const mine = of('double').filter(({ dataId }) => {
        const at = Number(dataId['htm7']) - first;
        return at >= 0 && at < 4;
      });
      expect(mine).toHaveLength(4);
      expect(sum.startedUnixMs).toBeGreaterThanOrEqual(Math.max(...mine.map((one) => one.endedUnixMs)));
    }
    expect(of('sum').some(({ dataId }) => dataId['htm7'] === cell(20))).toBe(true);
  });
});
