// SPDX-License-Identifier: BSD-3-Clause
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Butler } from '../../src/butler/index.ts';
import { addCamera } from '../butler/camera.ts';
import { postgresUrl, restoreDump } from '../support/databases.ts';
import { describePostgres } from '../support/engines.ts';
import { describePeer } from '../support/peers.ts';
import { describeShared } from '../support/shared.ts';

const day = 86_400_000_000_000n;
const detector = (n: number) => ({ instrument: 'Cam', detector: n });
const flatOf = (n: number) => ({ ...detector(n), physical_filter: 'Cam-R' });

/** What the Python butler does with a repository that has a camera: the same as `fill`, under other names. */
const fillInPython = `
import sys, json
from lsst.daf.butler import Butler, DatasetType, CollectionType, Timespan
import astropy.time
b = Butler.from_config(sys.argv[1], writeable=True)
b.collections.register('py/run')
b.collections.register('py/tag', CollectionType.TAGGED)
b.collections.register('py/calib', CollectionType.CALIBRATION)
b.collections.register('py/all', CollectionType.CHAINED)
b.collections.redefine_chain('py/all', ['py/tag', 'py/calib', 'py/run'])
b.registry.registerDatasetType(DatasetType('pydict', ['exposure', 'detector'], 'StructuredDataDict', universe=b.dimensions))
b.registry.registerDatasetType(DatasetType('pyflat', ['detector', 'physical_filter'], 'StructuredDataDict', isCalibration=True, universe=b.dimensions))
r = b.put({'from': 'python', 'x': [1, 2]}, 'pydict', instrument='Cam', exposure=1, detector=2, run='py/run')
b.registry.associate('py/tag', [r])
f = [b.put({'n': n}, 'pyflat', instrument='Cam', detector=n, physical_filter='Cam-R', run='py/run') for n in (1, 2)]
time = lambda days: astropy.time.Time(days * 86400, format='unix_tai')
b.registry.certify('py/calib', f, Timespan(time(18000), time(19000)))
b.registry.certify('py/calib', f[:1], Timespan(time(19000), None))
b.registry.decertify('py/calib', 'pyflat', Timespan(time(18900), time(19100)))
b.registry.insertDimensionData('instrument', {'name': 'PyCam', 'class_name': 'x', 'detector_max': 1, 'visit_max': 1, 'exposure_max': 1})
`;

/** What Python sees of all this. */
const lookInPython = `
import sys, json
from lsst.daf.butler import Butler
b = Butler.from_config(sys.argv[1])
prefix = sys.argv[2]
spans = [r.timespan for r in sorted(b.query_dimension_records('exposure', instrument='Cam'), key=lambda r: r.id)]
def one(*args, **kwargs):
    ref = b.find_dataset(*args, **kwargs)
    return None if ref is None else b.get(ref)
print(json.dumps({
    'dict': b.get(prefix + 'dict', instrument='Cam', exposure=1, detector=2, collections=prefix + '/all'),
    'flats': [[one(prefix + 'flat', instrument='Cam', detector=d, physical_filter='Cam-R', timespan=span, collections=prefix + '/calib') for span in spans] for d in (1, 2)],
    'spans': sorted([a.ref.dataId['detector'], a.timespan.nsec[0], a.timespan.nsec[1]] for a in b.registry.queryDatasetAssociations(prefix + 'flat', [prefix + '/calib'])),
    'tagged': len(b.query_datasets(prefix + 'dict', collections=prefix + '/tag')),
    'chain': list(b.collections.get_info(prefix + '/all').children),
    'late': [r.id for r in b.query_dimension_records('exposure', where="instrument = 'Cam' AND exposure.timespan OVERLAPS (T'2022-01-01', T'2100-01-01')")],
}))
`;

