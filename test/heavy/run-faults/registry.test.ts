// SPDX-License-Identifier: BSD-3-Clause
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Butler } from '../../../src/butler/index.ts';
import { execute, type RunEvent } from '../../../src/run/index.ts';
import { campaign, testWorker } from '../../support/run/campaign.ts';
import { checkRun } from '../../support/run/integrity.ts';
import { startPostgres, type TestServer } from '../../support/server.ts';

/** Seconds that the server is away; the full test has 30. */
const awaySeconds = Number(process.env['SKYMILL_TEST_AWAY_SECONDS'] ?? 5);

let server: TestServer;
let root: string;
const password = process.env['PGPASSWORD'];
beforeAll(async () => {
  server = await startPostgres(['fsync=on']);
  root = mkdtempSync(join(tmpdir(), 'skymill-registry-'));
});
afterAll(() => {
  server.remove();
  rmSync(root, { recursive: true, force: true });
  if (password === undefined) delete process.env['PGPASSWORD'];
  else process.env['PGPASSWORD'] = password;
});

async function newRepository(name: string): Promise<Butler> {
  const url = new URL(server.url);
  process.env['PGPASSWORD'] = decodeURIComponent(url.password);
  url.password = '';
  return Butler.create(join(root, name), { database: url.href, namespace: name });
}

const cells = Math.max(60, awaySeconds * 20);
const graphOf = (butler: Butler) => campaign(butler, { cells, config: { make: { sleepMs: 60 } } });

describe(`a run whose registry is away for ${awaySeconds} s`, () => {
  it.each(['fast', 'immediate'] as const)(
    'after a %s stop of the server, computes on and loses nothing',
    async (mode) => {
      const undisturbed = await newRepository(`calm_${mode}`);
      const calmGraph = graphOf(undisturbed);
      await execute(calmGraph, undisturbed, { worker: testWorker, jobs: 2, scratchRoot: root });
      const { products } = await checkRun(undisturbed.root, calmGraph);
      await undisturbed.close();

      const butler = await newRepository(`away_${mode}`);
      const graph = graphOf(butler);
      let ended = 0;
      let endedWhileAway = 0;
      let away: Promise<void> | undefined;
      const waits: number[] = [];
      const onEvent = (event: RunEvent) => {
        if (event.type === 'progress' && event.progress.registry !== undefined)
          waits.push(event.progress.registry.waiting);
        if (event.type !== 'attempt') return;
        ended++;
        if (away === undefined && ended > 10) {
          server.stop(mode);
          away = sleep(awaySeconds * 1000).then(() => {
            endedWhileAway = ended - 11;
            server.start();
          });
        }
      };
      const summary = await execute(graph, butler, { worker: testWorker, jobs: 2, scratchRoot: root, onEvent });
      await away;
      expect(summary).toMatchObject({ how: 'complete', exitCode: 0, progress: { counts: { failed: 0 } } });
      expect(endedWhileAway).toBeGreaterThan(10);
      expect(Math.max(0, ...waits)).toBeGreaterThan(10);
      const found = await checkRun(butler.root, graph);
      expect(found.wrong).toEqual([]);
      expect(found.products).toEqual(products);
      await butler.close();
    },
  );

  it('for longer than it has patience for, drains, and the same command goes on', async () => {
    const butler = await newRepository('gone');
    const graph = graphOf(butler);
    let ended = 0;
    const options = { worker: testWorker, jobs: 2, scratchRoot: root };
    const run = execute(graph, butler, {
      ...options,
      registryPatienceSeconds: 2,
      onEvent: (event) => {
        if (event.type === 'attempt' && ++ended === 10) server.stop('immediate');
        if (event.type === 'draining') setTimeout(() => server.start(), 500);
      },
    });
    await expect(run).rejects.toMatchObject({ code: 'RUN_REGISTRY_GONE' });
    const again = await execute(graph, butler, options);
    expect(again).toMatchObject({ how: 'complete', exitCode: 0 });
    expect(again.progress.counts.skipped).toBeGreaterThanOrEqual(10);
    expect((await checkRun(butler.root, graph)).wrong).toEqual([]);
    await butler.close();
  });
});
