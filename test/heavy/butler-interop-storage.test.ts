// SPDX-License-Identifier: BSD-3-Clause
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { Butler, type DatasetRef, makeTimespan } from '../../src/butler/index.ts';
import type { Table } from '../../src/pixels/index.ts';
import { describePeer } from '../support/peers.ts';

const table: Table = {
  rows: 3,
  columns: {
    id: BigInt64Array.of(1n << 62n, 2n, 3n),
    ra: Float64Array.of(1.5, Number.NaN, -2),
    flux: Float32Array.of(1, 2, 3),
    n: Int32Array.of(-1, 0, 7),
    flag: Uint8Array.of(1, 0, 1),
    name: ['a', 'ø x', 'c"c'],
  },
  units: { ra: 'deg' },
  meta: { zeroPoint: 31.4 },
};

describePeer('lsst.daf.butler', 'storage classes that both sides read', (python) => {
  let dir: string;
  let ours: string;
  let theirs: string;

  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'skymill-interop-storage-'));
    ours = join(dir, 'ours');
    theirs = join(dir, 'theirs');
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  async function put(butler: Butler, name: string, storageClass: string, object: unknown): Promise<DatasetRef> {
    await butler.registerDatasetTypes([butler.makeDatasetType(name, [], storageClass)]);
    return (await butler.put(object, name, {}, 'run')).ref;
  }

  async function get(butler: Butler, name: string, options?: Parameters<Butler['get']>[1]): Promise<unknown> {
    const ref = await butler.findDataset(name, {}, { collections: ['run'] });
    return butler.get(ref!, options);
  }

  it('written here, read there', async () => {
    const butler = await Butler.create(ours);
    try {
      await butler.registerCollection('run', 'RUN');
      for (const kind of [
        'ArrowTable',
        'ArrowAstropy',
        'ArrowNumpy',
        'ArrowNumpyDict',
        'DataFrame',
        'AstropyTable',
        'AstropyQTable',
      ]) {
        await put(butler, `t_${kind}`, kind, table);
      }
      const columns = [
        { name: 'a', type: 'int64' },
        { name: 's', type: 'string' },
      ];
      await put(butler, 'schema', 'ArrowSchema', { columns });
      await put(butler, 'packages', 'Packages', { python: '3.11', numpy: '1.0', odd: '1e3', date: '2020-01-01' });
      await put(butler, 'span', 'Timespan', makeTimespan(1_577_836_800_000_000_000n, undefined));
      await put(butler, 'number', 'int', 42);
      await put(butler, 'list', 'StructuredDataList', [1, 'yes', null, { a: '1e5' }]);
      await put(butler, 'image', 'ImageF', {
        width: 3,
        height: 2,
        x0: 5,
        y0: 6,
        data: Float32Array.of(1, 2, 3, 4, 5, 6),
      });
      await put(butler, 'config', 'Config', { a: 1 });
    } finally {
      await butler.close();
    }
    const seen = JSON.parse(
      python(
        `
import json, sys, numpy as np
from astropy.io import fits
from lsst.daf.butler import Butler
b = Butler.from_config(sys.argv[1])
g = lambda n, **k: b.get(n, collections='run', **k)
out = {}
at = g('t_ArrowAstropy')
out['astropy'] = {n: [str(v) for v in at[n]] for n in at.colnames}
out['unit'], out['meta'] = str(at['ra'].unit), at.meta['zeroPoint']
out['arrow'] = {n: str(t) for n, t in zip(g('t_ArrowTable').schema.names, g('t_ArrowTable').schema.types)}
out['numpy'] = str(g('t_ArrowNumpy').dtype.names), [str(v) for v in g('t_ArrowNumpy')['name']]
out['dict'] = {n: v.dtype.kind for n, v in g('t_ArrowNumpyDict').items()}
df = g('t_DataFrame')
out['frame'] = [list(df.columns), df['name'].tolist(), df['id'].tolist()[0]]
out['asframe'] = g('t_ArrowAstropy', storageClass='DataFrame')['n'].tolist()
out['columns'] = list(g('t_ArrowTable.columns'))
out['rowcount'] = g('t_DataFrame.rowcount')
ec = g('t_AstropyTable')
out['ecsv'] = {n: [str(v) for v in ec[n]] for n in ec.colnames}
out['qtable'] = str(g('t_AstropyQTable')['ra'].unit)
out['schema'] = {f.name: str(f.type) for f in g('schema')}
out['packages'] = dict(g('packages'))
ts = g('span')
out['span'] = [ts.begin.isot, ts.end is None]
out['number'], out['list'] = g('number'), g('list')
with fits.open(b.getURI('image', collections='run').ospath) as f:
    out['image'] = [f[1].data.tolist(), f[1].header['LTV1']]
try:
    g('config')
except Exception as e:
    out['config'] = 'refused'
print(json.dumps(out))`,
        ours,
      ),
    );
    const names = Object.keys(table.columns);
    expect(seen).toEqual({
      astropy: {
        id: ['4611686018427387904', '2', '3'],
        ra: ['1.5', 'nan', '-2.0'],
        flux: ['1.0', '2.0', '3.0'],
        n: ['-1', '0', '7'],
        flag: ['True', 'False', 'True'],
        name: table.columns.name,
      },
      unit: 'deg',
      meta: 31.4,
      arrow: { id: 'int64', ra: 'double', flux: 'float', n: 'int32', flag: 'bool', name: 'string' },
      numpy: [`(${names.map((name) => `'${name}'`).join(', ')})`, table.columns.name],
      dict: { id: 'i', ra: 'f', flux: 'f', n: 'i', flag: 'b', name: 'U' },
      frame: [names, table.columns.name, 4611686018427388000],
      asframe: [-1, 0, 7],
      columns: names,
      rowcount: 3,
      ecsv: {
        id: ['4611686018427387904', '2', '3'],
        ra: ['1.5', 'nan', '-2.0'],
        flux: ['1.0', '2.0', '3.0'],
        n: ['-1', '0', '7'],
        flag: ['True', 'False', 'True'],
        name: table.columns.name,
      },
      qtable: 'deg',
      schema: { a: 'int64', s: expect.stringContaining('string') },
      packages: { python: '3.11', numpy: '1.0', odd: '1e3', date: '2020-01-01' },
      span: ['2020-01-01T00:00:00.000000', true],
      number: 42,
      list: [1, 'yes', null, { a: '1e5' }],
      image: [
        [
          [1, 2, 3],
          [4, 5, 6],
        ],
        -5,
      ],
      config: 'refused',
    });
  });

  it('written there, read here', async () => {
    python(
      `
import sys, logging
import numpy as np, pandas as pd, pyarrow as pa, astropy.table, astropy.units as u, astropy.time
from lsst.daf.butler import Butler, DatasetType, Timespan
from lsst.daf.butler.logging import ButlerLogRecords, ButlerLogRecord
from lsst.utils.packages import Packages
Butler.makeRepo(sys.argv[1])
b = Butler.from_config(sys.argv[1], writeable=True)
b.collections.register('run')
def put(n, sc, o):
    b.registry.registerDatasetType(DatasetType(n, [], sc, universe=b.dimensions))
    b.put(o, n, run='run')
put('packages', 'Packages', Packages({'python': '3.11', 'odd': '1e3'}))
put('span', 'Timespan', Timespan(astropy.time.Time('2020-01-01T00:00:00', scale='tai'), None))
put('never', 'Timespan', Timespan.makeEmpty())
put('number', 'int', 3)
put('dict', 'StructuredDataDict', {'a': [1, 'ï', None], 'when': '2014-11-18', 'x': 1e-9})
put('frame', 'DataFrame', pd.DataFrame({'a': [1, 2, 3], 'b': [1.5, np.nan, 2.5], 's': ['x', None, 'z'],
    't': pd.to_datetime(['2020-01-01', None, '2020-01-03']), 'c': pd.Categorical(['u', 'v', 'u']),
    'u4': np.array([1, 2, 2**32 - 1], dtype='u4'), 'i2': np.array([-1, 2, 3], dtype='i2')}, index=pd.Index([10, 20, 30], name='id')))
put('levels', 'DataFrame', pd.DataFrame(np.arange(8.).reshape(2, 4),
    columns=pd.MultiIndex.from_product([['g', 'r'], ['ra', 'dec']], names=['filter', 'column'])))
t = astropy.table.Table({'x': np.arange(6.).reshape(3, 2) * u.deg, 'n': astropy.table.MaskedColumn([1, 2, 3], mask=[0, 1, 0]), 's': ['a', 'bb', 'ccc']})
t.meta['k'] = 'v'
put('astropy', 'ArrowAstropy', t)
put('numpy', 'ArrowNumpy', np.array([(1, 2.5, 'a'), (2, 3.5, 'b')], dtype=[('i', 'i4'), ('f', 'f8'), ('s', 'U3')]))
put('arrow', 'ArrowTable', pa.table({'s': ['x', 'y'], 'big': pa.array([2**63 - 1, 2**53 + 1])}))
put('schema', 'ArrowSchema', pa.schema([('a', pa.int64()), ('b', pa.float32())]))
put('ecsv', 'AstropyTable', astropy.table.Table({'ra': [1.5, 2.5] * u.deg, 'n': [1, 2], 's': ['x y', '']}, meta={'k': 'v'}))
put('pickled', 'NumpyArray', np.arange(3))
records = ButlerLogRecords.from_records([ButlerLogRecord.from_record(logging.makeLogRecord({'name': 'isr', 'msg': 'overscan µ', 'levelno': 20, 'levelname': 'INFO'}))])
put('log', 'ButlerLogRecords', records)
streamed = b.getURI('log', collections='run').ospath
`,
      theirs,
    );
    const butler = await Butler.open(theirs);
    try {
      expect(await get(butler, 'packages')).toEqual({ python: '3.11', odd: '1e3' });
      expect(await get(butler, 'span')).toEqual({ beginNs: 1_577_836_800_000_000_000n, endNs: undefined });
      const never = (await get(butler, 'never')) as { beginNs: bigint; endNs: bigint };
      expect(never.beginNs).toBeGreaterThan(never.endNs);
      expect(await get(butler, 'number')).toBe(3);
      expect(await get(butler, 'dict')).toEqual({ a: [1, 'ï', null], when: '2014-11-18', x: 1e-9 });
      const frame = (await get(butler, 'frame')) as Table;
      expect(frame.columns).toEqual({
        a: BigInt64Array.of(1n, 2n, 3n),
        b: Float64Array.of(1.5, Number.NaN, 2.5),
        s: ['x', '', 'z'],
        t: BigInt64Array.of(1_577_836_800_000_000_000n, -(1n << 63n), 1_578_009_600_000_000_000n),
        c: ['u', 'v', 'u'],
        u4: BigInt64Array.of(1n, 2n, (1n << 32n) - 1n),
        i2: Int32Array.of(-1, 2, 3),
        id: BigInt64Array.of(10n, 20n, 30n),
      });
      // The row labels come along, as they do there.
      const some = { columns: 's', filters: [['a', '>', 1]], rows: [0, 3] };
      expect(((await get(butler, 'frame', { parameters: some })) as Table).columns).toEqual({
        s: ['', 'z'],
        id: BigInt64Array.of(20n, 30n),
      });
      expect(await get(butler, 'frame', { storageClass: 'ArrowAstropy' })).toEqual(frame);
      await expect(get(butler, 'frame', { storageClass: 'Exposure' })).rejects.toMatchObject({
        code: 'BUTLER_NOT_CONVERTIBLE',
      });
      expect(await get(butler, 'levels', { component: 'columns' })).toEqual([
        ['g', 'ra'],
        ['g', 'dec'],
        ['r', 'ra'],
        ['r', 'dec'],
      ]);
      const both = { "('g', 'ra')": Float64Array.of(0, 4), "('r', 'ra')": Float64Array.of(2, 6) };
      for (const columns of [{ column: 'ra' }, [['*', 'ra']]]) {
        expect(((await get(butler, 'levels', { parameters: { columns } })) as Table).columns).toEqual(both);
      }
      expect(await get(butler, 'astropy')).toMatchObject({
        columns: {
          'x[0]': Float64Array.of(0, 2, 4),
          'x[1]': Float64Array.of(1, 3, 5),
          n: Float64Array.of(1, Number.NaN, 3),
          s: ['a', 'bb', 'ccc'],
        },
        units: { 'x[0]': 'deg', 'x[1]': 'deg' },
        meta: { k: 'v' },
      });
      expect(((await get(butler, 'numpy')) as Table).columns).toEqual({
        i: Int32Array.of(1, 2),
        f: Float64Array.of(2.5, 3.5),
        s: ['a', 'b'],
      });
      expect(((await get(butler, 'arrow')) as Table).columns.big).toEqual(
        BigInt64Array.of((1n << 63n) - 1n, (1n << 53n) + 1n),
      );
      expect(await get(butler, 'arrow', { component: 'rowcount' })).toBe(2);
      expect(await get(butler, 'schema')).toEqual({
        rows: 0,
        columns: [
          { name: 'a', type: 'int64' },
          { name: 'b', type: 'float32' },
        ],
      });
      expect(await get(butler, 'ecsv')).toEqual({
        rows: 2,
        columns: { ra: Float64Array.of(1.5, 2.5), n: BigInt64Array.of(1n, 2n), s: ['x y', ''] },
        units: { ra: 'deg' },
        meta: { k: 'v' },
      });
      await expect(get(butler, 'pickled')).rejects.toMatchObject({ code: 'BUTLER_PYTHON_ONLY' });
      expect(await get(butler, 'log')).toMatchObject([{ name: 'isr', message: 'overscan µ', levelno: 20 }]);
    } finally {
      await butler.close();
    }
  });

  it('composites in parts, both ways', async () => {
    const repo = join(dir, 'composites');
    const storageClasses = {
      Summary: {
        pytype: 'lsst.daf.butler.tests.MetricsExample',
        delegate: 'lsst.daf.butler.tests.MetricsDelegate',
        components: { summary: 'StructuredDataDict', output: 'StructuredDataDict', data: 'StructuredDataList' },
      },
    };
    const datastore = {
      composites: { default: false, disassembled: { Summary: true } },
      formatters: { StructuredDataList: 'lsst.daf.butler.formatters.json.JsonFormatter' },
    };
    await (await Butler.create(repo)).close();
    const path = join(repo, 'butler.yaml');
    const config = parse(readFileSync(path, 'utf8'));
    writeFileSync(path, stringify({ ...config, storageClasses, datastore: { ...config.datastore, ...datastore } }));
    const value = { summary: { a: 1 }, output: { b: 'x' }, data: [1, 2, 3] };
    const butler = await Butler.open(repo, { writeable: true });
    try {
      await butler.registerCollection('run', 'RUN');
      const ref = await put(butler, 'metric', 'Summary', value);
      expect((await butler.getFileRecords([ref.id]))[0]).toHaveLength(3);
    } finally {
      await butler.close();
    }
    const seen = python(
      `
import json, sys
from lsst.daf.butler import Butler
from lsst.daf.butler.tests import MetricsExample
b = Butler.from_config(sys.argv[1], writeable=True)
m = b.get('metric', collections='run')
print(json.dumps({'summary': m.summary, 'output': m.output, 'data': m.data, 'part': b.get('metric.data', collections='run')}))
b.collections.register('py')
b.put(MetricsExample({'c': 2}, {'d': 'ø'}, [4, 5]), 'metric', run='py')
`,
      repo,
    );
    expect(JSON.parse(seen)).toEqual({ ...value, part: value.data });
    const again = await Butler.open(repo);
    try {
      const ref = (await again.findDataset('metric', {}, { collections: ['py'] }))!;
      expect((await again.getFileRecords([ref.id]))[0]).toHaveLength(3);
      expect(await again.get(ref)).toEqual({ summary: { c: 2 }, output: { d: 'ø' }, data: [4, 5] });
      expect(await again.get(ref, { component: 'output' })).toEqual({ d: 'ø' });
    } finally {
      await again.close();
    }
  });
});

