// SPDX-License-Identifier: BSD-3-Clause
import type { Timeline } from './model.ts';

const bins = 240;

/**
 * When the quanta of each task ran: seconds of work in equal stretches of time. The stretches begin at one second and double
 * as the run grows, so that memory does not.
 */
export class TimelineTally {
  readonly #busy: Float64Array[];
  readonly #first: Float64Array;
  readonly #last: Float64Array;
  #fromMs = Number.NaN;
  #binSeconds = 1;

  constructor(tasks: number) {
    this.#busy = Array.from({ length: tasks }, () => new Float64Array(bins));
    this.#first = new Float64Array(tasks).fill(Number.POSITIVE_INFINITY);
    this.#last = new Float64Array(tasks);
  }

  /** Clocks jump and machines disagree: what seems to lie before the first is counted at the beginning. */
  add(task: number, startedUnixMs: number, wallSeconds: number): void {
    if (Number.isNaN(this.#fromMs)) this.#fromMs = startedUnixMs;
    const startedMs = Math.max(this.#fromMs, startedUnixMs);
    const endedMs = startedMs + 1e3 * wallSeconds;
    if (startedMs < this.#first[task]) this.#first[task] = startedMs;
    if (endedMs > this.#last[task]) this.#last[task] = endedMs;
    const from = (startedMs - this.#fromMs) / 1e3;
    while (from + wallSeconds >= bins * this.#binSeconds) this.#double();
    const width = this.#binSeconds;
    const busy = this.#busy[task];
    let at = from;
    let left = wallSeconds;
    for (let bin = Math.floor(from / width); left > 0 && bin < bins; bin++) {
      const part = Math.min(left, (bin + 1) * width - at);
      busy[bin] += part;
      left -= part;
      at += part;
    }
  }

  #double(): void {
    this.#binSeconds *= 2;
    for (const busy of this.#busy) {
      for (let bin = 0; bin < bins / 2; bin++) busy[bin] = busy[2 * bin] + busy[2 * bin + 1];
      busy.fill(0, bins / 2);
    }
  }

  /** Without tasks of which nothing ran; undefined when nothing ran at all. */
  timeline(labels: readonly string[]): Timeline | undefined {
    if (Number.isNaN(this.#fromMs)) return undefined;
    const toMs = this.#last.reduce((latest, ms) => Math.max(latest, ms), this.#fromMs);
    const used = Math.max(1, Math.ceil((toMs - this.#fromMs) / 1e3 / this.#binSeconds));
    return {
      fromUnixMs: this.#fromMs,
      toUnixMs: toMs,
      binSeconds: this.#binSeconds,
      tasks: labels.flatMap((label, task) => {
        if (this.#last[task] === 0) return [];
        const busySeconds = [...this.#busy[task].subarray(0, used)].map((seconds) => Math.round(seconds * 1e3) / 1e3);
        return [{ label, beganUnixMs: this.#first[task], endedUnixMs: this.#last[task], busySeconds }];
      }),
    };
  }
}
