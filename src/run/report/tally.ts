// SPDX-License-Identifier: BSD-3-Clause
import type { AttemptRecord, Usage } from '../outcomes/record.ts';
import { Distribution } from './distribution.ts';
import type { FinalCounts, TaskReport } from './model.ts';
import { TopList } from './top-list.ts';

/** Adds up the attempts of one task; takes the same memory however many there are. */
export class TaskTally {
  readonly #label: string;
  readonly #quanta: number;
  readonly #wall = new Distribution();
  readonly #peaks = new Distribution();
  readonly #slowest = new TopList();
  readonly #largest = new TopList();
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
  #outputBytes = 0;

  constructor(label: string, quanta: number) {
    this.#label = label;
    this.#quanta = quanta;
  }

  attempt(quantum: number, state: AttemptRecord['state'], usage: Usage, retried: boolean, outputBytes: number): void {
    const cpu = usage.cpuUserSeconds + usage.cpuSystemSeconds;
    this.#attempts++;
    if (retried) this.#retries++;
    this.#cpuSeconds += cpu;
    this.#bytesRead += usage.bytesRead;
    this.#bytesWritten += usage.bytesWritten;
    this.#readSeconds += usage.readSeconds;
    this.#writeSeconds += usage.writeSeconds;
    this.#outputBytes += outputBytes;
    this.#requestedBytes = Math.max(this.#requestedBytes, usage.requestedMemoryBytes);
    if (usage.peakMemoryBytes > 0) {
      this.#peaks.add(usage.peakMemoryBytes);
      this.#largest.add(quantum, usage.peakMemoryBytes);
    }
    this.#slowest.add(quantum, usage.wallSeconds);
    if (state === 'failed' || state === 'killed') {
      this.#badputSeconds += usage.wallSeconds;
      return;
    }
    this.#wall.add(usage.wallSeconds);
    this.#cpuOfGood += cpu;
    this.#coreSeconds += usage.wallSeconds * usage.requestedCores;
  }

  report(counts: FinalCounts, inputBytes: number): TaskReport {
    const peaks = this.#peaks.spread();
    return {
      label: this.#label,
      quanta: this.#quanta,
      counts,
      attempts: this.#attempts,
      retries: this.#retries,
      wallSeconds: this.#wall.spread(),
      cpuSeconds: this.#cpuSeconds,
      cpuEfficiency: this.#coreSeconds > 0 ? this.#cpuOfGood / this.#coreSeconds : undefined,
      memory: peaks && {
        requestedBytes: this.#requestedBytes,
        medianPeakBytes: peaks.median,
        p95PeakBytes: peaks.p95,
        maxPeakBytes: peaks.max,
      },
      bytesRead: this.#bytesRead,
      bytesWritten: this.#bytesWritten,
      inputBytes,
      outputBytes: this.#outputBytes,
      readSeconds: this.#readSeconds,
      writeSeconds: this.#writeSeconds,
      badputSeconds: this.#badputSeconds,
      slowest: this.#slowest.list().map(({ quantum, value }) => ({ quantum, wallSeconds: value })),
      largest: this.#largest.list().map(({ quantum, value }) => ({ quantum, peakMemoryBytes: value })),
    };
  }
}
