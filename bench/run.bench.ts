// SPDX-License-Identifier: BSD-3-Clause
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { atLeast, below, type Figure } from './figure.ts';
import { handOver } from './run/hand-over.ts';

/** What execution costs besides the science: the scheduler alone, and quanta that do nothing through real workers. */
export async function* figures(): AsyncIterable<Figure> {
  yield* scheduler();
  yield* emptyQuanta();
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

/** What bench/run/empty-quanta.ts measures. */
interface Empty {
  quanta: number;
  perSecond: number;
  firstQuantumSeconds: number;
  controllerUserMicros: number;
  controllerSystemMicros: number;
  workersUserMicros: number;
  workersSystemMicros: number;
  machineMicros: number;
}

/**
 * Quanta that write one small file, through everything a real one passes: the file synced and renamed, log and metadata in an archive, the
 * record in the outcome log, all registered. From the start of the first until the run has ended; processes and graph are loaded before.
 */
async function* emptyQuanta(): AsyncGenerator<Figure> {
  const script = join(import.meta.dirname, 'run', 'empty-quanta.ts');
  const measure = async (exposures: number, jobs: number) =>
    JSON.parse((await promisify(execFile)(process.execPath, [script, `${exposures}`, `${jobs}`])).stdout) as Empty;
  const one = await measure(400, 1);
  yield { figure: 'empty quanta through the whole path, 1 worker', value: one.perSecond, unit: '1/s' };
  const two = await measure(400, 2);
  yield {
    figure: 'empty quanta through the whole path, 2 workers',
    unit: '1/s',
    peer: '14-17',
    ...atLeast(two.perSecond, 2000),
  };
  const controller = two.controllerUserMicros + two.controllerSystemMicros;
  const workers = two.workersUserMicros + two.workersSystemMicros;
  yield { figure: 'CPU of the controller, with its start', value: controller, unit: 'us a quantum' };
  yield { figure: 'CPU of the workers, with their start', value: workers, unit: 'us a quantum' };
  yield {
    figure: 'CPU of the rest of the machine meanwhile (disk, other processes)',
    value: two.machineMicros - controller - workers,
    unit: 'us a quantum',
  };
  const first: number[] = [];
  for (let i = 0; i < 5; i++) first.push((await measure(4, 2)).firstQuantumSeconds);
  yield {
    figure: 'time to the first quantum, from opening the graph (median of 5)',
    unit: 's',
    peer: '1.8 (imports alone)',
    ...below(first.sort((a, b) => a - b)[2], 0.3),
  };
}
