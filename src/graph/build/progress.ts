// SPDX-License-Identifier: BSD-3-Clause
import type { BuildReport, BuildStep } from './report.ts';

/** How far a build is. */
export interface BuildProgress {
  /** What is being done, in words. */
  what: string;
  /** Rows so far, and of how many where that is known. */
  done: number;
  total?: number;
  wallSeconds: number;
}

/** Keeps the steps of a build, tells of progress, and stops when asked. */
export class BuildSteps {
  readonly #report: BuildReport;
  readonly #onProgress: ((progress: BuildProgress) => void) | undefined;
  readonly #signal: AbortSignal | undefined;
  readonly #started = performance.now();
  #last = performance.now();

  constructor(report: BuildReport, onProgress?: (progress: BuildProgress) => void, signal?: AbortSignal) {
    this.#report = report;
    this.#onProgress = onProgress;
    this.#signal = signal;
  }

  /** Notes a step that ended: its time is that since the last one. */
  done(kind: BuildStep['kind'], what: string, rows: number, before?: number): void {
    const now = performance.now();
    this.#report.steps.push({ kind, what, before, rows, wallSeconds: (now - this.#last) / 1000 });
    this.#last = now;
    this.progress(what, rows, rows);
  }

  /** Tells that so much of a step is done. */
  progress(what: string, done: number, total?: number): void {
    this.#signal?.throwIfAborted();
    this.#onProgress?.({ what, done, total, wallSeconds: (performance.now() - this.#started) / 1000 });
  }

  /** Batches as they are, with progress after each. */
  async *watch<T extends { rows: number }>(what: string, batches: AsyncIterable<T>, total?: number): AsyncIterable<T> {
    let done = 0;
    this.progress(what, 0, total);
    for await (const batch of batches) {
      done += batch.rows;
      this.progress(what, done, total);
      // Lets signals and timers have their turn.
      await new Promise((resolve) => setImmediate(resolve));
      yield batch;
    }
  }
}
