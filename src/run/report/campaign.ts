// SPDX-License-Identifier: BSD-3-Clause
import type { CauseKind } from '../outcomes/record.ts';
import type { FinalCounts, Liveness, RunReport } from './model.ts';

/** Many runs as one undertaking: what became of each, and sums over all. */
export interface CampaignReport {
  runs: CampaignRun[];
  tasks: CampaignTask[];
  /** By signature, most frequent first. */
  failures: { signature: string; kind: CauseKind; count: number; runs: string[] }[];
  quanta: number;
  counts: FinalCounts;
  workSeconds: number;
  cpuSeconds: number;
  badputSeconds: number;
  bytesRead: number;
  bytesWritten: number;
}

export interface CampaignRun {
  run: string;
  createdAt: string;
  quanta: number;
  counts: FinalCounts;
  unfinished: number;
  liveness: Liveness;
  /** Of all executions. */
  wallSeconds: number;
  cpuSeconds: number;
  badputSeconds: number;
  bytesWritten: number;
}

export interface CampaignTask {
  label: string;
  runs: number;
  quanta: number;
  counts: FinalCounts;
  attempts: number;
  retries: number;
  /** Wall seconds of attempts that ended well, and of the others. */
  workSeconds: number;
  badputSeconds: number;
  cpuSeconds: number;
  maxPeakMemoryBytes: number;
  bytesRead: number;
  bytesWritten: number;
}

/** Adds up the reports of runs, given one after the other, so that one at a time is in memory. Quanta of two runs with one data ID count twice. */
export function campaignOf(reports: Iterable<RunReport>): CampaignReport {
  const runs: CampaignRun[] = [];
  const tasks = new Map<string, CampaignTask>();
  const failures = new Map<string, CampaignReport['failures'][number]>();
  for (const report of reports) {
    runs.push(runOf(report));
    for (const task of report.tasks) {
      const all = tasks.get(task.label) ?? emptyTask(task.label);
      tasks.set(task.label, all);
      all.runs++;
      all.quanta += task.quanta;
      addCounts(all.counts, task.counts);
      all.attempts += task.attempts;
      all.retries += task.retries;
      all.workSeconds += task.wallSeconds?.total ?? 0;
      all.badputSeconds += task.badputSeconds;
      all.cpuSeconds += task.cpuSeconds;
      all.maxPeakMemoryBytes = Math.max(all.maxPeakMemoryBytes, task.memory?.maxPeakBytes ?? 0);
      all.bytesRead += task.bytesRead;
      all.bytesWritten += task.bytesWritten;
    }
    for (const { signature, kind, count } of report.failures) {
      const all = failures.get(signature) ?? { signature, kind, count: 0, runs: [] };
      failures.set(signature, all);
      all.count += count;
      all.runs.push(report.run);
    }
  }
  const list = [...tasks.values()];
  const counts = noCounts();
  for (const task of list) addCounts(counts, task.counts);
  const sum = (of: (task: CampaignTask) => number) => list.reduce((total, task) => total + of(task), 0);
  return {
    runs,
    tasks: list,
    failures: [...failures.values()].sort((a, b) => b.count - a.count || (a.signature < b.signature ? -1 : 1)),
    quanta: sum((task) => task.quanta),
    counts,
    workSeconds: sum((task) => task.workSeconds),
    cpuSeconds: sum((task) => task.cpuSeconds),
    badputSeconds: sum((task) => task.badputSeconds),
    bytesRead: sum((task) => task.bytesRead),
    bytesWritten: sum((task) => task.bytesWritten),
  };
}

function runOf({ run, createdAt, quanta, counts, unfinished, liveness, totals }: RunReport): CampaignRun {
  const { elapsedSeconds, cpuSeconds, badputSeconds, bytesWritten } = totals;
  return {
    ...{ run, createdAt, quanta, counts, unfinished, liveness },
    ...{ wallSeconds: elapsedSeconds, cpuSeconds, badputSeconds, bytesWritten },
  };
}

function addCounts(to: FinalCounts, from: FinalCounts): void {
  for (const state of Object.keys(to) as (keyof FinalCounts)[]) to[state] += from[state];
}

function noCounts(): FinalCounts {
  return {
    unfinished: 0,
    done: 0,
    doneWithCaveat: 0,
    noWork: 0,
    failed: 0,
    killed: 0,
    blocked: 0,
    blockedNoWork: 0,
    excluded: 0,
  };
}

function emptyTask(label: string): CampaignTask {
  return {
    label,
    runs: 0,
    quanta: 0,
    counts: noCounts(),
    attempts: 0,
    retries: 0,
    workSeconds: 0,
    badputSeconds: 0,
    cpuSeconds: 0,
    maxPeakMemoryBytes: 0,
    bytesRead: 0,
    bytesWritten: 0,
  };
}