async function fill(butler: Butler): Promise<void> {
  for (const [name, type] of [
    ['ts/run', 'RUN'],
    ['ts/tag', 'TAGGED'],
    ['ts/calib', 'CALIBRATION'],
    ['ts/all', 'CHAINED'],
  ] as const) {
    await butler.registerCollection(name, type);
  }
  await butler.setChain('ts/all', ['ts/tag', 'ts/calib', 'ts/run']);
  await butler.registerDatasetTypes([
    butler.makeDatasetType('tsdict', ['exposure', 'detector'], 'StructuredDataDict'),
    butler.makeDatasetType('tsflat', ['detector', 'physical_filter'], 'StructuredDataDict', { isCalibration: true }),
  ]);
  const { ref } = await butler.put({ from: 'ts', x: [1, 2] }, 'tsdict', { ...detector(2), exposure: 1 }, 'ts/run');
  await butler.associate('ts/tag', [ref]);
  const flats = [];
  for (const n of [1, 2]) flats.push((await butler.put({ n }, 'tsflat', flatOf(n), 'ts/run')).ref);
  await butler.certify('ts/calib', flats, { beginNs: 18_000n * day, endNs: 19_000n * day });
  await butler.certify('ts/calib', flats.slice(0, 1), { beginNs: 19_000n * day, endNs: undefined });
  await butler.decertify('ts/calib', 'tsflat', { beginNs: 18_900n * day, endNs: 19_100n * day });
}

/** What {@link lookInPython} prints, seen with our eyes. */
async function look(butler: Butler, prefix: string): Promise<unknown> {
  const get = async (type: string, dataId: Record<string, string | number>, collection: string): Promise<unknown> => {
    const ref = await butler.findDataset(type, dataId, { collections: [collection] });
    return ref === undefined ? null : butler.get(ref);
  };
  const spans: [number, number, number][] = [];
  for await (const { ref, timespan } of butler.associations(`${prefix}flat`, { collections: [`${prefix}/calib`] })) {
    const [begin, end] = [timespan!.beginNs ?? 0n, timespan!.endNs ?? 4_102_444_800_000_000_000n];
    spans.push([ref.dataId.get('detector') as number, Number(begin), Number(end)]);
  }
  const flats = [];
  for (const d of [1, 2]) {
    const row = [];
    for (const exposure of [1, 2]) row.push(await get(`${prefix}flat`, { ...flatOf(d), exposure }, `${prefix}/calib`));
    flats.push(row);
  }
  const late = [];
  const where = "instrument = 'Cam' AND exposure.timespan OVERLAPS (T'2022-01-01', T'2100-01-01')";
  for await (const record of butler.query().where(where).dimensionRecords('exposure')) late.push(record['id']);
  let tagged = 0;
  for await (const _ of butler.query().datasets(`${prefix}dict`, { collections: [`${prefix}/tag`] })) tagged++;
  return {
    dict: await get(`${prefix}dict`, { ...detector(2), exposure: 1 }, `${prefix}/all`),
    flats,
    spans: spans.sort((a, b) => a[0] - b[0] || a[1] - b[1]),
    tagged,
    chain: (await butler.getCollection(`${prefix}/all`)).children,
    late,
  };
}

async function content(butler: Butler): Promise<unknown> {
  const collections = await butler.listCollections();
  const datasets: unknown[] = [];
  for (const { name } of await butler.listDatasetTypes()) {
    const names = collections.filter(({ type }) => type !== 'CHAINED').map((collection) => collection.name);
    for await (const { ref, collection, timespan } of butler.associations(name, { collections: names })) {
      datasets.push([ref.id, name, ref.run, collection, ref.dataId.toDataId(), timespan]);
    }
  }
  expect(datasets.length).toBeGreaterThan(10);
  const records: Record<string, unknown[]> = {};
  for (const element of ['instrument', 'detector', 'physical_filter']) {
    records[element] = [];
    for await (const record of butler.query().dimensionRecords(element)) records[element].push(JSON.stringify(record));
    records[element].sort();
  }
  return {
    collections,
    datasets: datasets.map((row) => JSON.stringify(row, (_, v) => (typeof v === 'bigint' ? String(v) : v))).sort(),
    records,
  };
}

const expected = (prefix: string) => {
  const d = Number(day);
  return {
    dict: { from: prefix === 'py' ? 'python' : 'ts', x: [1, 2] },
    flats: [
      [{ n: 1 }, { n: 1 }],
      [{ n: 2 }, null],
    ],
    spans: [
      [1, 18_000 * d, 18_900 * d],
      [1, 19_100 * d, Number(4_102_444_800_000_000_000n)],
      [2, 18_000 * d, 18_900 * d],
    ],
    tagged: 1,
    chain: [`${prefix}/tag`, `${prefix}/calib`, `${prefix}/run`],
    late: [2],
  };
};

