// SPDX-License-Identifier: BSD-3-Clause
import type { AttemptRecord, Cause } from '../outcomes/record.ts';
import type { Reason } from '../scheduler/index.ts';
import type { Progress } from './snapshot.ts';

/** What a run tells those who watch it. Plain data: `--json` prints one a line. */
export type RunEvent =
  | {
      type: 'resumed';
      skipped: number;
      registered: number;
      orphansKilled: number;
      /** Quanta that were done and run again since a file of theirs is not as recorded. */
      lost: number;
      excluded: number;
    }
  | { type: 'started'; run: string; quanta: number; jobs: number; folder: string }
  /** What is only handed over in memory, and what of it is written all the same. */
  | {
      type: 'inMemory';
      types: readonly string[];
      written: readonly { datasetType: string; reason: string }[];
      clusters: number;
      largest: number;
    }
  | { type: 'attempt'; record: AttemptRecord }
  | { type: 'blocked'; quanta: number; by: number; reason: Reason }
  | { type: 'workerLost'; worker: number; pid: number | undefined; cause: Cause }
  /** By the operator, or by a rule for failures that would hit everything. */
  | { type: 'draining'; rule?: string; cause?: Cause }
  | { type: 'cancelling' }
  /** An archive of logs and metadata that a killed worker left cannot be finished now; the next execution tries again. */
  | { type: 'archiveLeft'; problem: string }
  /** What the run took could not be kept for the next run's requests. */
  | { type: 'usageNotKept'; problem: string }
  | { type: 'progress'; progress: Progress }
  | { type: 'ended'; how: 'complete' | 'drained' | 'cancelled'; progress: Progress; exitCode: number };
