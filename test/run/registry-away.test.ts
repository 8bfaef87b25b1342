// SPDX-License-Identifier: BSD-3-Clause
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Butler } from '../../src/butler/index.ts';
import { execute, type Progress, type RunEvent } from '../../src/run/index.ts';
import { campaign, testWorker } from '../support/run/campaign.ts';
import { checkRun } from '../support/run/integrity.ts';

let root: string;
let butler: Butler;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'skymill-away-'));
  butler = await Butler.create(join(root, 'repo'));
});
afterEach(async () => {
  await butler.close();
  rmSync(root, { recursive: true });
});

/** Another process would do the same: holds the database for itself. */
function lockDatabase(): () => void {
  const other = new Sqlite(join(root, 'repo', 'gen3.sqlite3'));
  other.pragma('busy_timeout = 10000');
  other.exec('BEGIN EXCLUSIVE');
  return () => {
    other.exec('ROLLBACK');
    other.close();
  };
}

const graphOf = () => campaign(butler, { cells: 40, config: { make: { sleepMs: 20 } } });

describe('while another process holds the lock of the registry', () => {
  it('the run computes on, says so, and registers all when the lock is gone', async () => {
    const graph = graphOf();
    const waits: Progress['registry'][] = [];
    let release: (() => void) | undefined;
    let endedWhileLocked = 0;
    const onEvent = (event: RunEvent) => {
      if (event.type === 'attempt') {
        if (release === undefined) {
          release = lockDatabase();
          sleep(5000).then(() => {
            release!();
            release = () => {};
          });
        } else endedWhileLocked++;
      }
      if (event.type === 'progress' && event.progress.registry !== undefined) waits.push(event.progress.registry);
    };
    const summary = await execute(graph, butler, {
      worker: testWorker,
      jobs: 2,
      scratchRoot: root,
      progressSeconds: 0.2,
      onEvent,
    });
    expect(summary).toMatchObject({ how: 'complete', exitCode: 0 });
    expect(endedWhileLocked).toBeGreaterThan(20);
    expect(waits.length).toBeGreaterThan(0);
    expect(Math.max(...waits.map((wait) => wait!.waiting))).toBeGreaterThan(20);
    expect((await checkRun(butler.root, graph)).wrong).toEqual([]);
  });

  it('for longer than its patience, the run drains with one error, and the same command continues', async () => {
    const graph = graphOf();
    let release: (() => void) | undefined;
    const events: string[] = [];
    const onEvent = (event: RunEvent) => {
      if (event.type === 'attempt') release ??= lockDatabase();
      if (event.type !== 'draining') return;
      events.push(event.cause?.message ?? '');
      setTimeout(() => release!(), 200);
    };
    const options = { worker: testWorker, jobs: 2, scratchRoot: root, progressSeconds: 0.1 };
    await expect(execute(graph, butler, { ...options, registryPatienceSeconds: 0.5, onEvent })).rejects.toMatchObject({
      code: 'RUN_REGISTRY_GONE',
      next: expect.stringContaining('repeat the command'),
    });
    expect(events).toEqual([expect.stringMatching(/registry has not taken \d+ outputs/)]);
    const again = await execute(graph, butler, options);
    expect(again).toMatchObject({ how: 'complete', exitCode: 0 });
    expect(again.progress.counts.skipped).toBeGreaterThan(0);
    expect((await checkRun(butler.root, graph)).wrong).toEqual([]);
  });
});
