// SPDX-License-Identifier: BSD-3-Clause
import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { StagedFile } from '../../../butler/index.ts';
import type { QuantumContext } from '../../../pipeline/index.ts';
import { steadyUnixMs } from '../../clock.ts';
import type { Caveat, OutputRecord, Usage } from '../../outcomes/record.ts';
import { causeOfException } from '../../outcomes/signature.ts';
import type { DatasetSpec, EndedMessage, QuantumSpec } from '../protocol.ts';
import { decodeRecords } from '../records-codec.ts';
import { markUsage, usageSince } from '../usage.ts';
import type { AttemptLog } from './attempt-log.ts';
import { type Computed, discardAll } from './commit.ts';
import { byConnection, dataIdsByConnection, matchOutputs, readInputs } from './connections.ts';
import { quantumLog, quantumMetadata } from './provenance.ts';
import { endStartedProcesses } from './started-processes.ts';
import type { QuantumStore } from './store.ts';
import { type LoadedTask, seedOf } from './task-library.ts';
import { returnedOutputs, writeOutput } from './wrong-output.ts';

export interface QuantumSurroundings {
  load(task: number): Promise<LoadedTask>;
  open(datasets: readonly DatasetSpec[]): QuantumStore;
  readonly log: AttemptLog;
  /** The worker's scratch folder. */
  readonly scratch: string;
}

/**
 * Computes one quantum and writes its outputs, which are still to be put in place. Whatever the task does short of ending the process, there is
 * an outcome to report.
 */
export async function runQuantum(spec: QuantumSpec, around: QuantumSurroundings): Promise<Computed> {
  const startedUnixMs = steadyUnixMs();
  const mark = markUsage();
  const attempt = new Attempt(spec, around);
  let result: Ending;
  try {
    result = await attempt.run();
  } catch (thrown) {
    result = await attempt.fail(thrown);
  }
  around.log.close();
  const io = attempt.store?.butler.takeUsage() ?? { bytesRead: 0, bytesWritten: 0 };
  const usage: Usage = {
    ...usageSince(mark),
    requestedCores: spec.requestedCores,
    requestedMemoryBytes: spec.requestedMemoryBytes,
    ...io,
    readSeconds: attempt.readSeconds,
    writeSeconds: attempt.writeSeconds,
  };
  const message: EndedMessage = {
    type: 'ended',
    quantum: spec.quantum,
    attempt: spec.attempt,
    startedUnixMs,
    endedUnixMs: steadyUnixMs(),
    caveats: attempt.caveats,
    usage,
    outputs: attempt.outputs,
    ...(attempt.held.length > 0 && { held: attempt.held }),
    logOffset: around.log.offset,
    logLength: around.log.length,
    ...result,
  };
  return { message, staged: attempt.staged };
}

/** A dataset to write and where it goes. */
interface ToPut {
  output: DatasetSpec;
  object: unknown;
}

type Ending = Pick<EndedMessage, 'outcome' | 'cause' | 'missing'>;

class Attempt {
  readonly caveats: Caveat[] = [];
  readonly outputs: OutputRecord[] = [];
  readonly staged: StagedFile[] = [];
  /** Rows of outputs that are in memory only. */
  readonly held: number[] = [];
  store: QuantumStore | undefined;
  readSeconds = 0;
  writeSeconds = 0;
  readonly #spec: QuantumSpec;
  readonly #around: QuantumSurroundings;
  readonly #metrics: Record<string, number | string | boolean> = {};
  readonly #startedMs = performance.now();
  #task: LoadedTask | undefined;

  constructor(spec: QuantumSpec, around: QuantumSurroundings) {
    this.#spec = spec;
    this.#around = around;
  }

