// SPDX-License-Identifier: BSD-3-Clause
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Coordinate } from '../../src/butler/dimensions/coordinate.ts';
import { findDataset } from '../../src/butler/registry/find.ts';
import type { Registry } from '../../src/butler/registry/registry.ts';
import { makeTimespan } from '../../src/butler/timespan.ts';
import type { DatasetRef } from '../../src/butler/types.ts';
import { testEngine } from '../support/databases.ts';
import { addDatasets, hours, queryOf, surveyRegistry } from './query-fixture.ts';

let registry: Registry;
let early: DatasetRef[];
let late: DatasetRef[];
let special: DatasetRef[];

const visits = Array.from({ length: 12 }, (_, i) => ({
  id: 10 + i,
  filter: i % 2 === 0 ? ('f-g' as const) : ('f-r' as const),
  raDeg: 10 + i / 10,
  decDeg: 0,
  startHours: i,
  exposureTime: 30,
}));
const detectors = [0, 1].map((detector) => ({ instrument: 'Cam', detector }));

beforeAll(async () => {
  registry = await surveyRegistry(visits, [{ id: 0, raDeg: 10, decDeg: 0 }]);
  early = await addDatasets(registry, 'calib/early', 'bias', detectors, true);
  late = await addDatasets(registry, 'calib/late', 'bias', detectors, true);
  special = await addDatasets(registry, 'calib/special', 'bias', [detectors[1]], true);
  const { collections, calibrations, types } = registry;
  const bias = await types.get('bias');
  for (const name of ['calib', 'override']) await collections.register(name, 'CALIBRATION');
  const calib = await collections.get('calib');
  await calibrations.certify(bias, calib, early, makeTimespan(undefined, hours(6)));
  await calibrations.certify(bias, calib, late, makeTimespan(hours(6), undefined));
  await calibrations.certify(bias, await collections.get('override'), special, makeTimespan(hours(2.9), hours(3.5)));
  for (const run of ['run/1', 'run/2']) {
    const ids = run === 'run/1' ? visits : visits.slice(0, 3);
    await addDatasets(
      registry,
      run,
      'calexp',
      ids.flatMap(({ id }) => detectors.map((d) => ({ ...d, visit: id }))),
    );
  }
});
afterAll(async () => registry.db.close());

async function all<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const out: T[] = [];
  for await (const row of rows) out.push(row);
  return out;
}

describe('general rows', () => {
  test('look calibrations up by the times of exposures, the first collection first', async () => {
    const query = queryOf(registry)
      .where("instrument = 'Cam' AND detector = 1")
      .joinDatasets('bias', ['override', 'calib'])
      .orderBy('exposure');
    const rows = await all(
      query.general(['exposure', 'bias.dataset_id', 'bias.run', 'bias.timespan'], { findFirst: 'bias' }),
    );
    const expected = visits.map(({ id, startHours }) => {
      const ref = startHours === 3 ? special[0] : startHours < 6 ? early[1] : late[1];
      return [id, ref.id, ref.run];
    });
    expect(rows.map((row) => [row.exposure, row['bias.dataset_id'], row['bias.run']])).toEqual(expected);
    expect(rows[0]['bias.timespan']).toEqual({ beginNs: undefined, endNs: hours(6) });
    const every = await all(query.general(['exposure', 'bias.dataset_id', 'bias.collection']));
    expect(every).toHaveLength(visits.length + 1);
  });
  test('are each combination once', async () => {
    expect(await all(queryOf(registry).general(['band']))).toHaveLength(2);
    const dates = await all(
      queryOf(registry).joinDatasets('calexp', ['run/1']).general(['calexp.run', 'calexp.ingest_date', 'visit.name']),
    );
    expect(dates).toHaveLength(visits.length);
    expect(typeof dates[0]['calexp.ingest_date']).toBe('bigint');
    const [timed] = await all(
      queryOf(registry).orderBy('visit').general(['visit', 'visit.timespan.begin', 'visit.region']),
    );
    expect(timed['visit.timespan.begin']).toBe(hours(0));
    expect(timed['visit.region']).toBeInstanceOf(Uint8Array);
  });
  test('are ordered by fields of datasets and bounds of timespans', async () => {
    const query = queryOf(registry).joinDatasets('calexp', ['run/1', 'run/2']).where("instrument='Cam' AND detector=0");
    const rows = await all(
      query.orderBy('-calexp.run', '-visit.timespan.begin').limit(4).general(['visit', 'calexp.run']),
    );
    expect(rows.map((row) => `${row['calexp.run']} ${row.visit}`)).toEqual([
      'run/2 12',
      'run/2 11',
      'run/2 10',
      'run/1 21',
    ]);
  });
  test('refuse what is not joined', async () => {
    for (const columns of [['bias.dataset_id'], ['visit.nothing'], [], ['htm7.region', 'visit']]) {
      await expect(all(queryOf(registry).general(columns))).rejects.toThrow(
        /part of this query|no dimension|No columns|pixel/,
      );
    }
    await expect(all(queryOf(registry).general(['visit'], { findFirst: 'bias' }))).rejects.toThrow(
      /part of this query/,
    );
  });
});

