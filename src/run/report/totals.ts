// SPDX-License-Identifier: BSD-3-Clause
import type { Execution, RunTotals, TaskReport } from './model.ts';

/** Sums over tasks and executions. @param lastUnixMs when the newest attempt ended, for an execution that has no end */
export function totalsOf(
  tasks: readonly TaskReport[],
  executions: readonly Execution[],
  lastUnixMs: number | undefined,
): RunTotals {
  const sum = (of: (task: TaskReport) => number) => tasks.reduce((total, task) => total + of(task), 0);
  let elapsedSeconds = 0;
  let coreSeconds = 0;
  for (const { startedUnixMs, endedUnixMs, jobs } of executions) {
    const seconds = Math.max(0, (endedUnixMs ?? lastUnixMs ?? startedUnixMs) - startedUnixMs) / 1e3;
    elapsedSeconds += seconds;
    coreSeconds += seconds * jobs;
  }
  const badputSeconds = sum((task) => task.badputSeconds);
  const cpuSeconds = sum((task) => task.cpuSeconds);
  return {
    elapsedSeconds,
    workSeconds: sum((task) => task.wallSeconds?.total ?? 0) + badputSeconds,
    badputSeconds,
    cpuSeconds,
    cpuUtilisation: coreSeconds > 0 ? cpuSeconds / coreSeconds : undefined,
    bytesRead: sum((task) => task.bytesRead),
    bytesWritten: sum((task) => task.bytesWritten),
  };
}
