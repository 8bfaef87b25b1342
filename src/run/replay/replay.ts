// SPDX-License-Identifier: BSD-3-Clause
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type ButlerApi, FileLimitedButler, type FileRecord } from '../../butler/index.ts';
import type { QuantumGraph } from '../../graph/index.ts';
import { packagesDatasetType } from '../../pipeline/index.ts';
import { QuantumSpecs } from '../controller/quantum-specs.ts';
import { runErrors } from '../errors.ts';
import { environmentOf } from '../folder/environment.ts';
import type { RunFolder } from '../folder/run-folder.ts';
import type { AttemptRecord, Cause, Caveat, Usage } from '../outcomes/record.ts';
import { absoluteRecord, universeOf } from '../places.ts';
import { formatDataId } from '../report/format.ts';
import type { WorkerCommand } from '../workers/begin-process.ts';
import type { DatasetSpec } from '../workers/protocol.ts';
import { runOnce } from './attempt.ts';
import { compareOutput, type ReplayedOutput } from './compare.ts';
import { type EnvironmentChange, environmentChanges } from './environment.ts';
import { historyOf } from './history.ts';

export interface ReplayOptions {
  worker: WorkerCommand;
  /** Where everything goes; made if it is not there, refused unless empty. Default: a new folder among the temporary files. */
  folder?: string;
  /** Versions now, to compare with those of the run. */
  packages?: Readonly<Record<string, string>>;
  /** Ends the attempt. */
  signal?: AbortSignal;
}

/** A quantum of a run, run again aside, and how that compares with what the run recorded. */
export interface Replay {
  quantum: number;
  quantumId: string;
  label: string;
  dataId: Readonly<Record<string, string | number>>;
  config: Readonly<Record<string, unknown>>;
  /** Everything the replay made is here: `outputs/` (with log and metadata datasets), `log.txt`, `console.txt`. */
  folder: string;
  logFile: string;
  /** Of the `<label>_metadata` dataset, where the pipeline has one. */
  metadataFile?: string;
  outcome: 'done' | 'doneWithCaveat' | 'noWork' | 'failed';
  cause?: Cause;
  caveats: readonly Caveat[];
  usage?: Usage;
  inputs: {
    connection: string;
    datasetType: string;
    dataId: Readonly<Record<string, string | number>>;
    path: string;
  }[];
  /** What the run recorded of the last attempt; absent if it never ran. */
  recorded?: Pick<AttemptRecord, 'attempt' | 'state' | 'cause' | 'usage' | 'host' | 'startedUnixMs'>;
  outputs: ReplayedOutput[];
  environment: { packages: EnvironmentChange[]; variables: EnvironmentChange[] };
  /** Whether it ended as recorded and made what was recorded; undefined without a record. */
  same?: boolean;
}

/**
 * Runs one quantum of a run again in a scratch folder: the inputs it had (files that the run recorded before its last attempt, files of the graph),
 * its configuration, seed, requests and environment variables. Reads the repository and changes nothing in it.
 * @throws RUN_REPLAY_INPUT if an input is not there as it was
 */
export async function replay(
  graph: QuantumGraph,
  butler: ButlerApi,
  folder: RunFolder,
  quantum: number,
  options: ReplayOptions,
): Promise<Replay> {
  const specs = new QuantumSpecs(graph, butler);
  const task = graph.tasks[graph.taskOf(quantum)];
  const packagesRow = packagesOf(graph);
  const rows = new Set(
    [
      ...graph.quantumInputs(quantum).map(({ dataset }) => dataset),
      ...Object.values(task.initInputs),
      packagesRow,
    ].filter((row) => row !== undefined),
  );
  const { attempt: recorded, files, held, variables } = historyOf(folder, quantum, rows);

  /** The dataset as one that exists, at an absolute path, with the size it had. */
  const given = (spec: DatasetSpec): DatasetSpec => {
    const records = spec.existing.length > 0 ? spec.existing : [files.get(spec.row)].filter((f) => f !== undefined);
    const refuse = (problem: string) =>
      runErrors.REPLAY_INPUT({
        datasetType: spec.datasetType,
        dataId: formatDataId(spec.dataId),
        label: `${task.label} ${formatDataId(graph.quantumDataId(quantum))}`,
        problem,
      });
    if (records.length === 0 && held.has(spec.row))
      throw refuse(
        'it was only in the memory of a worker; let the run write that type (without --in-memory), then replay',
      );
    if (records.length === 0) throw refuse('nothing of the run has made it');
    const { predicted: _, ...rest } = spec;
    return { ...rest, existing: records.map((record) => asItWas(absoluteRecord(butler, record), refuse)) };
  };

  const request = {
    attempt: recorded?.attempt ?? 1,
    cores: recorded?.usage.requestedCores ?? task.declaration.resources.cores ?? 1,
    memoryBytes: recorded?.usage.requestedMemoryBytes ?? task.declaration.resources.memoryBytes ?? 2 ** 29,
  };
  // An input that the run did not have then (its maker found no work) is not given now.
  const absent = (row: number) => !files.has(row) && !held.has(row) && graph.dataset(row).files.length === 0;
  const planned = specs.quantum(quantum, request, recorded === undefined ? () => false : absent);
  const spec = { ...planned, inputs: planned.inputs.map(given) };
  const tasks = specs.tasks();
  const own = tasks[spec.task];
  tasks[spec.task] = { ...own, initInputs: own.initInputs.map(given) };

  const place = roomAt(options.folder);
  try {
    const outputsFolder = join(place, 'outputs');
    mkdirSync(outputsFolder);
    const ended = await runOnce(
      { ...options.worker, env: { ...options.worker.env, ...environmentOf(variables) } },
      {
        root: butler.root,
        datastoreRoot: outputsFolder,
        universe: universeOf(butler),
        run: graph.header.outputRun,
        datasetTypes: specs.datasetTypes(),
        tasks,
      },
      spec,
      place,
      options.signal,
    );
    const outputs = await compareAll(butler, specs, task.label, spec.outputs, outputsFolder, ended.outputs, recorded);
    const packagesWere = packagesRow === undefined ? undefined : await readPackages(butler, specs, packagesRow, files);
    const { outcome, cause, caveats, usage } = ended;
    return {
      quantum,
      quantumId: spec.quantumId,
      label: task.label,
      dataId: spec.dataId,
      config: task.declaration.config,
      folder: place,
      logFile: join(place, 'log.txt'),
      metadataFile: outputs.find((o) => o.datasetType === `${task.label}_metadata`)?.path,
      outcome,
      cause,
      caveats,
      usage,
      inputs: spec.inputs.map((i) => ({
        connection: i.connection,
        datasetType: i.datasetType,
        dataId: i.dataId,
        path: i.existing[0].path,
      })),
      recorded: recorded && {
        attempt: recorded.attempt,
        state: recorded.state,
        cause: recorded.cause,
        usage: recorded.usage,
        host: recorded.host,
        startedUnixMs: recorded.startedUnixMs,
      },
      outputs,
      environment: environmentChanges(packagesWere, options.packages ?? {}, variables),
      same:
        recorded === undefined
          ? undefined
          : recorded.state === outcome &&
            (recorded.state !== 'failed' || recorded.cause?.signature === cause?.signature) &&
            outputs.every(({ verdict }) => ['same', 'timed', 'held'].includes(verdict)),
    };
  } finally {
    rmSync(join(place, 'scratch'), { recursive: true, force: true });
  }
}

