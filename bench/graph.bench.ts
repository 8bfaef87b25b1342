// SPDX-License-Identifier: BSD-3-Clause
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { newUuid } from '../src/base/index.ts';
import { Butler, type DataId, makeTimespan } from '../src/butler/index.ts';
import { buildGraph, candidateSource, openGraph, writeGraph } from '../src/graph/index.ts';
import {
  type Connection,
  defineTask,
  input,
  loadPipelineText,
  output,
  resolvePipeline,
  type TaskDefinition,
} from '../src/pipeline/index.ts';
import type { Figure } from './figure.ts';

const EXPOSURES = 200;
const DETECTORS = 100;

/** A SQLite repository with that many raws registered; the same shape as the peer was measured on. */
async function repository(root: string): Promise<Butler> {
  const butler = await Butler.create(root);
  const detectors = Array.from({ length: DETECTORS }, (_, id) => id);
  const exposures = Array.from({ length: EXPOSURES }, (_, i) => i + 1);
  await butler.insertRecords('instrument', [
    { name: 'Cam', class_name: 'x', detector_max: DETECTORS, exposure_max: 99999, visit_max: 99999 },
  ]);
  await butler.insertRecords('physical_filter', [{ instrument: 'Cam', name: 'r', band: 'r' }]);
  await butler.insertRecords(
    'detector',
    detectors.map((id) => ({ instrument: 'Cam', id, full_name: `D${id}`, purpose: 'SCIENCE' })),
  );
  await butler.insertRecords('day_obs', [{ instrument: 'Cam', id: 20260101 }]);
  await butler.insertRecords('group', [{ instrument: 'Cam', name: 'g' }]);
  const startNs = 1_700_000_000_000_000_000n;
  await butler.insertRecords(
    'exposure',
    exposures.map((id) => ({
      instrument: 'Cam',
      id,
      physical_filter: 'r',
      day_obs: 20260101,
      group: 'g',
      obs_id: `o${id}`,
      exposure_time: 30,
      can_see_sky: true,
      timespan: makeTimespan(
        startNs + BigInt(id) * 60_000_000_000n,
        startNs + BigInt(id) * 60_000_000_000n + 30_000_000_000n,
      ),
    })),
  );
  await butler.registerDatasetTypes([butler.makeDatasetType('raw', ['exposure', 'detector'], 'StructuredDataDict')]);
  await butler.registerCollection('raw', 'RUN');
  const row = await butler.registry.types.get('raw');
  const dataIds = exposures.flatMap((exposure) =>
    detectors.map((detector): DataId => ({ instrument: 'Cam', exposure, detector })),
  );
  const refs = dataIds.map((dataId) => ({
    id: newUuid(),
    datasetType: row.type,
    dataId: butler.universe.coordinate(row.type.dimensions, dataId),
    run: 'raw',
  }));
  await butler.registry.datasets.insert(row, await butler.registry.collections.get('raw'), refs);
  return butler;
}

/** Five tasks in a row on {exposure, detector} and one that gathers each exposure. */
async function pipeline() {
  const task = (name: string, dimensions: string[], from: Connection, to: string): TaskDefinition =>
    defineTask({
      name,
      dimensions,
      connections: { from, to: output(to, { dimensions, storage: 'StructuredDataDict' }) },
      config: z.object({}),
      run: () => ({}),
    }) as TaskDefinition;
  const both = ['exposure', 'detector'];
  const tasks: Record<string, TaskDefinition> = {};
  for (let i = 1; i <= 5; i++) {
    const from = input(i === 1 ? 'raw' : `made${i - 1}`, { dimensions: both, storage: 'StructuredDataDict' });
    tasks[`t${i}`] = task(`t${i}`, both, from, `made${i}`);
  }
  tasks.gather = task(
    'gather',
    ['exposure'],
    input('made5', { dimensions: both, storage: 'StructuredDataDict', multiple: true }),
    'gathered',
  );
  const text = JSON.stringify({
    description: 'a chain',
    tasks: Object.fromEntries(Object.keys(tasks).map((name) => [name, name])),
  });
  return resolvePipeline(await loadPipelineText(text), async (name) => tasks[name]);
}

const seconds = async <T>(run: () => Promise<T>): Promise<[number, T]> => {
  const started = performance.now();
  const result = await run();
  return [(performance.now() - started) / 1000, result];
};

