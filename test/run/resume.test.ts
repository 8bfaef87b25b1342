// SPDX-License-Identifier: BSD-3-Clause
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Butler } from '../../src/butler/index.ts';
import type { QuantumGraph } from '../../src/graph/index.ts';
import { type ExecuteOptions, execute, findRun, RunFolder, readOutcomeLog } from '../../src/run/index.ts';
import { campaign, cell, testWorker } from '../support/run/campaign.ts';

let root: string;
let butler: Butler;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'skymill-resume-'));
  butler = await Butler.create(join(root, 'repo'));
});
afterEach(async () => {
  await butler.close();
  rmSync(root, { recursive: true });
});

const run = (graph: QuantumGraph, extra: Partial<ExecuteOptions> = {}) =>
  execute(graph, butler, { worker: testWorker, jobs: 2, scratchRoot: root, ...extra });

function attemptsIn(folder: RunFolder): number[] {
  return [...readOutcomeLog(folder.outcomesPath)].flatMap((r) => (r.type === 'attempt' ? [r.quantum] : []));
}

async function pathOf(type: string, i: number): Promise<string> {
  const ref = await butler.findDataset(type, { htm7: cell(i) }, { collections: ['test/run'] });
  return butler.getPath(ref!);
}

describe('running again', () => {
  it('does nothing when everything is done', async () => {
    const graph = campaign(butler, { cells: 4 });
    await run(graph);
    const folder = RunFolder.open(butler.root, 'test/run');
    const before = attemptsIn(folder);
    const again = await run(graph);
    expect(again).toMatchObject({ how: 'complete', exitCode: 0, progress: { counts: { skipped: 9, done: 0 } } });
    expect(attemptsIn(folder)).toEqual(before);
  });

  it('first deletes what was removed and is in the way of new files', async () => {
    const graph = campaign(butler, { cells: 2 });
    await run(graph);
    const { registry } = butler;
    const ref = (await butler.findDataset('doubled', { htm7: cell(1) }, { collections: ['test/run'] }))!;
    const path = await butler.getPath(ref);
    await registry.db.transaction(async () => {
      await registry.trash.addDatasets([ref.id]);
      await registry.datasets.remove([ref.id]);
    });
    rmSync(join(butler.root, '.skymill'), { recursive: true });
    const waiting: number[] = [];
    await run(graph, {
      onEvent: async (event) => {
        if (event.type === 'started') waiting.push(await registry.trash.count());
      },
    });
    expect(waiting).toEqual([0]);
    await butler.removeDatasets([]);
    expect(statSync(path).size).toBeGreaterThan(0);
    expect(await butler.findDataset('doubled', { htm7: cell(1) }, { collections: ['test/run'] })).toBeDefined();
  });

  it('runs what was not done after a drain, and no more', async () => {
    const graph = campaign(butler, { cells: 8, config: { make: { sleepMs: 30 } } });
    const stop = new AbortController();
    const first = await run(graph, {
      signal: stop.signal,
      onEvent: (e) => e.type === 'attempt' && stop.abort(),
    });
    expect(first).toMatchObject({ how: 'drained', exitCode: 5 });
    const { done, waiting, ready } = first.progress.counts;
    expect(done).toBeGreaterThan(0);
    expect(waiting + ready).toBeGreaterThan(0);
    const second = await run(graph);
    expect(second).toMatchObject({
      how: 'complete',
      exitCode: 0,
      progress: { counts: { skipped: done, done: 18 - done } },
    });
    const attempts = attemptsIn(RunFolder.open(butler.root, 'test/run'));
    expect(new Set(attempts).size).toBe(18);
    expect(attempts).toHaveLength(18);
  });

  it('tries failed quanta again, and what they blocked', async () => {
    const markers = join(root, 'markers');
    const graph = campaign(butler, { cells: 4, config: { double: { killOnce: [cell(1)], markers } } });
    // Without the folder for markers the task throws; with it, and with the mark set, it works.
    const first = await run(graph);
    expect(first.progress.counts).toMatchObject({ failed: 1, blocked: 1, done: 7 });
    const { mkdirSync } = await import('node:fs');
    mkdirSync(markers);
    writeFileSync(join(markers, `kill-${cell(1)}`), '');
    const second = await run(graph);
    expect(second.progress.counts).toMatchObject({ failed: 0, blocked: 0, done: 2, skipped: 7 });
  });

  it('makes again what vanished or was cut, and registers it as it is now', async () => {
    const graph = campaign(butler, { cells: 4 });
    await run(graph);
    const gone = await pathOf('doubled', 2);
    const cut = await pathOf('number', 1);
    const before = readFileSync(gone, 'utf8');
    unlinkSync(gone);
    writeFileSync(cut, '');
    const again = await run(graph);
    expect(again.progress.counts).toMatchObject({ skipped: 7, done: 2 });
    expect(readFileSync(await pathOf('doubled', 2), 'utf8')).toBe(before);
    for (const type of ['number', 'doubled', 'double_metadata', 'make_metadata'])
      for (let i = 0; i < 4; i++) {
        const ref = await butler.findDataset(type, { htm7: cell(i) }, { collections: ['test/run'] });
        const [[record]] = await butler.getFileRecords([ref!.id]);
        expect(statSync(await butler.getPath(ref!)).size).toBe(record.sizeBytes);
      }
  });

  it('is found by the digest of its command while its graph is there', async () => {
    const graph = campaign(butler, { cells: 2, group: 2 });
    await run(graph, { commandDigest: 'abc' });
    expect(findRun(butler.root, 'abc')).toBeUndefined();
    writeFileSync(RunFolder.open(butler.root, 'test/run').graphPath, '');
    expect(findRun(butler.root, 'abc')!.info().run).toBe('test/run');
    expect(findRun(butler.root, 'abd')).toBeUndefined();
  });

  it('refuses another graph in the same run', async () => {
    await run(campaign(butler, { cells: 2, group: 2 }));
    const other = campaign(butler, { cells: 2, group: 2 });
    Object.assign(other, { id: '00000000-0000-7000-8000-000000000000' });
    await expect(run(other)).rejects.toThrow(expect.objectContaining({ code: 'RUN_OTHER_GRAPH' }));
  });
});

describe('the lock of a run', () => {
  it('names the controller at work, and ends with it', async () => {
    const graph = campaign(butler, { cells: 4, config: { make: { sleepMs: 100 } } });
    const first = run(graph);
    await expect(run(graph)).rejects.toThrow(
      expect.objectContaining({ code: 'RUN_LOCKED', message: expect.stringContaining(`process ${process.pid}`) }),
    );
    await first;
    await run(graph);
    expect(readdirSync(RunFolder.open(butler.root, 'test/run').path)).not.toContain('lock');
  });

  it('is taken over from a dead process of this host, from another host only when told', async () => {
    const graph = campaign(butler, { cells: 2, group: 2 });
    await run(graph);
    const { lockPath } = RunFolder.open(butler.root, 'test/run');
    const lock = { pid: 2 ** 22 - 3, startTicks: '1', bootId: null, token: 't', user: 'somebody', sinceUnixMs: 0 };
    writeFileSync(lockPath, JSON.stringify({ ...lock, host: hostname() }));
    await run(graph);
    writeFileSync(lockPath, JSON.stringify({ ...lock, host: 'elsewhere' }));
    await expect(run(graph)).rejects.toThrow(expect.objectContaining({ code: 'RUN_LOCKED' }));
    await run(graph, { takeOver: true });
  });
});
