// SPDX-License-Identifier: BSD-3-Clause
import type { QuantumSpec } from '../workers/protocol.ts';
import { residentBytes } from '../workers/usage.ts';
import type { WorkerView } from './progress.ts';

/** How much memory attempts may take. */
export interface MemoryLimits {
  /** Times what was requested; 0: no limit for the single attempt. */
  factor: number;
  /** By task: it states its memory. Where it does not, the request is a guess, and no limit for its first attempt. */
  stated: readonly boolean[];
  /** What all workers together may take before the machine is in danger. */
  totalBytes: number;
}

export interface OverLimit {
  worker: number;
  quantum: number;
  residentBytes: number;
}

/** Whatever is requested, an attempt may take this much more: code and buffers of the runtime are nobody's request. */
const allowanceBytes = 2 ** 28;

/** Time between looks: often enough that a leak of a gigabyte a second goes little past its limit, and never 5 % of a core. */
export function watchMs(workers: number): number {
  return Math.max(100, 2 * workers);
}

/**
 * Finds the attempts to be ended, by the resident sizes of their workers: each whose worker has grown beyond its limit since the attempt was first seen
 * (a warm worker keeps what earlier quanta left in its heap, and that is not to be blamed on this one); and where all together take more than
 * the machine can give, the one that has grown farthest beyond its request.
 */
export class MemoryWatch {
  readonly #limits: MemoryLimits;
  readonly #resident: (pid: number) => number | undefined;
  readonly #seen = new Map<number, { spec: QuantumSpec; bytes: number }>();

  constructor(limits: MemoryLimits, resident: (pid: number) => number | undefined = residentBytes) {
    this.#limits = limits;
    this.#resident = resident;
  }

  look(workers: ReadonlyMap<number, Pick<WorkerView, 'pid' | 'current' | 'datasetBytes'>>): OverLimit[] {
    const over: OverLimit[] = [];
    let total = 0;
    let farthest: (OverLimit & { excess: number }) | undefined;
    for (const worker of this.#seen.keys()) if (!workers.has(worker)) this.#seen.delete(worker);
    for (const [worker, { pid, current, datasetBytes = 0 }] of workers) {
      const residentBytes = this.#resident(pid);
      if (residentBytes === undefined) continue;
      total += residentBytes;
      const bytes = residentBytes - datasetBytes; // what is kept for others is not this one's doing
      if (current === undefined) continue;
      const { spec } = current;
      if (this.#seen.get(worker)?.spec !== spec) this.#seen.set(worker, { spec, bytes });
      const grown = bytes - (this.#seen.get(worker)?.bytes ?? 0);
      if (grown > this.limitOf(spec)) {
        over.push({ worker, quantum: spec.quantum, residentBytes });
        total -= residentBytes;
        continue;
      }
      const excess = grown - spec.requestedMemoryBytes;
      if (excess > (farthest?.excess ?? 0)) farthest = { worker, quantum: spec.quantum, residentBytes, excess };
    }
    if (total > this.#limits.totalBytes && farthest !== undefined) {
      const { excess: _, ...one } = farthest;
      over.push(one);
    }
    return over;
  }

  /** How much an attempt's worker may grow; infinite: nothing is known of what it needs. */
  limitOf({ task, attempt, requestedMemoryBytes: requested }: QuantumSpec): number {
    const { factor, stated } = this.#limits;
    if (factor === 0 || (!stated[task] && attempt === 1)) return Number.POSITIVE_INFINITY;
    return Math.max(factor * requested, requested + allowanceBytes);
  }
}
