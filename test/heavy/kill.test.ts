// SPDX-License-Identifier: BSD-3-Clause
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Butler } from '../../src/butler/index.ts';
import type { QuantumGraph } from '../../src/graph/index.ts';
import { campaign } from '../support/run/campaign.ts';
import { checkRun } from '../support/run/integrity.ts';

/**
 * Kills a controller or a worker with SIGKILL at a random moment, then repeats the command: the products must be those of an undisturbed
 * run, and everything registered must verify. How often: SKYMILL_KILLS (default 20); from which seed: SKYMILL_KILL_SEED (the same on every run without it).
 */
const KILLS = Number(process.env.SKYMILL_KILLS ?? 20);
const SEED = Number(process.env.SKYMILL_KILL_SEED ?? 20_261_121);
const CELLS = 24;

let base: string;
let expected: Record<string, string>;
let undisturbedMs: number;

beforeAll(async () => {
  base = mkdtempSync(join(tmpdir(), 'skymill-kill-'));
  const { root, graph } = await prepare('undisturbed');
  const from = performance.now();
  expect(await ended(start(root))).toBe(0);
  undisturbedMs = performance.now() - from;
  const { wrong, products } = await checkRun(root, graph);
  expect(wrong).toEqual([]);
  expect(Object.keys(products).length).toBeGreaterThan(CELLS * 3);
  expected = products;
}, 60_000);
afterAll(() => rmSync(base, { recursive: true }));

async function prepare(name: string): Promise<{ root: string; scratch: string; graph: QuantumGraph }> {
  const root = join(base, name, 'repo');
  const scratch = join(base, name, 'scratch');
  mkdirSync(scratch, { recursive: true });
  const butler = await Butler.create(root);
  const graph = campaign(butler, { cells: CELLS, config: { make: { sleepMs: 3 } } });
  await butler.close();
  return { root, scratch, graph };
}

function start(root: string): ChildProcess {
  const script = join(import.meta.dirname, '../support/run/controller.ts');
  return spawn(process.execPath, [script, root, String(CELLS), join(root, '../scratch')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

function ended(child: ChildProcess): Promise<number | NodeJS.Signals | null> {
  return new Promise((resolve) => child.on('exit', (code, signal) => resolve(code ?? signal)));
}

/** Mulberry32: small, seeded, good enough to pick moments. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function workerPids(root: string): number[] {
  const folder = join(root, '.skymill/runs', encodeURIComponent('test/run'), 'workers');
  return existsSync(folder) ? readdirSync(folder).map((name) => Number.parseInt(name, 10)) : [];
}

describe(`kill -9 at ${KILLS} random moments (seed ${SEED})`, () => {
  it(
    'leaves a run that the same command completes',
    async () => {
      const random = randomFrom(SEED);
      const tally = { controller: 0, worker: 0, both: 0, tooLate: 0 };
      for (let i = 0; i < KILLS; i++) {
        const name = `kill-${i}`;
        const { root, scratch, graph } = await prepare(name);
        // One to three kills before the command is let go to its end.
        const rounds = 1 + Math.floor(random() * 3);
        for (let round = 0; round < rounds; round++) {
          const child = start(root);
          const over = ended(child);
          await sleep(random() * undisturbedMs * 1.05);
          const victim = random();
          const pids = workerPids(root);
          const worker = pids[Math.floor(random() * pids.length)];
          if (child.exitCode !== null) tally.tooLate++;
          if (victim < 0.6) {
            tally.controller++;
            child.kill('SIGKILL');
          } else {
            if (worker !== undefined && isOurs(worker)) process.kill(worker, 'SIGKILL');
            tally.worker++;
            if (victim > 0.85) {
              tally.both++;
              child.kill('SIGKILL');
            }
          }
          await over;
        }
        expect(await ended(start(root)), `${name}: exit code of the last command`).toBe(0);
        const { wrong, products } = await checkRun(root, graph);
        expect(wrong, name).toEqual([]);
        expect(products, name).toEqual(expected);
        expect(readdirSync(scratch), `${name}: scratch left`).toEqual([]);
        rmSync(join(base, name), { recursive: true });
      }
      process.stderr.write(
        `kills: ${JSON.stringify({ ...tally, undisturbedMs: Math.round(undisturbedMs), seed: SEED })}\n`,
      );
    },
    KILLS * 30_000,
  );
});

/** The roster may name a process that is gone, and its number may be another's now. */
function isOurs(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('support/run/worker.ts');
  } catch {
    return false;
  }
}
