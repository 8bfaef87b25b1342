// SPDX-License-Identifier: BSD-3-Clause
import type { QuantumGraph } from '../../graph/index.ts';
import { countsOf, endedCount, etaSeconds, type Progress, RateMeter, taskProgress } from '../progress/snapshot.ts';
import type { SchedulerState } from '../scheduler/index.ts';
import type { QuantumSpec } from '../workers/protocol.ts';
import { residentBytes } from '../workers/usage.ts';

/** What a worker is known to do. */
export interface WorkerView {
  readonly pid: number;
  /** In the environment of the worker and of what it starts. */
  readonly token: string;
  /** By quantum: what it has to do. */
  readonly sent: ReadonlyMap<number, unknown>;
  readonly current?: { readonly spec: QuantumSpec; readonly atSeconds: number };
}

/** Makes the snapshots of a run that displays show, from the counters of the scheduler. */
export class ProgressReader {
  readonly #graph: QuantumGraph;
  readonly #state: SchedulerState;
  readonly #jobs: number;
  readonly #rate = new RateMeter();
  readonly #failures = new Map<string, number>();
  readonly #startedSeconds: number;
  readonly #endedBefore: number;

  constructor(graph: QuantumGraph, state: SchedulerState, jobs: number, nowSeconds: number) {
    this.#graph = graph;
    this.#state = state;
    this.#jobs = jobs;
    this.#startedSeconds = nowSeconds;
    this.#endedBefore = endedCount(countsOf(state.stateTotals));
  }

  countFailure(signature: string): void {
    this.#failures.set(signature, (this.#failures.get(signature) ?? 0) + 1);
  }

  read(workers: ReadonlyMap<number, WorkerView>, nowSeconds: number): Progress {
    const state = this.#state;
    const tasks = taskProgress(state);
    for (const { current } of workers.values()) if (current !== undefined) tasks[current.spec.task].active++;
    const counts = countsOf(state.stateTotals);
    const elapsedSeconds = nowSeconds - this.#startedSeconds;
    return {
      run: this.#graph.header.outputRun,
      elapsedSeconds,
      total: this.#graph.quantumCount,
      counts,
      tasks,
      workers: [...workers].map(([worker, { pid, current }]) => ({
        worker,
        pid,
        residentBytes: residentBytes(pid),
        quantum: current?.spec.quantum,
        label: current && this.#graph.tasks[current.spec.task].label,
        dataId: current?.spec.dataId,
        sinceSeconds: current && nowSeconds - current.atSeconds,
      })),
      quantaPerSecond: this.#rate.update(elapsedSeconds, endedCount(counts) - this.#endedBefore),
      etaSeconds: etaSeconds(tasks, this.#jobs),
      draining: state.draining || state.cancelled,
      failures: [...this.#failures]
        .map(([signature, count]) => ({ signature, count }))
        .sort((a, b) => b.count - a.count)
        .slice(0, 5),
    };
  }
}
