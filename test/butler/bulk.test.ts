// SPDX-License-Identifier: BSD-3-Clause
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileSystemOf, newUuid } from '../../src/base/index.ts';
import { Butler, type DataId, type DatasetRef, makeTimespan } from '../../src/butler/index.ts';
import { SqliteDatabase } from '../../src/butler/registry/sqlite/database.ts';
import { usesLog } from '../../src/butler/registry/sqlite/journal.ts';

let dir: string;
let butler: Butler;
const instrument = 'Cam';
const typeNames = Array.from({ length: 12 }, (_, i) => `type${i}`);

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'skymill-bulk-'));
  butler = await Butler.create(join(dir, 'repo'));
  await butler.insertRecords('instrument', [
    { name: instrument, class_name: 'x', detector_max: 100, exposure_max: 9999, visit_max: 9999 },
  ]);
  await butler.insertRecords('detector', detectors(100));
  await butler.registerDatasetTypes(
    typeNames.map((name) => butler.makeDatasetType(name, ['detector'], 'StructuredDataDict', { isCalibration: true })),
  );
  await butler.registerCollection('run', 'RUN');
});

afterEach(async () => {
  await butler.close();
  rmSync(dir, { recursive: true });
});

function detectors(count: number) {
  return Array.from({ length: count }, (_, id) => ({ instrument, id, full_name: `D${id}`, purpose: 'SCIENCE' }));
}

function ids(count: number): DataId[] {
  return Array.from({ length: count }, (_, detector) => ({ instrument, detector }));
}

async function statements(work: () => Promise<unknown>): Promise<number> {
  const before = butler.registry.db.statementCount;
  await work();
  return butler.registry.db.statementCount - before;
}

describe('statements of bulk operations', () => {
  /** 10 008 datasets of 12 types: 834 detectors. */
  const perType = 834;

  async function registered(): Promise<DatasetRef[]> {
    const refs: DatasetRef[] = [];
    await butler.transaction(async () => {
      for (const name of typeNames) refs.push(...(await butler.registerDatasets(name, ids(perType), 'run')));
    });
    return refs;
  }

  beforeEach(async () => {
    await butler.insertRecords('detector', detectors(perType), 'skip');
  });

  it('registering: at most 6 for each of 12 types', async () => {
    expect(await statements(registered)).toBeLessThanOrEqual(12 * 6 + 2);
  });

  it('tagging, certifying, recording files, looking up: few for each type, however many the datasets', async () => {
    const refs = await registered();
    await butler.registerCollection('tagged', 'TAGGED');
    await butler.registerCollection('calib', 'CALIBRATION');
    expect(await statements(() => butler.associate('tagged', refs))).toBeLessThanOrEqual(12 * 4 + 3);
    const timespan = makeTimespan(0n, 1_000_000_000n);
    expect(await statements(() => butler.certify('calib', refs, timespan))).toBeLessThanOrEqual(12 * 5 + 3);
    const records = refs.map((ref) => ({
      datasetId: ref.id,
      path: `run/${ref.datasetType.name}/${ref.dataId.key}.yaml`,
      formatter: 'lsst.daf.butler.formatters.yaml.YamlFormatter',
      storageClass: 'StructuredDataDict',
      component: null,
      sizeBytes: 12,
      checksum: null,
    }));
    expect(await statements(() => butler.registry.files.insert(records))).toBeLessThanOrEqual(8);
    const byId = refs.map((ref) => ref.id);
    expect(await statements(() => butler.getFileRecords(byId))).toBe(1);
    expect(await statements(() => butler.getDatasets(byId))).toBeLessThanOrEqual(16);
    expect((await butler.getDatasets(byId)).map((ref) => ref?.dataId.key)).toEqual(refs.map((ref) => ref.dataId.key));
  });

  it('dimension records: one look-up and one insert', async () => {
    const more = detectors(5000).slice(perType);
    expect(await statements(() => butler.insertRecords('detector', more))).toBeLessThanOrEqual(5);
  });

  it('a put of objects in one call asks once for everything', async () => {
    const objects = ids(500).map((dataId) => ({ object: { a: 1 }, dataId }));
    const asked = await statements(async () => {
      const stored = await butler.putMany(objects, 'type0', 'run');
      expect(await butler.get(stored[499].ref)).toEqual({ a: 1 });
      expect(stored.map(({ ref }) => ref.dataId.get('detector'))).toEqual(ids(500).map(({ detector }) => detector));
    });
    expect(asked).toBeLessThanOrEqual(20);
  });
});

