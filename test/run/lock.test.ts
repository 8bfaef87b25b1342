// SPDX-License-Identifier: BSD-3-Clause
import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RunLock } from '../../src/run/folder/lock.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'skymill-lock-'));
  path = join(folder, 'lock');
});
afterEach(() => rmSync(folder, { recursive: true }));

const taker = join(import.meta.dirname, '../support/run/lock-taker.ts');

/** What controllers of one run say that start at the same moment. */
async function atOnce(count: number, startMs: number): Promise<string[]> {
  const at = String(Date.now() + startMs);
  const run = promisify(execFile);
  const takers = Array.from({ length: count }, () => run(process.execPath, [taker, path, at, '1500']));
  return (await Promise.all(takers)).map(({ stdout }) => stdout).sort();
}

const elsewhere = { host: 'elsewhere', pid: 7, startTicks: '1', bootId: null, token: 't', user: 'somebody' };
const dead = { ...elsewhere, host: hostname(), pid: 2 ** 22 - 3 };

describe('the lock of a run', () => {
  it('is given to one of several that start at the same moment, also where a dead one left it', async () => {
    const one = ['RUN_LOCKED', 'RUN_LOCKED', 'RUN_LOCKED', 'taken'];
    expect(await atOnce(4, 3000)).toEqual(one);
    expect(readdirSync(folder)).toEqual([]);
    writeFileSync(path, JSON.stringify({ ...dead, sinceUnixMs: 0 }));
    expect(await atOnce(4, 3000)).toEqual(one);
    expect(readdirSync(folder)).toEqual([]);
  }, 60_000);

  it('says who has it, since when, and when he was last seen', () => {
    writeFileSync(path, JSON.stringify({ ...elsewhere, sinceUnixMs: Date.UTC(2026, 0, 2, 3) }));
    utimesSync(path, new Date(), new Date(Date.UTC(2026, 0, 2, 4)));
    expect(() => RunLock.acquire(path, 'u/me/run')).toThrow(
      expect.objectContaining({
        code: 'RUN_LOCKED',
        message:
          'The run u/me/run is being executed by process 7 of somebody on elsewhere since 2026-01-02T03:00:00.000Z ' +
          '(last sign of life 2026-01-02T04:00:00.000Z)',
        next: expect.stringContaining('--take-over'),
      }),
    );
  });

  it('shows that its holder lives', async () => {
    const lock = RunLock.acquire(path, 'some/run');
    utimesSync(path, new Date(0), new Date(0));
    lock.watch(() => {}, 20);
    await expect.poll(() => statSync(path).mtimeMs).toBeGreaterThan(Date.now() - 10_000);
    lock.release();
    expect(existsSync(path)).toBe(false);
  });

  it('tells a holder who was taken for dead that it is another’s now, and leaves it to that one', async () => {
    const lock = RunLock.acquire(path, 'some/run');
    const lost: Error[] = [];
    lock.watch((error) => lost.push(error), 20);
    // As if this host had been taken for gone by a controller of another one.
    writeFileSync(path, JSON.stringify({ ...elsewhere, sinceUnixMs: Date.now() }));
    await expect.poll(() => lost.length).toBe(1);
    expect(lost[0]).toMatchObject({
      code: 'RUN_LOCK_LOST',
      message: expect.stringMatching(/process 7 of somebody on elsewhere/),
    });
    lock.release();
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ host: 'elsewhere' });
  });

  it('is taken from another host when told so, and then names the new holder', () => {
    writeFileSync(path, JSON.stringify({ ...elsewhere, sinceUnixMs: 0 }));
    const lock = RunLock.acquire(path, 'some/run', true);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ pid: process.pid, user: userInfo().username });
    lock.release();
  });
});
