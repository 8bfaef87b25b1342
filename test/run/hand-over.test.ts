// SPDX-License-Identifier: BSD-3-Clause
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Butler, examineRepository } from '../../src/butler/index.ts';
import type { QuantumGraph } from '../../src/graph/index.ts';
import {
  type AttemptRecord,
  type ExecuteOptions,
  execute,
  type RunEvent,
  RunFolder,
  type RunSummary,
  readOutcomeLog,
  replay,
  runFolderCheck,
  why,
} from '../../src/run/index.ts';
import { randomFrom } from '../support/random.ts';
import { cell, testWorker } from '../support/run/campaign.ts';
import { type ImageCampaignOptions, imageCampaign } from '../support/run/image-campaign.ts';

let root: string;
let butler: Butler;
let markers: string;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'skymill-hand-over-'));
  markers = mkdtempSync(join(root, 'markers-'));
  butler = await Butler.create(join(root, 'repo'));
});
afterEach(async () => {
  await butler.close();
  rmSync(root, { recursive: true });
});

const run = (graph: QuantumGraph, extra: Partial<ExecuteOptions> = {}) =>
  execute(graph, butler, { worker: testWorker, jobs: 2, scratchRoot: root, ...extra });

const images = ['image', 'blurred'];

/** In a repository of its own, with everything through files. */
async function expectedSums(options: ImageCampaignOptions): Promise<unknown[]> {
  const other = await Butler.create(join(root, `expected-${readdirSync(root).length}`));
  try {
    const graph = await imageCampaign(other, options);
    const { exitCode } = await execute(graph, other, { worker: testWorker, jobs: 1, scratchRoot: root, cacheBytes: 0 });
    expect(exitCode).toBe(0);
    return await sumsIn(other, options);
  } finally {
    await other.close();
  }
}

async function sumsIn(from: Butler, { cells }: ImageCampaignOptions): Promise<unknown[]> {
  const sums: unknown[] = [];
  for (let i = 0; i < cells; i++) sums.push(await from.get((await productOf(from, 'imageSum', i))!));
  return sums;
}

const productOf = (from: Butler, type: string, i: number) =>
  from.findDataset(type, { htm7: cell(i) }, { collections: ['test/images'] });

