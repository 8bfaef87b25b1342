// SPDX-License-Identifier: BSD-3-Clause
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatEcsv, parseEcsv } from '../../src/butler/formatters/ecsv.ts';
import { Butler, type DatasetRef, makeTimespan } from '../../src/butler/index.ts';
import { describeShared } from '../support/shared.ts';

let dir: string;
let butler: Butler;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'skymill-storage-classes-'));
  butler = await Butler.create(join(dir, 'repo'));
  await butler.registerCollection('run', 'RUN');
});
afterAll(async () => {
  await butler.close();
  rmSync(dir, { recursive: true, force: true });
});

async function put(name: string, storageClass: string, object: unknown): Promise<DatasetRef> {
  await butler.registerDatasetTypes([butler.makeDatasetType(name, [], storageClass)]);
  return (await butler.put(object, name, {}, 'run')).ref;
}

/** The content of a dataset's file. */
async function text(ref: DatasetRef): Promise<string> {
  return readFileSync(await butler.getPath(ref), 'utf8');
}

/** A dataset whose file somebody else wrote. */
async function foreign(
  name: string,
  storageClass: string,
  formatter: string,
  content: string,
  file: string,
): Promise<DatasetRef> {
  const type = butler.makeDatasetType(name, [], storageClass);
  await butler.registerDatasetTypes([type]);
  const path = join(dir, 'foreign', file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  const dataIds = [butler.universe.coordinate(type.dimensions, {})];
  const report = await butler.ingest([{ path, datasetType: type, dataIds, formatter }], {
    run: 'run',
    transfer: 'copy',
  });
  return report.ingested[0];
}

describe('logs', () => {
  const formatter = 'lsst.daf.butler.formatters.logs.ButlerLogRecordsFormatter';
  const [first, second] = [
    { name: 'a', message: 'ä' },
    { name: 'b', message: 'x' },
  ].map((one) => JSON.stringify(one));
  it.each([
    ['array', `[${first},${second}]`, undefined],
    ['lines', `${first}\n${second}\n\n`, undefined],
    [
      'extended',
      `{"extended":true,"version":1,"records":[${first},${second}],"outcome":{"ok":1}}`,
      { outcome: { ok: 1 } },
    ],
    ['marked', `${first}\n${second}\n###EXTRA###\n{"exception": "E"}`, { exception: 'E' }],
  ])('as %s', async (form, content, extra) => {
    const ref = await foreign(`log_${form}`, 'ButlerLogRecords', formatter, content, `${form}.json`);
    const records = (await butler.get(ref)) as { extra?: unknown; message: string }[] & { extra?: unknown };
    expect(records.map(({ message }) => message)).toEqual(['ä', 'x']);
    expect(records.extra).toEqual(extra);
  });

  it('without records, and damaged ones', async () => {
    const empty = await foreign('log_empty', 'ButlerLogRecords', formatter, '###EXTRA###\n{"a": 1}', 'empty.json');
    expect(await butler.get(empty)).toHaveLength(0);
    const bad = await foreign('log_bad', 'ButlerLogRecords', formatter, `${first}\n{"name": `, 'bad.json');
    await expect(butler.get(bad)).rejects.toMatchObject({ code: 'BUTLER_BAD_FILE' });
  });
});

describe('task metadata', () => {
  it('is kept as scalars, arrays and sets', async () => {
    const metadata = { isr: { sky: 1.5, names: ['a', 'b'], none: null, empty: [] }, n: 3 };
    const ref = await put('isr_metadata', 'TaskMetadata', metadata);
    expect(JSON.parse(await text(ref))).toEqual({
      scalars: { n: 3 },
      arrays: {},
      metadata: { isr: { scalars: { sky: 1.5, none: null }, arrays: { names: ['a', 'b'], empty: [] }, metadata: {} } },
    });
    expect(await butler.get(ref)).toEqual(metadata);
    expect(await butler.get(ref, { storageClass: 'StructuredDataDict' })).toEqual(metadata);
    await expect(butler.get(ref, { storageClass: 'ArrowTable' })).rejects.toMatchObject({
      code: 'BUTLER_NOT_CONVERTIBLE',
    });
    await expect(put('bad_metadata', 'TaskMetadata', { a: { b: [1, 'x'] } })).rejects.toThrow(
      /a\.b, a list of values of several kinds/,
    );
  });
});

describeShared('conformance/gen3/data/pipe_base/tests/data', 'metadata of real quanta', (folder) => {
  it('are read', async () => {
    const { attempts } = JSON.parse(readFileSync(join(folder, 'DM-54057.json'), 'utf8')) as { attempts: unknown[] };
    const formatter = 'lsst.daf.butler.formatters.json.JsonFormatter';
    const content = JSON.stringify(attempts[0]);
    const ref = await foreign('calibrateImage_metadata', 'TaskMetadata', formatter, content, 'metadata.json');
    expect(await butler.get(ref)).toMatchObject({
      calibrateImage: { nodeName: 'sdfmilan185' },
      'calibrateImage:psf_measure_psf': { spatialFitChi2: null, numAvailStars: 300 },
      quantum: { caveats: 0, prepUtc: ['2026-02-05T17:52:57.668196+00:00'] },
    });
  });
});

describe('small things', () => {
  it('packages: versions are texts', async () => {
    const versions = { python: '3.11', odd: '1e3', date: '2020-01-01', 'with space': 'yes' };
    const ref = await put('packages', 'Packages', versions);
    expect(await text(ref)).toMatch(/^!<lsst\.utils\.packages\.Packages>\n/);
    expect(await butler.get(ref)).toEqual(versions);
    const old = '!<lsst.base.Packages>\nafw: 1.10\n';
    const formatter = 'lsst.daf.butler.formatters.packages.PackagesFormatter';
    expect(await butler.get(await foreign('old_packages', 'Packages', formatter, old, 'p.yaml'))).toEqual({
      afw: '1.10',
    });
    await expect(put('bad_packages', 'Packages', { a: 1 })).rejects.toMatchObject({ code: 'BUTLER_BAD_OBJECT' });
  });

  it('timespans are exact', async () => {
    const span = makeTimespan(1_577_836_800_123_456_789n, undefined);
    const ref = await put('span', 'Timespan', span);
    expect(await text(ref)).toBe('[1577836800123456789,4102444800000000000]');
    expect(await butler.get(ref)).toEqual(span);
  });

  it('what is Python only is refused with a word why', async () => {
    const pickle = 'lsst.daf.butler.formatters.pickle.PickleFormatter';
    const ref = await foreign('array', 'NumpyArray', pickle, 'x', 'a.pickle');
    await expect(butler.get(ref)).rejects.toThrow(/Python pickle, which only Python can read/);
  });

  it('a schema without rows', async () => {
    const schema = {
      rows: 0,
      columns: [
        { name: 'a', type: 'int64' },
        { name: 'f', type: 'float32', unit: 'nJy' },
      ],
    };
    const ref = await put('schema', 'ArrowSchema', schema);
    expect(await butler.get(ref)).toEqual(schema);
    expect(await butler.get(ref, { component: 'columns' })).toEqual(['a', 'f']);
  });
});

describe('ECSV', () => {
  it('gives back what it was given', () => {
    const value = fc.string({ unit: 'grapheme' }).map((one) => one.replaceAll('\r', ''));
    fc.assert(
      fc.property(fc.array(fc.tuple(value, fc.double(), fc.boolean()), { maxLength: 8 }), (rows) => {
        const table = {
          rows: rows.length,
          columns: {
            n: rows.map(([text]) => text),
            x: Float64Array.from(rows, ([, number]) => number),
            y: Uint8Array.from(rows, ([, , flag]) => Number(flag)),
          },
          units: { x: 'deg' },
        };
        expect(parseEcsv(formatEcsv(table, 'AstropyTable'))).toEqual(table);
      }),
    );
  });

  it('reads commas, gaps and quotes', () => {
    const header =
      "# %ECSV 1.0\n# ---\n# delimiter: ','\n# datatype:\n# - {name: a, datatype: int64}\n# - {name: b, datatype: string}\n";
    expect(parseEcsv(`${header}a,b\n1,"x, ""y"""\n,\n`).columns).toEqual({
      a: Float64Array.of(1, Number.NaN),
      b: ['x, "y"', ''],
    });
    expect(() => parseEcsv(`${header}a,c\n`)).toThrow(/column 2 is "c"/);
    expect(() => parseEcsv('a b\n1 2\n')).toThrow(/ECSV/);
  });
});

describe('a repository', () => {
  it.each([
    [
      'config:dimensions.json',
      '{"version": 9, "namespace": "daf_butler"}',
      /dimensions daf_butler 9; this program knows daf_butler 0 to 8/,
    ],
    ['config:dimensions.json', '{"version": 1, "namespace": "other"}', /dimensions other 1/],
    ['config:dimensions.json', '{', /is no JSON/],
    [
      'version:lsst.daf.butler.registry.collections.synthIntKey.SynthIntKeyCollectionManager',
      '3.0.0',
      /has version 3\.0\.0 of .*SynthIntKeyCollectionManager; this program knows 2\.0\.0/,
    ],
    ['config:registry.managers.datasets', 'other.Manager', /other\.Manager/],
  ])('with another %s is refused', async (name, value, problem) => {
    const root = mkdtempSync(join(dir, 'other-'));
    const made = await Butler.create(root);
    await made.registry.db.run('UPDATE butler_attributes SET value = ? WHERE name = ?', [value, name]);
    await made.close();
    await expect(Butler.open(root)).rejects.toThrow(problem);
  });

  it('with tables that others keep in step is read, not written', async () => {
    const root = mkdtempSync(join(dir, 'obscore-'));
    const made = await Butler.create(root);
    await made.registry.db.insert(
      'butler_attributes',
      ['name', 'value'],
      [
        ['config:registry.managers.obscore', 'x.ObsCoreLiveTableManager'],
        ['version:x.ObsCoreLiveTableManager', '0.0.1'],
      ],
    );
    await made.close();
    await (await Butler.open(root)).close();
    await expect(Butler.open(root, { writeable: true })).rejects.toThrow(/ObsCoreLiveTableManager.*for reading only/);
  });
});
