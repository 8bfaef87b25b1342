// SPDX-License-Identifier: BSD-3-Clause
import type { DataId, FileRecord } from '../../butler/index.ts';
import type { RequestSource } from '../requests/request-table.ts';
import type { RetryAction } from '../scheduler/retry.ts';
import type { Reason } from '../scheduler/states.ts';

/**
 * Records of the outcome log (log.ts has the framing). The log is append-only; the last attempt record of a quantum is its
 * truth. Times are Unix milliseconds (UTC); everything else carries its unit in its name.
 */
export type OutcomeRecord =
  | RunStarted
  | AttemptRecord
  | BlockedRecord
  | InitRecord
  | RedoneRecord
  | ExcludedRecord
  | RunEnded;

/** A controller began (again) to work on the run. */
export interface RunStarted {
  type: 'runStarted';
  version: 1;
  run: string;
  graphId: string;
  host: string;
  pid: number;
  startedUnixMs: number;
  jobs: number;
  memoryBytes: number;
  /** Quanta found done and not run again. */
  skipped: number;
  /** What each task's quanta ask for, and where that comes from (requests/request-table.ts). */
  requests?: readonly RequestRecord[];
  /** Environment variables that may change results (folder/environment.ts). */
  variables?: Readonly<Record<string, string>>;
}

export interface RequestRecord {
  label: string;
  cores: number;
  /** The most; quanta may ask for less, by the sizes of their inputs. */
  memoryBytes: number;
  source: RequestSource;
  /** The run it was learned from. */
  from?: string;
}

export interface RunEnded {
  type: 'runEnded';
  endedUnixMs: number;
  /** `complete`: every quantum has ended; `drained`, `cancelled`: the operator stopped it. */
  how: 'complete' | 'drained' | 'cancelled';
}

/** One try of one quantum. */
export interface AttemptRecord {
  type: 'attempt';
  /** Row in the graph, and the UUID that goes with it for readers without the graph. */
  quantum: number;
  quantumId: string;
  label: string;
  dataId: DataId;
  attempt: number; // 1 for the first
  host: string;
  workerPid: number;
  startedUnixMs: number;
  endedUnixMs: number;
  /** `failed` with `decision: retry` is followed by another attempt. */
  state: 'done' | 'doneWithCaveat' | 'noWork' | 'failed' | 'killed';
  decision: 'final' | 'retry';
  reason: Reason;
  /** Name of the retry rule that decided, and what it does. */
  rule?: string;
  action?: RetryAction;
  /** The rule that would have decided, of those that are only watched (`--retry-passive`). */
  wouldFire?: { rule: string; action: RetryAction };
  /** What the next attempt asks for, where the rule raised it. */
  nextMemoryBytes?: number;
  caveats?: readonly Caveat[];
  /** Why it did not end well, or why there was no work. */
  cause?: Cause;
  usage: Usage;
  /** Files that exist now, complete and synced; the order is the order of writing. */
  outputs: readonly OutputRecord[];
  /** Dataset rows of outputs that were only in the worker's memory and never on disk. */
  held?: readonly number[];
  /** The attempt's log: a range of bytes of a file in the run folder; to the next attempt's or the end of file where its worker died. */
  log?: { file: string; offset: number; length?: number };
}

export interface OutputRecord {
  /** Dataset row in the graph. */
  dataset: number;
  file: FileRecord;
}

export interface Caveat {
  /** `acceptedFailure`: a retry rule let a failure pass. */
  kind: 'partialOutputs' | 'upstreamFailure' | 'unprocessable' | 'acceptedFailure';
  reason: string;
}

/**
 * - `exception`: the task threw; `unprocessable`: it threw {@link UnprocessableData}; `noWork`: {@link NoWorkFound}
 * - `repeatable`, `invalid`: it threw {@link RepeatableFailure} or {@link InvalidQuantum}: no second attempt would help
 * - `crashed`: the process ended by itself; `signalled`: by a signal; `outOfMemory`: the kernel or the JavaScript heap limit
 * - `wrongOutput`: what the task gave is not what it declared, or did not become a whole file
 * - `timeLimit`: killed after its time; `hang`: killed because it neither computed nor wrote; `cancelled`: killed because the operator said so
 */
export const CAUSE_KINDS = [
  'exception',
  'unprocessable',
  'repeatable',
  'invalid',
  'wrongOutput',
  'noWork',
  'crashed',
  'signalled',
  'outOfMemory',
  'timeLimit',
  'hang',
  'cancelled',
] as const;
export type CauseKind = (typeof CAUSE_KINDS)[number];

export interface Cause {
  kind: CauseKind;
  /** One line. */
  message: string;
  /** Failures with equal signatures are one problem: numbers, ids and paths are taken out of the message. */
  signature: string;
  exitCode?: number | null;
  signal?: string | null;
  /** Class and, where there is one, code of the exception. */
  exception?: string;
  code?: string;
  /** What to do, where the error knows. */
  next?: string;
  stack?: string;
  /** Last lines a dead worker wrote to stderr. */
  stderrTail?: string;
}

export interface Usage {
  wallSeconds: number;
  cpuUserSeconds: number;
  cpuSystemSeconds: number;
  /** High-water mark of the resident set during this quantum, less `cacheBytes`; 0 where the system does not tell. */
  peakMemoryBytes: number;
  /** What lay in the worker's memory for other quanta all the while: datasets kept and handed over. */
  cacheBytes?: number;
  requestedMemoryBytes: number;
  requestedCores: number;
  bytesRead: number;
  bytesWritten: number;
  /** Seconds of the wall time spent reading inputs and writing outputs. */
  readSeconds: number;
  writeSeconds: number;
  /** Seconds from then until the outputs were synced and in place, while the worker computed others. */
  commitSeconds?: number;
}

/** Quanta that cannot run because of `by`. Written once per cause, so that `why` needs no search. */
export interface BlockedRecord {
  type: 'blocked';
  quanta: readonly number[];
  by: number;
  reason: Reason;
  unixMs: number;
}

/** Init outputs (schemas, configurations, package versions) of the run. */
export interface InitRecord {
  type: 'init';
  outputs: readonly OutputRecord[];
  endedUnixMs: number;
}

/** Quanta that ended well before and run again all the same: a file of theirs is not as recorded, or what others still need was only in memory. */
export interface RedoneRecord {
  type: 'redone';
  reason: 'fileMissing' | 'fileAltered' | 'heldInMemory';
  quanta: readonly number[];
  /** Of each of these quanta the file that is to blame, if it is one. */
  paths: readonly string[];
  /** The worker that held it and is gone; absent: one of an earlier execution. */
  workerPid?: number;
  unixMs: number;
}

/** Quanta that this execution leaves out because the operator said so. */
export interface ExcludedRecord {
  type: 'excluded';
  quanta: readonly number[];
  /** As the operator wrote it. */
  by: string;
  unixMs: number;
}
