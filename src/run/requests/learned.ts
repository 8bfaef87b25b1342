// SPDX-License-Identifier: BSD-3-Clause
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { listRuns, RunFolder } from '../folder/run-folder.ts';

/** What the quanta of a run took, kept beside its log as `usage.json`: a few lines a task, however many quanta there were. */
export interface RunUsage {
  version: 1;
  run: string;
  endedUnixMs: number;
  tasks: TaskUsageSummary[];
  /** Mean sizes of what was made, by dataset type: what inputs will have that do not exist yet. */
  datasets: { datasetType: string; count: number; meanBytes: number }[];
}

export interface TaskUsageSummary {
  label: string;
  taskClass: string;
  /** Of its configuration: another one may need other amounts. */
  configDigest: string;
  /** By size of the inputs, smallest first. */
  sizes: SizeClassUsage[];
}

/** Quanta whose inputs have from 2^`log2Bytes` bytes up to twice as many together; attempts that ended well. */
export interface SizeClassUsage {
  log2Bytes: number;
  quanta: number;
  peakMemoryBytes: { median: number; p95: number; max: number };
  wallSeconds: { mean: number; p95: number; max: number };
}

/** What earlier runs teach about one task. */
export interface Learned {
  sizes: readonly SizeClassUsage[];
  /** Newest run it comes from. */
  from: string;
  /** Learned with the configuration it has now. */
  sameConfig: boolean;
}

export interface LearnedUsage {
  task(label: string, taskClass: string, configDigest: string): Learned | undefined;
  meanBytes(datasetType: string): number | undefined;
}

/** Newest runs that are looked at: old ones ran other code on other data. */
const runsRead = 10;
const runsMerged = 3;

export function sizeClass(bytes: number): number {
  return bytes < 1 ? 0 : Math.floor(Math.log2(bytes));
}

export function configDigest(config: Readonly<Record<string, unknown>>): string {
  return createHash('sha256').update(JSON.stringify(config)).digest('hex').slice(0, 16);
}

const fileName = 'usage.json';

/** Keeps what an execution took, together with what earlier ones of the run did. */
export function keepUsage(folder: RunFolder, usage: RunUsage | undefined): void {
  if (usage === undefined) return;
  const path = join(folder.path, fileName);
  const known = readUsage(folder);
  const merged = known === undefined ? usage : mergeRuns(usage, known);
  writeFileSync(`${path}.new`, `${JSON.stringify(merged, undefined, 1)}\n`, { flush: true });
  renameSync(`${path}.new`, path);
}

/** Undefined: there is none, or it cannot be read; what is learned is help, never a condition. */
function readUsage(folder: RunFolder): RunUsage | undefined {
  const path = join(folder.path, fileName);
  if (!existsSync(path)) return undefined;
  try {
    const usage = JSON.parse(readFileSync(path, 'utf8')) as RunUsage;
    return usage.version === 1 ? usage : undefined;
  } catch {
    return undefined;
  }
}

/** What the newest runs of a repository tell; reads a small file each. */
export function learnedUsage(root: string): LearnedUsage {
  const runs: RunUsage[] = [];
  for (const { run } of listRuns(root)) {
    const usage = readUsage(RunFolder.open(root, run));
    if (usage !== undefined && runs.push(usage) === runsRead) break;
  }
  return learnedFrom(runs);
}

/** @param runs newest first */
export function learnedFrom(runs: readonly RunUsage[]): LearnedUsage {
  return {
    task(label, taskClass, digest) {
      const known = runs.flatMap(({ run, tasks }) =>
        tasks.filter((task) => task.label === label && task.taskClass === taskClass).map((task) => ({ run, task })),
      );
      const same = known.filter(({ task }) => task.configDigest === digest);
      const used = (same.length > 0 ? same : known).slice(0, runsMerged);
      if (used.length === 0) return undefined;
      const sizes = used.map(({ task }) => task.sizes).reduce(mergeSizes);
      return { sizes, from: used[0].run, sameConfig: same.length > 0 };
    },
    meanBytes(datasetType) {
      for (const { datasets } of runs) {
        const found = datasets.find((one) => one.datasetType === datasetType);
        if (found !== undefined) return found.meanBytes;
      }
      return undefined;
    },
  };
}

/** A later execution of a run and what was known of it. */
function mergeRuns(later: RunUsage, earlier: RunUsage): RunUsage {
  const tasks = new Map(earlier.tasks.map((task) => [task.label, task]));
  for (const task of later.tasks) {
    const known = tasks.get(task.label);
    const same = known?.configDigest === task.configDigest && known.taskClass === task.taskClass;
    tasks.set(task.label, same ? { ...task, sizes: mergeSizes(task.sizes, known.sizes) } : task);
  }
  const datasets = new Map(earlier.datasets.map((one) => [one.datasetType, one]));
  for (const one of later.datasets) {
    const known = datasets.get(one.datasetType);
    const count = one.count + (known?.count ?? 0);
    const bytes = one.count * one.meanBytes + (known?.count ?? 0) * (known?.meanBytes ?? 0);
    datasets.set(one.datasetType, { ...one, count, meanBytes: bytes / count });
  }
  return { ...later, tasks: [...tasks.values()], datasets: [...datasets.values()] };
}

/** Quantiles of both together are not known; the larger of the two is on the safe side. */
function mergeSizes(a: readonly SizeClassUsage[], b: readonly SizeClassUsage[]): SizeClassUsage[] {
  const bySize = new Map(b.map((one) => [one.log2Bytes, one]));
  for (const x of a) {
    const y = bySize.get(x.log2Bytes);
    if (y === undefined) bySize.set(x.log2Bytes, x);
    else
      bySize.set(x.log2Bytes, {
        log2Bytes: x.log2Bytes,
        quanta: x.quanta + y.quanta,
        peakMemoryBytes: {
          median: Math.max(x.peakMemoryBytes.median, y.peakMemoryBytes.median),
          p95: Math.max(x.peakMemoryBytes.p95, y.peakMemoryBytes.p95),
          max: Math.max(x.peakMemoryBytes.max, y.peakMemoryBytes.max),
        },
        wallSeconds: {
          mean: (x.quanta * x.wallSeconds.mean + y.quanta * y.wallSeconds.mean) / (x.quanta + y.quanta),
          p95: Math.max(x.wallSeconds.p95, y.wallSeconds.p95),
          max: Math.max(x.wallSeconds.max, y.wallSeconds.max),
        },
      });
  }
  return [...bySize.values()].sort((x, y) => x.log2Bytes - y.log2Bytes);
}
