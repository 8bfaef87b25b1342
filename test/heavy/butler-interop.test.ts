// SPDX-License-Identifier: BSD-3-Clause
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Butler, type DatasetRef } from '../../src/butler/index.ts';
import type { Table } from '../../src/pixels/index.ts';
import { addCamera } from '../butler/camera.ts';
import { describePeer } from '../support/peers.ts';
import { sharedPath } from '../support/shared.ts';

const day = 86_400_000_000_000n;
/** Values that YAML 1.1 readers take for something else when they are written carelessly. */
const tricky = {
  name: 'ä',
  small: 1e-9,
  large: -3e22,
  list: [1, 2.5, null, true],
  yes: 'yes',
  sexagesimal: '12:30:00',
  date: '2020-01-01',
  exponent: '1e5',
  digits: '123',
  tilde: '~',
  empty: { map: {}, list: [] },
};
const table: Table = {
  rows: 3,
  columns: {
    id: BigInt64Array.of(1n << 62n, 2n, 3n),
    ra: Float64Array.of(1, 2, Number.NaN),
    flux: Float32Array.of(1, 2, 3),
    flag: Uint8Array.of(1, 0, 1),
    name: ['a', 'ø', 'ccc'],
  },
  units: { ra: 'deg' },
  meta: { zeroPoint: 31.4, tiny: 1e-9 },
};

