// SPDX-License-Identifier: BSD-3-Clause
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Butler } from '../../src/butler/index.ts';
import { describeEngines } from '../support/engines.ts';
import { addCamera } from './camera.ts';

describeEngines('a program that keeps a repository open', (engine) => {
  let dir: string;
  let writer: Butler;
  let watcher: Butler;
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'skymill-stale-'));
    writer = await engine.createButler(join(dir, 'repo'));
    await addCamera(writer);
    watcher = await Butler.open(writer.root, { writeable: true });
  });
  afterEach(async () => {
    await watcher.close();
    await writer.close();
    rmSync(dir, { recursive: true, force: true });
  });

  const dataId = { instrument: 'Cam', detector: 1 };

  it('sees a dataset type that was removed and registered otherwise', async () => {
    const register = (dimensions: string[], storageClass: string) =>
      writer.registerDatasetTypes([writer.makeDatasetType('thing', dimensions, storageClass)]);
    await register(['detector'], 'StructuredDataDict');
    expect((await watcher.getDatasetType('thing')).dimensions.required).toEqual(['instrument', 'detector']);
    await writer.removeDatasetTypes(['thing']);
    await expect(watcher.getDatasetType('thing')).rejects.toMatchObject({ code: 'BUTLER_NO_DATASET_TYPE' });
    await register(['instrument'], 'StructuredDataList');
    expect(await watcher.getDatasetType('thing')).toMatchObject({ storageClass: 'StructuredDataList' });
    expect((await watcher.getDatasetType('thing')).dimensions.required).toEqual(['instrument']);
    await writer.registerCollection('run', 'RUN');
    const { ref } = await watcher.put([1, 2], 'thing', { instrument: 'Cam' }, 'run');
    expect(await writer.get(ref)).toEqual([1, 2]);
  });

  it('sees collections come, change and go', async () => {
    await writer.registerDatasetTypes([writer.makeDatasetType('thing', ['detector'], 'StructuredDataDict')]);
    for (const run of ['a', 'b']) await writer.registerCollection(run, 'RUN');
    const first = (await writer.put({ n: 1 }, 'thing', dataId, 'a')).ref;
    const second = (await writer.put({ n: 2 }, 'thing', dataId, 'b')).ref;
    const found = async (): Promise<string | undefined> =>
      (await watcher.findDataset('thing', dataId, { collections: ['chain'] }))?.id;
    await writer.extendChain('chain', ['a', 'b']);
    expect(await found()).toBe(first.id);
    await writer.setChain('chain', ['b', 'a']);
    expect(await found()).toBe(second.id);
    await writer.removeRuns(['b'], { unlink: true });
    expect(await found()).toBe(first.id);
    expect(await watcher.getDatasets([second.id])).toEqual([undefined]);
    await expect(watcher.put({}, 'thing', dataId, 'b')).rejects.toMatchObject({ code: 'BUTLER_NO_COLLECTION' });
    await writer.registerCollection('b', 'TAGGED');
    await expect(watcher.put({}, 'thing', dataId, 'b')).rejects.toMatchObject({ code: 'BUTLER_COLLECTION_TYPE' });
    // The next run may get the number of one that is gone.
    await writer.removeCollection('b');
    await writer.registerCollection('c', 'RUN');
    const third = (await watcher.put({ n: 3 }, 'thing', dataId, 'c')).ref;
    expect(await writer.getDatasets([third.id])).toEqual([third]);
    expect(await watcher.collectionSummary('c')).toEqual({
      datasetTypes: ['thing'],
      governors: { instrument: ['Cam'] },
    });
  });

  it('sees dimension records change', async () => {
    await writer.registerDatasetTypes([writer.makeDatasetType('thing', ['detector'], 'StructuredDataDict')]);
    await writer.registerCollection('a', 'RUN');
    expect(await watcher.getPath((await watcher.put({}, 'thing', dataId, 'a')).ref)).toMatch(/Cam_Aa_a/);
    await writer.insertRecords(
      'detector',
      [{ instrument: 'Cam', id: 1, full_name: 'Zz', purpose: 'SCIENCE' }],
      'replace',
    );
    await writer.registerCollection('b', 'RUN');
    expect(await watcher.getPath((await watcher.put({}, 'thing', dataId, 'b')).ref)).toMatch(/Cam_Zz_b/);
  });
});

describeEngines('defaults', (engine) => {
  let dir: string;
  let butler: Butler;
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'skymill-defaults-'));
    butler = await engine.createButler(join(dir, 'repo'));
    await addCamera(butler);
    await butler.registerDatasetTypes([butler.makeDatasetType('thing', ['detector'], 'StructuredDataDict')]);
  });
  afterEach(async () => {
    await butler.close();
    rmSync(dir, { recursive: true, force: true });
  });

  async function count(open: Butler, where: string): Promise<number> {
    let rows = 0;
    for await (const _ of open.query().where(where).datasets('thing', {})) rows++;
    return rows;
  }

  it('of collections, run and instrument stand in for what a call leaves out', async () => {
    const open = await Butler.open(butler.root, { writeable: true, run: 'mine', dataId: { instrument: 'Cam' } });
    expect(open.defaults).toEqual({ collections: ['mine'], run: 'mine', dataId: { instrument: 'Cam' } });
    expect((await butler.getCollection('mine')).type).toBe('RUN');
    const { ref } = await open.put({ a: 1 }, 'thing', { detector: 2 });
    expect(ref.run).toBe('mine');
    expect((await open.findDataset('thing', { detector: 2 }))?.id).toBe(ref.id);
    expect(await open.findDataset('thing', { detector: 3 })).toBeUndefined();
    expect(await count(open, 'detector = 2')).toBe(1);
    expect(await count(open, "instrument = 'Other' and detector = 2")).toBe(0);
    await open.close();
    await expect(butler.findDataset('thing', { instrument: 'Cam', detector: 2 })).rejects.toMatchObject({
      code: 'BUTLER_NO_DEFAULT',
    });
    await expect(butler.put({}, 'thing', { instrument: 'Cam', detector: 2 })).rejects.toMatchObject({
      code: 'BUTLER_NO_DEFAULT',
    });
  });

  it('of values are taken from the collections where these hold one only', async () => {
    await butler.registerCollection('one', 'RUN');
    const { ref } = await butler.put({}, 'thing', { instrument: 'Cam', detector: 1 }, 'one');
    const open = await Butler.open(butler.root, { collections: ['one', 'not yet'] });
    expect(open.defaults.dataId).toEqual({ instrument: 'Cam' });
    await open.close();
    const plain = await Butler.open(butler.root, { collections: ['one'], inferDefaults: false });
    expect(plain.defaults.dataId).toEqual({});
    await plain.close();
    await butler.insertRecords('instrument', [{ name: 'Two', detector_max: 10 }]);
    await butler.insertRecords('detector', [{ instrument: 'Two', id: 1, full_name: 'X' }]);
    await butler.put({}, 'thing', { instrument: 'Two', detector: 1 }, 'one');
    const both = await Butler.open(butler.root, { collections: ['one'] });
    expect(both.defaults.dataId).toEqual({});
    expect(await both.get(ref)).toEqual({});
    await both.close();
  });

  it('can be of governors only, and of values that exist', async () => {
    const open = (dataId: Record<string, string | number>) => Butler.open(butler.root, { dataId });
    await expect(open({ detector: 1 })).rejects.toThrow(/only instrument, skymap can/);
    await expect(open({ instrument: 'Nope' })).rejects.toMatchObject({ code: 'BUTLER_NO_RECORD' });
  });
});
