// SPDX-License-Identifier: BSD-3-Clause
import type { AttemptRecord } from '../outcomes/record.ts';
import type { FinalCounts, Spread, TaskReport } from './model.ts';

/** Adds up the attempts of one task. */
export class TaskTally {
  readonly #label: string;
  readonly #quanta: number;
  readonly #wall: number[] = [];
  readonly #peaks: number[] = [];
  #requestedBytes = 0;
  #attempts = 0;
  #retries = 0;
  #cpuSeconds = 0;
  #cpuOfGood = 0;
  #coreSeconds = 0;
  #bytesRead = 0;
  #bytesWritten = 0;
  #readSeconds = 0;
  #writeSeconds = 0;
  #badputSeconds = 0;

  constructor(label: string, quanta: number) {
    this.#label = label;
    this.#quanta = quanta;
  }

  attempt({ usage, state, decision }: AttemptRecord): void {
    const cpu = usage.cpuUserSeconds + usage.cpuSystemSeconds;
    this.#attempts++;
    if (decision === 'retry') this.#retries++;
    this.#cpuSeconds += cpu;
    this.#bytesRead += usage.bytesRead;
    this.#bytesWritten += usage.bytesWritten;
    this.#readSeconds += usage.readSeconds;
    this.#writeSeconds += usage.writeSeconds;
    this.#requestedBytes = Math.max(this.#requestedBytes, usage.requestedMemoryBytes);
    if (usage.peakMemoryBytes > 0) this.#peaks.push(usage.peakMemoryBytes);
    if (state === 'failed' || state === 'killed') {
      this.#badputSeconds += usage.wallSeconds;
      return;
    }
    this.#wall.push(usage.wallSeconds);
    this.#cpuOfGood += cpu;
    this.#coreSeconds += usage.wallSeconds * usage.requestedCores;
  }

  report(counts: FinalCounts): TaskReport {
    const peaks = spread(this.#peaks);
    return {
      label: this.#label,
      quanta: this.#quanta,
      counts,
      attempts: this.#attempts,
      retries: this.#retries,
      wallSeconds: spread(this.#wall),
      cpuSeconds: this.#cpuSeconds,
      cpuEfficiency: this.#coreSeconds > 0 ? this.#cpuOfGood / this.#coreSeconds : undefined,
      memory: peaks && {
        requestedBytes: this.#requestedBytes,
        medianPeakBytes: peaks.median,
        maxPeakBytes: peaks.max,
      },
      bytesRead: this.#bytesRead,
      bytesWritten: this.#bytesWritten,
      readSeconds: this.#readSeconds,
      writeSeconds: this.#writeSeconds,
      badputSeconds: this.#badputSeconds,
    };
  }
}

function spread(values: readonly number[]): Spread | undefined {
  if (values.length === 0) return undefined;
  const sorted = Float64Array.from(values).sort();
  const total = sorted.reduce((sum, v) => sum + v, 0);
  const half = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  return { min: sorted[0], median, mean: total / sorted.length, max: sorted[sorted.length - 1], total };
}
