// SPDX-License-Identifier: BSD-3-Clause
import type { z } from 'zod';
import type { DataId, DeferredDataset } from '../butler/index.ts';

/**
 * The task contract. A task is a declaration plus a runner: pipelines, graphs, clusters, provenance and pages only ever
 * see the declaration ({@link TaskDeclaration}, plain data); a worker calls the runner.
 */

export type ConnectionKind = 'input' | 'prerequisite' | 'output' | 'initInput' | 'initOutput';

export interface ConnectionOptions {
  /** Dimensions of the dataset type; empty for init connections. */
  dimensions?: readonly string[];
  storage: string;
  /** Several datasets per quantum: the runner gets an array (in data-ID order). */
  multiple?: boolean;
  /** Fewest datasets for a quantum to exist; 0 makes the input optional (single optional inputs arrive as undefined). Default 1. */
  minimum?: number;
  /** Give the runner a {@link DeferredDataset} rather than the object. */
  deferred?: boolean;
  /** Looked up by validity range in CALIBRATION collections (prerequisites only). */
  isCalibration?: boolean;
  /** Do not let this input constrain the data IDs of the graph. */
  deferGraphConstraint?: boolean;
  doc?: string;
}

export interface Connection extends ConnectionOptions {
  readonly kind: ConnectionKind;
  /** Dataset type name; `{template}` parts are filled from the config of the same name or from `connections.<template>` in pipeline YAML. */
  readonly datasetType: string;
}

export interface ResourceRequest {
  memoryBytes?: number;
  cores?: number;
  wallSeconds?: number;
}

/** One input dataset of a quantum as `adjust` and `resources` see it: identity, never contents. */
export interface InputInfo {
  readonly dataId: DataId;
  readonly sizeBytes?: number;
}

/**
 * All quanta of one task while the graph is built, for a task that regroups them (`adjustAll`). Datasets are named by data ID;
 * prerequisites also by id, since there may be several of one data ID.
 */
export interface QuantaAdjuster {
  /** Of every quantum there is, in order, with implied values. */
  dataIds(): DataId[];
  /** Dimension records of a quantum's data ID by element. */
  records(quantum: DataId): Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  inputs(quantum: DataId): Record<string, DataId[]>;
  prerequisites(quantum: DataId): Record<string, { id: string; dataId: DataId }[]>;
  outputs(quantum: DataId): Record<string, DataId[]>;
  /** Takes the quantum out of the graph, with those of its outputs that were not moved. */
  remove(quantum: DataId): void;
  /** The dataset must be in the graph already, as an input or output of any quantum. */
  addInput(quantum: DataId, connection: string, dataset: DataId): void;
  /** The prerequisite must be one of another quantum. */
  addPrerequisite(quantum: DataId, connection: string, id: string): void;
  /** Makes the quantum the one that writes an output of another. */
  moveOutput(quantum: DataId, connection: string, dataset: DataId): void;
}

/** What a runner is given besides its inputs. */
export interface QuantumContext<Config = unknown> {
  readonly label: string;
  readonly config: Config;
  readonly dataId: DataId;
  /** Dimension records of the data ID by element (`visit`, `detector`, `physical_filter`, …), as plain objects. */
  readonly records: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** For each `multiple` input, the data IDs of its datasets in the order of the array; single inputs have one entry. */
  readonly inputDataIds: Readonly<Record<string, readonly DataId[]>>;
  readonly outputDataIds: Readonly<Record<string, readonly DataId[]>>;
  readonly log: TaskLog;
  /** Declares that the quantum ended well but not wholly: kept with the outcome, shown in reports. */
  caveat(kind: 'partialOutputs' | 'upstreamFailure' | 'unprocessable', reason: string): void;
  /** Scratch folder of this attempt, removed afterwards. */
  readonly scratch: string;
  /** A number derived from quantum and config, for reproducible randomness. */
  readonly seed: number;
  /** Adds a named number to the quantum's metadata dataset (metrics, counts, fit residuals). */
  metric(name: string, value: number | string | boolean): void;
}