describePeer('lsst.daf.butler', 'repositories shared with the Python butler', (python) => {
  let dir: string;
  let ours: string;
  let metrics: DatasetRef;

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'skymill-interop-'));
    ours = join(dir, 'ours');
    const butler = await Butler.create(ours);
    await addCamera(butler);
    for (const [name, type] of [
      ['run/a', 'RUN'],
      ['calib', 'CALIBRATION'],
      ['good', 'TAGGED'],
    ] as const) {
      await butler.registerCollection(name, type);
    }
    const make = butler.makeDatasetType.bind(butler);
    await butler.registerDatasetTypes([
      make('metrics', ['detector'], 'StructuredDataDict'),
      make('src', ['detector'], 'ArrowAstropy'),
      make('flat', ['detector', 'physical_filter'], 'StructuredDataDict', { isCalibration: true }),
      make('packages', [], 'StructuredDataDict'),
      make('raw', ['exposure', 'detector'], 'StructuredDataDict'),
      make('refcat', ['htm7'], 'ArrowAstropy'),
      make('isr_log', ['exposure', 'detector'], 'ButlerLogRecords'),
    ]);
    const detector = { instrument: 'Cam', detector: 1 };
    metrics = (await butler.put(tricky, 'metrics', detector, 'run/a')).ref;
    await butler.put(table, 'src', detector, 'run/a');
    await butler.put(table, 'refcat', { htm7: 200_000 }, 'run/a');
    const flat = await butler.put({ n: 1 }, 'flat', { ...detector, physical_filter: 'Cam-R' }, 'run/a');
    await butler.certify('calib', [flat.ref], { beginNs: 19_000n * day, endNs: undefined });
    await butler.associate('good', [metrics]);
    await butler.put({ p: 1 }, 'packages', {}, 'run/a');
    await butler.put({ r: 1 }, 'raw', { instrument: 'Cam', exposure: 1, detector: 2 }, 'run/a');
    const entry = {
      name: 'isr',
      asctime: '2026-01-02T03:04:05.678Z',
      message: 'overscan µ',
      levelno: 20,
      levelname: 'INFO',
    };
    const place = {
      filename: '',
      pathname: '',
      lineno: 0,
      funcName: '',
      process: 7,
      processName: 'worker',
      exc_info: null,
      MDC: {},
    };
    await butler.put([{ ...entry, ...place }], 'isr_log', { instrument: 'Cam', exposure: 1, detector: 2 }, 'run/a');
    await butler.prependToChain('all', ['good', 'calib', 'run/a']);
    await butler.close();
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it('are read there as they were written here', () => {
    const seen = JSON.parse(
      python(
        `
import json, sys
from lsst.daf.butler import Butler
b = Butler.from_config(sys.argv[1])
t = b.get('src', instrument='Cam', detector=1, collections='all')
refs = b.query_datasets('raw', collections='run/a', where="exposure = 1 AND instrument = 'Cam'")
try:
    early = str(b.find_dataset('flat', instrument='Cam', detector=1, exposure=1, physical_filter='Cam-R', collections='calib'))
except Exception as e:
    early = str(e)
print(json.dumps({
    'metrics': b.get('metrics', instrument='Cam', detector=1, collections='all'),
    'packages': b.get('packages', collections='run/a'),
    'columns': {n: [str(v) for v in t[n]] for n in t.colnames},
    'unit': str(t['ra'].unit), 'meta': {k: t.meta[k] for k in ('zeroPoint', 'tiny')},
    'refcat': [str(v) for v in b.get('refcat', htm7=200000, collections='run/a')['id']],
    'subset': b.get('src', instrument='Cam', detector=1, collections='all', parameters={'columns': ['flux']}).colnames,
    'flat': b.get('flat', instrument='Cam', detector=1, exposure=2, collections='calib'),
    'early': early,
    'log': [str(r) for r in b.get('isr_log', instrument='Cam', exposure=1, detector=2, collections='run/a')],
    'raw': [dict(r.dataId.mapping) for r in refs],
    'collections': list(b.collections.query('*')),
    'chain': list(b.collections.get_info('all').children),
    'exposures': [r.id for r in b.query_dimension_records('exposure', where="instrument = 'Cam' AND exposure.timespan OVERLAPS (T'2022-01-01', T'2100-01-01')")],
}))`,
        ours,
      ),
    );
    expect(seen).toEqual({
      metrics: tricky,
      packages: { p: 1 },
      columns: {
        id: ['4611686018427387904', '2', '3'],
        ra: ['1.0', '2.0', 'nan'],
        flux: ['1.0', '2.0', '3.0'],
        flag: ['True', 'False', 'True'],
        name: ['a', 'ø', 'ccc'],
      },
      unit: 'deg',
      meta: table.meta,
      refcat: ['4611686018427387904', '2', '3'],
      subset: ['flux'],
      flat: { n: 1 },
      early: 'None',
      log: [expect.stringContaining('overscan µ')],
      raw: [
        {
          instrument: 'Cam',
          detector: 2,
          exposure: 1,
          band: 'r',
          day_obs: 20200826,
          group: 'g1',
          physical_filter: 'Cam-R',
        },
      ],
      collections: expect.arrayContaining(['all', 'calib', 'good', 'run/a']),
      chain: ['good', 'calib', 'run/a'],
      exposures: [2],
    });
  });

  it('are written there and read here, and the other way round after that', async () => {
    python(
      `
import sys
from lsst.daf.butler import Butler, DatasetType, CollectionType, Timespan
import astropy.table, astropy.time, astropy.units as u
b = Butler.from_config(sys.argv[1], writeable=True)
b.collections.register('py/run')
b.put({'from': 'python', 'x': [1, 2]}, 'metrics', instrument='Cam', detector=2, run='py/run')
t = astropy.table.Table({'ra': [1.5, 2.5] * u.deg, 'n': [1, 2**60], 's': ['x', 'yy'], 'ok': [True, False]})
b.put(t, 'src', instrument='Cam', detector=2, run='py/run')
b.registry.registerDatasetType(DatasetType('pydict', ['visit', 'detector'], 'StructuredDataDict', universe=b.dimensions))
f = b.put({'n': 2}, 'flat', instrument='Cam', detector=1, physical_filter='Cam-R', run='py/run')
b.registry.certify('calib', [f], Timespan(None, astropy.time.Time(19000 * 86400, format='unix_tai')))
b.pruneDatasets(list(b.query_datasets('packages', collections='run/a')), purge=True, unstore=True, disassociate=True)
`,
      ours,
    );
    const butler = await Butler.open(ours, { writeable: true });
    try {
      const find = async (type: string, dataId: Record<string, string | number>, collections: string[]) =>
        (await butler.findDataset(type, dataId, { collections }))!;
      expect(await butler.get(await find('metrics', { instrument: 'Cam', detector: 2 }, ['py/run']))).toEqual({
        from: 'python',
        x: [1, 2],
      });
      const read = (await butler.get(await find('src', { instrument: 'Cam', detector: 2 }, ['py/run']))) as Table;
      expect(read.columns).toEqual({
        ra: Float64Array.of(1.5, 2.5),
        n: BigInt64Array.of(1n, 1n << 60n),
        s: ['x', 'yy'],
        ok: Uint8Array.of(1, 0),
      });
      expect(read.units).toEqual({ ra: 'deg' });
      const early = await find('flat', { instrument: 'Cam', detector: 1, exposure: 1 }, ['calib']);
      expect(await butler.get(early)).toEqual({ n: 2 });
      expect(await butler.findDataset('packages', {}, { collections: ['run/a'] })).toBeUndefined();
      expect((await butler.getDatasetType('pydict')).dimensions.required).toEqual(['instrument', 'detector', 'visit']);
      await butler.removeDatasets([metrics]);
    } finally {
      await butler.close();
    }
    const left = python(
      `
import sys
from lsst.daf.butler import Butler
b = Butler.from_config(sys.argv[1])
print(len(b.query_datasets('metrics', collections='*', find_first=False)), b.find_dataset('metrics', instrument='Cam', detector=1, collections='run/a'))`,
      ours,
    );
    expect(left.trim()).toBe('1 None');
  });

  it('made there open here', async () => {
    const theirs = join(dir, 'theirs');
    python(
      `
import sys
from lsst.daf.butler import Butler, DatasetType
Butler.makeRepo(sys.argv[1])
b = Butler.from_config(sys.argv[1], writeable=True)
b.registry.insertDimensionData('instrument', {'name': 'I', 'visit_max': 10, 'exposure_max': 10, 'detector_max': 10})
b.registry.insertDimensionData('detector', {'instrument': 'I', 'id': 1, 'full_name': 'D1'})
b.registry.registerDatasetType(DatasetType('d', ['detector'], 'StructuredDataDict', universe=b.dimensions))
b.collections.register('r')
b.put({'a': 1, 'y': 'n'}, 'd', instrument='I', detector=1, run='r')
`,
      theirs,
    );
    const butler = await Butler.open(theirs, { writeable: true });
    try {
      const ref = (await butler.findDataset('d', { instrument: 'I', detector: 1 }, { collections: ['r'] }))!;
      expect(await butler.get(ref)).toEqual({ a: 1, y: 'n' });
      await butler.insertRecords('detector', [{ instrument: 'I', id: 2, full_name: 'D2' }]);
      const put = await butler.put({ a: 2 }, 'd', { instrument: 'I', detector: 2 }, 'r');
      expect(existsSync(await butler.getPath(put.ref))).toBe(true);
    } finally {
      await butler.close();
    }
    const read = python(
      `
import json, sys
from lsst.daf.butler import Butler
print(json.dumps(Butler.from_config(sys.argv[1]).get('d', instrument='I', detector=2, collections='r')))`,
      theirs,
    );
    expect(JSON.parse(read)).toEqual({ a: 2 });
  });

  it('have the same sky-pixel overlaps for the same regions', async () => {
    const shared = sharedPath('conformance/gen3/data/daf_butler/python/lsst/daf/butler/tests/registry_data');
    if (shared === undefined) throw new Error('the registry data of the peer are absent');
    const theirs = join(dir, 'spatial');
    python(
      `
import sys
from lsst.daf.butler import Butler
Butler.makeRepo(sys.argv[1])
b = Butler.from_config(sys.argv[1], writeable=True)
for f in ('base', 'spatial'):
    b.import_(filename=sys.argv[2] + '/' + f + '.yaml', without_datastore=True)
`,
      theirs,
      shared,
    );
    const source = await Butler.open(theirs);
    const copy = await Butler.create(join(dir, 'copy'));
    try {
      const elements = source.universe.elementNames.filter((name) => {
        const element = source.universe.element(name);
        return element.hasTable && element.skypix === undefined;
      });
      for (const name of elements) {
        const rows = [];
        for await (const record of source.query().dimensionRecords(name)) rows.push(record);
        expect(await copy.insertRecords(name, rows), name).toBe(rows.length);
      }
      for (const name of ['tract', 'patch', 'visit', 'visit_detector_region']) {
        for (const table of [`${name}_skypix_overlap`, `${name}_skypix_overlap_summary`]) {
          const rows = async (butler: Butler) =>
            (await butler.registry.db.rows(`SELECT * FROM ${table}`)).map(String).sort();
          const expected = await rows(source);
          expect(expected.length).toBeGreaterThan(0);
          expect(await rows(copy), table).toEqual(expected);
        }
      }
    } finally {
      await source.close();
      await copy.close();
    }
  });
});

