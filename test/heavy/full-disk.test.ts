// SPDX-License-Identifier: BSD-3-Clause
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SkymillError } from '../../src/base/index.ts';
import { Butler } from '../../src/butler/index.ts';
import { collectReport, execute, RUN_EXIT, type RunEvent, RunFolder } from '../../src/run/index.ts';
import { COMMIT_QUANTA } from '../../src/run/workers/typescript/commit.ts';
import { campaign, testWorker } from '../support/run/campaign.ts';
import { checkRun } from '../support/run/integrity.ts';

const disk = mkdtempSync(join(tmpdir(), 'skymill-disk-'));
const mounted = mount();

/** A disk of 48 MB; needs the right to mount. */
function mount(): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=48m', 'tmpfs', disk], { stdio: 'pipe' });
    return true;
  } catch (error) {
    process.stderr.write(`\n*** SKIPPED: a full disk: cannot mount a small one (${(error as Error).message.trim()})\n`);
    return false;
  }
}

describe.skipIf(!mounted)('a disk that fills up during a run', () => {
  let scratch: string;
  beforeAll(() => {
    scratch = mkdtempSync(join(tmpdir(), 'skymill-disk-scratch-'));
  });
  afterAll(() => {
    execFileSync('umount', ['-l', disk]);
    rmSync(disk, { recursive: true });
    rmSync(scratch, { recursive: true });
  });

  it('stops the run with one clear reason; with space again the same call completes it', async () => {
    const root = join(disk, 'repo');
    const ballast = join(disk, 'ballast');
    const butler = await Butler.create(root);
    const graph = campaign(butler, { cells: 200, config: { make: { bytes: 100_000 } } });
    const { bavail, bsize } = statfsSync(disk);
    writeFileSync(ballast, Buffer.alloc(bavail * bsize - 2_500_000));

    const events: RunEvent[] = [];
    const options = { worker: testWorker, jobs: 2, scratchRoot: scratch, onEvent: (e: RunEvent) => events.push(e) };
    // Whoever meets the full disk first says so: a worker, then the run drains; or the registry or the log, then it ends.
    const first = await execute(graph, butler, options).catch((error: SkymillError) => error);
    if (first instanceof SkymillError) expect(first.code).toMatch(/^(BUTLER_DISK_FULL|RUN_LOG_WRITE)$/);
    else {
      expect(first).toMatchObject({ how: 'drained', exitCode: RUN_EXIT.drained });
      const draining = events.find((e) => e.type === 'draining');
      expect(draining).toMatchObject({ rule: 'diskFull', cause: { next: expect.stringContaining('Free some space') } });
    }
    // Two workers: each fails what it runs and what waits for the disk together with it, some dozen short quanta at most; not the whole survey.
    const report = collectReport(graph, RunFolder.open(butler.root, 'test/run'));
    expect(report.counts.failed).toBeLessThanOrEqual(2 * COMMIT_QUANTA);
    expect(report.counts.unfinished).toBeGreaterThan(100);
    // What is registered verifies, full disk or not; files may wait for their registration.
    for (const wrong of (await checkRun(root, graph)).wrong) {
      expect(wrong).toMatch(/is not registered|has 0 files|belongs to no registered dataset/);
    }

    rmSync(ballast);
    const second = await execute(graph, butler, options);
    expect(second).toMatchObject({ how: 'complete', exitCode: 0 });
    expect((await checkRun(root, graph)).wrong).toEqual([]);
    await butler.close();
  });
});
