// SPDX-License-Identifier: BSD-3-Clause
import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Butler, examineRepository } from '../../../src/butler/index.ts';
import type { QuantumGraph } from '../../../src/graph/index.ts';
import {
  type AttemptRecord,
  type ExecuteOptions,
  productionsUnderway,
  RunFolder,
  readOutcomeLog,
  runFolderCheck,
} from '../../../src/run/index.ts';
import { type CampaignOptions, campaign } from './campaign.ts';
import { runTwice } from './exclusive.ts';
import { checkRun } from './integrity.ts';
import { processesMarked, survivors } from './processes.ts';

/** A run that is to be disturbed. */
export interface FaultPlan {
  cells: number;
  /** What tasks do wrong; each thing once, so that the command given again can end well. */
  config?: CampaignOptions['config'];
  resources?: CampaignOptions['resources'];
  options?: Partial<Omit<ExecuteOptions, 'worker' | 'onEvent' | 'signal'>>;
  environment?: Readonly<Record<string, string>>;
  /** Where repository and scratch are, if not in a folder of the test's own. */
  repositoryIn?: string;
  scratchIn?: string;
}

export interface Command {
  child: ChildProcess;
  /** Exit code or signal. */
  over: Promise<number | NodeJS.Signals | null>;
  stderr(): string;
}

/** One repository and one command over it, to be given as often as it takes; processes of it are known by a mark in their environment. */
export class FaultRun {
  readonly base: string;
  readonly root: string;
  readonly scratch: string;
  readonly graph: QuantumGraph;
  readonly #plan: FaultPlan;

  private constructor(base: string, root: string, scratch: string, graph: QuantumGraph, plan: FaultPlan) {
    this.base = base;
    this.root = root;
    this.scratch = scratch;
    this.graph = graph;
    this.#plan = plan;
  }

  static async prepare(plan: FaultPlan): Promise<FaultRun> {
    const base = mkdtempSync(join(tmpdir(), 'skymill-fault-'));
    const root = join(plan.repositoryIn ?? base, 'repo');
    const scratch = join(plan.scratchIn ?? base, 'scratch');
    mkdirSync(scratch, { recursive: true });
    const butler = await Butler.create(root);
    const { cells, config, resources } = plan;
    const graph = campaign(butler, { cells, config: { ...config, make: { sleepMs: 3, ...config?.make } }, resources });
    await butler.close();
    return new FaultRun(base, root, scratch, graph, plan);
  }