describe('refusals in bulk', () => {
  it('name the data ID that is twice in a batch, or in the run already, and leave nothing', async () => {
    await expect(butler.registerDatasets('type0', [...ids(50), ids(8)[7]], 'run')).rejects.toMatchObject({
      code: 'BUTLER_DATASET_CONFLICT',
      message: expect.stringContaining('detector: 7'),
    });
    await butler.registerDatasets('type0', [ids(4)[3]], 'run');
    await expect(butler.registerDatasets('type0', ids(50), 'run')).rejects.toMatchObject({
      code: 'BUTLER_DATASET_CONFLICT',
      message: expect.stringContaining('detector: 3'),
    });
    expect(await butler.registry.db.rows('SELECT count(*) FROM dataset')).toEqual([[1]]);
  });

  it('name an id that is in use', async () => {
    const [ref] = await butler.registerDatasets('type0', ids(1), 'run');
    await butler.registerCollection('other', 'RUN');
    const type = await butler.registry.types.get('type0');
    const run = await butler.registry.collections.get('other');
    await expect(butler.registry.datasets.insert(type, run, [{ ...ref, run: 'other' }])).rejects.toMatchObject({
      code: 'BUTLER_ID_CONFLICT',
    });
  });

  it('put the indexes back that were left for later', async () => {
    const { db } = butler.registry;
    const indexes = () => db.rows("SELECT name FROM sqlite_master WHERE type = 'index' ORDER BY name");
    const before = await indexes();
    const failing = db.deferIndexes(['dataset'], async () => {
      expect((await indexes()).length).toBeLessThan(before.length);
      throw new Error('stop');
    });
    await expect(failing).rejects.toThrow('stop');
    expect(await indexes()).toEqual(before);
    await db.deferIndexes(['dataset'], () => butler.registerDatasets('type0', ids(3), 'run'));
    expect(await indexes()).toEqual(before);
  });
});

describe('rows in one parameter', () => {
  it('arrive as they were', async () => {
    const file = join(dir, 'values.sqlite3');
    const db = SqliteDatabase.open(file, { writeable: true, create: true });
    await db.run('CREATE TABLE t (n INTEGER PRIMARY KEY, a, b BIGINT, c TEXT)');
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.constant('a"b\\c\u0000d\ud800'));
    const value = fc.oneof(text, fc.maxSafeInteger(), fc.double({ noNaN: true }), fc.constant(null));
    const row = fc.tuple(value, fc.oneof(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), fc.constant(7)), text);
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 20, maxLength: 60 }), async (rows) => {
        const numbered = rows.map((one, i) => [i, ...one]);
        const columns = ['n', 'a', 'b', 'c'];
        const read = () => db.rows('SELECT a, typeof(a), b, hex(c) FROM t ORDER BY n', [], { bigints: true });
        await db.insert('t', columns, numbered);
        const together = await read();
        await db.run('DELETE FROM t');
        for (const one of numbered) await db.insert('t', columns, [one]);
        expect(together).toEqual(await read());
        await db.run('DELETE FROM t');
      }),
      { numRuns: 30 },
    );
    await db.close();
  });
});

