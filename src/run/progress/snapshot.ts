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
  /** Mean of recent attempts; before the first, of earlier runs; undefined where there are none. */
  meanWallSeconds?: number;
  /** Cores that a quantum asks for. */
  cores: number;
  /** Quanta that ended per second, over the last half minute. */
  perSecond?: number;
  /** Until the last of them ends at that rate; undefined while none ends, and when all have. */
  etaSeconds?: number;
  /** The largest of this execution. */
  peakMemoryBytes?: number;
  /** CPU time of the attempts of this execution over their wall time and cores. */
  cpuEfficiency?: number;
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
  /** Cores at work in worker processes, since the snapshot before; undefined where the system does not tell. */
  busyCores?: number;
  /** Cores there are for quanta. */
  cores: number;
  memory: {
    /** What worker processes have now. */
    residentBytes: number;
    /** What running quanta asked for, of what there is. */
    requestedBytes: number;
    budgetBytes: number;
  };
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
    meanWallSeconds: Number.isNaN(s.meanWallSeconds[t]) ? task.expectedSeconds : s.meanWallSeconds[t],
    cores: task.cores,
  }));
}

export function openCount(counts: StateCounts): number {
  return counts.waiting + counts.ready + counts.running;
}
export function endedCount(counts: StateCounts): number {
  return counts.done + counts.doneWithCaveat + counts.noWork + counts.failed;
}

/**
 * Remaining work at each task's mean wall time (the mean over known tasks where a task has none) and cores, shared among the cores there are; what
 * runs now is done in part. But the last product goes through its tasks one after the other, when there is nothing else left to do: one quantum of
 * each open task after the first is not shared.
 * @param runningSeconds how long what runs now has been running, together
 */
export function etaSeconds(tasks: readonly TaskProgress[], cores: number, runningSeconds = 0): number | undefined {
  const open = tasks.filter((t) => openCount(t.counts) > 0);
  if (open.length === 0) return 0;
  const known = tasks.filter((t) => t.meanWallSeconds !== undefined);
  if (known.length === 0) return undefined;
  const typical = known.reduce((sum, t) => sum + t.meanWallSeconds!, 0) / known.length;
  const meanOf = (task: TaskProgress) => task.meanWallSeconds ?? typical;
  const work = open.reduce((sum, t) => sum + openCount(t.counts) * meanOf(t) * Math.min(t.cores, cores), 0);
  const alone = open.slice(1).reduce((sum, t) => sum + meanOf(t), 0);
  const shared = Math.max(0, work - alone - runningSeconds) / Math.max(1, cores);
  return Math.max(shared + alone, meanOf(open[0]) + alone - runningSeconds);
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