/** What was made, beside what was recorded: all that either has. */
async function compareAll(
  butler: ButlerApi,
  specs: QuantumSpecs,
  label: string,
  planned: readonly DatasetSpec[],
  outputsFolder: string,
  made: readonly { dataset: number; file: FileRecord }[],
  recorded: AttemptRecord | undefined,
): Promise<ReplayedOutput[]> {
  const outputs: ReplayedOutput[] = [];
  for (const { row, datasetType, dataId } of planned) {
    const now = made.find(({ dataset }) => dataset === row)?.file;
    const then = recorded?.outputs.find(({ dataset }) => dataset === row)?.file;
    if (now === undefined && then === undefined) continue;
    const file = now && { ...now, path: resolve(outputsFolder, now.path) };
    const output: ReplayedOutput = {
      dataset: row,
      datasetType,
      dataId,
      verdict: now === undefined ? 'gone' : recorded?.held?.includes(row) ? 'held' : 'new',
      path: file?.path,
      sizeBytes: file?.sizeBytes,
      checksum: file?.checksum ?? undefined,
      recorded: then && { path: absoluteRecord(butler, then).path, sizeBytes: then.sizeBytes, checksum: then.checksum },
    };
    if (file !== undefined && then !== undefined) {
      const timed = datasetType === `${label}_log` || datasetType === `${label}_metadata`;
      Object.assign(output, timed ? { verdict: 'timed' } : await compareOutput(butler, specs.ref(row), file, then));
    }
    outputs.push(output);
  }
  return outputs;
}

function asItWas(record: FileRecord, refuse: (problem: string) => Error): FileRecord {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(record.path) || record.path.includes('#')) return record; // the worker says what is wrong with it
  if (!existsSync(record.path)) throw refuse(`${record.path} is not there any more`);
  const { size } = statSync(record.path);
  if (record.sizeBytes >= 0 && size !== record.sizeBytes)
    throw refuse(`${record.path} has ${size} bytes, not the ${record.sizeBytes} it had`);
  return record;
}

function roomAt(wanted: string | undefined): string {
  if (wanted === undefined) return mkdtempSync(join(tmpdir(), 'skymill-replay-'));
  const folder = resolve(wanted);
  if (existsSync(folder) && readdirSync(folder).length > 0) throw runErrors.REPLAY_FOLDER({ folder });
  mkdirSync(folder, { recursive: true });
  return folder;
}

function packagesOf(graph: QuantumGraph): number | undefined {
  const type = graph.datasetTypes.find((t) => t.name === packagesDatasetType && t.datasetCount === 1);
  return type?.firstDataset;
}

async function readPackages(
  butler: ButlerApi,
  specs: QuantumSpecs,
  row: number,
  files: ReadonlyMap<number, FileRecord>,
): Promise<Readonly<Record<string, string>> | undefined> {
  const ref = specs.ref(row);
  const existing = specs.dataset(row, '').existing;
  const records = existing.length > 0 ? existing : [files.get(row)].filter((file) => file !== undefined);
  if (records.length === 0) return undefined;
  const { root, datastoreRoot } = butler;
  const store = new FileLimitedButler({
    root,
    datastoreRoot,
    universe: universeOf(butler),
    datasets: [{ id: ref.id, records }],
  });
  if (!(await store.exists(ref))) return undefined;
  return (await store.get(ref)) as Record<string, string>;
}
