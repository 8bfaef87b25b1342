// SPDX-License-Identifier: BSD-3-Clause
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SkymillError } from '../../src/base/index.ts';
import { Butler } from '../../src/butler/index.ts';
import { describeEngines } from '../support/engines.ts';
import { addCamera } from './camera.ts';

const day = 86_400_000_000_000n;

/** Error codes of the tasks that failed; anything but an error of ours is thrown. */
async function outcomes(tasks: readonly Promise<unknown>[]): Promise<string[]> {
  const settled = await Promise.allSettled(tasks);
  return settled
    .map((one) => {
      if (one.status === 'fulfilled') return 'done';
      if (one.reason instanceof SkymillError) return one.reason.code;
      throw one.reason;
    })
    .sort();
}

describeEngines('two writers at the same moment', (engine) => {
  let dir: string;
  let a: Butler;
  let b: Butler;
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'skymill-writers-'));
    a = await engine.createButler(join(dir, 'repo'));
    await addCamera(a);
    // Sessions of their own, as two processes have.
    b = await Butler.open(a.root, { writeable: true });
  });
  afterAll(async () => {
    await a.close();
    await b.close();
    rmSync(dir, { recursive: true, force: true });
  });
  const both = (action: (butler: Butler, i: number) => Promise<unknown>): Promise<string[]> =>
    outcomes([action(a, 0), action(b, 1)]);

  it('register the same dataset types', async () => {
    for (let round = 0; round < 10; round++) {
      // A group of dimensions of its own each time, so that tables are made as well.
      const dimensions = [
        ['visit'],
        ['exposure'],
        ['tract'],
        ['patch'],
        ['day_obs'],
        ['group'],
        ['visit', 'detector'],
        ['exposure', 'detector'],
        ['tract', 'band'],
        ['patch', 'band'],
      ][round];
      const make = (butler: Butler) =>
        butler.makeDatasetType(`type${round}`, dimensions, 'StructuredDataDict', { isCalibration: false });
      expect(await both((butler) => butler.registerDatasetTypes([make(butler)]))).toEqual(['done', 'done']);
    }
    const [[groups, distinct]] = await a.registry.db.rows(
      `SELECT (SELECT count(*) FROM dimension_graph_key), (SELECT count(DISTINCT dimensions_key) FROM dataset_type)`,
    );
    expect([groups, distinct]).toEqual([10, 10]);
    const other = (butler: Butler, i: number) =>
      butler.makeDatasetType('odd', [i === 0 ? 'visit' : 'exposure'], 'StructuredDataDict');
    expect(await both((butler, i) => butler.registerDatasetTypes([other(butler, i)]))).toEqual([
      'BUTLER_DATASET_TYPE_CONFLICT',
      'done',
    ]);
  });

  it('register the same collections, and link them', async () => {
    for (let round = 0; round < 10; round++) {
      expect(await both((butler) => butler.registerCollection(`run/${round}`, 'RUN'))).toEqual(['done', 'done']);
    }
    expect(await both((butler, i) => butler.registerCollection('either', i === 0 ? 'RUN' : 'TAGGED'))).toEqual([
      'BUTLER_COLLECTION_TYPE',
      'done',
    ]);
    await a.registerCollection('chain', 'CHAINED');
    const link = (butler: Butler, i: number) => butler.prependToChain('chain', [`run/${i}`]);
    expect(await both(link)).toEqual(['done', 'done']);
    expect([...(await a.getCollection('chain')).children!].sort()).toEqual(['run/0', 'run/1']);
  });

  it('insert the same dimension record, equal or different', async () => {
    for (let id = 100; id < 110; id++) {
      const equal = (butler: Butler) =>
        butler.insertRecords('detector', [{ instrument: 'Cam', id, full_name: `D${id}` }], 'fail');
      expect(await both(equal)).toEqual(['done', 'done']);
      const differ = (butler: Butler, i: number) =>
        butler.insertRecords('physical_filter', [{ instrument: 'Cam', name: `f${id}`, band: `b${i}` }], 'fail');
      expect(await both(differ)).toEqual(['BUTLER_RECORD_CONFLICT', 'done']);
    }
  });

  it('put the same dataset: one is stored, and the other is told', async () => {
    await a.registerCollection('run', 'RUN');
    await a.registerDatasetTypes([a.makeDatasetType('d', ['detector'], 'StructuredDataDict')]);
    for (let detector = 1; detector <= 4; detector++) {
      const dataId = { instrument: 'Cam', detector };
      const put = (butler: Butler, i: number) => butler.put({ i }, 'd', dataId, 'run');
      expect(await both(put)).toEqual(['BUTLER_DATASET_CONFLICT', 'done']);
      const ref = await a.findDataset('d', dataId, { collections: ['run'] });
      expect(await a.get(ref!)).toEqual(await b.get(ref!));
    }
    const [[count]] = await a.registry.db.rows("SELECT count(*) FROM file_datastore_records WHERE path LIKE 'run/d/%'");
    expect(Number(count)).toBe(4);
  });

  it('certify ranges that overlap: one is valid', async () => {
    await a.registerCollection('calib', 'CALIBRATION');
    await a.registerCollection('flats', 'RUN');
    await a.registerDatasetTypes([
      a.makeDatasetType('flat', ['detector'], 'StructuredDataDict', { isCalibration: true }),
    ]);
    const { ref } = await a.put({}, 'flat', { instrument: 'Cam', detector: 1 }, 'flats');
    for (let n = 0n; n < 10n; n++) {
      const beginNs = n * day;
      const certify = (butler: Butler, i: number) =>
        butler.certify('calib', [ref], { beginNs: beginNs + BigInt(i), endNs: beginNs + day });
      expect(await both(certify)).toEqual(['BUTLER_VALIDITY_OVERLAP', 'done']);
    }
  });
});
