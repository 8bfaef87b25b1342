// SPDX-License-Identifier: BSD-3-Clause
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newUuid } from '../../src/base/index.ts';
import {
  type Butler,
  type DatasetRef,
  type FileRecord,
  ingestTable,
  readTextTable,
  transferDatasets,
  verifyRepository,
} from '../../src/butler/index.ts';
import { createButler } from '../support/databases.ts';
import { snapshot } from '../support/repository-snapshot.ts';
import { makeSource } from './transfer-fixture.ts';

let dir: string;
let source: Butler;
let refs: DatasetRef[];
let here: Butler;
let counter = 0;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'skymill-transfer-'));
  ({ butler: source, refs } = await makeSource(join(dir, 'source')));
});
beforeEach(async () => {
  here = await createButler(join(dir, `repo${++counter}`));
});
afterEach(() => here.close());
afterAll(async () => {
  await source.close();
  rmSync(dir, { recursive: true, force: true });
});

const all = { transfer: 'copy', registerDatasetTypes: true } as const;

describe('a transfer between repositories', () => {
  it.each(['copy', 'hardlink', 'symlink', 'relsymlink', 'direct', 'auto'] as const)(
    'by %s brings everything',
    async (transfer) => {
      const report = await transferDatasets(source, here, refs, { ...all, transfer, collections: ['all'] });
      expect(report).toMatchObject({ transferred: 5, present: 0, missing: [], runs: ['run/a', 'run/b'] });
      const [got, wanted] = [await snapshot(here, { objects: true }), await snapshot(source, { objects: true })];
      expect({ ...got, records: {} }).toEqual({ ...wanted, records: {} });
      expect(got.records['visit_system_membership']).toEqual(wanted.records['visit_system_membership']);
      const [ours, theirs] = await Promise.all(
        [here, source].map((one) => one.getFileRecords(refs.map((ref) => ref.id))),
      );
      expect(ours.map(([record]) => record.checksum)).toEqual(theirs.map(([record]) => record.checksum));
      expect((await verifyRepository(here, { checksums: true })).problems).toEqual([]);
      expect(await transferDatasets(source, here, refs, { ...all, transfer })).toMatchObject({
        transferred: 0,
        present: 5,
      });
    },
  );

  it('takes no more statements for many datasets than for few', async () => {
    const many = await createButler(join(dir, `many${counter}`));
    try {
      const n = 12_000;
      const detectors = Array.from({ length: n }, (_, id) => ({
        instrument: 'X',
        id,
        full_name: `d${id}`,
        purpose: 'S',
      }));
      await many.insertRecords('instrument', [
        { name: 'X', detector_max: n, visit_max: 1, exposure_max: 1, class_name: 'x', visit_system: 0 },
      ]);
      await many.insertRecords('detector', detectors);
      await many.registerCollection('r', 'RUN');
      const type = many.makeDatasetType('t', ['detector'], 'StructuredDataDict');
      await many.registerDatasetTypes([type]);
      // One file for all: what is counted is the registry.
      writeFileSync(join(many.root, 'one.yaml'), 'a: 1\n');
      const made = detectors.map(({ id }): DatasetRef => {
        const dataId = many.universe.coordinate(type.dimensions, { instrument: 'X', detector: id });
        return { id: newUuid(), datasetType: type, dataId, run: 'r' };
      });
      const record: Omit<FileRecord, 'datasetId'> = {
        path: 'one.yaml',
        formatter: 'lsst.daf.butler.formatters.yaml.YamlFormatter',
        storageClass: 'StructuredDataDict',
        component: null,
        sizeBytes: 5,
        checksum: null,
      };
      await many.registry.db.transaction(async () => {
        await many.registry.datasets.insert(
          await many.registry.types.get('t'),
          await many.registry.collections.get('r'),
          made,
        );
        await many.registry.files.insert(made.map((ref) => ({ ...record, datasetId: ref.id })));
      });
      const count = (): number => many.registry.db.statementCount + here.registry.db.statementCount;
      await transferDatasets(many, here, made.slice(0, 1), { ...all, transfer: 'direct' });
      const from = count();
      const one = await transferDatasets(many, here, made.slice(1, 2), { ...all, transfer: 'direct' });
      const few = count() - from;
      const report = await transferDatasets(many, here, made.slice(2), { ...all, transfer: 'direct' });
      expect([one.transferred, report.transferred]).toEqual([1, n - 2]);
      const batches = Math.ceil((n - 2) / 10_000);
      expect(count() - from - few).toBeLessThanOrEqual(batches * (few + 60));
    } finally {
      await many.close();
    }
  });

  it('tries without effect', async () => {
    const before = await snapshot(here);
    expect(await transferDatasets(source, here, refs, { ...all, dryRun: true, collections: ['all'] })).toMatchObject({
      transferred: 5,
      files: 5,
      collections: ['calib', 'run/a', 'run/b', 'tagged', 'inner', 'all'],
    });
    expect(await snapshot(here)).toEqual(before);
  });

  it('needs the types and the records, or brings them', async () => {
    await expect(transferDatasets(source, here, refs, { transfer: 'copy' })).rejects.toThrow(
      /--register-dataset-types|not registered/,
    );
    const before = await snapshot(here);
    await expect(transferDatasets(source, here, refs, { ...all, transferDimensions: false })).rejects.toThrow();
    expect((await snapshot(here)).datasets).toEqual(before.datasets);
    expect(await verifyRepository(here)).toMatchObject({ files: 0, orphans: [], scratch: [] });
    await expect(transferDatasets(source, here, refs, { ...all, transfer: 'move' })).rejects.toThrow(/cannot move/);
  });

  it('leaves datasets without files out, or says so', async () => {
    const other = await makeSource(join(dir, `lossy${counter}`));
    try {
      rmSync(await other.butler.getPath(other.refs[0]));
      await expect(transferDatasets(other.butler, here, other.refs, { ...all, skipMissing: false })).rejects.toThrow(
        /does not exist/,
      );
      const report = await transferDatasets(other.butler, here, other.refs, { ...all, collections: ['all'] });
      expect(report).toMatchObject({ transferred: 4, missing: [{ id: other.refs[0].id }] });
    } finally {
      await other.butler.close();
    }
  });

  it('stops at a file that is not as recorded', async () => {
    const other = await makeSource(join(dir, `damaged${counter}`));
    try {
      const path = await other.butler.getPath(other.refs[1]);
      truncateSync(path, 3);
      await expect(transferDatasets(other.butler, here, other.refs, all)).rejects.toThrow(/3 bytes/);
      writeFileSync(path, 'x'.repeat((await other.butler.getFileRecords([other.refs[1].id]))[0][0].sizeBytes));
      await expect(transferDatasets(other.butler, here, other.refs, all)).rejects.toThrow(/checksum/);
      expect(await verifyRepository(here)).toMatchObject({ files: 0, problems: [], orphans: [], scratch: [] });
    } finally {
      await other.butler.close();
    }
  });

  it('refuses an id or a data ID that is another dataset', async () => {
    await transferDatasets(source, here, refs, all);
    const moved = { ...refs[0], run: 'run/b' };
    await expect(transferDatasets(source, here, [moved], all)).rejects.toThrow(/run\/a.*run\/b/);
    await here.removeDatasets([refs[2]]);
    await here.put({ mine: 1 }, 'config', {}, 'run/b');
    await expect(transferDatasets(source, here, refs, all)).rejects.toThrow(/config/);
  });
});

