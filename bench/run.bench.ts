// SPDX-License-Identifier: BSD-3-Clause
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Butler } from '../src/butler/index.ts';
import type { QuantumGraph } from '../src/graph/index.ts';
import { execute, RunFolder, readOutcomeLog } from '../src/run/index.ts';
import { createScheduler, type Instruction, type SchedulerEvent, step } from '../src/run/scheduler/index.ts';
import { graphByHand } from '../test/support/graphs.ts';
import { campaign, cell, testWorker } from '../test/support/run/campaign.ts';
import { nothing } from '../test/support/run/tasks.ts';
import { schedulerGraphOf } from '../test/support/scheduler-graphs.ts';
import type { Figure } from './figure.ts';

/** What execution costs besides the science: the scheduler alone, and quanta that do nothing through real workers. */
export async function* figures(): AsyncIterable<Figure> {
  yield* scheduler();
  for (const jobs of [1, 2]) yield* emptyQuanta(jobs);
  yield* smallQuanta();
}

/** Visits of 20 detectors, three steps each, stacked per 50: the shape of a survey night. */
function* scheduler(): Generator<Figure> {
  const n = 300_000;
  const chain = (offset: number) => Array.from({ length: n }, (_, i) => [offset + i]);
  const stacks = Array.from({ length: n / 50 }, (_, s) => Array.from({ length: 50 }, (_, i) => 2 * n + s * 50 + i));
  const graph = schedulerGraphOf([
    { dependencies: Array.from({ length: n }, () => []) },
    { dependencies: chain(0) },
    { dependencies: chain(n) },
    { dependencies: stacks },
  ]);
  let from = process.cpuUsage();
  const cpuSeconds = () => {
    const { user, system } = process.cpuUsage(from);
    return (user + system) / 1e6;
  };
  const state = createScheduler(graph, { cores: 256, memoryBytes: 1e12 });
  yield {
    figure: `scheduler: make the state of ${graph.quantumCount} quanta`,
    value: cpuSeconds() * 1000,
    unit: 'CPU ms',
  };

  let events = 0;
  const given: Extract<Instruction, { type: 'dispatch' }>[] = [];
  const send = (event: SchedulerEvent) => {
    events++;
    for (const instruction of step(state, event)) if (instruction.type === 'dispatch') given.push(instruction);
  };
  from = process.cpuUsage();
  for (let worker = 0; worker < 256; worker++) send({ type: 'workerReady', worker });
  send({ type: 'start' });
  for (let at = 0; at < given.length; at++) {
    const { worker, quantum } = given[at];
    send({ type: 'attemptStarted', worker, quantum, nowSeconds: 0 });
    send({ type: 'attemptEnded', worker, quantum, outcome: 'done', wallSeconds: 60 });
  }
  const seconds = cpuSeconds();
  if (!state.finished) throw new Error('the simulated run did not end');
  yield {
    figure: 'scheduler: events, 256 workers',
    value: events / seconds,
    unit: '1/CPU s',
    goal: '> 500000',
    ok: events / seconds > 5e5,
  };
}

async function* emptyQuanta(jobs: number): AsyncGenerator<Figure> {
  const n = 5000;
  const rate = await timed(jobs, (butler) => {
    const declaration = {
      label: 'nothing',
      taskClass: nothing.name,
      runner: 'typescript' as const,
      dimensions: nothing.dimensions,
      connections: nothing.connections,
      config: {},
      resources: { memoryBytes: 1e8 },
    };
    const quanta = Array.from({ length: n }, (_, i) => ({
      dataId: { htm7: cell(i) },
      outputs: { never: [{ htm7: cell(i) }] },
    }));
    return graphByHand({ inputs: [], outputRun: 'bench', repositoryId: butler.repositoryId }, [
      { declaration, quanta },
    ]);
  });
  yield {
    figure: `empty quanta through worker processes, ${jobs} jobs`,
    value: rate,
    unit: '1/s',
    peer: 'Parsl 1181/s, DAGMan 20/s (their documentation)',
    goal: '> 1000',
    ok: rate > 1000,
  };
}

/** With everything a real one has: files read, written, synced and registered, log and metadata. */
async function* smallQuanta(): AsyncGenerator<Figure> {
  const value = await timed(2, (butler) => campaign(butler, { cells: 400 }));
  yield { figure: 'quanta with files, log and metadata, 2 jobs', value, unit: '1/s' };
}

/** Quanta per second between the first start and the last end of an attempt: without starting processes. */
async function timed(jobs: number, build: (butler: Butler) => QuantumGraph): Promise<number> {
  const root = await mkdtemp(join(tmpdir(), 'skymill-bench-'));
  try {
    const butler = await Butler.create(join(root, 'repo'));
    const graph = build(butler);
    const { exitCode } = await execute(graph, butler, { worker: testWorker, jobs, scratchRoot: root });
    if (exitCode !== 0) throw new Error(`the run ended with ${exitCode}`);
    let first = Number.POSITIVE_INFINITY;
    let last = 0;
    for (const record of readOutcomeLog(RunFolder.open(butler.root, graph.header.outputRun).outcomesPath)) {
      if (record.type !== 'attempt') continue;
      first = Math.min(first, record.startedUnixMs);
      last = Math.max(last, record.endedUnixMs);
    }
    await butler.close();
    return (graph.quantumCount / (last - first)) * 1000;
  } finally {
    await rm(root, { recursive: true });
  }
}
