// SPDX-License-Identifier: BSD-3-Clause
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type FailingDisk, failingDisk } from '../../support/failing-disk.ts';
import { fillDisk, type Place, smallDisk } from '../../support/mounts.ts';
import { type FaultPlan, FaultRun } from '../../support/run/fault-run.ts';
import { survivors } from '../../support/run/processes.ts';

const CELLS = 24;
afterAll(() => {
  for (const place of [...disks, failing]) place?.release();
});
const disks = [smallDisk(16, 'disks in trouble'), smallDisk(16, 'disks in trouble')];

describe.skipIf(disks.includes(undefined))('a disk in the middle of a run', () => {
  const [repositoryDisk, scratchDisk] = disks as [Place, Place];
  let expected: Record<string, string>;
  beforeAll(async () => {
    expected = await FaultRun.undisturbed(CELLS);
  });
  let run: FaultRun;
  afterEach(() => run.remove());

  async function begun(more: Partial<FaultPlan> = {}) {
    const places = { repositoryIn: repositoryDisk.path, scratchIn: scratchDisk.path };
    const plan = { cells: CELLS, config: { make: { busyMs: 30 } }, ...places, ...more };
    run = await FaultRun.prepare(plan);
    const command = run.start();
    await run.underWay(command, 3);
    return command;
  }

  it('full, where outputs go: the run stops, and goes on when there is space', async () => {
    const command = await begun();
    const free = fillDisk(repositoryDisk.path, 20_000);
    const code = await command.over;
    free();
    // 5: it drained; 2: the registry or the log met the full disk first.
    expect([5, 2, 1], command.stderr()).toContain(code);
    expect(run.attempts().length).toBeLessThan(CELLS * 2 + CELLS / 4);
    expect(await run.again(expected)).toEqual([]);
  });

  it('full, where scratch is: the attempt says so', async () => {
    const command = await begun({ config: { make: { busyMs: 30, fillScratch: [131072 + 20] } } });
    const code = await command.over;
    expect([3, 5], command.stderr()).toContain(code);
    const failed = run.attempts().filter((a) => a.state === 'failed');
    expect(failed).toHaveLength(1);
    expect(failed[0]).toMatchObject({ cause: { code: 'ENOSPC' }, rule: 'diskFull' });
    expect(await run.again(expected)).toEqual([]);
  });
});

const failing = failingDisk(32, 'a disk that becomes read-only');

describe.skipIf(failing === undefined)('a disk that becomes read-only in the middle of a run', () => {
  const disk = failing as FailingDisk;
  let run: FaultRun;
  afterAll(() => run.remove());

  it('stops the run with one clear reason; when it can be written again the run goes on', async () => {
    run = await FaultRun.prepare({ cells: CELLS, config: { make: { busyMs: 30 } }, repositoryIn: disk.path });
    const command = run.start();
    await run.underWay(command, 3);
    disk.fail();
    const code = await command.over;
    expect([5, 1], command.stderr()).toContain(code);
    if (code === 1) expect(command.stderr()).toMatch(/RUN_LOG_WRITE|BUTLER_\w+/);
    expect(await survivors(run.base)).toEqual([]);
    disk.repair();
    expect(await run.again(await FaultRun.undisturbed(CELLS))).toEqual([]);
  });
});
