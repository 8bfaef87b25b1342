// SPDX-License-Identifier: BSD-3-Clause
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Butler } from '../src/butler/index.ts';
import { demoScript } from '../src/cli/demo/script.ts';
import { RunFolder, type RunReport, readOutcomeLog } from '../src/run/index.ts';
import { skymill } from '../test/support/commands.ts';
import { below, type Figure } from './figure.ts';

/** The demonstration from raw frames to the report: what it costs, and how its catalogues compare with the truth. */
export async function* figures(): AsyncGenerator<Figure> {
  const folder = await mkdtemp(join(tmpdir(), 'skymill-bench-'));
  try {
    const steps = demoScript(folder, false, resolve(import.meta.dirname, '../pipelines'));
    const all = new CpuClock();
    let production: ReturnType<CpuClock['read']> | undefined;
    let answer = '';
    for (const { words } of steps) {
      const own = new CpuClock();
      const { status, stdout, stderr } = skymill([...words, '--json']);
      if (status !== 0) throw new Error(`skymill ${words.join(' ')} ended with ${status}:\n${stderr}`);
      if (words[0] === 'run') production = own.read();
      answer = stdout;
    }
    const total = all.read();
    yield { figure: 'demo: raw frames to report, wall', unit: 's', ...below(total.wallSeconds, 180) };
    yield { figure: 'demo: CPU of all its processes', unit: 's', value: total.cpuSeconds };
    const { run, checks } = JSON.parse(answer) as {
      run: RunReport;
      checks: { name: string; value: string; goal: string; ok?: boolean }[];
    };
    yield* costs(run, production!);
    const command = steps.findLast(({ words }) => words[0] === 'run')!.words;
    yield await firstQuantum(join(folder, 'repo'), run, command);
    yield await amplification(join(folder, 'repo'), run);
    for (const { name, value, goal, ok } of checks) {
      const [, number, unit] = /^(-?[\d.]+) (\S+)/.exec(value)!;
      yield { figure: `simulated survey, ${name}`, value: Number(number), unit, goal, ok };
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

function* costs(run: RunReport, clock: ReturnType<CpuClock['read']>): Generator<Figure> {
  const sum = (of: (task: RunReport['tasks'][number]) => number) => run.tasks.reduce((n, task) => n + of(task), 0);
  const last = run.executions.at(-1)!;
  const wallSeconds = (last.endedUnixMs! - last.startedUnixMs) / 1000;
  const cpuSeconds = sum((task) => task.cpuSeconds);
  yield { figure: `production: ${run.quanta} quanta, wall`, value: wallSeconds, unit: 's' };
  yield { figure: 'production: CPU of the tasks', value: cpuSeconds, unit: 's' };
  yield {
    figure: `production: CPU of the tasks / (wall x ${last.jobs} workers)`,
    value: (100 * cpuSeconds) / (wallSeconds * last.jobs),
    unit: '%',
    goal: '>= 95 on a quiet machine',
  };
  yield {
    figure: 'production: CPU of other processes of the machine meanwhile',
    value: (100 * clock.othersSeconds) / (clock.wallSeconds * cpus().length),
    unit: '% of it',
  };
  yield {
    figure: 'production: CPU of all its processes / what the others left',
    value: (100 * clock.cpuSeconds) / (clock.wallSeconds * cpus().length - clock.othersSeconds),
    unit: '%',
  };
  yield {
    figure: 'production: CPU besides the tasks (command, graph, controller, start of workers)',
    value: (100 * (clock.cpuSeconds - cpuSeconds)) / clock.cpuSeconds,
    unit: '%',
  };
  yield { figure: 'production: read', value: sum((task) => task.bytesRead) / 1e6, unit: 'MB' };
  yield { figure: 'production: written', value: sum((task) => task.bytesWritten) / 1e6, unit: 'MB' };
}

/** The same command again after a file of the last task was lost: until a worker begins to make it anew, best of five. */
async function firstQuantum(root: string, run: RunReport, words: readonly string[]): Promise<Figure> {
  const log = RunFolder.open(root, run.run).outcomesPath;
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 5; i++) {
    let made: string | undefined;
    for (const record of readOutcomeLog(log))
      if (record.type === 'attempt')
        made = record.outputs.find(({ file }) => !file.path.includes('#'))?.file.path ?? made;
    await rm(resolve(root, made!));
    const commandUnixMs = Date.now();
    const { status, stderr } = skymill([...words, '--json']);
    if (status !== 0) throw new Error(`skymill ${words.join(' ')} ended with ${status}:\n${stderr}`);
    let startedUnixMs = 0;
    for (const record of readOutcomeLog(log)) if (record.type === 'attempt') startedUnixMs = record.startedUnixMs;
    best = Math.min(best, (startedUnixMs - commandUnixMs) / 1000);
  }
  const figure = 'production: from the command to the first quantum of a continued run';
  return { figure, unit: 's', peer: '1.8 (imports alone)', ...below(best, 0.3) };
}

/** Bytes that the tasks wrote against the sizes of the files that are registered. */
async function amplification(repo: string, run: RunReport): Promise<Figure> {
  const butler = await Butler.open(repo);
  try {
    let stored = 0;
    for (const { name } of await butler.listDatasetTypes()) {
      const ids: string[] = [];
      for await (const ref of butler.query().datasets(name, { collections: [run.run] }))
        if (ref.run === run.run) ids.push(ref.id);
      for (const records of await butler.getFileRecords(ids))
        for (const record of records) if (!/_config$|^packages$/.test(name)) stored += record.sizeBytes;
    }
    const written = run.tasks.reduce((n, task) => n + task.bytesWritten, 0);
    const value = written / stored;
    return {
      figure: 'production: bytes written / size of the files',
      value,
      unit: '',
      goal: '1.00',
      ok: Math.abs(value - 1) < 0.005,
    };
  } finally {
    await butler.close();
  }
}

/** CPU of this process's ended children and of the whole machine (Linux, proc(5); ticks of 10 ms). */
class CpuClock {
  readonly #from = CpuClock.#now();

  read(): { wallSeconds: number; cpuSeconds: number; othersSeconds: number } {
    const now = CpuClock.#now();
    const cpuSeconds = now.children - this.#from.children;
    const busy = now.machine - this.#from.machine;
    return { wallSeconds: now.wall - this.#from.wall, cpuSeconds, othersSeconds: Math.max(0, busy - cpuSeconds) };
  }

  static #now(): { wall: number; children: number; machine: number } {
    const own = readFileSync('/proc/self/stat', 'latin1');
    const fields = own
      .slice(own.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    // Of the first line: user, nice, system, idle, iowait, irq, softirq, steal.
    const [user, nice, system, , , irq, softirq, steal] = readFileSync('/proc/stat', 'latin1')
      .split('\n')[0]
      .trim()
      .split(/\s+/)
      .slice(1)
      .map(Number);
    return {
      wall: performance.now() / 1000,
      children: (fields[13] + fields[14]) / 100,
      machine: (user + nice + system + irq + softirq + steal) / 100,
    };
  }
}
