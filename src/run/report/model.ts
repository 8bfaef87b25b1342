// SPDX-License-Identifier: BSD-3-Clause
import type { DataId } from '../../butler/index.ts';
import type { RunInfo } from '../folder/run-folder.ts';
import type { AttemptRecord, CauseKind, Caveat } from '../outcomes/record.ts';
import type { RequestSource } from '../requests/request-table.ts';
import type { RetryAction } from '../scheduler/retry.ts';

export const UNFINISHED = 'unfinished';

/**
 * How many quanta ended how. `blocked` waits behind a failure; `blockedNoWork` had too few inputs because others had no work;
 * `excluded` was left out by the operator, or needs what was.
 */
export interface FinalCounts {
  unfinished: number;
  done: number;
  doneWithCaveat: number;
  noWork: number;
  failed: number;
  killed: number;
  blocked: number;
  blockedNoWork: number;
  excluded: number;
}

/** A run as it is now: for tables, `--json` and pages. */
export interface RunReport extends RunInfo {
  executions: Execution[];
  liveness: Liveness;
  quanta: number;
  counts: FinalCounts;
  /** Quanta without a final outcome: never started, or killed. */
  unfinished: number;
  tasks: TaskReport[];
  totals: RunTotals;
  /** Most frequent first. */
  failures: FailureGroup[];
  /** Failures that were followed by another attempt, and what became of those quanta. Most frequent first. */
  retried: RetriedGroup[];
  /** Quanta that ended well, but not wholly: by kind and task. */
  caveats: CaveatGroup[];
  /** What retry rules did, or (of watched ones) would have done. */
  rules: RuleFirings[];
  /** Planned outputs that do not exist, by dataset type. */
  missingOutputs: MissingOutputs[];
  /** Quanta that had ended well and ran again, since a file of theirs was gone or altered. */
  redone: number;
  initOutputs: number;
  /** When what ran; undefined when nothing did. */
  timeline?: Timeline;
  /** Lines of the outcome log that were read. */
  records: number;
}

export interface RunTotals {
  /** Wall seconds of all executions; of one without an end, until the last attempt. */
  elapsedSeconds: number;
  /** Wall seconds of all attempts together, and of those that failed or were killed. */
  workSeconds: number;
  badputSeconds: number;
  cpuSeconds: number;
  /** CPU seconds of attempts over elapsed seconds and jobs. */
  cpuUtilisation?: number;
  bytesRead: number;
  bytesWritten: number;
}

/** Where the controller is: `running` is at work, `ended` wrote its end, `died` did neither, `unknown` is on another machine. */
export type Liveness = 'running' | 'ended' | 'died' | 'unknown';

export interface MissingOutputs {
  datasetType: string;
  expected: number;
  missing: number;
  /** How the quanta ended that were to make them. */
  because: Partial<FinalCounts>;
  examples: DataId[];
  /** Dataset rows, the first thousand. */
  datasets: number[];
}

export interface RetriedGroup {
  signature: string;
  kind: CauseKind;
  labels: string[];
  /** Failed attempts that were followed by another. */
  attempts: number;
  quanta: number;
  /** The first thousand of them. */
  listed: number[];
  /** Of these quanta, how many have ended well since, and how many have failed for good. */
  rescued: number;
  failed: number;
  rules: string[];
  /** Wall seconds of the attempts that were in vain. */
  lostSeconds: number;
  concentrations: Concentration[];
}

/** Quanta that did not end wholly well, for one reason. */
export interface CaveatGroup {
  label: string;
  /** `noWork`: the task said so; `tooFewInputs`: it could not run, since others had no work. */
  kind: Caveat['kind'] | 'noWork' | 'tooFewInputs';
  /** As the Rubin middleware codes it: `*` all outputs missing, `+` some, then A, D, U, P or N for the reason. */
  code: string;
  /** The names of its flags there (`QuantumSuccessCaveats`). */
  flags: string[];
  count: number;
  examples: { quantum: number; dataId: DataId; reason: string }[];
  /** The first thousand. */
  quanta: number[];
}

/** A property that failures have far more often than what was tried. */
export interface Concentration {
  /** A dimension, `host` or `worker` (its process). */
  property: string;
  values: (string | number)[];
  /** So many of the failures have it … */
  failures: number;
  ofFailures: number;
  /** … and so many of all that was tried. */
  tried: number;
  ofTried: number;
}

/** When the quanta of each task ran. */
export interface Timeline {
  fromUnixMs: number;
  toUnixMs: number;
  binSeconds: number;
  /** `busySeconds[i]`: seconds of work, of all workers together, in the i-th stretch of `binSeconds` since `fromUnixMs`. */
  tasks: { label: string; beganUnixMs: number; endedUnixMs: number; busySeconds: number[] }[];
}

/** One rule in a run's log. */
export interface RuleFirings {
  rule: string;
  action: RetryAction;
  /** Failed attempts it decided about, and how many it would have, had it not only been watched. */
  fired: number;
  wouldHaveFired: number;
  /** Quanta it decided about that ended well in the end. */
  rescued: number;
}

/** One controller's work on the run. Without an end it was killed, or is at work. */
export interface Execution {
  host: string;
  pid: number;
  startedUnixMs: number;
  endedUnixMs?: number;
  how?: 'complete' | 'drained' | 'cancelled';
  jobs: number;
  skipped: number;
}

export interface Spread {
  min: number;
  median: number;
  mean: number;
  /** 95 % are not above it. */
  p95: number;
  max: number;
  total: number;
}

export interface TaskReport {
  label: string;
  quanta: number;
  counts: FinalCounts;
  attempts: number;
  /** Attempts followed by another one. */
  retries: number;
  /** Of attempts that ended well; undefined when there are none. */
  wallSeconds?: Spread;
  cpuSeconds: number;
  /** CPU seconds / (wall seconds x requested cores). */
  cpuEfficiency?: number;
  /** Where the newest execution's requests come from; not in logs of older versions. */
  request?: { source: RequestSource; from?: string };
  /** Requested: the most that an attempt asked for. */
  memory?: { requestedBytes: number; medianPeakBytes: number; p95PeakBytes: number; maxPeakBytes: number };
  bytesRead: number;
  bytesWritten: number;
  /** Sizes of the input and output files of its attempts, where they are recorded: what had to be read and written. */
  inputBytes: number;
  outputBytes: number;
  readSeconds: number;
  writeSeconds: number;
  /** Wall seconds of attempts that failed or were killed. */
  badputSeconds: number;
  /** The quanta that took longest, and those that took most memory; largest first. */
  slowest: { quantum: number; wallSeconds: number }[];
  largest: { quantum: number; peakMemoryBytes: number }[];
}

/** Quanta that failed for one reason. */
export interface FailureGroup {
  signature: string;
  kind: CauseKind;
  count: number;
  labels: string[];
  /** What to do, where the error knows. */
  next?: string;
  examples: Pick<
    AttemptRecord,
    'quantum' | 'quantumId' | 'label' | 'dataId' | 'attempt' | 'host' | 'workerPid' | 'endedUnixMs' | 'cause' | 'log'
  >[];
  /** What they have in common, sharpest first; nothing when they are as all others are. */
  concentrations: Concentration[];
  quanta: number[];
}