describePeer('lsst.pipe.base', 'task metadata', (python) => {
  it('is that of the peer, both ways', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'skymill-interop-metadata-'));
    try {
      const metadata = {
        isr: { medianSky: 12.5, flags: [true, false], name: 'x' },
        quantum: { utc: ['a', 'b'], n: 3 },
      };
      const butler = await Butler.create(dir);
      await butler.registerCollection('run', 'RUN');
      await butler.registerDatasetTypes([butler.makeDatasetType('isr_metadata', [], 'TaskMetadata')]);
      await butler.put(metadata, 'isr_metadata', {}, 'run');
      await butler.close();
      const seen = python(
        `
import json, sys
from lsst.daf.butler import Butler
from lsst.pipe.base import TaskMetadata
b = Butler.from_config(sys.argv[1], writeable=True)
m = b.get('isr_metadata', collections='run')
assert isinstance(m, TaskMetadata)
print(json.dumps(m.to_dict()))
m['isr'].add('extra', 1)
m['isr'].add('extra', 2)
b.collections.register('py')
b.put(m, 'isr_metadata', run='py')`,
        dir,
      );
      expect(JSON.parse(seen)).toEqual(metadata);
      const again = await Butler.open(dir);
      const ref = (await again.findDataset('isr_metadata', {}, { collections: ['py'] }))!;
      expect(await again.get(ref)).toEqual({ ...metadata, isr: { ...metadata.isr, extra: [1, 2] } });
      expect(await again.get(ref, { storageClass: 'StructuredDataDict' })).toMatchObject({ quantum: { n: 3 } });
      await again.close();
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });
});
