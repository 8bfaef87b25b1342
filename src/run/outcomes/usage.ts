// SPDX-License-Identifier: BSD-3-Clause
import { existsSync } from 'node:fs';
import { readOutcomeLog } from './log.ts';

/** Means of what quanta took, by task label; of attempts that ended well. */
export interface MeasuredUsage {
  quanta: number;
  cpuSeconds: number;
  wallSeconds: number;
  /** Largest. */
  peakMemoryBytes: number;
  bytesWritten: number;
}

/** Reads the logs of some runs. Quanta without work are counted too: they are part of what a task costs. */
export function measuredUsage(logPaths: Iterable<string>): Map<string, MeasuredUsage> {
  const usage = new Map<string, MeasuredUsage>();
  for (const path of logPaths) {
    if (!existsSync(path)) continue;
    for (const record of readOutcomeLog(path)) {
      if (record.type !== 'attempt' || record.state === 'failed' || record.state === 'killed') continue;
      const sums = usage.get(record.label) ?? zero();
      usage.set(record.label, sums);
      const { cpuUserSeconds, cpuSystemSeconds, wallSeconds, peakMemoryBytes, bytesWritten } = record.usage;
      sums.quanta++;
      sums.cpuSeconds += cpuUserSeconds + cpuSystemSeconds;
      sums.wallSeconds += wallSeconds;
      sums.bytesWritten += bytesWritten;
      sums.peakMemoryBytes = Math.max(sums.peakMemoryBytes, peakMemoryBytes);
    }
  }
  for (const sums of usage.values()) {
    sums.cpuSeconds /= sums.quanta;
    sums.wallSeconds /= sums.quanta;
    sums.bytesWritten /= sums.quanta;
  }
  return usage;
}

function zero(): MeasuredUsage {
  return { quanta: 0, cpuSeconds: 0, wallSeconds: 0, peakMemoryBytes: 0, bytesWritten: 0 };
}
