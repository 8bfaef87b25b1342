// SPDX-License-Identifier: BSD-3-Clause
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Butler } from '../../src/butler/index.ts';
import type { QuantumGraph } from '../../src/graph/index.ts';
import {
  type ExecuteOptions,
  execute,
  findRun,
  parseExclusion,
  type RunEvent,
  RunFolder,
  readOutcomeLog,
  why,
} from '../../src/run/index.ts';
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
        expect(await butler.exists([ref!], { checkFiles: true })).toMatchObject([{ artifact: true }]);
      }
  });

  it('asks the registry about what was recorded since the last end only, or of everything when it is to be thorough', async () => {
    const graph = campaign(butler, { cells: 4 });
    await run(graph);
    const ref = (await butler.findDataset('number', { htm7: cell(1) }, { collections: ['test/run'] }))!;
    const path = await butler.getPath(ref);
    /** Its file and record stay: as after the registry was restored from an older copy. */
    const forget = async () => {
      const bytes = readFileSync(path);
      await butler.removeDatasets([ref]);
      writeFileSync(path, bytes);
    };
    const registered = async (extra: Partial<ExecuteOptions>) => (await run(graph, extra)).registered;
    expect(await registered({})).toBe(0);
    await forget();
    expect(await registered({ verify: 'checksum' })).toBeGreaterThan(0);
    expect(await butler.findDataset('number', { htm7: cell(1) }, { collections: ['test/run'] })).toBeDefined();
    // As if the controller had been killed before it said the end.
    const { outcomesPath } = RunFolder.open(butler.root, 'test/run');
    const lines = readFileSync(outcomesPath, 'utf8').split('\n');
    writeFileSync(outcomesPath, `${lines.filter((line) => !line.includes('"type":"runEnded"')).join('\n')}`);
    await forget();
    expect(await registered({})).toBeGreaterThan(0);
    expect(await butler.findDataset('number', { htm7: cell(1) }, { collections: ['test/run'] })).toBeDefined();
  });

  it('finds what was altered in place with equal size, when it is to read files', async () => {
    const graph = campaign(butler, { cells: 4 });
    await run(graph);
    const altered = await pathOf('number', 1);
    const before = readFileSync(altered);
    const bytes = Buffer.from(before);
    bytes[bytes.length - 2] ^= 1;
    writeFileSync(altered, bytes);
    expect((await run(graph)).progress.counts).toMatchObject({ skipped: 9, done: 0 });
    const events: RunEvent[] = [];
    const again = await run(graph, { verify: 'checksum', onEvent: (e) => events.push(e) });
    expect(again.progress.counts).toMatchObject({ skipped: 8, done: 1 });
    expect(readFileSync(altered)).toEqual(before);
    expect(events).toContainEqual(expect.objectContaining({ type: 'resumed', skipped: 8, lost: 1 }));
    const folder = RunFolder.open(butler.root, 'test/run');
    const [redone, ...more] = [...readOutcomeLog(folder.outcomesPath)].filter((r) => r.type === 'redone');
    expect(more).toEqual([]);
    expect(redone).toMatchObject({ reason: 'fileAltered', quanta: [1] });
    expect(why(graph, folder, 1).lines.join('\n')).toMatch(/made again at .*: .*number.* was altered/);
    expect((await run(graph, { verify: 'checksum' })).progress.counts).toMatchObject({ skipped: 9, done: 0 });
  });

  it('leaves out what is excluded; dependents run with what is left, where it is enough', async () => {
    const graph = campaign(butler, { cells: 8 }); // sums of four, which need two
    const exclude = [`htm7=${cell(1)}`, `make htm7=${cell(5)}`, `make htm7=${cell(6)}`, `make htm7=${cell(7)}`];
    const first = await run(graph, { exclude: exclude.map(parseExclusion) });
    // 1: make and double are excluded, the sum of 0 to 3 goes without; 5 to 7: double and then the sum cannot run.
    expect(first.progress.counts).toMatchObject({ done: 4 + 4 + 1 - 0, excluded: 5, blocked: 4, failed: 0 });
    expect(first.exitCode).toBe(0);
    const folder = RunFolder.open(butler.root, 'test/run');
    const tell = (quantum: number) => why(graph, folder, quantum).lines.join('\n');
    expect(why(graph, folder, 1).state).toBe('excluded');
    expect(tell(1)).toContain(`htm7=${cell(1)}`);
    expect(tell(8 + 5)).toMatch(/could not run.*make .*excluded/);
    const sum = (await butler.findDataset('sum', { htm7: cell(0) }, { collections: ['test/run'] }))!;
    expect((await butler.get(sum)) as object).toMatchObject({ cells: [cell(0), cell(2), cell(3)] });
    // Without the exclusions the rest is done, and nothing of what is done again.
    const second = await run(graph);
    expect(second.progress.counts).toMatchObject({ excluded: 0, blocked: 0, skipped: 9, done: 9 });
  });

  it('does not show to others what an excluded quantum had made', async () => {
    const graph = campaign(butler, { cells: 4, config: { sum: { throw: [cell(0)] } } });
    expect((await run(graph)).progress.counts).toMatchObject({ done: 8, failed: 1 });
    const again = campaign(butler, { cells: 4 });
    Object.assign(again, { id: graph.id });
    const counts = (await run(again, { exclude: [parseExclusion(`double htm7=${cell(2)}`)] })).progress.counts;
    expect(counts).toMatchObject({ skipped: 7, excluded: 1, done: 1 });
    const sum = (await butler.findDataset('sum', { htm7: cell(0) }, { collections: ['test/run'] }))!;
    expect((await butler.get(sum)) as object).toMatchObject({ cells: [cell(0), cell(1), cell(3)] });
  });

  it.each([
    ['isr htm7=1', /no task "isr"/],
    ['htm8=1', /no quantum has the dimension "htm8".*"htm7"/],
    ['htm7', /names no data ID|not dimension=value/],
    ['make', /names no data ID/],
  ])('refuses to exclude "%s"', async (text, message) => {
    const graph = campaign(butler, { cells: 2, group: 2 });
    await expect((async () => run(graph, { exclude: [parseExclusion(text)] }))()).rejects.toThrow(
      expect.objectContaining({ code: 'RUN_EXCLUSION', message: expect.stringMatching(message) }),
    );
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