  async run(): Promise<Ending> {
    const spec = this.#spec;
    const task = await this.#around.load(spec.task);
    this.#task = task;
    const store = this.#around.open([...task.plain.initInputs, ...spec.inputs, ...spec.outputs]);
    this.store = store;
    task.initInputs ??= await readInitInputs(task, store);
    const inputGroups = byConnection(spec.inputs);
    const outputGroups = byConnection(spec.outputs.filter((o) => isOfTask(task, o)));
    let from = performance.now();
    const inputs = { ...task.initInputs, ...(await readInputs(task.plain, inputGroups, store)) };
    this.readSeconds += (performance.now() - from) / 1e3;

    const scratch = new Scratch(join(this.#around.scratch, `${spec.quantum}-${spec.attempt}`));
    let returned: unknown;
    try {
      returned = await task.definition.run(inputs, this.#context(task, inputGroups, outputGroups, scratch));
    } finally {
      const left = endStartedProcesses();
      if (left.length > 0) this.#around.log.warn(`Processes that the task left running were ended: ${left.join(', ')}`);
      await scratch.remove();
    }
    const partial = this.caveats.some((c) => c.kind === 'partialOutputs');
    const { made, missing } = matchOutputs(
      task.plain,
      outputGroups,
      returnedOutputs(task.plain.label, returned),
      partial,
    );
    from = performance.now();
    const outcome = this.caveats.length > 0 ? 'doneWithCaveat' : 'done';
    await this.#stageAll([
      ...made.map(({ spec: output, object }) => ({ output, object })),
      ...this.#provenance(outcome, made.length),
    ]);
    this.writeSeconds += (performance.now() - from) / 1e3;
    return { outcome, missing };
  }

  /** No work is an end like others and leaves its log and metadata; anything else is a failure and leaves the log file alone. */
  async fail(thrown: unknown): Promise<Ending> {
    const cause = causeOfException(thrown);
    if (cause.kind === 'noWork' && this.#task !== undefined) {
      this.#around.log.info(`No work: ${cause.message}`);
      try {
        await this.#stageAll(this.#provenance('noWork', 0));
        const task = this.#task;
        const missing = this.#spec.outputs.filter((o) => isOfTask(task, o)).map((o) => o.row);
        return { outcome: 'noWork', cause, missing };
      } catch (second) {
        return this.fail(second);
      }
    }
    this.#around.log.error(cause.stack ?? cause.message);
    this.outputs.length = 0;
    this.held.length = 0;
    await discardAll(this.staged.splice(0));
    return { outcome: 'failed', cause, missing: [] };
  }

  #context(
    task: LoadedTask,
    inputGroups: ReadonlyMap<string, readonly DatasetSpec[]>,
    outputGroups: ReadonlyMap<string, readonly DatasetSpec[]>,
    scratch: Scratch,
  ): QuantumContext {
    const spec = this.#spec;
    return {
      label: task.plain.label,
      config: task.config,
      dataId: spec.dataId,
      records: decodeRecords(spec.records),
      inputDataIds: dataIdsByConnection(inputGroups),
      outputDataIds: dataIdsByConnection(outputGroups),
      log: this.#around.log,
      caveat: (kind, reason) => {
        this.caveats.push({ kind, reason });
        this.#around.log.warn(`Caveat (${kind}): ${reason}`);
      },
      get scratch() {
        return scratch.path();
      },
      seed: seedOf(task, spec.dataId),
      metric: (name, value) => {
        this.#metrics[name] = value;
      },
    };
  }

  /** Writes unfinished files, one after the other: what is written is in the system's memory, and nothing here waits for the disk. */
  async #stageAll(items: readonly ToPut[]): Promise<void> {
    const { butler, ref } = this.store!;
    const { label } = this.#task!.plain;
    for (const { output, object } of items) {
      if (output.existing.length > 0) continue; // of an attempt whose other products, only in memory, were lost
      if (output.inMemory === true) {
        await writeOutput(label, output, object, () => butler.hold(object, ref(output)));
        this.held.push(output.row);
        continue;
      }
      const { staged, record } = await writeOutput(label, output, object, () => butler.stage(object, ref(output)));
      this.staged.push(staged);
      this.outputs.push({ dataset: output.row, file: record });
    }
  }

  /** The `<label>_metadata` and `<label>_log` datasets, where the graph has them. */
  #provenance(outcome: EndedMessage['outcome'], outputs: number): ToPut[] {
    const task = this.#task!;
    const { label } = task.plain;
    return this.#spec.outputs.flatMap((output): ToPut[] => {
      if (output.datasetType === `${label}_log`) return [{ output, object: quantumLog(this.#around.log) }];
      if (output.datasetType !== `${label}_metadata`) return [];
      const seconds = (performance.now() - this.#startedMs) / 1e3;
      const { caveats } = this;
      const metrics = this.#metrics;
      return [{ output, object: quantumMetadata(label, this.#spec, { outcome, seconds, caveats, metrics, outputs }) }];
    });
  }
}

/** Log and metadata are outputs of the quantum that its task does not make. */
function isOfTask(task: LoadedTask, output: DatasetSpec): boolean {
  const { label } = task.plain;
  return output.datasetType !== `${label}_log` && output.datasetType !== `${label}_metadata`;
}

async function readInitInputs(task: LoadedTask, store: QuantumStore): Promise<Record<string, unknown>> {
  const values: Record<string, unknown> = {};
  for (const spec of task.plain.initInputs) values[spec.connection] = await store.butler.get(store.ref(spec));
  return values;
}

/** The attempt's scratch folder: made when the task first asks for it. */
class Scratch {
  readonly #path: string;
  #made = false;
  constructor(path: string) {
    this.#path = path;
  }
  path(): string {
    if (!this.#made) mkdirSync(this.#path, { recursive: true });
    this.#made = true;
    return this.#path;
  }
  async remove(): Promise<void> {
    if (this.#made) await rm(this.#path, { recursive: true, force: true });
  }
}
