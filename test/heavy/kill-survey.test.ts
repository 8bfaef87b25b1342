// SPDX-License-Identifier: BSD-3-Clause
import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digest, filesBelow, type Snapshot, snapshot, surveyCopy, tinySurvey } from '../support/survey.ts';

/**
 * A survey of some seconds, one of whose processes is killed with SIGKILL at a random moment; then the same command again. The products must
 * be those of an undisturbed survey, byte for byte where files hold no times, and nothing else may be there. Three quarters of the kills fall into the
 * production (`skymill run`), one quarter anywhere from the first simulated frame to the report (`skymill demo`).
 *
 * How many: SKYMILL_KILLS (default 12; a hundred take half an hour: `SKYMILL_KILLS=100 npx vitest run --config vitest.heavy.config.ts
 * test/heavy/kill-survey.test.ts`). From which seed: SKYMILL_KILL_SEED (the same on every run without it).
 */
const KILLS = Number(process.env['SKYMILL_KILLS'] ?? 12);
const SEED = Number(process.env['SKYMILL_KILL_SEED'] ?? 20_261_121);
const bin = resolve(import.meta.dirname, '../../bin/skymill.js');
const random = randomFrom(SEED);
const demoKills = Math.round(KILLS / 4);

let base: string;
beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), 'skymill-kill-survey-'));
  mkdirSync(join(base, 'tmp'));
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

describe(`kill -9 of any process at ${KILLS} random moments of a survey (seed ${SEED})`, () => {
  it(
    `${KILLS - demoKills} times in the production`,
    async () => {
      const original = surveyCopy('all');
      const words = (folder: string) => tinySurvey(folder).production.words;
      const place = join(base, 'production');
      const fresh = () => {
        rmSync(place, { recursive: true, force: true });
        cpSync(original.folder, place, { recursive: true });
      };
      await survive(
        KILLS - demoKills,
        fresh,
        () => words(place),
        join(place, 'repo'),
        async () => ({}),
      );
      rmSync(original.folder, { recursive: true });
    },
    KILLS * 120_000 + 300_000,
  );

  it(
    `${demoKills} times anywhere from simulation to report`,
    async () => {
      const place = join(base, 'demo');
      const fresh = () => rmSync(place, { recursive: true, force: true });
      const others = async () => {
        const survey = join(place, 'survey');
        const digests = Object.keys(filesBelow(survey)).map((name) => [name, digest(join(survey, name))]);
        return { ...Object.fromEntries(digests), report: existsSync(join(place, 'report.html')) };
      };
      await survive(demoKills, fresh, () => ['demo', '--tiny', '--folder', place], join(place, 'repo'), others);
    },
    KILLS * 180_000 + 300_000,
  );
});

/** Kills the command `times` times, each time from a fresh start, and holds each outcome against that of an undisturbed one. */
async function survive(
  times: number,
  fresh: () => void,
  words: () => readonly string[],
  repo: string,
  others: () => Promise<Record<string, unknown>>,
): Promise<void> {
  fresh();
  const from = performance.now();
  const undisturbed = start(words());
  expect((await undisturbed.over).status, undisturbed.said()).toBe(0);
  let spanMs = performance.now() - from;
  const expected = { ...(await snapshot(repo)), others: await others() };
  expect(expected.wrong).toEqual([]);
  expect(expected.datasets.length).toBeGreaterThan(200);

  const tally = { controller: 0, worker: 0, survived: 0 };
  const failures: string[] = [];
  for (let i = 1; i <= times; ) {
    fresh();
    const began = performance.now();
    const atMs = random() * spanMs;
    const command = start(words());
    await Promise.race([sleep(atMs), command.over]);
    const family = familyOf(command.child.pid!);
    const victim = random() < 0.5 ? family[0] : family[Math.floor(random() * family.length)];
    if (victim === undefined || !kill(victim)) {
      // It ended before its time: the machine is faster than it was, and moments are chosen from a shorter span.
      await command.over;
      spanMs = Math.min(spanMs, performance.now() - began);
      continue;
    }
    tally[victim === command.child.pid ? 'controller' : 'worker']++;
    await command.over;
    const again = start(words());
    const { status } = await again.over;
    const problems: string[] = [];
    if (status !== 0) problems.push(`the command again ended with ${status}: ${again.said()}`);
    else problems.push(...differences({ ...(await snapshot(repo)), others: await others() }, expected));
    const left = family.filter(isAlive);
    if (left.length > 0) problems.push(`processes ${left.join(', ')} still run`);
    const scratch = readdirSync(join(base, 'tmp')).filter((name) => name !== 'node-compile-cache');
    if (scratch.length > 0) problems.push(`scratch is left: ${scratch.join(', ')}`);
    if (problems.length === 0) tally.survived++;
    else {
      failures.push(
        `kill ${i} of ${victim === command.child.pid ? 'the controller' : 'a worker'} at ${Math.round(atMs)} ms: ${problems.join('\n  ')}`,
      );
      process.stderr.write(`${failures.at(-1)}\n`);
      const keep = process.env['SKYMILL_KILL_KEEP'];
      if (keep !== undefined) cpSync(resolve(repo, '..'), join(keep, `${SEED}-${i}`), { recursive: true });
    }
    for (const name of scratch) rmSync(join(base, 'tmp', name), { recursive: true, force: true });
    i++;
    if (tally.survived % 10 === 0 || i > times)
      process.stderr.write(`kills: ${JSON.stringify({ times, ...tally, spanMs: Math.round(spanMs), seed: SEED })}\n`);
  }
  expect(failures).toEqual([]);
}

type Seen = Snapshot & { others: Record<string, unknown> };

function differences(seen: Seen, expected: Seen): string[] {
  const problems = [...seen.wrong];
  for (const part of ['datasets', 'collections'] as const) {
    for (const [text, n] of counted(expected[part]))
      if (counted(seen[part]).get(text) !== n)
        problems.push(`${part}: ${text} is there ${counted(seen[part]).get(text) ?? 0} times, not ${n}`);
    for (const text of seen[part])
      if (!expected[part].includes(text)) problems.push(`${part}: ${text} is there in addition`);
  }
  for (const part of ['files', 'others'] as const) {
    for (const name of new Set([...Object.keys(seen[part]), ...Object.keys(expected[part])]))
      if (seen[part][name] !== expected[part][name])
        problems.push(`${part}: ${name} is ${seen[part][name]}, not ${expected[part][name]}`);
  }
  return problems;
}

function counted(list: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const text of list) counts.set(text, (counts.get(text) ?? 0) + 1);
  return counts;
}

function start(words: readonly string[]) {
  const child: ChildProcess = spawn(process.execPath, [bin, ...words], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, CI: 'true', TMPDIR: join(base, 'tmp') },
  });
  let said = '';
  child.stderr!.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString('utf8')).slice(-4000);
  });
  const over = new Promise<{ status: number | NodeJS.Signals | null }>((done) => {
    child.on('exit', (code, signal) => done({ status: code ?? signal }));
  });
  return { child, over, said: () => said };
}

/** A process and all below it, those that are alive. */
function familyOf(pid: number): number[] {
  if (!isAlive(pid)) return [];
  const below = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim();
  return [pid, ...(below === '' ? [] : below.split(' ').flatMap((child) => familyOf(Number(child))))];
}

function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2)[0] !== 'Z';
  } catch {
    return false;
  }
}

/** @returns whether there was a process to kill. */
function kill(pid: number): boolean {
  try {
    process.kill(pid, 'SIGKILL');
    return true;
  } catch {
    return false; // it ended by itself meanwhile
  }
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
