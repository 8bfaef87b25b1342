// SPDX-License-Identifier: BSD-3-Clause
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  ALL_TIME,
  type Butler,
  type DatasetAssociation,
  type DatasetRef,
  type Timespan,
} from '../../src/butler/index.ts';
import { describeEngines } from '../support/engines.ts';
import { addCamera } from './camera.ts';

describeEngines('collections of a repository', (engine) => {
  let dir: string;
  let butler: Butler;

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'skymill-collections-'));
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
    (await butler.put({}, 'metrics', { instrument: 'Cam', detector }, run)).ref;

  async function collect(options: Parameters<Butler['associations']>[1]): Promise<DatasetAssociation[]> {
    const out: DatasetAssociation[] = [];
    for await (const one of butler.associations('metrics', options)) out.push(one);
    return out;
  }

  describe('chains', () => {
    it('are extended, prepended and cut, and members move', async () => {
      for (const run of ['r1', 'r2', 'r3']) await butler.registerCollection(run, 'RUN');
      const children = async () => (await butler.getCollection('all')).children;
      await butler.extendChain('all', ['r1']);
      await butler.extendChain('all', ['r2', 'r3']);
      expect(await children()).toEqual(['r1', 'r2', 'r3']);
      await butler.extendChain('all', ['r1']);
      expect(await children()).toEqual(['r2', 'r3', 'r1']);
      await butler.prependToChain('all', ['r1', 'r3']);
      expect(await children()).toEqual(['r1', 'r3', 'r2']);
      await butler.removeFromChain('all', ['r3']);
      expect(await children()).toEqual(['r1', 'r2']);
      await expect(butler.removeFromChain('all', ['r2', 'r3'])).rejects.toMatchObject({ code: 'BUTLER_NOT_IN_CHAIN' });
      await expect(butler.extendChain('all', ['all'])).rejects.toMatchObject({ code: 'BUTLER_CHAIN_CYCLE' });
      await expect(butler.removeFromChain('r1', ['r2'])).rejects.toMatchObject({ code: 'BUTLER_COLLECTION_TYPE' });
      expect(await children()).toEqual(['r1', 'r2']);
    });

    it('of many members take few statements', async () => {
      const names = Array.from({ length: 200 }, (_, i) => `many/${i}`);
      for (const name of names) await butler.registerCollection(name, 'RUN');
      const before = butler.registry.db.statementCount;
      await butler.extendChain('all', names);
      expect(butler.registry.db.statementCount - before).toBeLessThanOrEqual(12);
    });
  });

  it('documentation can be changed', async () => {
    await butler.setCollectionDoc('run/a', 'first try');
    expect(await butler.getCollection('run/a')).toEqual({ name: 'run/a', type: 'RUN', doc: 'first try' });
    await expect(butler.setCollectionDoc('run/c', 'x')).rejects.toMatchObject({ code: 'BUTLER_NO_COLLECTION' });
  });

  describe('memberships', () => {
    it('are listed with their validity', async () => {
      const [a, b] = [await put('run/a', 1), await put('run/b', 1)];
      await butler.registerCollection('good', 'TAGGED');
      await butler.registerCollection('calib', 'CALIBRATION');
      await butler.associate('good', [a]);
      await butler.certify('calib', [b], ALL_TIME);
      await butler.setChain((await butler.registerCollection('all', 'CHAINED')) ? 'all' : '', ['good', 'calib']);
      const names = ['run/a', 'run/b', 'all'];
      expect(await collect({ collections: names })).toEqual([
        { ref: a, collection: 'run/a' },
        { ref: b, collection: 'run/b' },
      ]);
      expect(await collect({ collections: names, flattenChains: true, types: ['TAGGED', 'CALIBRATION'] })).toEqual([
        { ref: a, collection: 'good' },
        { ref: b, collection: 'calib', timespan: ALL_TIME },
      ]);
      await butler.disassociate('good', [a, b]);
      expect(await collect({ collections: ['good'] })).toEqual([]);
      await expect(butler.disassociate('run/a', [a])).rejects.toMatchObject({ code: 'BUTLER_COLLECTION_TYPE' });
    });

    it('are summed up', async () => {
      const a = await put('run/a', 1);
      await butler.registerCollection('good', 'TAGGED');
      await butler.prependToChain('all', ['good', 'run/b']);
      const nothing = { datasetTypes: [], governors: {} };
      const summary = { datasetTypes: ['metrics'], governors: { instrument: ['Cam'] } };
      expect(await butler.collectionSummary('run/a')).toEqual(summary);
      expect(await butler.collectionSummary('all')).toEqual(nothing);
      await butler.associate('good', [a]);
      expect(await butler.collectionSummary('all')).toEqual(summary);
    });
  });

  describe('decertifying', () => {
    const span = (begin: number, end: number): Timespan => ({
      beginNs: BigInt(begin) * 10n ** 9n,
      endNs: BigInt(end) * 10n ** 9n,
    });
    const ranges = async () =>
      (await collect({ collections: ['calib'] })).map(({ ref, timespan }) => [
        ref.dataId.get('detector'),
        Number(timespan!.beginNs! / 10n ** 9n),
        Number(timespan!.endNs! / 10n ** 9n),
      ]);

    it('splits, shortens and drops ranges', async () => {
      const refs = [await put('run/a', 1), await put('run/a', 2)];
      await butler.registerCollection('calib', 'CALIBRATION');
      await butler.certify('calib', refs, span(100, 200));
      expect(await butler.decertify('calib', 'metrics', span(300, 400))).toBe(0);
      const second = { dataIds: [{ instrument: 'Cam', detector: 2 }] };
      expect(await butler.decertify('calib', 'metrics', span(120, 140), second)).toBe(1);
      expect((await ranges()).sort()).toEqual([
        [1, 100, 200],
        [2, 100, 120],
        [2, 140, 200],
      ]);
      expect(await butler.decertify('calib', 'metrics', span(50, 150))).toBe(3);
      expect((await ranges()).sort()).toEqual([
        [1, 150, 200],
        [2, 150, 200],
      ]);
      expect(await butler.decertify('calib', 'metrics', ALL_TIME)).toBe(2);
      expect(await ranges()).toEqual([]);
      await butler.certify('calib', refs, span(100, 200));
    });
  });
});
