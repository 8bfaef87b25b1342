// SPDX-License-Identifier: BSD-3-Clause
import type { ComparedRun } from './compare.ts';
import { formatBytes, formatCount, formatSeconds } from './format.ts';

/** A name, the numbers of both runs, and how they are written. */
export type ComparedLine = [name: string, a: number, b: number, format: (n: number) => string];

/** What two runs come to as a whole, without what neither has. `elapsed` is what their wall time is called. */
export function comparedLines(a: ComparedRun, b: ComparedRun, elapsed: string): ComparedLine[] {
  const lines: ComparedLine[] = [
    ['quanta', a.quanta, b.quanta, formatCount],
    ['done', a.counts.done + a.counts.doneWithCaveat, b.counts.done + b.counts.doneWithCaveat, formatCount],
    ['of these with caveats', a.counts.doneWithCaveat, b.counts.doneWithCaveat, formatCount],
    ['no work', a.counts.noWork + a.counts.blockedNoWork, b.counts.noWork + b.counts.blockedNoWork, formatCount],
    ['failed', a.counts.failed, b.counts.failed, formatCount],
    ['blocked', a.counts.blocked, b.counts.blocked, formatCount],
    ['not run', a.counts.unfinished + a.counts.killed, b.counts.unfinished + b.counts.killed, formatCount],
    [elapsed, a.wallSeconds, b.wallSeconds, formatSeconds],
    ['CPU', a.cpuSeconds, b.cpuSeconds, formatSeconds],
    ['lost to failures', a.badputSeconds, b.badputSeconds, formatSeconds],
    ['read', a.bytesRead, b.bytesRead, formatBytes],
    ['written', a.bytesWritten, b.bytesWritten, formatBytes],
  ];
  return lines.filter(([, x, y]) => x !== 0 || y !== 0);
}
