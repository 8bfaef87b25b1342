// SPDX-License-Identifier: BSD-3-Clause
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Butler } from '../src/butler/index.ts';
import type { QuantumGraph } from '../src/graph/index.ts';
import { execute, RunFolder, readOutcomeLog } from '../src/run/index.ts';
import { graphByHand } from '../test/support/graphs.ts';
import { campaign, cell, testWorker } from '../test/support/run/campaign.ts';
import { nothing } from '../test/support/run/tasks.ts';
import { atLeast, below, type Figure } from './figure.ts';
import { handOver } from './run/hand-over.ts';

/** What execution costs besides the science: the scheduler alone, and quanta that do nothing through real workers. */
export async function* figures(): AsyncIterable<Figure> {
  yield* scheduler();
  for (const jobs of [1, 2]) yield* emptyQuanta(jobs);
  yield* smallQuanta();
  yield* handOver();
  yield* reports();
}

/** What bench/run/scheduler-scale.ts measures. */
interface Scale {
  quanta: number;
  edges: number;
  createSeconds: number;
  eventsPerSecond: number;
  edgeBytes: number;
  stateBytes: number;
}

/**
 * The core over the graph of a large survey, with failures and missing products. An attempt is two events. Memory of the state is all that the
 * scheduler itself holds (arrays and objects, just made or half way through the run, whichever is more); the edges between quanta, both ways,
 * are counted beside it.
 */
async function* scheduler(): AsyncGenerator<Figure> {
  const long = await scale(1e7, 256, 60);
  yield {
    figure: 'scheduler core: events, 10^7 quanta, 256 workers',
    unit: '1/CPU s',
    peer: 'Dask ~1000 (its documentation)',
    ...atLeast(long.eventsPerSecond, 500_000),
  };
  yield {
    figure: 'scheduler core: memory of the state, 10^7 quanta',
    unit: 'B a quantum',
    ...below(long.stateBytes, 40),
  };
  const ratio = (long.edges / long.quanta).toFixed(2);
  yield { figure: `scheduler core: edges, ${ratio} a quantum`, value: long.edgeBytes, unit: 'B a quantum' };
  yield { figure: 'scheduler core: order of 10^7 quanta', value: long.createSeconds, unit: 'CPU s' };
  const short = await scale(1e6, 256, 0.01);
  yield {
    figure: 'scheduler core: events, 10^6 quanta of 10 ms, 256 workers',
    unit: '1/CPU s',
    ...atLeast(short.eventsPerSecond, 500_000),
  };
}

async function scale(quanta: number, workers: number, wallSeconds: number): Promise<Scale> {
  const script = join(import.meta.dirname, 'run', 'scheduler-scale.ts');
  const args = ['--expose-gc', script, ...[quanta, workers, wallSeconds].map(String)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout) as Scale;
}

/** What bench/run/report-scale.ts measures: a log of a million attempts read into a report, with failures, retries and caveats. */
async function* reports(): AsyncGenerator<Figure> {
  const script = join(import.meta.dirname, 'run', 'report-scale.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [script, '1000000']);
  const { recordsPerCpuSecond, arrayBytes, quanta } = JSON.parse(stdout) as Record<string, number>;
  const figure = 'report: records of the outcome log, 10^6 of 2 kB';
  yield { figure, unit: '1/CPU s', ...atLeast(recordsPerCpuSecond, 200_000) };
  yield { figure: 'report: columns it holds', value: arrayBytes / quanta, unit: 'B a quantum' };
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
