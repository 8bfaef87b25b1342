// SPDX-License-Identifier: BSD-3-Clause
import type { DataId } from '../../../src/butler/index.ts';
import type { QuantumGraph } from '../../../src/graph/index.ts';
import type { Connection } from '../../../src/pipeline/index.ts';
import { type AttemptRecord, type OutcomeRecord, RunFolder } from '../../../src/run/index.ts';
import { OutcomeLogWriter } from '../../../src/run/outcomes/log.ts';
import { graphByHand } from '../graphs.ts';

/** Runs that were never executed: a graph by hand, and the log that a controller would have written. */

export interface Frames {
  exposures: number;
  detectors: number;
  run?: string;
  output?: string;
  repositoryId?: string;
}

const storage = 'StructuredDataDict';
const perDetector = ['instrument', 'exposure', 'detector'];

/** isr over all detectors of all exposures, each from a raw that exists, and a summary of each exposure. */
export function frames({
  exposures,
  detectors,
  run = 'test/run',
  output = 'test/out',
  repositoryId = 'r',
}: Frames): QuantumGraph {
  const ids = Array.from({ length: exposures }, (_, e) =>
    Array.from({ length: detectors }, (_, d): DataId => ({ instrument: 'Cam', exposure: 100 + e, detector: d })),
  );
  const connection = (
    kind: Connection['kind'],
    datasetType: string,
    dimensions: string[],
    more: Partial<Connection> = {},
  ) => ({ kind, datasetType, storage, dimensions, ...more }) as Connection;
  const common = { runner: 'typescript', config: {}, resources: { memoryBytes: 5e8 } } as const;
  const whole = ids.map(([{ instrument, exposure }]): DataId => ({ instrument, exposure }));
  return graphByHand(
    { inputs: ['raw/all'], output, outputRun: run, repositoryId },
    [
      {
        declaration: {
          ...common,
          label: 'isr',
          taskClass: 'test.isr',
          dimensions: perDetector,
          connections: {
            raw: connection('input', 'raw', perDetector),
            image: connection('output', 'image', perDetector),
            log: connection('output', 'isr_log', perDetector),
          },
        },
        quanta: ids.flat().map((id) => ({ dataId: id, inputs: { raw: [id] }, outputs: { image: [id], log: [id] } })),
      },
      {
        declaration: {
          ...common,
          label: 'summarise',
          taskClass: 'test.summarise',
          dimensions: ['instrument', 'exposure'],
          connections: {
            images: connection('input', 'image', perDetector, { multiple: true, minimum: 1 }),
            table: connection('output', 'table', ['instrument', 'exposure']),
          },
        },
        quanta: ids.map((list, e) => ({
          dataId: whole[e],
          inputs: { images: list },
          outputs: { table: [whole[e]] },
        })),
      },
    ],
    ids.flat().map((dataId, i) => {
      const id = `00000000-0000-7000-8000-${String(i).padStart(12, '0')}`;
      const file = { path: `raw/${i}.fits`, formatter: 'f', storageClass: storage, component: null, checksum: null };
      return { datasetType: 'raw', dataId, id, run: 'raw/all', files: [{ ...file, datasetId: id, sizeBytes: 1000 }] };
    }),
  );
}

/** Writes records as a run's log; ends with its end unless told otherwise. */
export function writeRun(root: string, graph: QuantumGraph, records: Iterable<OutcomeRecord>): RunFolder {
  const folder = RunFolder.create(root, {
    run: graph.header.outputRun,
    graphId: graph.id,
    createdAt: graph.header.createdAt,
    output: graph.header.output,
    inputs: graph.header.inputs,
    where: graph.header.where,
    pipeline: graph.header.pipeline,
  });
  const log = OutcomeLogWriter.open(folder.outcomesPath, () => {});
  for (const record of records) log.append(record);
  log.close();
  return folder;
}

export const startUnixMs = Date.UTC(2026, 0, 1);

export function began(graph: QuantumGraph, startedUnixMs = startUnixMs): OutcomeRecord {
  const run = { run: graph.header.outputRun, graphId: graph.id };
  const where = { host: 'n1', pid: 1, jobs: 4, memoryBytes: 8e9, skipped: 0 };
  return { type: 'runStarted', version: 1, ...run, ...where, startedUnixMs };
}

export function ended(how: 'complete' | 'drained' = 'complete', endedUnixMs = startUnixMs + 60_000): OutcomeRecord {
  return { type: 'runEnded', endedUnixMs, how };
}

/** One attempt, done unless told otherwise; all its outputs made where it was. */
export function attempt(
  graph: QuantumGraph,
  quantum: number,
  given: Partial<Omit<AttemptRecord, 'usage'>> & { usage?: Partial<AttemptRecord['usage']> } = {},
): AttemptRecord {
  const { label } = graph.tasks[graph.taskOf(quantum)];
  const state = given.state ?? 'done';
  const makes = state === 'done' || state === 'doneWithCaveat';
  const { usage, ...rest } = given;
  return {
    type: 'attempt',
    quantum,
    quantumId: graph.quantumUuid(quantum),
    label,
    dataId: graph.quantumDataId(quantum),
    attempt: 1,
    host: 'n1',
    state,
    decision: 'final',
    reason: state === 'failed' ? 'noRetryRule' : 'none',
    workerPid: 100 + (quantum % 4),
    startedUnixMs: startUnixMs + 100 * quantum,
    endedUnixMs: startUnixMs + 100 * quantum + 1000,
    outputs: makes ? graph.quantumOutputs(quantum).map(({ dataset }) => outputOf(graph, dataset)) : [],
    usage: {
      wallSeconds: 1,
      cpuUserSeconds: 0.75,
      cpuSystemSeconds: 0.15,
      peakMemoryBytes: 2e8,
      requestedCores: 1,
      requestedMemoryBytes: 5e8,
      bytesRead: 1000,
      bytesWritten: 2000,
      readSeconds: 0.1,
      writeSeconds: 0.2,
      ...usage,
    },
    caveats: [],
    log: { file: 'logs/worker-1-0.log', offset: 0, length: 0 },
    ...rest,
  };
}

function outputOf(graph: QuantumGraph, dataset: number): AttemptRecord['outputs'][number] {
  const { id, storageClass } = graph.dataset(dataset);
  const file = { datasetId: id, path: `${id}.json`, formatter: 'f', storageClass, component: null };
  return { dataset, file: { ...file, sizeBytes: 1000, checksum: 'ab'.repeat(64) } };
}

export function failure(message: string, given: Partial<AttemptRecord> = {}): Partial<AttemptRecord> {
  const signature = `Error: ${message.replace(/\d+/g, '<n>')}`;
  return { state: 'failed', cause: { kind: 'exception', message, signature, exception: 'Error' }, ...given };
}
