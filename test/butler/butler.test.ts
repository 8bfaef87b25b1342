// SPDX-License-Identifier: BSD-3-Clause
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ALL_TIME, Butler, type DatasetRef, FileLimitedButler } from '../../src/butler/index.ts';
import { createButler, testEngine } from '../support/databases.ts';
import { addCamera } from './camera.ts';

let dir: string;
let butler: Butler;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'skymill-butler-'));
  butler = await createButler(join(dir, 'repo'));
  await addCamera(butler);
});
afterEach(async () => {
  await butler.close();
  rmSync(dir, { recursive: true, force: true });
});

/** Files of the repository that are not its database or configuration. */
function files(): string[] {
  return readdirSync(butler.root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/^(gen3\.sqlite3.*|butler\.yaml)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

async function putDict(run: string, detector: number, value: unknown): Promise<DatasetRef> {
  await butler.registerCollection(run, 'RUN');
  await butler.registerDatasetTypes([butler.makeDatasetType('metrics', ['detector'], 'StructuredDataDict')]);
  return (await butler.put(value, 'metrics', { instrument: 'Cam', detector }, run)).ref;
}

describe('a new repository', () => {
  it('refuses a second one in its place, and a place that holds none', async () => {
    await expect(createButler(butler.root)).rejects.toMatchObject({ code: 'BUTLER_REPOSITORY_EXISTS' });
    await expect(Butler.open(dir)).rejects.toMatchObject({ code: 'BUTLER_NO_REPOSITORY' });
  });

  it('gives back what was put', async () => {
    const value = {
      name: 'ä',
      numbers: [1, 2.5, 1e-9, -3e22],
      flag: true,
      nothing: null,
      yes: 'yes',
      time: '12:30:00',
    };
    const ref = await putDict('run/a', 1, value);
    expect(await butler.get(ref)).toEqual(value);
    const found = await butler.findDataset('metrics', { instrument: 'Cam', detector: 1 }, { collections: ['run/a'] });
    expect(found).toEqual(ref);
    expect(await butler.getPath(ref)).toBe(join(butler.root, 'run/a/metrics/metrics_Cam_Aa_run_a.yaml'));
  });

  it('refuses the same dataset twice, without touching the file', async () => {
    const ref = await putDict('run/a', 1, { a: 1 });
    await expect(putDict('run/a', 1, { a: 2 })).rejects.toMatchObject({ code: 'BUTLER_DATASET_CONFLICT' });
    expect(await butler.get(ref)).toEqual({ a: 1 });
    expect(files()).toHaveLength(1);
  });

  it('writes nothing when the object cannot be written', async () => {
    await expect(putDict('run/a', 1, () => 0)).rejects.toMatchObject({ code: 'BUTLER_BAD_OBJECT' });
    expect(files()).toEqual([]);
  });

  it('names a missing record, an unknown collection, type and storage class', async () => {
    await expect(putDict('run/a', 99, {})).rejects.toThrow(/no detector record/);
    await expect(butler.put({}, 'metrics', { instrument: 'Cam', detector: 1 }, 'run/b')).rejects.toThrow(
      /Did you mean "run\/a"/,
    );
    await expect(butler.getDatasetType('metrcs')).rejects.toThrow(/Did you mean "metrics"/);
    await butler.registerDatasetTypes([butler.makeDatasetType('odd', ['detector'], 'StructuredDataDct')]);
    await expect(butler.put({}, 'odd', { instrument: 'Cam', detector: 1 }, 'run/a')).rejects.toThrow(
      /StructuredDataDict/,
    );
  });

  it('opens read-only for readers and says so to writers', async () => {
    const ref = await putDict('run/a', 1, { a: 1 });
    const reader = await Butler.open(butler.root);
    expect(await reader.get(ref)).toEqual({ a: 1 });
    await expect(reader.registerCollection('x', 'RUN')).rejects.toMatchObject({ code: 'BUTLER_READ_ONLY' });
    expect(await reader.registerCollection('run/a', 'RUN')).toBe(false);
    expect(reader.repositoryId).toBe(butler.repositoryId);
    await reader.close();
  });

  it('notices a file that changed or went', async () => {
    const ref = await putDict('run/a', 1, { a: 1 });
    const path = await butler.getPath(ref);
    writeFileSync(path, 'something longer');
    await expect(butler.get(ref)).rejects.toMatchObject({ code: 'BUTLER_FILE_SIZE' });
    rmSync(path);
    await expect(butler.get(ref)).rejects.toMatchObject({ code: 'BUTLER_FILE_MISSING' });
  });
});

describe('collections', () => {
  it('searches chains in order and refuses cycles', async () => {
    const a = await putDict('run/a', 1, { from: 'a' });
    const b = await putDict('run/b', 1, { from: 'b' });
    await butler.registerCollection('inner', 'CHAINED');
    await butler.setChain('inner', ['run/b']);
    await butler.prependToChain('outer', ['run/a']);
    await butler.prependToChain('outer', ['inner']);
    const find = (collections: string[]) =>
      butler.findDataset('metrics', { instrument: 'Cam', detector: 1 }, { collections });
    expect((await find(['outer']))?.id).toBe(b.id);
    expect((await find(['run/a', 'outer']))?.id).toBe(a.id);
    expect((await butler.getCollection('outer')).children).toEqual(['inner', 'run/a']);
    await expect(butler.setChain('inner', ['outer'])).rejects.toMatchObject({ code: 'BUTLER_CHAIN_CYCLE' });
    await expect(butler.setChain('inner', ['inner'])).rejects.toMatchObject({ code: 'BUTLER_CHAIN_CYCLE' });
    expect((await butler.listCollections(['run/*'])).map((one) => one.name)).toEqual(['run/a', 'run/b']);
    expect((await butler.listCollections(undefined, ['CHAINED'])).map((one) => one.name)).toEqual(['inner', 'outer']);
  });

  it('keeps one dataset for a data ID in a tagged collection', async () => {
    const a = await putDict('run/a', 1, {});
    const b = await putDict('run/b', 1, {});
    await butler.registerCollection('good', 'TAGGED');
    await butler.associate('good', [a]);
    await butler.associate('good', [b]);
    await butler.associate('good', [b]);
    const found = await butler.findDataset('metrics', a.dataId, { collections: ['good'] });
    expect(found?.id).toBe(b.id);
    await expect(butler.registerCollection('good', 'RUN')).rejects.toMatchObject({ code: 'BUTLER_COLLECTION_TYPE' });
  });
});

describe('calibrations', () => {
  const day = (n: number): bigint => BigInt(n) * 86_400_000_000_000n;

  it("are found by the exposure's own time, and never overlap", async () => {
    await butler.registerDatasetTypes([
      butler.makeDatasetType('flat', ['detector', 'physical_filter'], 'StructuredDataDict', { isCalibration: true }),
    ]);
    await butler.registerCollection('r1', 'RUN');
    await butler.registerCollection('r2', 'RUN');
    await butler.registerCollection('calib', 'CALIBRATION');
    const dataId = { instrument: 'Cam', detector: 1, physical_filter: 'Cam-R' };
    const first = (await butler.put({ n: 1 }, 'flat', dataId, 'r1')).ref;
    const second = (await butler.put({ n: 2 }, 'flat', dataId, 'r2')).ref;
    await butler.certify('calib', [first], { beginNs: undefined, endNs: day(19_000) });
    await butler.certify('calib', [second], { beginNs: day(19_000), endNs: undefined });
    const find = (exposure: number) =>
      butler.findDataset('flat', { instrument: 'Cam', detector: 1, exposure }, { collections: ['calib'] });
    expect((await find(1))?.id).toBe(first.id);
    expect((await find(2))?.id).toBe(second.id);
    expect(await butler.findDataset('flat', dataId, { collections: ['calib'] })).toBeUndefined();
    const always = { collections: ['calib'], timespan: ALL_TIME };
    await expect(butler.findDataset('flat', dataId, always)).rejects.toMatchObject({
      code: 'BUTLER_AMBIGUOUS_CALIBRATION',
    });
    await expect(butler.certify('calib', [second], { beginNs: day(18_999), endNs: day(19_001) })).rejects.toMatchObject(
      {
        code: 'BUTLER_VALIDITY_OVERLAP',
      },
    );
    const given = { beginNs: day(18_000), endNs: day(18_001) };
    expect((await butler.findDataset('flat', dataId, { collections: ['calib'], timespan: given }))?.id).toBe(first.id);
  });
});

describe('dimension records', () => {
  it('skip, refuse or replace a differing row', async () => {
    const row = { instrument: 'Cam', id: 1, full_name: 'Aa', purpose: 'WAVEFRONT' };
    await expect(butler.insertRecords('detector', [row])).rejects.toMatchObject({ code: 'BUTLER_RECORD_CONFLICT' });
    expect(await butler.insertRecords('detector', [row], 'skip')).toBe(0);
    expect(await butler.insertRecords('detector', [row], 'replace')).toBe(1);
    expect(await butler.insertRecords('detector', [{ ...row }], 'fail')).toBe(0);
  });

  it('name unknown fields, bad values and missing parents', async () => {
    const insert = (row: Record<string, unknown>) => butler.insertRecords('detector', [row as never]);
    await expect(insert({ instrument: 'Cam', id: 7, ful_name: 'x' })).rejects.toThrow(/Did you mean "full_name"/);
    await expect(insert({ instrument: 'Cam', id: 7.5 })).rejects.toThrow(/7\.5.*integer/);
    await expect(insert({ instrument: 'Cam' })).rejects.toThrow(/no value for id/);
    await expect(insert({ instrument: 'Nope', id: 7 })).rejects.toMatchObject({ code: 'BUTLER_CONSTRAINT' });
    await expect(butler.insertRecords('band', [{ name: 'r' }])).rejects.toThrow(/physical_filter/);
  });
});

describe('outputs of jobs', () => {
  async function outputs(): Promise<{ refs: DatasetRef[]; limited: FileLimitedButler }> {
    await butler.registerCollection('out', 'RUN');
    const type = butler.makeDatasetType('result', ['detector'], 'StructuredDataDict');
    await butler.registerDatasetTypes([type]);
    const refs = [1, 2].map(
      (detector): DatasetRef => ({
        id: `0192f0c1-2345-7abc-8def-00000000000${detector}`,
        datasetType: type,
        dataId: butler.universe.coordinate(type.dimensions, { instrument: 'Cam', detector }),
        run: 'out',
      }),
    );
    const records = (n: number) => ({ detector: { instrument: 'Cam', id: n, full_name: `A${n}` } });
    const plain = {
      root: butler.root,
      datasets: refs.map((ref, i) => ({ id: ref.id, ...butler.predictFile(ref, records(i + 1)) })),
    };
    return { refs, limited: new FileLimitedButler(JSON.parse(JSON.stringify(plain))) };
  }

  it('are written without a registry and registered once', async () => {
    const { refs, limited } = await outputs();
    expect(await limited.exists(refs[0])).toBe(false);
    const written = await Promise.all(
      refs.map(async (ref) => ({ ref, record: (await limited.put({ id: ref.id }, ref)).record })),
    );
    expect(await limited.exists(refs[0])).toBe(true);
    expect(await limited.get(refs[1])).toEqual({ id: refs[1].id });
    expect(limited.takeUsage().bytesWritten).toBe(written[0].record.sizeBytes + written[1].record.sizeBytes);
    expect(await butler.getDatasets([refs[0].id])).toEqual([undefined]);
    expect(await butler.registerOutputs(written)).toEqual({ registered: 2, present: 0 });
    expect(await butler.registerOutputs(written)).toEqual({ registered: 0, present: 2 });
    expect(await butler.get(refs[0])).toEqual({ id: refs[0].id });
    expect(await butler.getDatasets(refs.map((ref) => ref.id))).toEqual(refs);
  });

  it('written anew are known by the file that is there', async () => {
    const { refs, limited } = await outputs();
    const write = async (value: unknown) => [{ ref: refs[0], record: (await limited.put(value, refs[0])).record }];
    await butler.registerOutputs(await write({ try: 1 }));
    const again = await write({ try: 2, longer: true });
    await expect(butler.get(refs[0])).rejects.toMatchObject({ code: 'BUTLER_FILE_SIZE' });
    expect(await butler.registerOutputs(again)).toEqual({ registered: 0, present: 1 });
    expect(await butler.get(refs[0])).toEqual({ try: 2, longer: true });
    expect(await butler.getFileRecords([refs[0].id])).toEqual([[again[0].record]]);
    await butler.pruneDatasets([refs[0]], { mode: 'unstore' });
    expect(await butler.registerOutputs(await write({ try: 3 }))).toEqual({ registered: 0, present: 1 });
    expect(await butler.get(refs[0])).toEqual({ try: 3 });
  });

  it('are refused if a file is gone or cut, and then none is registered', async () => {
    const { refs, limited } = await outputs();
    const written = await Promise.all(
      refs.map(async (ref) => ({ ref, record: (await limited.put({ a: 1 }, ref)).record })),
    );
    writeFileSync(join(butler.root, written[1].record.path), '');
    await expect(butler.registerOutputs(written)).rejects.toMatchObject({ code: 'BUTLER_FILE_SIZE' });
    rmSync(join(butler.root, written[1].record.path));
    await expect(butler.registerOutputs(written)).rejects.toMatchObject({ code: 'BUTLER_FILE_MISSING' });
    expect(await butler.getDatasets([refs[0].id])).toEqual([undefined]);
  });

  it('cannot be written by a job that was not given them', async () => {
    const { refs, limited } = await outputs();
    await expect(limited.put({}, { ...refs[0], id: crypto.randomUUID() })).rejects.toMatchObject({
      code: 'BUTLER_NOT_ASSIGNED',
    });
  });
});

describe('removal', () => {
  it('takes registry rows and files away, and leaves shared files', async () => {
    const a = await putDict('run/a', 1, { a: 1 });
    const b = await putDict('run/a', 2, { b: 1 });
    await butler.registerCollection('good', 'TAGGED');
    await butler.associate('good', [a, b]);
    await butler.removeDatasets([a]);
    expect(await butler.getDatasets([a.id, b.id])).toEqual([undefined, b]);
    expect(await butler.getFileRecords([a.id])).toEqual([[]]);
    expect(files()).toHaveLength(1);
    await putDict('run/a', 1, { again: 1 });
  });
});

it("has a configuration that the field's own tools read", () => {
  const text = readFileSync(join(butler.root, 'butler.yaml'), 'utf8');
  const onFile = testEngine() === 'sqlite';
  expect(text).toMatch(
    onFile ? /db: sqlite:\/\/\/<butlerRoot>\/gen3.sqlite3/ : /db: (postgresql|mariadb):.*\n\s+namespace: test_/,
  );
  expect(existsSync(join(butler.root, 'gen3.sqlite3'))).toBe(onFile);
});
