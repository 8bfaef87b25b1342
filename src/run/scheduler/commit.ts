// SPDX-License-Identifier: BSD-3-Clause
import { reserve } from './dispatch.ts';
import type { SchedulerEvent } from './events.ts';
import { type SchedulerState, takeBack, type WorkerState } from './state.ts';

/**
 * An attempt has two halves: the worker computes it, one at a time, then syncs its outputs and puts them in place, several at a
 * time and beside the computing of others. Between them the quantum is still running, but takes no core, has no time limit
 * and is not what a death of its worker is blamed on.
 */
export function beginCommit(s: SchedulerState, worker: WorkerState): void {
  worker.committing.push(worker.queue.shift()!);
  worker.started = false;
  worker.deadlineSeconds = Number.POSITIVE_INFINITY;
  reserve(s, worker);
}

/** Takes a quantum off those in commit. @returns whether it was there. */
export function endCommit(worker: WorkerState, quantum: number): boolean {
  const at = worker.committing.indexOf(quantum);
  if (at < 0) return false;
  worker.committing.splice(at, 1);
  return true;
}

/** So often a quantum may lose its worker in commit without that being held against it. */
const FREE_LOSSES = 2;

/**
 * Of a worker that is gone: its quanta in commit are ready again, and that attempt does not count. Those that do not get off so
 * lightly are given back: the one the worker was killed for, and those that lose one worker after the other like this.
 */
export function giveUpCommits(s: SchedulerState, worker: WorkerState, event: SchedulerEvent['type']): number[] {
  const blamed: number[] = [];
  for (const quantum of worker.committing.splice(0)) {
    const losses = (s.commitLosses.get(quantum) ?? 0) + 1;
    if (worker.dying !== 'cancelled' && (worker.dyingFor === quantum || losses > FREE_LOSSES)) {
      blamed.push(quantum);
      continue;
    }
    s.commitLosses.set(quantum, losses);
    s.attempts[quantum]--;
    takeBack(s, quantum, event);
  }
  return blamed;
}
