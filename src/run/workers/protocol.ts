// SPDX-License-Identifier: BSD-3-Clause
import type { DataId, FileRecord, LimitedButlerPlain, PlainDatasetType, Readers } from '../../butler/index.ts';

export type { PlainDatasetType };

import type { Connection } from '../../pipeline/index.ts';
import type { Cause, Caveat, OutputRecord, Usage } from '../outcomes/record.ts';

/**
 * What controller and worker say to each other, as JSON: lists of messages, so that many quanta go into one write. The same for every
 * kind of worker; the framing is in frames.ts. A worker gets everything it needs to run a quantum in the message: it opens no graph and no registry.
 */
export const PROTOCOL_VERSION = 2;

export type ToWorker =
  | SetupMessage
  | { type: 'run'; quantum: QuantumSpec }
  /** Write the init outputs of these tasks, in this order; `packages` are versions to go with the worker's own. */
  | { type: 'init'; tasks: readonly InitSpec[]; packages: Readonly<Record<string, string>> }
  /** Give back what has not been started. */
  | { type: 'recall' }
  /** These, which are only in memory, are wanted no more. */
  | { type: 'forget'; datasets: readonly string[] }
  | { type: 'stop' };

export type FromWorker =
  | { type: 'hello'; protocol: number; pid: number; node: string }
  /** Sent before anything of the quantum happens, so that a death can be blamed on it. */
  | { type: 'started'; quantum: number; logOffset: number }
  /** Its outputs are written, and being synced and put in place; others may be started before it is `ended`. May be left out. */
  | { type: 'computed'; quantum: number }
  | EndedMessage
  /** What datasets take in its memory that are no running quantum's: those that are only there, and those that are kept beside their files. */
  | { type: 'memory'; heldBytes: number; keptBytes: number }
  | { type: 'recalled'; quanta: readonly number[] }
  | { type: 'initEnded'; outputs: readonly OutputRecord[]; error?: { label: string; cause: Cause } };

/** Said once, first. */
export interface SetupMessage {
  type: 'setup';
  /** Of the repository, and of its files. */
  root: string;
  datastoreRoot: string;
  /** Dimension universe of the repository; absent: the standard one. */
  universe?: LimitedButlerPlain['universe'];
  run: string;
  datasetTypes: readonly PlainDatasetType[];
  tasks: readonly PlainTask[];
  /** Folder for scratch folders of attempts; the worker's own, removed by whoever ends last. */
  scratch: string;
  /** File the worker appends its log lines to. */
  logFile: string;
  /** Folder of the datastore for archives of logs and metadata of quanta; absent: each is a file. */
  archiveFolder?: string;
  /** What may stay in memory between quanta. Absent: nothing. */
  memory?: {
    /** Datasets that files have too: at most so many bytes, and no more than a quantum's request leaves of the worker's share of the memory. */
    keepBytes: number;
    shareBytes: number;
    /** By dataset type: how many quanta read one. Types that are not here are read by none. */
    readers: Readonly<Record<string, Readers>>;
  };
}

export interface PlainTask {
  label: string;
  taskClass: string;
  config: Readonly<Record<string, unknown>>;
  connections: Readonly<Record<string, Connection>>;
  inputNames: readonly string[];
  outputNames: readonly string[];
  initInputs: readonly DatasetSpec[];
}

/** A dataset by value. */
export interface DatasetSpec {
  /** Row in the graph. */
  row: number;
  /** Connection it belongs to. */
  connection: string;
  id: string;
  datasetType: string;
  dataId: DataId;
  run: string;
  /** Where its bytes are, of a dataset that existed before the run. */
  existing: readonly FileRecord[];
  /** Where a quantum of the run puts them. */
  predicted?: { path: string; formatter: string };
  /** It is only handed over in memory: no file is written. */
  inMemory?: true;
}

export interface QuantumSpec {
  quantum: number;
  quantumId: string;
  task: number;
  attempt: number;
  dataId: DataId;
  /** Dimension records by element, encoded by records-codec.ts. */
  records: Readonly<Record<string, unknown>>;
  inputs: readonly DatasetSpec[];
  outputs: readonly DatasetSpec[];
  requestedCores: number;
  requestedMemoryBytes: number;
}

export interface InitSpec {
  task: number;
  inputs: readonly DatasetSpec[];
  outputs: readonly DatasetSpec[];
}

export interface EndedMessage {
  type: 'ended';
  quantum: number;
  attempt: number;
  outcome: 'done' | 'doneWithCaveat' | 'noWork' | 'failed';
  startedUnixMs: number;
  /** When it was computed. */
  endedUnixMs: number;
  cause?: Cause;
  caveats: readonly Caveat[];
  usage: Usage;
  outputs: readonly OutputRecord[];
  /** Output rows that were not written. */
  missing: readonly number[];
  /** Output rows that are only in this worker's memory. */
  held?: readonly number[];
  logOffset: number;
  logLength: number;
}