  /** Gives the command. `calm`: nothing goes wrong in tasks. */
  start(calm = false): Command {
    const { cells, config, resources, options, environment } = this.#plan;
    const script = join(import.meta.dirname, 'controller.ts');
    const more = JSON.stringify({ config, resources, options });
    const child = spawn(process.execPath, [script, this.root, String(cells), this.scratch, '3', more], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: {
        ...process.env,
        TEST_MARK: this.base,
        TEST_ONCE: '1',
        TEST_CALM: calm ? '1' : '0',
        TEST_EXCLUSIVE: this.base,
        ...(calm ? {} : environment),
      },
    });
    let said = '';
    child.stderr!.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString('utf8')).slice(-8000);
    });
    const over = new Promise<number | NodeJS.Signals | null>((resolve) =>
      child.on('exit', (code, signal) => resolve(code ?? signal)),
    );
    return { child, over, stderr: () => said };
  }

  /** Attempts recorded so far. */
  attempts(): AttemptRecord[] {
    const path = join(this.root, '.skymill/runs', encodeURIComponent(this.graph.header.outputRun), 'outcomes.log');
    if (!existsSync(path)) return [];
    return [...readOutcomeLog(path)].filter((record) => record.type === 'attempt');
  }

  /** Waits until so many attempts are recorded. @throws when the command ends before */
  async underWay(command: Command, attempts = 1): Promise<void> {
    let over: unknown;
    void command.over.then((code) => {
      over = code;
    });
    while (this.attempts().length < attempts) {
      if (over !== undefined) throw new Error(`the command ended with ${over} before its time: ${command.stderr()}`);
      await sleep(10);
    }
  }

  /** Worker processes on the roster that live. */
  workers(): number[] {
    const folder = RunFolder.open(this.root, this.graph.header.outputRun).workersFolder;
    const listed = readdirSync(folder).map((name) => Number.parseInt(name, 10));
    const alive = new Set(processesMarked(this.base).map(({ pid }) => pid));
    return listed.filter((pid) => alive.has(pid));
  }

  /** Gives the command again, and holds what there is then against what there should be. @returns what is wrong */
  async again(expected: Readonly<Record<string, string>>): Promise<string[]> {
    const command = this.start();
    const code = await command.over;
    const wrong = code === 0 ? [] : [`the command again ended with ${code}: ${command.stderr()}`];
    const left = await survivors(this.base);
    wrong.push(...left.map(({ pid, command: name }) => `process ${pid} (${name}) is still there`));
    const check = await checkRun(this.root, this.graph);
    wrong.push(...check.wrong, ...differences(science(check.products), expected), ...(await this.#diagnoses()));
    wrong.push(...runTwice(this.base).map((text) => `at the same time: ${text}`), ...overlaps(this.attempts()));
    if (readdirSync(this.scratch).length > 0) wrong.push(`scratch is left: ${readdirSync(this.scratch).join(', ')}`);
    return wrong;
  }

  /** The digests of an undisturbed run over so many cells, in a repository of its own. */
  static async undisturbed(cells: number): Promise<Record<string, string>> {
    const other = await FaultRun.prepare({ cells });
    try {
      const command = other.start(true);
      const code = await command.over;
      if (code !== 0) throw new Error(`the undisturbed run ended with ${code}: ${command.stderr()}`);
      const { wrong, products } = await checkRun(other.root, other.graph);
      if (wrong.length > 0) throw new Error(`the undisturbed run is not sound: ${wrong.join('; ')}`);
      return science(products);
    } finally {
      other.remove();
    }
  }

  remove(): void {
    for (const { pid } of processesMarked(this.base)) process.kill(pid, 'SIGKILL');
    const { repositoryIn, scratchIn } = this.#plan;
    // A disk that is read-only is removed whole, by whoever made it.
    if (repositoryIn !== undefined && isWritable(repositoryIn)) rmSync(this.root, { recursive: true, force: true });
    if (scratchIn !== undefined) rmSync(this.scratch, { recursive: true, force: true });
    rmSync(this.base, { recursive: true, force: true });
  }

  async #diagnoses(): Promise<string[]> {
    const butler = await Butler.open(this.root);
    try {
      const { found, sound } = await examineRepository(butler, {
        checksums: true,
        minAgeSeconds: 0,
        extraChecks: [runFolderCheck],
        underway: await productionsUnderway(butler),
      });
      if (sound) return [];
      return found.map(({ name, count, examples }) => `doctor: ${count} ${name}, as ${JSON.stringify(examples[0])}`);
    } finally {
      await butler.close();
    }
  }
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Without configurations: these say what tasks are told to do wrong. */
function science(products: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(products).filter(([name]) => !/^\w+_config /.test(name)));
}

function differences(found: Readonly<Record<string, string>>, expected: Readonly<Record<string, string>>): string[] {
  const names = new Set([...Object.keys(found), ...Object.keys(expected)]);
  return [...names].filter((name) => found[name] !== expected[name]).map((name) => `${name} is not as undisturbed`);
}

/** Attempts of one quantum whose times, by the records, have more than a moment in common. */
function overlaps(attempts: readonly AttemptRecord[]): string[] {
  const wrong: string[] = [];
  for (const [quantum, list] of Map.groupBy(attempts, ({ quantum }) => quantum)) {
    const inOrder = list.toSorted((a, b) => a.startedUnixMs - b.startedUnixMs);
    inOrder.forEach((attempt, i) => {
      if (attempt.endedUnixMs < attempt.startedUnixMs) wrong.push(`an attempt of ${quantum} ended before it began`);
      const next = inOrder[i + 1];
      if (next !== undefined && next.startedUnixMs < attempt.endedUnixMs - CLOCKS_MS)
        wrong.push(`two attempts of ${quantum} overlap by ${attempt.endedUnixMs - next.startedUnixMs} ms`);
    });
  }
  return wrong;
}

/** Clocks of two processes that began at different times agree to some milliseconds. */
const CLOCKS_MS = 20;
