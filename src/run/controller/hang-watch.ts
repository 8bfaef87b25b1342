// SPDX-License-Identifier: BSD-3-Clause
import { bytesMoved, nameOf } from '../workers/process-table.ts';
import type { TreeSample } from '../workers/process-tree.ts';

/** A worker that does nothing with its work: `quantum` is -1 where it has not begun any of it. */
export interface Hung {
  worker: number;
  quantum: number;
  story: string;
}

/** What a worker has to do. */
interface Work {
  quantum: number;
  /** Of the present attempt or, where none has begun, nothing. */
  attempt: object | undefined;
}

/** When a worker was last seen to do something. */
interface Mark {
  attempt: object | undefined;
  seconds: number;
  cpuSeconds: number;
  /** Bytes read and written; looked at only when the worker has been quiet for a while. */
  moved?: number;
}

/** Less than this part of a core is no computing: a process that only waits wakes up now and then. */
const IDLE_CORES = 0.01;
/** Less than this is no reading or writing. */
const IDLE_BYTES = 4096;

const states: Readonly<Record<string, string>> = {
  T: 'its process was stopped by a signal',
  t: 'its process is held by a debugger',
  D: 'its process waits for a device or a file system',
};

/** Finds workers that have work, and for `hangSeconds` neither took CPU time nor read or wrote anything, nor did what they started. */
export class HangWatch {
  readonly #hangSeconds: number;
  readonly #marks = new Map<number, Mark>();

  /** @param hangSeconds 0: never */
  constructor(hangSeconds: number) {
    this.#hangSeconds = hangSeconds;
  }

  /** `work` is undefined where the worker has nothing to do. */
  look(worker: number, sample: TreeSample, work: Work | undefined, nowSeconds: number): Hung | undefined {
    if (this.#hangSeconds === 0) return undefined;
    if (work === undefined) {
      this.#marks.delete(worker);
      return undefined;
    }
    const mark = this.#marks.get(worker);
    const quietSeconds = mark === undefined ? 0 : nowSeconds - mark.seconds;
    if (
      mark === undefined ||
      mark.attempt !== work.attempt ||
      Math.abs(sample.cpuSeconds - mark.cpuSeconds) > Math.max(0.02, quietSeconds * IDLE_CORES)
    ) {
      this.#marks.set(worker, { attempt: work.attempt, seconds: nowSeconds, cpuSeconds: sample.cpuSeconds });
      return undefined;
    }
    if (quietSeconds < this.#hangSeconds / 4) return undefined;
    if (mark.moved === undefined) mark.moved = movedBy(sample);
    if (quietSeconds < this.#hangSeconds) return undefined;
    if (Math.abs(movedBy(sample) - mark.moved) > IDLE_BYTES) {
      this.#marks.set(worker, { attempt: work.attempt, seconds: nowSeconds, cpuSeconds: sample.cpuSeconds });
      return undefined;
    }
    return { worker, quantum: work.quantum, story: storyOf(sample, quietSeconds) };
  }

  forget(worker: number): void {
    this.#marks.delete(worker);
  }
}

function movedBy({ pids }: TreeSample): number {
  return pids.reduce((sum, pid) => sum + (bytesMoved(pid) ?? 0), 0);
}

function storyOf({ state, pids }: TreeSample, quietSeconds: number): string {
  const said = [`for ${Math.round(quietSeconds)} s`];
  if (states[state] !== undefined) said.push(states[state]);
  const names = [...new Set(pids.slice(1, 5).map(nameOf))];
  if (names.length > 0) said.push(`nor did the processes it started: ${names.join(', ')}`);
  return said.join('; ');
}