describe('materialised data IDs', () => {
  test('go on without the conditions, with the datasets that are kept', async () => {
    const query = queryOf(registry).where("instrument = 'Cam' AND visit > 12").joinDatasets('calexp', ['run/1']);
    const kept = await query.materialize(['visit', 'tract'], { datasets: ['calexp'] });
    const before = registry.db.statementCount;
    const again = await all(kept.dataIds(['visit']));
    // A server does not say that nothing has changed: what was read before is read again.
    expect(registry.db.statementCount - before).toBeLessThanOrEqual(testEngine() === 'sqlite' ? 3 : 4);
    expect(again.map((id) => id.get('visit')).sort()).toEqual(
      (await all(query.joinDimensions(['tract']).dataIds(['visit']))).map((id) => id.get('visit')).sort(),
    );
    const direct = await all(query.joinDimensions(['tract']).general(['visit', 'calexp.dataset_id']));
    expect(direct.length).toBeGreaterThan(0);
    expect(await all(kept.orderBy('calexp.dataset_id').general(['visit', 'calexp.dataset_id']))).toEqual(
      direct.sort((a, b) => (a['calexp.dataset_id'] < b['calexp.dataset_id'] ? -1 : 1)),
    );
    await expect(query.materialize(['visit'], { datasets: ['bias'] })).rejects.toThrow(/part of this query/);
  });
});

describe('counts', () => {
  test('exact, at most, or refused', async () => {
    const query = queryOf(registry);
    const exact = await query.count(['visit', 'detector', 'patch']);
    expect(exact).toBe((await all(query.dataIds(['visit', 'detector', 'patch']))).length);
    expect(await query.count(['visit', 'detector', 'patch'], { exact: false })).toBeGreaterThanOrEqual(exact);
    await expect(query.count(['visit', 'patch'], { discard: false })).rejects.toThrow(/only be counted by reading/);
    expect(await query.count(['visit'], { discard: false })).toBe(12);
    expect(await query.limit(5).count(['visit'])).toBe(5);
    expect(await query.limit(50, 10).count(['visit'])).toBe(2);
    expect(await query.countDatasets('calexp', { collections: ['run/2', 'run/1'] })).toBe(24);
    expect(await query.countDatasets('calexp', { collections: ['run/2', 'run/1'], findFirst: false })).toBe(30);
    expect(await query.any(['visit'])).toBe(true);
    expect(await query.where({ instrument: 'Cam', visit: 99 }).any(['visit'])).toBe(false);
    expect(await query.anyDatasets('calexp', { collections: ['calib/early'] })).toBe(false);
  });
});

test('datasets of all types, with one limit over all', async () => {
  const collections = ['run/2', 'calib/early'];
  const names = async (limit?: number) => {
    const query = limit === undefined ? queryOf(registry) : queryOf(registry).limit(limit);
    return (await all(query.allDatasets({ collections }))).map(({ datasetType }) => datasetType.name);
  };
  expect(await names()).toEqual([...Array(2).fill('bias'), ...Array(6).fill('calexp')]);
  expect(await names(3)).toEqual((await names()).slice(0, 3));
  const inside = await all(queryOf(registry).limit(3, 1).allDatasets({ collections }));
  expect(inside.map(({ datasetType }) => datasetType.name)).toEqual(['bias', 'calexp', 'calexp']);
  const only = await all(queryOf(registry).allDatasets({ collections, types: ['cal*'] }));
  expect(only).toHaveLength(6);
  await expect(all(queryOf(registry).allDatasets({ collections: ['*'] }))).rejects.toThrow(/has no order/);
});

