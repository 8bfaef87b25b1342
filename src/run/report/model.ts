// SPDX-License-Identifier: BSD-3-Clause
import type { DataId } from '../../butler/index.ts';
import type { RunInfo } from '../folder/run-folder.ts';
import type { AttemptRecord, CauseKind } from '../outcomes/record.ts';
import type { RetryAction } from '../scheduler/retry.ts';

export const UNFINISHED = 'unfinished';

/** How many quanta ended how. `blocked` waits behind a failure; `blockedNoWork` had too few inputs because others had no work. */
export interface FinalCounts {
  unfinished: number;
  done: number;
  doneWithCaveat: number;
  noWork: number;
  failed: number;
  killed: number;
  blocked: number;
  blockedNoWork: number;
}

/** A run as it is now: for tables, `--json` and pages. */
export interface RunReport extends RunInfo {
  executions: Execution[];
  quanta: number;
  counts: FinalCounts;
  /** Quanta without a final outcome: never started, or killed. */
  unfinished: number;
  tasks: TaskReport[];
  /** Most frequent first. */
  failures: FailureGroup[];
  /** What retry rules did, or (of watched ones) would have done. */
  rules: RuleFirings[];
  /** Planned outputs that do not exist, by dataset type. */
  missingOutputs: { datasetType: string; expected: number; missing: number; examples: DataId[] }[];
  initOutputs: number;
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
  memory?: { requestedBytes: number; medianPeakBytes: number; maxPeakBytes: number };
  bytesRead: number;
  bytesWritten: number;
  readSeconds: number;
  writeSeconds: number;
  /** Wall seconds of attempts that failed or were killed. */
  badputSeconds: number;
}

/** Quanta that failed for one reason. */
export interface FailureGroup {
  signature: string;
  kind: CauseKind;
  count: number;
  labels: string[];
  /** What to do, where the error knows. */
  next?: string;
  examples: Pick<AttemptRecord, 'quantum' | 'quantumId' | 'label' | 'dataId' | 'attempt' | 'cause' | 'log'>[];
  quanta: number[];
}
