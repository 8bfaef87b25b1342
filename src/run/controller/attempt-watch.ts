// SPDX-License-Identifier: BSD-3-Clause
import type { SchedulerEvent } from '../scheduler/index.ts';
import { ProcessTrees, type TreeSample } from '../workers/process-tree.ts';
import type { QuantumSpec } from '../workers/protocol.ts';
import { HangWatch } from './hang-watch.ts';
import { type MemoryLimits, MemoryWatch } from './memory-watch.ts';
import type { WorkerView } from './progress.ts';

export interface WatchLimits {
  memory: MemoryLimits;
  /** An attempt that neither computes nor reads or writes for so long is ended; 0: never. */
  hangSeconds: number;
}

/** What was seen of an attempt from outside: of its worker and of the processes it started. */
export interface SeenUsage {
  cpuSeconds: number;
  peakMemoryBytes: number;
  /** Processes besides the worker were there. */
  started: boolean;
}

interface Seen {
  cpuAtStart: number;
  usage: SeenUsage;
}

/** Looks at the workers and what they started, many times a second, and says which attempts are to be ended. */
export class AttemptWatch {
  readonly #memory: MemoryWatch;
  readonly #hang: HangWatch;
  readonly #trees = new ProcessTrees();
  readonly #samples = new Map<number, TreeSample>(); // by pid
  readonly #allow: (worker: number, moreBytes: number | undefined) => void;
  /** What limits of the kernel are in force for, by worker. */
  readonly #limited = new Map<number, object>();
  readonly #seen = new WeakMap<object, Seen>(); // by what was sent

  /** @param allow has the kernel keep a worker to its memory, where it can */
  constructor(limits: WatchLimits, allow: (worker: number, moreBytes: number | undefined) => void = () => {}) {
    this.#allow = allow;
    this.#memory = new MemoryWatch(limits.memory, (pid) => this.#samples.get(pid)?.residentBytes);
    this.#hang = new HangWatch(limits.hangSeconds);
  }

  /** @param isBusy tells of a worker without quanta whether it has something else to do */
  look(
    workers: ReadonlyMap<number, WorkerView>,
    nowSeconds: number,
    isBusy: (worker: number) => boolean = () => false,
  ): SchedulerEvent[] {
    const events: SchedulerEvent[] = [];
    this.#samples.clear();
    this.#trees.search(workers.values(), nowSeconds);
    for (const [worker, view] of workers) {
      const sample = this.#trees.sample(view);
      if (sample === undefined) continue;
      this.#samples.set(view.pid, sample);
      const attempt = view.current?.spec;
      if (attempt !== undefined) {
        this.#note(attempt, sample);
        this.#limit(worker, attempt);
      }
      const work = view.sent.size === 0 && !isBusy(worker) ? undefined : { attempt, quantum: attempt?.quantum ?? -1 };
      const hung = this.#hang.look(worker, sample, work, nowSeconds);
      if (hung !== undefined) events.push({ type: 'hung', ...hung });
    }
    for (const over of this.#memory.look(workers)) events.push({ type: 'overMemory', ...over });
    return events;
  }

  /** Of an attempt; undefined where it was too short to be seen. */
  usageOf(attempt: object): SeenUsage | undefined {
    return this.#seen.get(attempt)?.usage;
  }

  peakOf(attempt: object | undefined): number {
    return (attempt && this.usageOf(attempt)?.peakMemoryBytes) ?? 0;
  }

  /** Another attempt begins: the limit of the one before it is not its own. It gets one when it is seen. */
  began(worker: number): void {
    if (this.#limited.delete(worker)) this.#allow(worker, undefined);
  }

  #limit(worker: number, attempt: QuantumSpec): void {
    if (this.#limited.get(worker) === attempt) return;
    this.#limited.set(worker, attempt);
    const bytes = this.#memory.limitOf(attempt);
    this.#allow(worker, Number.isFinite(bytes) ? bytes : undefined);
  }

  forget(worker: number): void {
    this.#limited.delete(worker);
    this.#hang.forget(worker);
  }

  #note(attempt: object, sample: TreeSample): void {
    let seen = this.#seen.get(attempt);
    if (seen === undefined) {
      // CPU time before the first look is not known to be the attempt's: at most that of one interval is lost.
      seen = { cpuAtStart: sample.cpuSeconds, usage: { cpuSeconds: 0, peakMemoryBytes: 0, started: false } };
      this.#seen.set(attempt, seen);
    }
    const { usage } = seen;
    usage.cpuSeconds = Math.max(usage.cpuSeconds, sample.cpuSeconds - seen.cpuAtStart);
    usage.peakMemoryBytes = Math.max(usage.peakMemoryBytes, sample.residentBytes);
    usage.started ||= sample.pids.length > 1;
  }
}
