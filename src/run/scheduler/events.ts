// SPDX-License-Identifier: BSD-3-Clause
import type { Cause } from '../outcomes/record.ts';
import type { RetryAction, RetryRule } from './retry.ts';
import type { Reason } from './states.ts';

/** Why a worker is ended under its attempt. */
export type KilledFor = 'timeLimit' | 'memoryLimit' | 'hang' | 'cancelled';

/**
 * What happens to a run, and what the scheduler wants done about it. Both are plain data, so that a written event log
 * replays to the same state, and the same core drives a local pool, a batch system or a simulation.
 * Quanta and datasets are rows of the graph; workers are numbers their shell gives, never used twice.
 */
export type SchedulerEvent =
  /** An earlier execution ended this quantum, or the operator leaves it out; only before `start`. `missing` lists output rows that do not exist. */
  | {
      type: 'preset';
      quantum: number;
      state: 'skipped' | 'noWork' | 'excluded';
      missing?: readonly number[];
      /** It failed then, and a rule let that pass. */
      accepted?: boolean;
    }
  /** Inputs that were there when the graph was built, or were to be, and are not; only before `start`. */
  | { type: 'absent'; datasets: readonly number[] }
  | { type: 'start' }
  /** All workers together may use this much. */
  | { type: 'budgetChanged'; cores: number; memoryBytes: number }
  /** `host`: for rules that keep quanta away from one; workers without one are all on the same. */
  | { type: 'workerReady'; worker: number; host?: string }
  /** No worker of this host will come again. */
  | { type: 'hostGone'; host: string }
  | { type: 'attemptStarted'; worker: number; quantum: number; nowSeconds: number }
  /** Its outputs are written and not in place yet; `attemptEnded` follows, and others may start meanwhile. Workers may leave it out. */
  | { type: 'attemptComputed'; worker: number; quantum: number }
  | {
      type: 'attemptEnded';
      worker: number;
      quantum: number;
      outcome: 'done' | 'doneWithCaveat' | 'noWork' | 'failed';
      cause?: Cause;
      /** Output rows that were not written. */
      missing?: readonly number[];
      wallSeconds: number;
      peakMemoryBytes?: number;
    }
  /** The process is gone, with whatever it was given. */
  | { type: 'workerLost'; worker: number; cause: Cause; peakMemoryBytes?: number }
  /** What the worker holds of datasets that are nowhere else. */
  | { type: 'held'; worker: number; heldBytes: number }
  /** The worker takes more memory than its attempt may. */
  | { type: 'overMemory'; worker: number; quantum: number; residentBytes: number }
  /** The worker does nothing with its quantum; or, where it has not started any (-1), with what it was given. */
  | { type: 'hung'; worker: number; quantum: number; story: string }
  /** Quanta a worker had queued and gave back unstarted. */
  | { type: 'recalled'; worker: number; quanta: readonly number[] }
  | { type: 'tick'; nowSeconds: number }
  | { type: 'rulesChanged'; rules: readonly RetryRule[] }
  /** Start nothing more; let what runs end. */
  | { type: 'drain' }
  /** Stop everything now. */
  | { type: 'cancel' };

export type Instruction =
  | {
      type: 'dispatch';
      worker: number;
      quantum: number;
      attempt: number; // 1 for the first
      cores: number;
      memoryBytes: number;
    }
  | { type: 'kill'; worker: number; why: KilledFor; quantum?: number; story?: string }
  /** Ask a worker to give back what it has not started. */
  | { type: 'recall'; worker: number }
  /** An attempt's fate: with its outcome, this is the line of the outcome log. */
  | {
      type: 'settled';
      quantum: number;
      attempt: number;
      decision: 'final' | 'retry';
      state: 'done' | 'doneWithCaveat' | 'noWork' | 'failed' | 'killed';
      rule?: string;
      action?: RetryAction;
      /** The rule, among those only watched, that would have decided. */
      wouldFire?: { rule: string; action: RetryAction };
      /** Of one that ended well: how many quanta that it reads from have failed, and a rule let that pass; by task. */
      upstreamFailures?: readonly { label: string; count: number }[];
      /** What the next attempt asks for, where a rule raised it. */
      nextMemoryBytes?: number;
      reason: Reason;
      cause?: Cause;
    }
  /** Nobody will read any more what these made that is only in the worker's memory. */
  | { type: 'forget'; worker: number; quanta: readonly number[] }
  /** Quanta that had ended run again: what they made was only in the memory of this worker, which is gone. */
  | { type: 'remade'; worker: number; quanta: readonly number[] }
  /** Quanta that cannot run, and the quantum to blame. */
  | { type: 'blocked'; quanta: readonly number[]; by: number; reason: Reason }
  /** A rule stops the run: what runs ends, nothing else starts. */
  | { type: 'stopping'; rule: string; cause: Cause }
  /** Nothing runs and nothing more can. */
  | { type: 'finished' };