describe('files of a table', () => {
  const text = 'file, detector\nb1.yaml, 1\n"b2.yaml", 2\n';
  const table = (content: string, name = 'table.csv'): string => {
    const path = join(dir, name);
    writeFileSync(path, content);
    return path;
  };
  beforeAll(() => {
    for (const n of [1, 2]) writeFileSync(join(dir, `b${n}.yaml`), `n: ${n}\n`);
  });
  beforeEach(async () => {
    await transferDatasets(source, here, refs, all);
  });
  const options = (tableFile: string) =>
    ({
      datasetType: 'bias',
      run: 'new',
      tableFile,
      dataId: { instrument: 'Cam' },
      prefix: dir,
      transfer: 'copy',
    }) as const;

  it.each([
    ['CSV', text],
    [
      'ECSV',
      `# %ECSV 1.0\n# ---\n# delimiter: ','\n# datatype:\n# - {name: file, datatype: string}\n# - {name: detector, datatype: int64}\nfile,detector\nb1.yaml,1\nb2.yaml,2\n`,
    ],
    [
      'ECSV with blanks',
      '# %ECSV 1.0\n# ---\n# datatype:\n# - {name: file, datatype: string}\nfile detector\nb1.yaml 1\nb2.yaml 2\n',
    ],
    ['tabs', 'file\tdetector\nb1.yaml\t1\nb2.yaml\t2\n'],
    ['JSON rows', '[{"file": "b1.yaml", "detector": 1}, {"file": "b2.yaml", "detector": 2}]'],
    ['JSON columns', '{"file": ["b1.yaml", "b2.yaml"], "detector": [1, 2]}'],
  ])('come in, from %s', async (_what, content) => {
    const report = await ingestTable(here, options(table(content)));
    expect(report).toMatchObject({ files: 2, datasets: 2, skipped: [] });
    expect(await Promise.all(report.ingested.map((ref) => here.get(ref)))).toEqual([{ n: 1 }, { n: 2 }]);
  });

  it('may hold several datasets, without sizes, with ids that are always the same', async () => {
    const content = 'file,detector\nb1.yaml,1\nb1.yaml,2\n';
    const report = await ingestTable(here, {
      ...options(table(content)),
      trackFileAttributes: false,
      idMode: 'DATAID_TYPE_RUN',
      transfer: 'direct',
      formatter: 'lsst.daf.butler.formatters.yaml.YamlFormatter',
    });
    expect(report).toMatchObject({ files: 1, datasets: 2 });
    expect(report.ingested.map((ref) => ref.id[14])).toEqual(['5', '5']);
    const records = await here.getFileRecords(report.ingested.map((ref) => ref.id));
    expect(records.map(([record]) => [record.sizeBytes, record.checksum])).toEqual([
      [-1, null],
      [-1, null],
    ]);
    expect(await here.get(report.ingested[1])).toEqual({ n: 1 });
  });

  it.each([
    ['unknown column', 'file,detektor\nb1.yaml,1\n', /"detektor".*Did you mean "detector"/],
    ['wrong value', 'file,detector\nb1.yaml,one\n', /"one"/],
    ['missing key', 'file\nb1.yaml\n', /no value for detector/],
    ['too few values', 'file,detector\nb1.yaml\n', /line 2 has 1 values for 2 columns/],
    ['open quote', 'file,detector\n"b1.yaml,1\n', /line 2 has a quote/],
    ['no such file', 'file,detector\nb9.yaml,1\n', /b9.yaml/],
    ['empty', '# nothing\n', /it is empty/],
    ['twice', 'file,detector,detector\nb1.yaml,1,1\n', /two columns/],
    ['no such detector', 'file,detector\nb1.yaml,9\n', /detector/],
    ['broken JSON', '[{"file"', /not a usable table/],
  ])('(%s) are refused, all of them', async (_what, content, message) => {
    const before = await snapshot(here);
    await expect(ingestTable(here, options(table(`${content}`)))).rejects.toThrow(message);
    expect((await snapshot(here)).datasets).toEqual(before.datasets);
    expect(await verifyRepository(here)).toMatchObject({ problems: [], orphans: [], scratch: [] });
  });

  it('are told apart by quotes and separators', () => {
    expect(readTextTable('a;b\n"x;""y""";2\n', 't').rows[0].values).toEqual(['x;"y"', '2']);
    expect(readTextTable('a b c\n1   "2 3"  4\n', 't').rows[0].values).toEqual(['1', '2 3', '4']);
    expect(readTextTable('a,b\n,\n', 't').rows[0].values).toEqual(['', '']);
  });
});
