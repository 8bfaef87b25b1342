// SPDX-License-Identifier: BSD-3-Clause
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Butler } from '../../src/butler/index.ts';
import { RUN_EXIT, RunFolder, readOutcomeLog } from '../../src/run/index.ts';
import { campaign } from '../support/run/campaign.ts';
import { checkRun } from '../support/run/integrity.ts';

/** Controllers in processes of their own: interrupts, and several at once. */
let base: string;
let root: string;
beforeEach(async () => {
  base = mkdtempSync(join(tmpdir(), 'skymill-processes-'));
  root = join(base, 'repo');
  mkdirSync(join(base, 'scratch'));
  await (await Butler.create(root)).close();
});
afterEach(() => rmSync(base, { recursive: true }));

const CELLS = 24;

interface Controller {
  child: ChildProcess;
  over: Promise<number | NodeJS.Signals | null>;
  stderr: () => string;
}

function start(sleepMs: number): Controller {
  const script = join(import.meta.dirname, '../support/run/controller.ts');
  const child = spawn(process.execPath, [script, root, String(CELLS), join(base, 'scratch'), String(sleepMs)]);
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const over = new Promise<number | NodeJS.Signals | null>((resolve) =>
    child.on('close', (code, signal) => resolve(code ?? signal)),
  );
  return { child, over, stderr: () => stderr };
}

/** Waits until quanta have ended in the run. */
async function underWay(): Promise<RunFolder> {
  for (;;) {
    await sleep(20);
    try {
      const folder = RunFolder.open(root, 'test/run');
      if ([...readOutcomeLog(folder.outcomesPath)].some((r) => r.type === 'attempt')) return folder;
    } catch {
      // the run has no folder or no log yet
    }
  }
}

async function graphOf(sleepMs: number) {
  const butler = await Butler.open(root);
  const graph = campaign(butler, { cells: CELLS, config: { make: { sleepMs } } });
  await butler.close();
  return graph;
}

describe('interrupts', () => {
  it('Ctrl-C lets what runs end; the same command continues', async () => {
    const first = start(50);
    const folder = await underWay();
    // The key reaches the group of the terminal; a worker leads a group and a session of its own.
    for (const pid of readdirSync(folder.workersFolder).map((name) => Number.parseInt(name, 10))) {
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
      const [, , group, session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      expect([group, session]).toEqual([String(pid), String(pid)]);
    }
    first.child.kill('SIGINT');
    await sleep(20);
    first.child.kill('SIGINT'); // the same key again, passed on by a launcher
    expect(await first.over).toBe(RUN_EXIT.drained);
    const records = [...readOutcomeLog(folder.outcomesPath)];
    expect(records.at(-1)).toMatchObject({ type: 'runEnded', how: 'drained' });
    const attempts = records.filter((r) => r.type === 'attempt');
    expect(attempts.every((r) => r.state === 'done')).toBe(true);
    expect(attempts.length).toBeLessThan(CELLS);
    const second = start(50);
    expect(await second.over, second.stderr()).toBe(RUN_EXIT.complete);
    expect((await checkRun(root, await graphOf(50))).wrong).toEqual([]);
  });

  it('a second Ctrl-C, SIGTERM, or the end of the terminal stops at once and leaves no process', async () => {
    for (const signals of [['SIGINT', 'SIGINT'], ['SIGTERM'], ['SIGHUP']] as const) {
      const run = start(3000);
      rmSync(join(root, '.skymill'), { recursive: true, force: true });
      let folder: RunFolder | undefined;
      while (folder === undefined) {
        await sleep(20);
        try {
          folder = RunFolder.open(root, 'test/run');
          const logs = readdirSync(folder.logFolder).filter((name) => name.endsWith('.log'));
          const busy = logs.filter((name) =>
            readFileSync(join(folder!.logFolder, name), 'utf8').includes('begin quantum'),
          );
          if (busy.length < 2) folder = undefined;
        } catch {
          folder = undefined;
        }
      }
      const pids = readdirSync(folder.workersFolder).map((name) => Number.parseInt(name, 10));
      const from = performance.now();
      for (const signal of signals) {
        run.child.kill(signal);
        await sleep(600); // as a finger would
      }
      expect(await run.over, run.stderr()).toBe(RUN_EXIT.cancelled);
      expect(performance.now() - from).toBeLessThan(2500);
      for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
      const killed = [...readOutcomeLog(folder.outcomesPath)].filter(
        (r) => r.type === 'attempt' && r.state === 'killed',
      );
      expect(killed.length).toBeGreaterThan(0);
    }
  });
});

describe('many controllers of one run', () => {
  it('at once: one works, the others say who, and nothing is done twice', async () => {
    const all = Array.from({ length: 5 }, () => start(30));
    const codes = await Promise.all(all.map((c) => c.over));
    // On a busy machine one may begin when the first has ended: there is nothing left for it.
    expect(codes.filter((code) => code === 0).length).toBeGreaterThanOrEqual(1);
    all.forEach((c, i) => {
      if (codes[i] !== 0) expect(c.stderr()).toContain('is being executed by process');
    });
    const folder = RunFolder.open(root, 'test/run');
    const attempts = [...readOutcomeLog(folder.outcomesPath)].filter((r) => r.type === 'attempt');
    expect(attempts).toHaveLength(CELLS * 2 + CELLS / 4);
    expect((await checkRun(root, await graphOf(30))).wrong).toEqual([]);
  });
});
