// SPDX-License-Identifier: BSD-3-Clause
import type { QuantumGraph } from '../../graph/index.ts';
import type { AttemptRecord } from '../outcomes/record.ts';
import {
  countsOf,
  endedCount,
  etaSeconds,
  openCount,
  type Progress,
  RateMeter,
  type TaskProgress,
  taskProgress,
} from '../progress/snapshot.ts';
import type { SchedulerState } from '../scheduler/index.ts';
import { sampleProcess } from '../workers/process-table.ts';
import type { QuantumSpec } from '../workers/protocol.ts';
import { residentBytes } from '../workers/usage.ts';

/** What a worker is known to do. */
export interface WorkerView {
  readonly pid: number;
  /** In the environment of the worker and of what it starts. */
  readonly token: string;
  /** By quantum: what it has to do. */
  readonly sent: ReadonlyMap<number, unknown>;
  /** Of its memory what datasets take that are there for other quanta. */
  readonly datasetBytes?: number;
  readonly current?: { readonly spec: QuantumSpec; readonly atSeconds: number };
}

/** Makes the snapshots of a run that displays show, from the counters of the scheduler. */
export class ProgressReader {
  readonly #graph: QuantumGraph;
  readonly #state: SchedulerState;
  readonly #jobs: number;
  readonly #rate = new RateMeter();
  readonly #taskRates: RateMeter[];
  readonly #costs: { cpuSeconds: number; coreSeconds: number; peakMemoryBytes: number }[];
  readonly #failures = new Map<string, number>();
  /** CPU seconds of each worker process at the last look. */
  #cpu = new Map<number, number>();
  #lookedAtSeconds: number;
  readonly #startedSeconds: number;
  readonly #endedBefore: number;

  constructor(graph: QuantumGraph, state: SchedulerState, jobs: number, nowSeconds: number) {
    this.#graph = graph;
    this.#state = state;
    this.#jobs = jobs;
    this.#startedSeconds = nowSeconds;
    this.#lookedAtSeconds = nowSeconds;
    this.#taskRates = graph.tasks.map(() => new RateMeter());
    this.#costs = graph.tasks.map(() => ({ cpuSeconds: 0, coreSeconds: 0, peakMemoryBytes: 0 }));
    this.#endedBefore = endedCount(countsOf(state.stateTotals));
  }

  attempt(task: number, { state, decision, cause, usage }: AttemptRecord): void {
    const costs = this.#costs[task];
    costs.cpuSeconds += usage.cpuUserSeconds + usage.cpuSystemSeconds;
    costs.coreSeconds += usage.wallSeconds * usage.requestedCores;
    costs.peakMemoryBytes = Math.max(costs.peakMemoryBytes, usage.peakMemoryBytes);
    if (state !== 'failed' || decision !== 'final' || cause === undefined) return;
    this.#failures.set(cause.signature, (this.#failures.get(cause.signature) ?? 0) + 1);
  }

  read(workers: ReadonlyMap<number, WorkerView>, nowSeconds: number): Progress {
    const state = this.#state;
    const tasks = taskProgress(state);
    for (const { current } of workers.values()) if (current !== undefined) tasks[current.spec.task].active++;
    const counts = countsOf(state.stateTotals);
    const elapsedSeconds = nowSeconds - this.#startedSeconds;
    for (const [t, task] of tasks.entries()) this.#complete(task, t, elapsedSeconds);
    const shown = [...workers].map(([worker, { pid, current }]) => ({
      worker,
      pid,
      residentBytes: residentBytes(pid),
      quantum: current?.spec.quantum,
      label: current && this.#graph.tasks[current.spec.task].label,
      dataId: current?.spec.dataId,
      sinceSeconds: current && nowSeconds - current.atSeconds,
    }));
    const runningSeconds = shown.reduce((sum, { sinceSeconds = 0, label }) => {
      const mean = tasks.find((task) => task.label === label)?.meanWallSeconds ?? 0;
      return sum + Math.min(sinceSeconds, mean);
    }, 0);
    return {
      run: this.#graph.header.outputRun,
      elapsedSeconds,
      total: this.#graph.quantumCount,
      counts,
      tasks,
      workers: shown,
      quantaPerSecond: this.#rate.update(elapsedSeconds, endedCount(counts) - this.#endedBefore),
      etaSeconds: etaSeconds(tasks, this.#jobs, runningSeconds),
      busyCores: this.#busyCores(workers, nowSeconds),
      cores: state.cores,
      memory: {
        residentBytes: shown.reduce((sum, { residentBytes: bytes = 0 }) => sum + bytes, 0),
        requestedBytes: state.usedMemoryBytes,
        budgetBytes: state.memoryBytes,
      },
      draining: state.draining || state.cancelled,
      failures: [...this.#failures]
        .map(([signature, count]) => ({ signature, count }))
        .sort((a, b) => b.count - a.count)
        .slice(0, 5),
    };
  }

  #complete(task: TaskProgress, t: number, elapsedSeconds: number): void {
    const { cpuSeconds, coreSeconds, peakMemoryBytes } = this.#costs[t];
    if (coreSeconds > 0) task.cpuEfficiency = cpuSeconds / coreSeconds;
    if (peakMemoryBytes > 0) task.peakMemoryBytes = peakMemoryBytes;
    task.perSecond = this.#taskRates[t].update(elapsedSeconds, endedCount(task.counts));
    const open = openCount(task.counts);
    if (open > 0 && task.perSecond > 0) task.etaSeconds = open / task.perSecond;
  }

  /** Of all workers that are there and were at the last look. */
  #busyCores(workers: ReadonlyMap<number, WorkerView>, nowSeconds: number): number | undefined {
    const before = this.#cpu;
    const seconds = nowSeconds - this.#lookedAtSeconds;
    this.#cpu = new Map();
    this.#lookedAtSeconds = nowSeconds;
    let spent: number | undefined;
    for (const { pid } of workers.values()) {
      const now = sampleProcess(pid)?.cpuSeconds;
      if (now === undefined) continue;
      this.#cpu.set(pid, now);
      const then = before.get(pid);
      if (then !== undefined) spent = (spent ?? 0) + Math.max(0, now - then);
    }
    return spent === undefined || seconds <= 0 ? undefined : spent / seconds;
  }
}