describePostgres('repositories shared with the Python butler on PostgreSQL', (engine) => {
  describePeer('lsst.daf.butler, psycopg2', 'repositories shared with the Python butler on PostgreSQL', (python) => {
    let dir: string;
    beforeAll(() => {
      dir = mkdtempSync(join(tmpdir(), 'skymill-postgres-interop-'));
    });
    afterAll(async () => {
      await engine.dropAll();
      rmSync(dir, { recursive: true, force: true });
    });

    it.each(['here', 'there'])('made %s: written and read on both sides', async (maker) => {
      const root = join(dir, maker);
      if (maker === 'here') {
        await (await engine.createButler(root)).close();
      } else {
        const { database, namespace } = engine.createOptions();
        writeFileSync(join(dir, 'seed.yaml'), `registry:\n  db: ${database}\n  namespace: ${namespace}\n`);
        const make =
          'import sys; from lsst.daf.butler import Butler, Config; Butler.makeRepo(sys.argv[1], config=Config(sys.argv[2]), forceConfigRoot=False)';
        python(make, root, join(dir, 'seed.yaml'));
      }
      const butler = await Butler.open(root, { writeable: true });
      try {
        await addCamera(butler);
        await fill(butler);
        python(fillInPython, root);
        for (const prefix of ['ts', 'py']) {
          expect(await look(butler, prefix)).toEqual(expected(prefix));
          expect(JSON.parse(python(lookInPython, root, prefix))).toEqual(expected(prefix));
        }
        // Each takes the next number of the other's sequences, and each cleans up what the other made.
        await butler.registerCollection('ts/later', 'RUN');
        await butler.put({ again: 1 }, 'pydict', { ...detector(2), exposure: 1 }, 'ts/later');
        await butler.removeRuns(['py/run'], { unlink: true });
        python(
          `
import sys
from lsst.daf.butler import Butler
b = Butler.from_config(sys.argv[1], writeable=True)
assert b.get('pydict', instrument='Cam', exposure=1, detector=2, collections='ts/later') == {'again': 1}
assert 'py/run' not in b.collections.query('*')
b.pruneDatasets(list(b.query_datasets('tsdict', collections='ts/run')), purge=True, unstore=True, disassociate=True)
`,
          root,
        );
        expect(
          await butler.findDataset('tsdict', { ...detector(2), exposure: 1 }, { collections: ['ts/all'] }),
        ).toBeUndefined();
      } finally {
        await butler.close();
      }
    });
  });

  describeShared('conformance/gen3/repos/postgres', 'the reference repository', (source) => {
    it('opens, answers and takes datasets', async () => {
      const { url, drop } = await restoreDump(join(source, 'base-datasets.dump.sql'));
      const root = mkdtempSync(join(tmpdir(), 'skymill-postgres-reference-'));
      try {
        cpSync(source, root, { recursive: true });
        const config = readFileSync(join(root, 'butler.yaml'), 'utf8');
        writeFileSync(
          join(root, 'butler.yaml'),
          config.replace(/db: .*/, `db: ${url.replace('postgresql:', 'postgresql+psycopg2:')}`),
        );
        const butler = await Butler.open(root, { writeable: true });
        try {
          // The same exports were loaded into a repository on SQLite.
          const twin = mkdtempSync(join(tmpdir(), 'skymill-sqlite-reference-'));
          cpSync(join(source, '../base-datasets'), twin, { recursive: true });
          const other = await Butler.open(twin);
          expect(await content(butler)).toEqual(await content(other));
          await other.close();
          rmSync(twin, { recursive: true, force: true });
          await butler.registerCollection('ours', 'RUN');
          await butler.registerDatasetTypes([butler.makeDatasetType('notes', ['detector'], 'StructuredDataDict')]);
          const { ref } = await butler.put({ a: 1 }, 'notes', { instrument: 'Cam1', detector: 1 }, 'ours');
          expect(await butler.get(ref)).toEqual({ a: 1 });
        } finally {
          await butler.close();
        }
      } finally {
        await drop();
        rmSync(root, { recursive: true, force: true });
      }
    });
  });
});

describe('addresses', () => {
  it('are without password', () => {
    expect(postgresUrl() ?? '').not.toMatch(/:[^/@]+@/);
  });
});