export interface TaskLog {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/** Thrown by a runner: there is nothing to do here and that is fine; outputs are absent, dependents see fewer inputs. */
export class NoWorkFound extends Error {
  override readonly name = 'NoWorkFound';
}
/** Thrown by a runner: the inputs cannot be processed and a retry would not help; dependents are blocked. */
export class UnprocessableData extends Error {
  override readonly name = 'UnprocessableData';
}

/**
 * Thrown by a runner: these inputs and this algorithm do not go together, and would not at a second attempt, though most other data should pass. A
 * failure for somebody to look at; dependents are blocked.
 */
export class RepeatableFailure extends Error {
  override readonly name = 'RepeatableFailure';
}
/** Thrown by a runner: the task as it is configured cannot work, on these or on any other inputs. Never for missing data. */
export class InvalidQuantum extends Error {
  override readonly name = 'InvalidQuantum';
}

export interface TaskDefinition<Config = unknown> {
  readonly name: string;
  readonly doc?: string;
  readonly dimensions: readonly string[];
  readonly connections: Readonly<Record<string, Connection>>;
  readonly config: z.ZodType<Config>;
  resources?(inputs: Readonly<Record<string, readonly InputInfo[]>>, config: Config): ResourceRequest;
  /** Called while the graph is built: may drop inputs of `multiple` connections, or say why there is no work. Pure, by identity only. */
  adjust?(quantum: {
    dataId: DataId;
    inputs: Record<string, InputInfo[]>;
    config: Config;
  }): { inputs?: Record<string, InputInfo[]>; noWork?: string } | undefined;
  /** Called once while the graph is built, before any `adjust`: may regroup the quanta of the task. Pure, by identity only. */
  adjustAll?(quanta: QuantaAdjuster, config: Config): void;
  /** Inputs and outputs whose regions, with the quantum's own, say which sky pixels of a prerequisite it needs. */
  readonly spatialBounds?: readonly string[];
  /** Inputs and outputs whose times, with the quantum's own, say which calibrations must be valid. */
  readonly temporalBounds?: readonly string[];
  /** Writes init outputs (schemas): called once a run per label, before any quantum. */
  init?(
    config: Config,
    initInputs: Record<string, unknown>,
  ): Record<string, unknown> | Promise<Record<string, unknown>>;
  /** Connections that depend on the configuration (an optional dark, a variable set of bands). Pure. */
  adjustConnections?(connections: Record<string, Connection>, config: Config): Record<string, Connection>;
  // biome-ignore lint/suspicious/noExplicitAny: input types follow the storage classes of the connections
  run(inputs: any, context: QuantumContext<Config>): Promise<Record<string, unknown>> | Record<string, unknown>;
}

/** What everything but a worker sees of a task: plain data, the same for TypeScript, Python and external commands. */
export interface TaskDeclaration {
  readonly label: string;
  readonly taskClass: string;
  readonly runner: 'typescript' | 'python' | 'command';
  readonly doc?: string;
  readonly dimensions: readonly string[];
  readonly connections: Readonly<Record<string, Connection>>;
  /** Validated, with defaults filled in. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Of a task whose class is Python: its whole configuration as the Python statements that set it. */
  readonly pythonConfig?: string;
  /** Of a task whose class is Python: what of it has a say when graphs are built. */
  readonly pythonHooks?: PythonHooks;
  readonly resources: ResourceRequest;
  readonly spatialBounds?: readonly string[];
  readonly temporalBounds?: readonly string[];
}

/** Methods of a Python task by which it takes part in the building of graphs; a Python process is asked. */
export interface PythonHooks {
  /** `adjustQuantum`: drops inputs and outputs of each quantum, or finds that there is no work. */
  readonly adjust: boolean;
  /** `adjust_all_quanta`: regroups all quanta. */
  readonly adjustAll: boolean;
  /** Prerequisites whose datasets a function finds. */
  readonly lookUps: readonly string[];
}

/** The hooks of a Python task as messages name them. */
export function hookNames(hooks: PythonHooks | undefined): string[] {
  const { adjust = false, adjustAll = false, lookUps = [] } = hooks ?? {};
  return [
    ...(adjust ? ['adjustQuantum'] : []),
    ...(adjustAll ? ['adjust_all_quanta'] : []),
    ...lookUps.map((name) => `the look-up function of ${name}`),
  ];
}

export function input(datasetType: string, options: ConnectionOptions): Connection {
  return { kind: 'input', datasetType, ...options };
}
export function prerequisite(datasetType: string, options: ConnectionOptions): Connection {
  return { kind: 'prerequisite', datasetType, ...options };
}
export function output(datasetType: string, options: ConnectionOptions): Connection {
  return { kind: 'output', datasetType, ...options };
}
export function initInput(datasetType: string, options: Pick<ConnectionOptions, 'storage' | 'doc'>): Connection {
  return { kind: 'initInput', datasetType, ...options };
}
export function initOutput(datasetType: string, options: Pick<ConnectionOptions, 'storage' | 'doc'>): Connection {
  return { kind: 'initOutput', datasetType, ...options };
}

/** Declares a task with its runner; the config type is inferred from the zod schema. */
export function defineTask<Config>(definition: TaskDefinition<Config>): TaskDefinition<Config> {
  return Object.freeze(definition);
}

/** Finds the definition for a `class:` of pipeline YAML: built-in names, or modules by path. */
export type TaskResolver = (taskClass: string) => Promise<TaskDefinition | undefined>;
