// SPDX-License-Identifier: BSD-3-Clause
import type { DataId } from '../../butler/index.ts';
import { type QuantumState, type SchedulerState, STATE_COUNT, STATE_NAMES } from '../scheduler/index.ts';

export type StateCounts = Record<QuantumState, number>;

export interface TaskProgress {
  label: string;
  total: number;
  counts: StateCounts;
  /** Of those that count as running, how many a worker has begun; the others wait in its queue. */
  active: number;
  /** Mean of recent attempts; undefined before the first. */
  meanWallSeconds?: number;
}

export interface WorkerProgress {
  worker: number;
  pid: number;
  residentBytes?: number;
  /** What it does now. */
  quantum?: number;
  label?: string;
  dataId?: DataId;
  sinceSeconds?: number;
}

/** Outputs are recorded in the outcome log and cannot be registered at the moment. */
export interface RegistryWait {
  sinceUnixMs: number;
  waiting: number;
  reason: string;
}

/** How far a run is: what a display shows. Costs as much as there are tasks and workers, however many quanta there are. */
export interface Progress {
  run: string;
  elapsedSeconds: number;
  total: number;
  counts: StateCounts;
  tasks: TaskProgress[];
  workers: WorkerProgress[];
  /** Quanta that ended in this execution, per second, over the last half minute. */
  quantaPerSecond: number;
  /** Expected until the end; undefined before anything is known. */
  etaSeconds?: number;
  draining: boolean;
  /** Outputs that wait for a registry that does not answer. */
  registry?: RegistryWait;
  /** Most frequent failures, with how many quanta each has hit. */
  failures: { signature: string; count: number }[];
}

export function countsOf(counts: Uint32Array, from = 0): StateCounts {
  return Object.fromEntries(STATE_NAMES.map((name, i) => [name, counts[from + i]])) as StateCounts;
}

export function taskProgress(s: SchedulerState): TaskProgress[] {
  return s.graph.tasks.map((task, t) => ({
    label: task.label,
    total: task.quantumCount,
    counts: countsOf(s.counts, t * STATE_COUNT),
    active: 0,
    meanWallSeconds: Number.isNaN(s.meanWallSeconds[t]) ? undefined : s.meanWallSeconds[t],
  }));
}

function openCount(counts: StateCounts): number {
  return counts.waiting + counts.ready + counts.running;
}
export function endedCount(counts: StateCounts): number {
  return counts.done + counts.doneWithCaveat + counts.noWork + counts.failed;
}

/** Remaining work at each task's mean (the mean over known tasks where a task has none), shared among the slots. */
export function etaSeconds(tasks: readonly TaskProgress[], slots: number): number | undefined {
  const known = tasks.filter((t) => t.meanWallSeconds !== undefined);
  if (known.length === 0) return undefined;
  const typical = known.reduce((sum, t) => sum + t.meanWallSeconds!, 0) / known.length;
  const work = tasks.reduce((sum, t) => sum + openCount(t.counts) * (t.meanWallSeconds ?? typical), 0);
  return work / Math.max(1, slots);
}

/** Ends per second over a sliding window. */
export class RateMeter {
  readonly #windowSeconds = 30;
  readonly #points: { at: number; count: number }[] = [];

  update(atSeconds: number, count: number): number {
    this.#points.push({ at: atSeconds, count });
    while (this.#points.length > 2 && atSeconds - this.#points[0].at > this.#windowSeconds) this.#points.shift();
    const first = this.#points[0];
    const span = atSeconds - first.at;
    return span > 0 ? (count - first.count) / span : 0;
  }
}