export async function* figures(): AsyncGenerator<Figure> {
  const dir = await mkdtemp(join(tmpdir(), 'skymill-bench-'));
  try {
    const butler = await repository(join(dir, 'repo'));
    const resolved = await pipeline();
    const before = process.memoryUsage().rss;
    const [buildSeconds, { graph, report }] = await seconds(() =>
      buildGraph(resolved, candidateSource(butler), {
        inputs: ['raw'],
        outputRun: 'run',
        dataId: { instrument: 'Cam' },
      }),
    );
    yield {
      figure: `graph build over SQLite, ${graph.quantumCount} quanta`,
      value: buildSeconds,
      unit: 's',
      peer: '72 to 82',
      goal: '<= 0.8',
      ok: buildSeconds <= 0.8,
    };
    yield { figure: 'questions to the repository for it', value: report.questions, unit: 'questions' };
    const memory = (process.memoryUsage().rss - before) / graph.quantumCount;
    yield {
      figure: 'memory of the build',
      value: memory,
      unit: 'B/quantum',
      peer: 14000,
      goal: '< 1400',
      ok: memory < 1400,
    };
    const path = join(dir, 'graph.qg');
    const [writeSeconds, { sizeBytes }] = await seconds(() => writeGraph(graph, path));
    const perQuantum = sizeBytes / graph.quantumCount;
    yield {
      figure: 'graph file',
      value: perQuantum,
      unit: 'B/quantum',
      peer: 245,
      goal: '<= 40',
      ok: perQuantum <= 40,
    };
    yield { figure: 'writing it', value: writeSeconds, unit: 's', peer: 4.1 };
    const [openSeconds] = await seconds(() => openGraph(path));
    yield { figure: 'opening it', value: openSeconds, unit: 's' };
    const [readSeconds] = await seconds(async () => (await openGraph(path)).dependents());
    yield { figure: 'opening it and turning its edges both ways', value: readSeconds, unit: 's', peer: '11 to 24' };
    await butler.close();
  } finally {
    await rm(dir, { recursive: true });
  }
  yield* previews();
}

/** What preview.ts prints. */
interface Preview {
  quanta: number;
  buildSeconds: number;
  writeSeconds: number;
  peakBytes: number;
  sizeBytes: number;
  openSeconds: number;
  sliceSeconds: number;
  findSeconds: number;
}

/** A data preview of 20 000 exposures, and smaller ones to see how time and memory grow. */
async function* previews(): AsyncGenerator<Figure> {
  const made: Preview[] = [];
  for (const [exposures, tracts] of [
    [30, 1],
    [200, 16],
    [2000, 157],
    [20_000, 157],
  ]) {
    const script = join(import.meta.dirname, 'graph/preview.ts');
    const { stdout } = await promisify(execFile)(process.execPath, [script, String(exposures), String(tracts)]);
    const one = JSON.parse(stdout) as Preview;
    made.push(one);
    const name = `data preview, ${(one.quanta / 1e6).toFixed(2)} million quanta:`;
    yield { figure: `${name} build`, value: one.buildSeconds, unit: 's', goal: '<= 900', ok: one.buildSeconds <= 900 };
    const peakGb = one.peakBytes / 1e9;
    yield { figure: `${name} peak memory`, value: peakGb, unit: 'GB', peer: '500', goal: '<= 8', ok: peakGb <= 8 };
  }
  const large = made.at(-1) as Preview;
  const perQuantum = (one: Preview): number => one.buildSeconds / one.quanta;
  const growth = perQuantum(large) / perQuantum(made[1]);
  const seconds = (figure: string, value: number, goal: number, peer?: string): Figure => {
    return { figure, value, unit: 's', peer, goal: `<= ${goal}`, ok: value <= goal };
  };
  yield {
    figure: 'time a quantum, largest against 0.7 million',
    value: growth,
    unit: '×',
    goal: '<= 1.3',
    ok: growth <= 1.3,
  };
  const size = large.sizeBytes / large.quanta;
  yield { figure: 'its file', value: size, unit: 'B/quantum', peer: 245, goal: '<= 40', ok: size <= 40 };
  yield { figure: 'writing it', value: large.writeSeconds, unit: 's' };
  yield seconds('opening it', large.openSeconds, 0.05, '24 for 10⁵');
  yield seconds('slice of a job of 100 quanta', large.sliceSeconds, 0.05);
  yield seconds('finding a dataset by its id', large.findSeconds, 0.01);
}