describe('puts that are under way together', () => {
  it('share transactions', async () => {
    const asked = await statements(() =>
      Promise.all(ids(100).map((dataId) => butler.put({ detector: dataId.detector }, 'type0', dataId, 'run'))),
    );
    expect(asked).toBeLessThanOrEqual(100 * 3 + 40);
    const found = await butler.findDataset('type0', { instrument, detector: 42 }, { collections: ['run'] });
    expect(await butler.get(found!)).toEqual({ detector: 42 });
  });

  it('fail alone', async () => {
    await butler.put({ old: true }, 'type0', ids(6)[5], 'run');
    const results = await Promise.allSettled(
      ids(20).map((dataId) => butler.put({ old: false }, 'type0', dataId, 'run')),
    );
    const failed = results.flatMap((result, i) => (result.status === 'rejected' ? [i] : []));
    expect(failed).toEqual([5]);
    const refs: DatasetRef[] = [];
    for await (const ref of butler.query().datasets('type0', { collections: ['run'] })) refs.push(ref);
    const objects = await Promise.all(refs.map(async (ref) => [ref.dataId.get('detector'), await butler.get(ref)]));
    expect(new Map(objects as [number, unknown][])).toEqual(new Map(ids(20).map((_, i) => [i, { old: i === 5 }])));
  });
});

describe.skipIf(!fileSystemOf(tmpdir()).local)('the journal', () => {
  const database = () => join(dir, 'repo/gen3.sqlite3');
  const putSome = async (from: number): Promise<void> => {
    for (const dataId of ids(from + 8).slice(from)) await butler.put({}, 'type0', dataId, 'run');
  };

  it('is the log while a connection writes much, and one file is left at the end', async () => {
    await putSome(0);
    expect(usesLog(database())).toBe(true);
    const reader = await Butler.open(join(dir, 'repo'));
    expect((await reader.listCollections()).length).toBe(1);
    await reader.close();
    await butler.close();
    expect(usesLog(database())).toBe(false);
    expect(existsSync(`${database()}-wal`)).toBe(false);
    butler = await Butler.open(join(dir, 'repo'), { writeable: true });
  });

  it('is not the log while very many rows are written', async () => {
    await putSome(0);
    expect(usesLog(database())).toBe(true);
    await butler.registry.db.deferIndexes(['dataset'], async () => {
      await butler.registerDatasets('type3', ids(100), 'run');
      expect(usesLog(database())).toBe(false);
    });
    const found = await butler.findDataset('type3', { instrument, detector: 42 }, { collections: ['run'] });
    expect(found?.run).toBe('run');
  });

  it('stays as it is while others read, and changes back when the last one that writes goes', async () => {
    await putSome(0);
    const reader = await Butler.open(join(dir, 'repo'));
    expect(await reader.listCollections()).toHaveLength(1);
    await butler.close();
    expect(await reader.listCollections()).toHaveLength(1);
    await reader.close();
    butler = await Butler.open(join(dir, 'repo'), { writeable: true });
    await butler.registerCollection('another', 'RUN');
    await butler.close();
    expect(usesLog(database())).toBe(false);
    butler = await Butler.open(join(dir, 'repo'), { writeable: true });
    expect(await butler.getDatasets([newUuid()])).toEqual([undefined]);
  });

  it('loses nothing when a writer is killed, and whoever only reads finds it all', async () => {
    await butler.close();
    const script = `
      const { Butler } = await import(${JSON.stringify(resolve('src/butler/index.ts'))});
      const butler = await Butler.open(${JSON.stringify(join(dir, 'repo'))}, { writeable: true });
      for (let detector = 0; detector < 20; detector++) await butler.put({ detector }, 'type1', { instrument: 'Cam', detector }, 'run');
      process.kill(process.pid, 'SIGKILL');`;
    const { signal } = spawnSync(process.execPath, ['--input-type=module', '-e', script]);
    expect(signal).toBe('SIGKILL');
    expect(usesLog(database())).toBe(true);
    butler = await Butler.open(join(dir, 'repo'));
    let found = 0;
    for await (const ref of butler.query().datasets('type1', { collections: ['run'] })) {
      expect(await butler.get(ref)).toEqual({ detector: ref.dataId.get('detector') });
      found++;
    }
    expect(found).toBe(20);
  });

  it('stays the rollback journal where it is asked for', async () => {
    await butler.close();
    process.env['SKYMILL_SQLITE_JOURNAL'] = 'rollback';
    try {
      butler = await Butler.open(join(dir, 'repo'), { writeable: true });
      await putSome(0);
      expect(usesLog(database())).toBe(false);
    } finally {
      delete process.env['SKYMILL_SQLITE_JOURNAL'];
    }
  });
});