function attempts(name = 'test/images'): AttemptRecord[] {
  const records = [...readOutcomeLog(RunFolder.open(butler.root, name).outcomesPath)];
  return records.filter((record) => record.type === 'attempt');
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const of = (records: readonly AttemptRecord[], label: string): AttemptRecord[] =>
  records.filter((r) => r.label === label);
const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

/** Every file below the repository but databases, logs and the run's folder. */
function files(): string[] {
  return readdirSync(butler.root, { recursive: true, encoding: 'utf8' }).filter((name) => !name.startsWith('.skymill'));
}

describe('consecutive quanta of one worker', () => {
  const options = { cells: 6, size: 128 };

  it('read what was written just before from memory, and get what the file would give, whatever readers do to it', async () => {
    await run(await imageCampaign(butler, options), { jobs: 1 });
    const all = attempts();
    expect(all.map(({ state }) => state)).toEqual(all.map(() => 'done'));
    const calib = (
      await butler.getFileRecords([(await butler.findDataset('calib', {}, { collections: ['calib'] }))!.id])
    )[0][0];
    // The calibration once; nothing that was made here.
    expect(sum(all.map(({ usage }) => usage.bytesRead))).toBe(calib.sizeBytes);
    expect(sum(of(all, 'measureImage').map(({ usage }) => usage.bytesRead))).toBe(0);
    expect(await sumsIn(butler, options)).toEqual(await expectedSums(options));
    expect(all.some(({ usage }) => usage.cacheBytes! > 0)).toBe(true);
  });

  it('read a file at most once in each worker', async () => {
    await run(await imageCampaign(butler, options));
    const all = attempts();
    const made = new Map(
      all.flatMap(({ outputs }) => outputs.map(({ file }) => [file.datasetId, file.sizeBytes] as const)),
    );
    expect(made.size).toBeGreaterThan(0);
    const [[calib]] = await butler.getFileRecords([
      (await butler.findDataset('calib', {}, { collections: ['calib'] }))!.id,
    ]);
    const workers = new Set(all.map(({ workerPid }) => workerPid)).size;
    const bytes = sum(all.map(({ usage }) => usage.bytesRead));
    // What the other worker made may be read once more.
    const others = sum([...made.values()].map((size) => size + 2e5)); // with what a header is looked for in
    expect(bytes).toBeLessThanOrEqual(workers * calib.sizeBytes + others);
    expect(sum(of(all, 'makeImage').map(({ usage }) => usage.bytesRead))).toBeLessThanOrEqual(
      workers * calib.sizeBytes,
    );
  });

  it('go to the files where nothing may be kept', async () => {
    await run(await imageCampaign(butler, options), { jobs: 1, cacheBytes: 0 });
    expect(of(attempts(), 'blurImage').every(({ usage }) => usage.bytesRead > 12 * 128 * 128)).toBe(true);
  });
});

describe('what is only handed over in memory', () => {
  const options = { cells: 6 };

  it('is written nowhere and registered nowhere, and what is made of it is the same', async () => {
    const events: RunEvent[] = [];
    const slow = { sleepMs: 100 }; // so that the second worker is there in time
    const graph = await imageCampaign(butler, { ...options, config: { makeImage: slow, blurImage: slow } });
    const summary = await run(graph, { inMemory: images, onEvent: (event) => events.push(event) });
    expect(summary).toMatchObject({ exitCode: 0, progress: { counts: { done: 18 } } });
    expect(events.find(({ type }) => type === 'inMemory')).toMatchObject({
      types: images,
      written: [],
      clusters: 6,
      largest: 3,
    });
    expect(await sumsIn(butler, options)).toEqual(await expectedSums(options));
    expect(files().filter((name) => /image_|image\/|blurred/.test(name) && !/Image_/.test(name))).toEqual([]);
    expect((await butler.listDatasetTypes()).map(({ name }) => name)).not.toEqual(expect.arrayContaining(['image']));
    const all = attempts();
    expect(sum(of(all, 'blurImage').map(({ usage }) => usage.bytesWritten))).toBeLessThan(6 * 5000);
    expect(of(all, 'makeImage').every(({ held }) => held?.length === 1)).toBe(true);
    const byCell = Map.groupBy(all, ({ dataId }) => dataId['htm7']);
    for (const chain of byCell.values()) expect(new Set(chain.map(({ workerPid }) => workerPid)).size).toBe(1);
    expect(new Set(all.map(({ workerPid }) => workerPid)).size).toBe(2);
  });

  it('is made again when the worker that held it dies, and only that; it says so', async () => {
    const graph = await imageCampaign(butler, {
      ...options,
      config: { measureImage: { killOnce: [cell(2)], markers } },
    });
    const summary = await run(graph, { inMemory: images });
    expect(summary).toMatchObject({ exitCode: 0, progress: { counts: { done: 18 } } });
    expect(await sumsIn(butler, options)).toEqual(await expectedSums(options));
    const all = attempts();
    const dead = all.find(({ state }) => state === 'failed')!;
    const again = all.filter(({ quantum }) => quantum === 2);
    expect(again.map(({ state }) => state)).toEqual(['done', 'done']);
    expect(again[0].workerPid).toBe(dead.workerPid);
    expect(again[1].workerPid).not.toBe(dead.workerPid);
    // Its file is the one of the first attempt: not written anew.
    expect(again[1].outputs).toEqual(again[0].outputs);
    expect(again[1].usage.bytesWritten).toBe(0);
    const folder = RunFolder.open(butler.root, 'test/images');
    expect(why(graph, folder, 2).lines.join('\n')).toContain(`worker process ${dead.workerPid}, which died`);
    expect(of(all, 'measureImage').filter(({ dataId }) => dataId['htm7'] === cell(2))).toHaveLength(2);
  });

  it('survives workers killed at random moments and a stop in the middle: the same products, and no doubt about any file', async () => {
    const many = { cells: 16, size: 32 };
    const random = randomFrom(20_261_121);
    const rules = [{ name: 'died', when: { kinds: ['signalled', 'crashed'] }, maxAttempts: 20 }] as const;
    const graph = await imageCampaign(butler, { ...many, config: { blurImage: { sleepMs: 10 } } });
    let kills = 0;
    let summary: RunSummary | undefined;
    for (let execution = 0; summary?.how !== 'complete'; execution++) {
      const stop = new AbortController();
      let seen = 0;
      summary = await run(graph, {
        inMemory: images,
        rules,
        signal: stop.signal,
        onEvent: (event) => {
          if (event.type !== 'attempt' || kills >= 8) return;
          if (++seen === 12 && execution < 2) stop.abort();
          if (random() < 0.3 && isAlive(event.record.workerPid)) {
            process.kill(event.record.workerPid, 'SIGKILL');
            kills++;
          }
        },
      });
    }
    expect(kills).toBe(8);
    expect(summary).toMatchObject({ exitCode: 0 });
    expect(await sumsIn(butler, many)).toEqual(await expectedSums(many));
    const { found, sound } = await examineRepository(butler, {
      checksums: true,
      minAgeSeconds: 0,
      extraChecks: [runFolderCheck],
    });
    expect(sound, JSON.stringify(found)).toBe(true);
    const redone = [...readOutcomeLog(RunFolder.open(butler.root, 'test/images').outcomesPath)].filter(
      ({ type }) => type === 'redone',
    );
    expect(redone.length).toBeGreaterThan(0);
  }, 120_000);

  it('is made by a replay and not compared; a replay that would read it says why it cannot', async () => {
    const graph = await imageCampaign(butler, { cells: 1 });
    await run(graph, { inMemory: images });
    const folder = RunFolder.open(butler.root, 'test/images');
    const again = (quantum: number) =>
      replay(graph, butler, folder, quantum, { worker: testWorker, folder: join(root, `replay-${quantum}`) });
    const { same, outputs } = await again(0);
    expect(same).toBe(true);
    expect(outputs.find(({ datasetType }) => datasetType === 'image')).toMatchObject({ verdict: 'held' });
    await expect(again(1)).rejects.toMatchObject({ code: 'RUN_REPLAY_INPUT' });
  });

  it('is still there for the next attempt when the one that reads it throws', async () => {
    const graph = await imageCampaign(butler, { ...options, config: { blurImage: { throwOnce: [cell(1)], markers } } });
    expect(await run(graph, { inMemory: images })).toMatchObject({ exitCode: 0 });
    const all = attempts();
    expect(of(all, 'blurImage').filter(({ state }) => state === 'failed')).toHaveLength(1);
    expect(of(all, 'makeImage')).toHaveLength(6);
    expect(await sumsIn(butler, options)).toEqual(await expectedSums(options));
  });

  it('is made again by the next execution where it is still wanted, and else not', async () => {
    const config = { blurImage: { throw: [cell(3)] }, measureImage: { throw: [cell(4)] } };
    expect(await run(await imageCampaign(butler, { ...options, config }), { inMemory: images })).toMatchObject({
      exitCode: 3,
    });
    const before = attempts().length;
    const times = new Map(files().map((name) => [name, statSync(join(butler.root, name)).mtimeMs]));
    const graph = await imageCampaign(butler, options);
    expect(await run(graph, { inMemory: images })).toMatchObject({ exitCode: 0 });
    const redone = attempts().slice(before);
    // Of cell 3 all is made, of cell 4 too, since its images were only in memory; of the others nothing.
    expect(new Set(redone.map(({ dataId }) => dataId['htm7']))).toEqual(new Set([cell(3), cell(4)]));
    expect(redone).toHaveLength(6);
    expect(await sumsIn(butler, options)).toEqual(await expectedSums(options));
    for (const [name, mtime] of times)
      if (/note/.test(name)) expect(statSync(join(butler.root, name)).mtimeMs, name).toBe(mtime);
    const folder = RunFolder.open(butler.root, 'test/images');
    expect(why(graph, folder, 3).lines.join('\n')).toContain('only in the memory of an execution before');
    expect(attempts().length).toBe(before + 6);
    await run(graph, { inMemory: images });
    expect(attempts().length).toBe(before + 6);
  });

  it('is made again to be written when it is to be kept after all', async () => {
    await run(await imageCampaign(butler, options), { inMemory: images });
    const before = attempts().length;
    expect(await run(await imageCampaign(butler, options))).toMatchObject({ exitCode: 0 });
    expect(attempts().length).toBe(before + 12);
    expect(await butler.get((await productOf(butler, 'blurred', 5))!)).toMatchObject({
      width: 64,
    });
  });

  it('is written all the same where one worker would have to run or hold too much, and the run says so first', async () => {
    const events: RunEvent[] = [];
    const graph = await imageCampaign(butler, { cells: 2, memoryBytes: 3e8 });
    await run(graph, {
      inMemory: [...images, 'imageSum', 'calib'],
      memoryBytes: 8e8,
      onEvent: (event) => events.push(event),
    });
    const at = events.findIndex(({ type }) => type === 'inMemory');
    expect(at).toBeLessThan(events.findIndex(({ type }) => type === 'attempt'));
    expect(events[at]).toMatchObject({
      types: ['blurred'],
      written: [
        { datasetType: 'imageSum', reason: 'nobody in this run reads it' },
        { datasetType: 'calib', reason: 'no quantum of this run makes it' },
        { datasetType: 'image', reason: 'a worker might hold 0.6 GB of it and has 0.4 GB' },
      ],
    });
    expect(await productOf(butler, 'image', 0)).toBeDefined();
    expect(await sumsIn(butler, { cells: 2 })).toEqual(await expectedSums({ cells: 2 }));
  });
});
