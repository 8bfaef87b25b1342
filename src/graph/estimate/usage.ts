// SPDX-License-Identifier: BSD-3-Clause

/** What quanta of one task took in earlier runs: means over those that ended well. */
export interface TaskUsage {
  quanta: number;
  cpuSeconds: number;
  wallSeconds: number;
  /** The largest of all. */
  peakMemoryBytes: number;
  bytesWritten: number;
}

export interface UsageEstimate {
  cpuHours: number;
  /** Sum of wall times: divide by the number of jobs at a time. */
  wallHours: number;
  bytesWritten: number;
  /** Of the largest quantum seen. */
  peakMemoryBytes: number;
  byTask: {
    label: string;
    cpuHours: number;
    wallHours: number;
    bytesWritten: number;
    peakMemoryBytes: number;
    from: number;
  }[];
  /** Tasks of which no run has a record: not in the sums. */
  unknown: readonly string[];
}

export function usageOf(
  tasks: readonly { label: string; quanta: number }[],
  known: ReadonlyMap<string, TaskUsage>,
): UsageEstimate {
  const byTask = tasks.flatMap(({ label, quanta }) => {
    const usage = known.get(label);
    if (usage === undefined) return [];
    return [
      {
        label,
        cpuHours: (quanta * usage.cpuSeconds) / 3600,
        wallHours: (quanta * usage.wallSeconds) / 3600,
        bytesWritten: Math.round(quanta * usage.bytesWritten),
        peakMemoryBytes: usage.peakMemoryBytes,
        from: usage.quanta,
      },
    ];
  });
  const sum = (of: (task: (typeof byTask)[number]) => number): number =>
    byTask.reduce((all, task) => all + of(task), 0);
  return {
    cpuHours: sum((task) => task.cpuHours),
    wallHours: sum((task) => task.wallHours),
    bytesWritten: sum((task) => task.bytesWritten),
    peakMemoryBytes: Math.max(0, ...byTask.map((task) => task.peakMemoryBytes)),
    byTask,
    unknown: tasks.filter(({ label }) => !known.has(label)).map(({ label }) => label),
  };
}