describe('statements', () => {
  const counted = async (body: () => Promise<unknown>): Promise<number> => {
    const before = registry.db.statementCount;
    await body();
    return registry.db.statementCount - before;
  };
  test('of each terminal are few, whatever it finds', async () => {
    const query = queryOf(registry);
    const collections = ['run/2', 'run/1'];
    expect(await counted(() => all(query.dataIds(['visit', 'detector'])))).toBe(1);
    expect(await counted(() => all(query.dataIds(['visit', 'detector', 'patch'])))).toBeLessThanOrEqual(4);
    expect(await counted(() => all(query.where('visit OVERLAPS htm9').dataIds(['visit', 'htm9'])))).toBeLessThanOrEqual(
      2,
    );
    expect(await counted(() => all(query.dimensionRecords('visit')))).toBe(1);
    expect(await counted(() => all(query.datasets('calexp', { collections })))).toBeLessThanOrEqual(5);
    expect(
      await counted(() => all(query.joinDatasets('bias', ['calib']).general(['exposure', 'bias.run']))),
    ).toBeLessThanOrEqual(5);
    expect(await counted(() => query.count(['visit']))).toBe(1);
    expect(await counted(() => query.any(['visit']))).toBe(1);
    expect(await counted(() => query.materialize(['visit']))).toBe(1);
    // One look at the summaries, and no more than a fixed number for each type that is there.
    expect(await counted(() => all(query.allDatasets({ collections })))).toBeLessThanOrEqual(9);
  });
  test.skipIf(testEngine() !== 'sqlite')('use the indexes', async () => {
    const plans: string[] = [];
    const { db } = registry;
    const watched = Object.create(db, {
      rows: {
        value: async (sql: string, params: never[], options: never) => {
          if (sql.includes('dataset_tags') || sql.includes('dataset_calibs')) {
            const plan = await db.rows(`EXPLAIN QUERY PLAN ${sql}`, params);
            plans.push(...plan.map((row) => String(row[3])));
          }
          return db.rows(sql, params, options);
        },
      },
    });
    for (let i = 0; i < 200; i++) await registry.collections.register(`many/${i}`, 'RUN');
    const names = [...Array.from({ length: 200 }, (_, i) => `many/${i}`), 'run/1'];
    const type = await registry.types.get('calexp');
    const looking = Object.assign(Object.create(registry), { db: watched });
    const found = await findDataset(looking, type, { instrument: 'Cam', visit: 20, detector: 1 }, names, undefined);
    expect(found?.run).toBe('run/1');
    expect(plans.join('\n')).toMatch(
      /SEARCH .*USING INDEX \S+ \(dataset_type_id=\? AND collection_id=\? AND instrument=\? AND detector=\? AND visit=\?\)/,
    );
    expect(plans.filter((line) => /^SCAN (?!value|json_each|k\b|.*VIRTUAL)/.test(line))).toEqual([]);
  });
});

test('leaving a loop early leaves the database free', async () => {
  for await (const ref of queryOf(registry).datasets('calexp', { collections: ['run/1'] })) {
    expect(ref.dataId.full).toBe(true);
    break;
  }
  for await (const ref of queryOf(registry).datasets('calexp', { collections: ['run/1'], implied: false })) {
    expect(ref.dataId.full).toBe(false);
    await registry.collections.register(`made/${ref.dataId.get('visit')}`, 'TAGGED');
  }
  expect(await registry.collections.find('made/21')).toBeDefined();
});

test('implied values are the same, whether they come with each row or are asked for by themselves', async () => {
  const read = async (query: ReturnType<typeof queryOf>, collections: readonly string[], findFirst: boolean) => {
    const out: unknown[] = [];
    for await (const { id, run, dataId } of query.datasets('calexp', { collections, findFirst }))
      out.push({
        id,
        run,
        dataId: (dataId as Coordinate).toFullDataId(),
        filter: dataId.get('physical_filter'),
        key: dataId.key,
      });
    return out.sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));
  };
  for (const collections of [['run/1'], ['run/2', 'run/1']]) {
    for (const findFirst of [true, false]) {
      for (const where of ["instrument = 'Cam'", "band = 'r' AND instrument = 'Cam'", 'visit.exposure_time > 29']) {
        const query = queryOf(registry).unchecked().where(where);
        const rows = await read(query, collections, findFirst);
        expect(rows.length).toBeGreaterThan(3);
        expect(rows[0]).toMatchObject({ dataId: { band: expect.any(String) }, filter: expect.stringMatching(/^f-/) });
        expect(rows).toEqual(await read(query.limit(1_000_000), collections, findFirst));
      }
    }
  }
  // Within a transaction too, where everything shares one session.
  const all = await read(queryOf(registry), ['run/1'], true);
  expect(await registry.db.transaction(() => read(queryOf(registry), ['run/1'], true))).toEqual(all);
});
