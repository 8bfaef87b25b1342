// SPDX-License-Identifier: BSD-3-Clause
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Butler, type DatasetRef } from '../../src/butler/index.ts';
import { describeEngines } from '../support/engines.ts';
import { addCamera } from './camera.ts';

/** Two who do the same at once, again and again: the moments differ. */
const rounds = 8;

describeEngines('two who work on one repository at once', (engine) => {
  let dir: string;
  let butlers: [Butler, Butler];
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'skymill-races-'));
    const first = await engine.createButler(join(dir, 'repo'));
    await addCamera(first);
    await first.registerDatasetTypes([
      first.makeDatasetType('thing', ['detector'], 'StructuredDataDict', { isCalibration: true }),
    ]);
    butlers = [first, await Butler.open(first.root, { writeable: true })];
  });
  afterEach(async () => {
    for (const butler of butlers) await butler.close();
    rmSync(dir, { recursive: true, force: true });
  });

  async function both<T>(act: (butler: Butler, which: 0 | 1) => Promise<T>): Promise<{ done: T[]; errors: Error[] }> {
    const results = await Promise.allSettled([act(butlers[0], 0), act(butlers[1], 1)]);
    return {
      done: results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : [])),
      errors: results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : [])),
    };
  }

  const dataId = { instrument: 'Cam', detector: 1 };
  const inRun = async (run: string): Promise<DatasetRef> => {
    await butlers[0].registerCollection(run, 'RUN');
    return (await butlers[0].put({ run }, 'thing', dataId, run)).ref;
  };

  it('register the same dataset type, with new dimensions', async () => {
    for (let i = 0; i < rounds; i++) {
      const dimensions = [['visit'], ['exposure', 'detector'], ['tract'], ['patch', 'band']][i % 4];
      const { done, errors } = await both((butler) =>
        butler.registerDatasetTypes([butler.makeDatasetType(`t${i}`, dimensions, 'StructuredDataDict')]),
      );
      expect(errors).toEqual([]);
      expect(done.sort()).toEqual([0, 1]);
    }
    const { db } = butlers[0].registry;
    const groups = await db.rows('SELECT count(*) FROM dimension_graph_key');
    expect(groups.map(([count]) => Number(count))).toEqual([5]);
  });

  it('register one dataset type differently: one is told both definitions', async () => {
    for (let i = 0; i < rounds; i++) {
      const classes = ['StructuredDataDict', 'StructuredDataList'];
      const { done, errors } = await both((butler, which) =>
        butler.registerDatasetTypes([butler.makeDatasetType(`t${i}`, ['detector'], classes[which])]),
      );
      expect(done).toEqual([1]);
      expect(errors).toMatchObject([{ code: 'BUTLER_DATASET_TYPE_CONFLICT' }]);
      for (const name of classes) expect(errors[0].message).toContain(name);
    }
  });

  it('insert the same dimension record', async () => {
    for (let i = 0; i < rounds; i++) {
      const { done, errors } = await both((butler) =>
        butler.insertRecords('detector', [{ instrument: 'Cam', id: 100 + i, full_name: `D${i}` }]),
      );
      expect(errors).toEqual([]);
      expect(done.sort()).toEqual([0, 1]);
    }
  });

  it('insert different records under one key: one is told both values', async () => {
    for (let i = 0; i < rounds; i++) {
      const { done, errors } = await both((butler, which) =>
        butler.insertRecords('detector', [
          { instrument: 'Cam', id: 100 + i, full_name: `D${i}`, purpose: `by ${which}` },
        ]),
      );
      expect(done).toEqual([1]);
      expect(errors).toMatchObject([{ code: 'BUTLER_RECORD_CONFLICT' }]);
      expect(errors[0].message).toMatch(/by 0.*by 1|by 1.*by 0/);
    }
  });

  it('put the same dataset: one is there, whole, and one is refused', async () => {
    for (let i = 0; i < rounds; i++) {
      const run = `run/${i}`;
      await butlers[0].registerCollection(run, 'RUN');
      const { done, errors } = await both((butler, which) => butler.put({ which }, 'thing', dataId, run));
      expect(errors).toMatchObject([{ code: 'BUTLER_DATASET_CONFLICT' }]);
      expect(errors[0].message).toContain(done[0].ref.id);
      const winner = await butlers[0].get(done[0].ref);
      expect(await butlers[1].get((await butlers[1].findDataset('thing', dataId, { collections: [run] }))!)).toEqual(
        winner,
      );
    }
  });

  it('register the same collection, equally or as another kind', async () => {
    for (let i = 0; i < rounds; i++) {
      const equal = await both((butler) => butler.registerCollection(`same/${i}`, 'RUN'));
      expect(equal).toMatchObject({ errors: [] });
      expect(equal.done.sort()).toEqual([false, true]);
      const { done, errors } = await both((butler, which) =>
        butler.registerCollection(`other/${i}`, which === 0 ? 'TAGGED' : 'CHAINED'),
      );
      expect(done).toEqual([true]);
      expect(errors).toMatchObject([{ code: 'BUTLER_COLLECTION_TYPE' }]);
    }
  });

  it('certify overlapping ranges: one is refused', async () => {
    const refs = [await inRun('run/0'), await inRun('run/1')];
    for (let i = 0; i < rounds; i++) {
      await butlers[0].registerCollection(`calib/${i}`, 'CALIBRATION');
      const day = 86_400_000_000_000n;
      const { done, errors } = await both((butler, which) =>
        butler.certify(`calib/${i}`, [refs[which]], { beginNs: BigInt(which) * day, endNs: 20n * day }),
      );
      expect(done).toHaveLength(1);
      expect(errors).toMatchObject([{ code: 'BUTLER_VALIDITY_OVERLAP' }]);
    }
  });

  it('edit one chain: no edit is lost, and none closes a circle', async () => {
    await butlers[0].registerCollection('chain', 'CHAINED');
    for (let i = 0; i < rounds; i++) {
      for (const which of [0, 1]) await butlers[0].registerCollection(`run/${i}/${which}`, 'RUN');
      const edit = await both((butler, which) =>
        which === 0 ? butler.prependToChain('chain', [`run/${i}/0`]) : butler.extendChain('chain', [`run/${i}/1`]),
      );
      expect(edit.errors).toEqual([]);
      for (const chain of [`a${i}`, `b${i}`]) await butlers[0].registerCollection(chain, 'CHAINED');
      const circle = await both((butler, which) =>
        which === 0 ? butler.setChain(`a${i}`, [`b${i}`]) : butler.setChain(`b${i}`, [`a${i}`]),
      );
      expect(circle.errors).toMatchObject([{ code: 'BUTLER_CHAIN_CYCLE' }]);
    }
    const { children } = await butlers[1].getCollection('chain');
    expect(children).toEqual([
      ...Array.from({ length: rounds }, (_, i) => `run/${rounds - 1 - i}/0`),
      ...Array.from({ length: rounds }, (_, i) => `run/${i}/1`),
    ]);
  });

  it('remove the same datasets, or put new ones in their places', async () => {
    for (let i = 0; i < rounds; i++) {
      const ref = await inRun(`run/${i}`);
      const again = await both(async (butler, which) => {
        if (which === 0) return butler.removeDatasets([ref]);
        for (;;) {
          const put = await butler.put({ again: i }, 'thing', dataId, `run/${i}`).catch((error) => error);
          if (!(put instanceof Error)) return put.ref;
          expect(put).toMatchObject({ code: 'BUTLER_DATASET_CONFLICT' });
        }
      });
      expect(again.errors).toEqual([]);
      const next = again.done.find((one) => one !== undefined) as DatasetRef;
      expect(await butlers[0].get(next)).toEqual({ again: i });
      expect((await both((butler) => butler.removeDatasets([next]))).errors).toEqual([]);
      expect(await butlers[0].exists([next])).toEqual([{ recorded: false, stored: false }]);
    }
    expect(await butlers[0].registry.trash.count()).toBe(0);
  });
});