describe('a repository that the peer made', () => {
  const repos = sharedPath('conformance/gen3/repos');
  it.skipIf(repos === undefined)('gives its files and answers', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'skymill-peer-'));
    cpSync(join(repos!, 'files'), dir, { recursive: true });
    const expected = JSON.parse(readFileSync(join(repos!, 'files.expected.json'), 'utf8')) as Record<
      string,
      { type: string; run: string; dataId: Record<string, string | number>; uri: string }
    >;
    const butler = await Butler.open(dir);
    try {
      const ids = Object.keys(expected);
      const refs = await butler.getDatasets(ids);
      const records = await butler.getFileRecords(ids);
      for (const [i, id] of ids.entries()) {
        const ref = refs[i]!;
        const { type, run, dataId, uri } = expected[id];
        expect({ type: ref.datasetType.name, run: ref.run, dataId: ref.dataId.toDataId() }).toEqual({
          type,
          run,
          dataId,
        });
        expect(records[i].map((record) => record.path)).toEqual([uri]);
        if (uri.endsWith('.pickle'))
          await expect(butler.get(ref)).rejects.toMatchObject({ code: 'BUTLER_PYTHON_ONLY' });
        else expect(await butler.get(ref)).toBeTypeOf('object');
      }
    } finally {
      await butler.close();
      rmSync(dir, { recursive: true, force: true });
    }
  });
});
