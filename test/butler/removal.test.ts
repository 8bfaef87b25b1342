// SPDX-License-Identifier: BSD-3-Clause
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ALL_TIME, type Butler, type DatasetRef } from '../../src/butler/index.ts';
import { describeEngines } from '../support/engines.ts';
import { addCamera } from './camera.ts';

describeEngines('removal', (engine) => {
  let dir: string;
  let butler: Butler;

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'skymill-removal-'));
    butler = await engine.createButler(join(dir, 'repo'));
    await addCamera(butler);
    await butler.registerDatasetTypes([
      butler.makeDatasetType('metrics', ['detector'], 'StructuredDataDict', { isCalibration: true }),
    ]);
    for (const run of ['run/a', 'run/b']) await butler.registerCollection(run, 'RUN');
  });
  afterEach(async () => {
    await butler.close();
    rmSync(dir, { recursive: true, force: true });
  });

  const put = async (run: string, detector: number): Promise<DatasetRef> =>
    (await butler.put({ run, detector }, 'metrics', { instrument: 'Cam', detector }, run)).ref;

  function files(): string[] {
    return readdirSync(butler.root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.yaml') && entry.name !== 'butler.yaml')
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
  }

  const members = async (name: string): Promise<string[]> => {
    const out: string[] = [];
    for await (const { ref } of butler.associations('metrics', { collections: [name] })) out.push(ref.id);
    return out.sort();
  };

  describe('pruning', () => {
    it('previews without changing anything, then purges', async () => {
      const [a, b] = [await put('run/a', 1), await put('run/a', 2)];
      await butler.registerCollection('good', 'TAGGED');
      await butler.associate('good', [a, b]);
      const preview = await butler.pruneDatasets([a, a], { mode: 'purge', dryRun: true });
      expect(preview).toMatchObject({ datasets: { metrics: 1 }, files: 1, disassociatedFrom: ['good'] });
      expect(files()).toHaveLength(2);
      expect(await butler.pruneDatasets([a], { mode: 'purge' })).toEqual(preview);
      expect(files()).toEqual([await butler.getPath(b)]);
      expect(await members('good')).toEqual([b.id]);
      expect(await butler.pruneDatasets([a], { mode: 'purge' })).toMatchObject({ datasets: {}, files: 0 });
    });

    it('can take away files and leave the datasets', async () => {
      const a = await put('run/a', 1);
      const report = await butler.pruneDatasets([a], { mode: 'unstore' });
      expect(report).toMatchObject({ datasets: { metrics: 1 }, files: 1, disassociatedFrom: [] });
      expect(files()).toEqual([]);
      expect(await butler.exists([a], { checkFiles: true })).toEqual([
        { recorded: true, stored: false, artifact: false },
      ]);
      await expect(butler.get(a)).rejects.toMatchObject({ code: 'BUTLER_NOT_STORED' });
      await expect(butler.getUris([a])).rejects.toMatchObject({ code: 'BUTLER_NOT_STORED' });
    });

    it('can take datasets out of collections only', async () => {
      const [a, b] = [await put('run/a', 1), await put('run/a', 2)];
      for (const tag of ['one', 'two']) await butler.registerCollection(tag, 'TAGGED');
      await butler.registerCollection('calib', 'CALIBRATION');
      await butler.associate('one', [a, b]);
      await butler.associate('two', [a, b]);
      await butler.certify('calib', [a, b], ALL_TIME);
      await butler.pruneDatasets([a], { mode: 'disassociate', tags: ['one'] });
      expect(await members('one')).toEqual([b.id]);
      expect(await members('two')).toHaveLength(2);
      const report = await butler.pruneDatasets([a], { mode: 'disassociate' });
      expect(report).toMatchObject({ disassociatedFrom: ['calib', 'two'], files: 0 });
      expect(await members('two')).toEqual([b.id]);
      expect(await members('calib')).toEqual([b.id]);
      expect(await members('run/a')).toHaveLength(2);
      await expect(butler.pruneDatasets([a], { mode: 'disassociate', tags: ['run/a'] })).rejects.toMatchObject({
        code: 'BUTLER_COLLECTION_TYPE',
      });
    });

    it('never deletes a file that was ingested where it is', async () => {
      const path = join(dir, 'mine.yaml');
      writeFileSync(path, 'a: 1\n');
      const datasetType = await butler.getDatasetType('metrics');
      const dataId = butler.universe.coordinate(datasetType.dimensions, { instrument: 'Cam', detector: 1 });
      const { ingested } = await butler.ingest([{ path, datasetType, dataIds: [dataId] }], {
        run: 'run/a',
        transfer: 'direct',
      });
      expect(await butler.getUris(ingested)).toEqual([pathToFileURL(path).href]);
      expect(await butler.removeRuns(['run/a'])).toMatchObject({ datasets: { metrics: 1 }, files: 0 });
      expect(existsSync(path)).toBe(true);
    });

    it('deletes an archive with the last of its members', async () => {
      const refs = [await put('run/a', 1), await put('run/a', 2), await put('run/b', 3)];
      const archive = join(butler.root, 'run/members.zip');
      writeFileSync(archive, 'the content does not matter here');
      const records = (await butler.getFileRecords(refs.map((ref) => ref.id))).flat();
      for (const record of records) rmSync(butler.datastore.absolute(record));
      await butler.registry.files.replace(
        records.map((record, i) => ({ ...record, path: `run/members.zip#unzip=${i}.yaml`, sizeBytes: 10 })),
      );
      expect((await butler.getUris([refs[1]]))[0]).toBe(`${pathToFileURL(archive).href}#unzip=1.yaml`);
      expect(await butler.exists(refs, { checkFiles: true })).toEqual(
        refs.map(() => ({ recorded: true, stored: true, artifact: true })),
      );
      expect(await butler.pruneDatasets([refs[0]], { mode: 'purge' })).toMatchObject({ files: 0 });
      expect(existsSync(archive)).toBe(true);
      expect(await butler.removeRuns(['run/a'])).toMatchObject({ datasets: { metrics: 1 }, files: 0 });
      expect(existsSync(archive)).toBe(true);
      expect(await butler.removeRuns(['run/b'], { dryRun: true })).toMatchObject({ files: 1, sizeBytes: 10 });
      expect(await butler.removeRuns(['run/b'])).toMatchObject({ files: 1 });
      expect(existsSync(archive)).toBe(false);
    });

    it('keeps files that cannot be deleted as trash, for the next time', async () => {
      const [a, b] = [await put('run/a', 1), await put('run/a', 2)];
      const [path, other] = [await butler.getPath(a), await butler.getPath(b)];
      rmSync(path);
      mkdirSync(path); // a folder is not deleted as a file
      await expect(butler.removeDatasets([a, b])).rejects.toMatchObject({
        code: 'BUTLER_FILES_NOT_DELETED',
        message: expect.stringContaining('metrics_Cam_Aa'),
      });
      expect(existsSync(other)).toBe(false);
      expect(await butler.exists([a, b])).toEqual([a, b].map(() => ({ recorded: false, stored: false })));
      expect(await butler.registry.trash.count()).toBe(1);
      rmSync(path, { recursive: true });
      writeFileSync(path, 'x');
      await butler.removeDatasets([]);
      expect(existsSync(path)).toBe(false);
      expect(await butler.registry.trash.count()).toBe(0);
    });
  });

  describe('collections', () => {
    it('go with their datasets, files and memberships, and leave chains only when asked', async () => {
      const [a, b] = [await put('run/a', 1), await put('run/b', 1)];
      await butler.registerCollection('good', 'TAGGED');
      await butler.associate('good', [a]);
      await butler.prependToChain('all', ['run/a', 'run/b']);
      await expect(butler.removeRuns(['run/a'])).rejects.toMatchObject({
        code: 'BUTLER_COLLECTION_IN_CHAIN',
        message: expect.stringContaining('"all"'),
      });
      const preview = await butler.removeRuns(['run/a'], { dryRun: true, unlink: true });
      expect(preview).toMatchObject({
        datasets: { metrics: 1 },
        files: 1,
        collections: ['run/a'],
        unlinkedFrom: ['all'],
        disassociatedFrom: ['good'],
      });
      expect(preview.sizeBytes).toBeGreaterThan(10);
      expect(await butler.removeRuns(['run/a'], { unlink: true })).toEqual(preview);
      expect((await butler.getCollection('all')).children).toEqual(['run/b']);
      expect(await members('good')).toEqual([]);
      expect(files()).toEqual([await butler.getPath(b)]);
      await expect(butler.getCollection('run/a')).rejects.toMatchObject({ code: 'BUTLER_NO_COLLECTION' });
    });

    it('other than runs go alone; a run only when it is empty', async () => {
      const a = await put('run/a', 1);
      await butler.registerCollection('good', 'TAGGED');
      await butler.associate('good', [a]);
      await butler.prependToChain('all', ['good']);
      await expect(butler.removeCollection('run/a')).rejects.toMatchObject({ code: 'BUTLER_RUN_NOT_EMPTY' });
      await expect(butler.removeCollection('good')).rejects.toMatchObject({ code: 'BUTLER_COLLECTION_IN_CHAIN' });
      expect(await butler.removeCollection('good', { unlink: true })).toMatchObject({
        collections: ['good'],
        unlinkedFrom: ['all'],
      });
      await butler.removeCollection('all');
      await butler.removeCollection('run/b');
      expect((await butler.listCollections()).map(({ name }) => name)).toEqual(['run/a']);
      expect(await butler.get(a)).toEqual({ run: 'run/a', detector: 1 });
    });
  });

  describe('dataset types', () => {
    it('go when there are no datasets of them', async () => {
      const a = await put('run/a', 1);
      await expect(butler.removeDatasetTypes(['metrics'])).rejects.toThrow(/in "run\/a"/);
      await butler.removeDatasets([a]);
      await butler.removeDatasetTypes(['metrics']);
      await expect(butler.getDatasetType('metrics')).rejects.toMatchObject({ code: 'BUTLER_NO_DATASET_TYPE' });
      await butler.registerDatasetTypes([butler.makeDatasetType('metrics', ['visit'], 'StructuredDataDict')]);
    });
  });

  describe('transactions', () => {
    it('undo rows and files together', async () => {
      const gone = await put('run/b', 1);
      const attempt = butler.transaction(async () => {
        await put('run/a', 1);
        await butler.registerCollection('new', 'TAGGED');
        await butler.removeDatasets([gone]);
        expect(await butler.exists([gone])).toEqual([{ recorded: false, stored: false }]);
        throw new Error('changed my mind');
      });
      await expect(attempt).rejects.toThrow('changed my mind');
      expect(files()).toEqual([await butler.getPath(gone)]);
      expect(await butler.listCollections(['new'])).toEqual([]);
      expect(await butler.get(gone)).toEqual({ run: 'run/b', detector: 1 });
    });

    it('inside another are undone alone', async () => {
      await butler.transaction(async () => {
        await put('run/a', 1);
        const inner = butler.transaction(async () => {
          await put('run/a', 2);
          throw new Error('no');
        });
        await expect(inner).rejects.toThrow('no');
      });
      expect(files()).toHaveLength(1);
      expect(await members('run/a')).toHaveLength(1);
    });
  });
});
