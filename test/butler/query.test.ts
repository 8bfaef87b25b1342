// SPDX-License-Identifier: BSD-3-Clause
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SkymillError } from '../../src/base/index.ts';
import { setChain } from '../../src/butler/collections/chains.ts';
import type { Registry } from '../../src/butler/registry/registry.ts';
import { makeTimespan } from '../../src/butler/timespan.ts';
import type { DatasetRef } from '../../src/butler/types.ts';
import { addDatasets, hours, queryOf, surveyRegistry } from './query-fixture.ts';

let registry: Registry;
let biasOld: DatasetRef[];
let biasNew: DatasetRef[];
let biasRun2: DatasetRef[];
let flats: DatasetRef[];

const visits = [
  { id: 10, filter: 'f-g', raDeg: 10, decDeg: 0, startHours: 1, exposureTime: 30 },
  { id: 11, filter: 'f-r', raDeg: 10.2, decDeg: 0, startHours: 2, exposureTime: 30 },
  { id: 20, filter: 'f-r', raDeg: 50, decDeg: 0, startHours: 30, exposureTime: 60 },
] as const;
const detectors = [0, 1].map((detector) => ({ instrument: 'Cam', detector }));

beforeAll(async () => {
  registry = await surveyRegistry(visits, [
    { id: 0, raDeg: 10, decDeg: 0 },
    { id: 1, raDeg: 80, decDeg: 0 },
  ]);
  biasOld = await addDatasets(registry, 'calib/old', 'bias', detectors, true);
  biasNew = await addDatasets(registry, 'calib/new', 'bias', detectors, true);
  biasRun2 = await addDatasets(registry, 'calib/override', 'bias', [detectors[1]], true);
  flats = await addDatasets(
    registry,
    'calib/flats',
    'flat',
    detectors.flatMap((d) => ['f-g', 'f-r'].map((physical_filter) => ({ ...d, physical_filter }))),
    true,
  );
  const { collections, calibrations, types } = registry;
  const bias = await types.get('bias');
  await collections.register('calib', 'CALIBRATION');
  await collections.register('calib-special', 'CALIBRATION');
  const calib = await collections.get('calib');
  await calibrations.certify(bias, calib, biasOld, makeTimespan(undefined, hours(24)));
  await calibrations.certify(bias, calib, biasNew, makeTimespan(hours(24), undefined));
  await calibrations.certify(
    bias,
    await collections.get('calib-special'),
    biasRun2,
    makeTimespan(hours(1.5), hours(3)),
  );
  await addDatasets(
    registry,
    'raw',
    'raw',
    visits.flatMap((v) => detectors.map((d) => ({ ...d, exposure: v.id }))),
  );
  await addDatasets(
    registry,
    'run/1',
    'calexp',
    [10, 11].flatMap((visit) => detectors.map((d) => ({ ...d, visit }))),
  );
  await addDatasets(registry, 'run/2', 'calexp', [{ instrument: 'Cam', detector: 0, visit: 11 }]);
  await collections.register('chain', 'CHAINED');
  await setChain(registry, 'chain', ['run/2', 'run/1']);
});
afterAll(async () => registry.db.close());

async function all<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const out: T[] = [];
  for await (const row of rows) out.push(row);
  return out;
}
async function refusal(rows: Promise<unknown>): Promise<SkymillError> {
  const error = await rows.then(
    () => undefined,
    (thrown) => thrown,
  );
  expect(error).toBeInstanceOf(SkymillError);
  return error;
}

describe('find-first', () => {
  const runs = (refs: DatasetRef[]) =>
    refs.map((r) => `${r.dataId.get('visit')}/${r.dataId.get('detector')} ${r.run}`).sort();

  test('takes the first collection of a chain for each data ID', async () => {
    const refs = await all(queryOf(registry).datasets('calexp', { collections: ['chain'] }));
    expect(runs(refs)).toEqual(['10/0 run/1', '10/1 run/1', '11/0 run/2', '11/1 run/1']);
  });
  test('can be turned off, and then takes patterns', async () => {
    const refs = await all(queryOf(registry).datasets('calexp', { collections: ['run/*'], findFirst: false }));
    expect(refs).toHaveLength(5);
    expect((await refusal(all(queryOf(registry).datasets('calexp', { collections: ['run/*'] })))).code).toBe(
      'QUERY_FIND_FIRST_WILDCARD',
    );
  });
  test('does not give what a condition hides behind the first', async () => {
    const query = queryOf(registry).where("calexp.run = 'run/1' AND instrument = 'Cam' AND visit = 11");
    expect(runs(await all(query.datasets('calexp', { collections: ['chain'] })))).toEqual(['11/1 run/1']);
  });
});

describe('calibrations', () => {
  test('are those valid at the time of each visit', async () => {
    const query = queryOf(registry).joinDimensions(['exposure']).where("instrument = 'Cam' AND exposure = 20");
    const refs = await all(query.datasets('bias', { collections: ['calib'] }));
    expect(refs.map((ref) => ref.id).sort()).toEqual(biasNew.map((ref) => ref.id).sort());
  });
  test('find-first is settled for each visit where validity differs', async () => {
    const ids = async (exposure: number) => {
      const query = queryOf(registry).where({ instrument: 'Cam', exposure });
      return (await all(query.datasets('bias', { collections: ['calib-special', 'calib'] })))
        .map((ref) => ref.id)
        .sort();
    };
    expect(await ids(10)).toEqual(biasOld.map((ref) => ref.id).sort());
    expect(await ids(11)).toEqual([biasOld[0].id, biasRun2[0].id].sort());
    expect(await ids(20)).toEqual(biasNew.map((ref) => ref.id).sort());
  });
  test('a run counts as valid for all time', async () => {
    const query = queryOf(registry).where({ instrument: 'Cam', exposure: 11 });
    const refs = await all(query.datasets('bias', { collections: ['calib/override', 'calib'] }));
    expect(refs.map((ref) => ref.run).sort()).toEqual(['calib/old', 'calib/override']);
  });
  test('come with all their validity ranges, in the order of the collections', async () => {
    const found = await queryOf(registry).datasetColumns('bias', {
      collections: ['calib-special', 'calib'],
      withTimespans: true,
    });
    expect(found.rows).toBe(5);
    expect(found.runs[0]).toBe('calib/override');
    expect(found.timespans![0]).toEqual({ beginNs: hours(1.5), endNs: hours(3) });
    const first = found.ids.indexOf(biasOld[1].id);
    expect(found.timespans![first]).toEqual({ beginNs: undefined, endNs: hours(24) });
  });
  test('can be asked for by time', async () => {
    const query = queryOf(registry)
      .where('bias.timespan OVERLAPS :t AND detector = 1', { t: { taiNs: hours(25) } })
      .where({ instrument: 'Cam' });
    expect((await all(query.datasets('bias', { collections: ['calib'] }))).map((ref) => ref.id)).toEqual([
      biasNew[1].id,
    ]);
  });
  test('restrict data IDs through their dimensions', async () => {
    const query = queryOf(registry).joinDatasets('flat', ['calib/flats']).where("instrument = 'Cam' AND visit = 10");
    const { rows, columns } = await query.dataIdColumns(['visit', 'detector']);
    expect(rows).toBe(2);
    expect(columns['physical_filter']).toEqual(['f-g', 'f-g']);
    expect(flats).toHaveLength(4);
  });
});

describe('conditions', () => {
  const visitsWhere = async (text: string, bind?: Record<string, unknown>) =>
    (await queryOf(registry).where(text, bind).dataIdColumns(['visit'])).columns['visit'].toSorted();

  test.each<[string, Record<string, unknown> | undefined, number[]]>([
    ["instrument='Cam' AND visit IN (10..20:10)", undefined, [10, 20]],
    ["instrument='Cam' AND visit IN (:ids, 20)", { ids: [11] }, [11, 20]],
    ["instrument='Cam' AND visit IN (:ids)", { ids: [] }, []],
    ["instrument='Cam' AND visit IN (:ids)", { ids: new Set(Array.from({ length: 500 }, (_, i) => i)) }, [10, 11, 20]],
    ['visit.exposure_time / 2 > 20', undefined, [20]],
    ['visit.exposure_time % 20 = 10', undefined, [10, 11]],
    ['visit.azimuth = NULL', undefined, [10, 11, 20]],
    ['visit.azimuth != NULL', undefined, []],
    ["GLOB(visit.name, 'v1?')", undefined, [10, 11]],
    ['visit.timespan < :t', { t: { taiNs: hours(2) } }, [10]],
    ['visit.timespan OVERLAPS (:a, NULL)', { a: { taiNs: hours(2) } }, [11, 20]],
    ['visit.timespan.begin IN (:a)', { a: [{ taiNs: hours(30) }] }, [20]],
    ['visit.region OVERLAPS POINT(10.6, 0)', undefined, [11]],
    ['POINT(10.6, 0) IN (visit.region)', undefined, [11]],
    ['NOT visit.region OVERLAPS :box', { box: { raDeg: 50, decDeg: 0 } }, [10, 11]],
    ["band = 'r' AND (visit.exposure_time > 50 OR visit.region OVERLAPS CIRCLE(10, 0, 1))", undefined, [11, 20]],
    ['visit.region OVERLAPS tract.region', undefined, [10, 11]],
    ["(instrument='Cam' AND visit=10) OR (instrument='Cam' AND visit=20)", undefined, [10, 20]],
    ['exposure.can_see_sky AND exposure.exposure_time = 60', undefined, [20]],
    ["instrument='Cam' AND visit.physical_filter = 'f-r'", undefined, [11, 20]],
    ["visit.instrument = 'Cam' AND visit.id > 10", undefined, [11, 20]],
  ])('%s', async (text, bind, expected) => {
    expect(await visitsWhere(text, bind)).toEqual(expected);
  });

  test.each<[string, string, RegExp, number?]>([
    ['visit > 10', 'QUERY_GOVERNOR_UNCONSTRAINED', /means nothing without a value of "instrument".*'Cam'/],
    ["instrument='Cam' AND vist = 10", 'QUERY_UNKNOWN_NAME', /"vist".*Did you mean "visit"/, 22],
    ["visit.physical_filter = 'f-r'", 'QUERY_GOVERNOR_UNCONSTRAINED', /"instrument"/],
    ["instrument='Cam' AND visit.physical_filtre = 'f-r'", 'QUERY_UNKNOWN_NAME', /"visit.physical_filter"/, 22],
    ["instrument='Cam' AND visit.visit > 10", 'QUERY_UNKNOWN_NAME', /"visit.visit"/, 22],
    ['visit.exposre_time > 10', 'QUERY_UNKNOWN_NAME', /Did you mean "visit.exposure_time"/, 1],
    ["instrument='Cam' AND visit = 'ten'", 'QUERY_TYPE_MISMATCH', /visit \(int\) = 'ten' \(string\)/, 22],
    ["instrument='Cam' AND visit", 'QUERY_NOT_BOOLEAN', /"visit" is a int/, 22],
    ['visit.exposure_time > :x', 'QUERY_UNKNOWN_BIND', /":x"/, 23],
    ['timespan.begin > :x', 'QUERY_AMBIGUOUS_NAME', /day_obs.timespan, visit.timespan/, 1],
    ['calexp.run = :x', 'QUERY_NO_JOINED_DATASET', /"calexp"/, 1],
    ['visit.region OVERLAPS visit.timespan', 'QUERY_SPATIAL_TYPES', /OVERLAPS/, 1],
    ['NOT (visit.region OVERLAPS tract.region)', 'QUERY_SPATIAL_IN_OR', /whole query/],
    ['visit.region OVERLAPS CIRCLE(10, 95, 1)', 'QUERY_BAD_ARGUMENTS', /declination 95/, 23],
    ['GLOBE(visit.name)', 'QUERY_UNKNOWN_FUNCTION', /Did you mean "GLOB"/, 1],
  ])('%s is refused', async (text, code, message, column) => {
    const error = await refusal(visitsWhere(text));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    if (column !== undefined) {
      expect(error.place).toMatchObject({ line: 1, column });
      expect(error.place!.excerpt).toBe(`${text}\n${' '.repeat(column - 1)}^`);
    }
  });
});

describe('rows', () => {
  test('come in order and up to a limit', async () => {
    const query = queryOf(registry).orderBy('-visit.exposure_time', '-visit').limit(2);
    expect((await query.dataIdColumns(['visit'])).columns['visit']).toEqual([20, 11]);
    expect(
      (await queryOf(registry).orderBy('-timespan.begin').dimensionRecords('visit')[Symbol.asyncIterator]().next())
        .value,
    ).toMatchObject({ id: 20 });
    // The limit counts rows that pass the exact comparison of regions.
    expect(
      (await queryOf(registry).orderBy('-visit').limit(1).dataIdColumns(['visit', 'tract'])).columns['visit'],
    ).toEqual([11]);
    expect((await refusal(queryOf(registry).orderBy('visitt').dataIdColumns(['visit']))).message).toMatch(
      /Did you mean "visit"/,
    );
  });
  test('are restricted to given data IDs', async () => {
    const table = {
      rows: 2,
      dimensions: ['instrument', 'visit'],
      columns: { instrument: ['Cam', 'Cam'], visit: [11, 99] },
    };
    const found = await queryOf(registry).joinDataIds(table).dataIdColumns(['visit', 'detector', 'tract']);
    expect(found.columns['visit']).toEqual([11, 11]);
    expect(await queryOf(registry).joinDataIds(table).count(['visit'])).toBe(1);
  });
  test('have sky pixels of any system and level', async () => {
    const inCommon = await queryOf(registry).where({ instrument: 'Cam', visit: 10 }).dataIdColumns(['visit', 'htm7']);
    const finer = await queryOf(registry).where({ instrument: 'Cam', visit: 10 }).dataIdColumns(['visit', 'htm9']);
    expect(new Set(finer.columns['htm9'].map((pixel) => Math.floor((pixel as number) / 16)))).toEqual(
      new Set(inCommon.columns['htm7']),
    );
    const one = finer.columns['htm9'][0];
    const back = await queryOf(registry).where('htm9 = :p', { p: one }).dataIdColumns(['visit', 'htm9']);
    expect(back.columns['visit']).toContain(10);
    expect(new Set(back.columns['htm9'])).toEqual(new Set([one]));
    expect((await refusal(queryOf(registry).dataIdColumns(['htm9']))).code).toBe('QUERY_NO_TABLE');
  });
  test('with three unrelated families overlap each other', async () => {
    const pairs = async (names: string[]) => {
      const { rows, columns } = await queryOf(registry).dataIdColumns(names);
      return new Set(Array.from({ length: rows }, (_, i) => names.map((name) => columns[name][i]).join()));
    };
    for (const pixel of ['htm7', 'healpix6']) {
      const [both, visits, tracts] = [
        await pairs(['visit', 'tract']),
        await pairs(['visit', pixel]),
        await pairs(['tract', pixel]),
      ];
      const expected = [...both].flatMap((pair) => {
        const [visit, tract] = pair.split(',');
        const pixels = [...visits].filter((one) => one.startsWith(`${visit},`)).map((one) => one.split(',')[1]);
        return pixels.filter((one) => tracts.has(`${tract},${one}`)).map((one) => `${visit},${tract},${one}`);
      });
      expect(expected.length).toBeGreaterThan(0);
      expect([...(await pairs(['visit', 'tract', pixel]))].sort()).toEqual(expected.sort());
    }
    const two = await queryOf(registry).dataIdColumns(['visit', 'htm7', 'healpix6']);
    expect(two.rows).toBeGreaterThan(0);
    const stated = queryOf(registry).where('visit.region OVERLAPS tract.region AND visit.region OVERLAPS htm7.region');
    expect((await stated.dataIdColumns(['visit', 'tract', 'htm7'])).rows).toBeGreaterThan(1);
  });
  test('of an empty group are one', async () => {
    expect(await all(queryOf(registry).dataIds([]))).toHaveLength(1);
  });
  test('take a number of statements that does not grow with them', async () => {
    const before = registry.db.statementCount;
    await queryOf(registry).dataIdColumns(['visit', 'detector', 'patch']);
    expect(registry.db.statementCount - before).toBeLessThanOrEqual(4);
    const datasets = registry.db.statementCount;
    await queryOf(registry).datasetColumns('raw', { collections: ['raw'] });
    expect(registry.db.statementCount - datasets).toBeLessThanOrEqual(4);
  });
});

describe('an empty answer explains itself', () => {
  const explain = (where: string, dimensions = ['visit', 'detector']) =>
    queryOf(registry).where(where).explainNoResults(dimensions);

  test('with values that do not exist', async () => {
    expect(await explain("instrument = 'cam' AND visit = 3")).toEqual([
      `There is no instrument 'cam': did you mean 'Cam'? (there is 'Cam').`,
    ]);
    expect(await explain("instrument = 'Cam' AND visit = 12")).toEqual([
      "There is no visit 12 with instrument = 'Cam': the 3 there are go from 10 to 20, nearest 10, 11, 20.",
    ]);
  });
  test('with datasets that are elsewhere', async () => {
    const query = queryOf(registry).joinDatasets('calexp', ['calib']);
    expect(await query.explainNoResults(['visit', 'detector'])).toEqual([
      'There is no "calexp" in "calib"; there are some in "run/1", "run/2".',
    ]);
  });
  test('with the condition that excludes everything', async () => {
    const query = queryOf(registry).where("instrument = 'Cam' AND (visit.exposure_time>1000 AND band='r')");
    expect(await query.explainNoResults(['visit'])).toEqual([
      'Nothing fulfils visit.exposure_time > 1000: without it there are rows.',
    ]);
  });
  test('with regions that do not meet', async () => {
    const query = queryOf(registry).where({ instrument: 'Cam', visit: 20, skymap: 'sky', tract: 0 });
    expect((await query.explainNoResults(['visit', 'tract'])).join()).toMatch(
      /No region of visit overlaps one of tract|tract overlaps one of visit/,
    );
  });
  test('with days and times without observations', async () => {
    expect(await explain("instrument = 'Cam' AND day_obs = 20141118", ['visit'])).toEqual([
      'There is no visit of 2014-11-18 in Cam: the instrument has visits from 2020-09-13 to 2020-09-13.',
    ]);
    const [reason] = await explain("instrument = 'Cam' AND visit.timespan OVERLAPS (T'2014-11-18', T'2014-11-19')");
    expect(reason).toMatch(
      /^Nothing fulfils visit.timespan OVERLAPS .*: the visits of Cam are from 2020-09-1.* \(TAI\)\.$/,
    );
  });
  test('with a dataset type that does not exist', async () => {
    expect(await queryOf(registry).explainNoResults(['visit'], { datasetType: 'calex', collections: ['*'] })).toEqual([
      'The dataset type "calex" does not exist. Did you mean "calexp"?',
    ]);
  });
  test('with datasets of these data IDs in other collections only', async () => {
    const [reason] = await queryOf(registry)
      .where({ instrument: 'Cam', visit: 20 })
      .explainNoResults(['visit', 'detector'], { datasetType: 'calexp', collections: ['run/1'] });
    expect(reason).toMatch(/^No "calexp" is for any of the data IDs in "run\/1", (but in|nor in any other collection)/);
  });
  test('with validity ranges that miss', async () => {
    const [reason] = await queryOf(registry)
      .where("instrument = 'Cam' AND exposure = 20")
      .explainNoResults(['exposure', 'detector'], { datasetType: 'bias', collections: ['calib-special'] });
    expect(reason).toMatch(
      /^No "bias" in "calib-special" is valid at the time of any of the data IDs: the validity ranges go from 2020-09-13T\S+ to 2020-09-13/,
    );
  });
  test('and says nothing where there are rows', async () => {
    expect(await queryOf(registry).explainNoResults(['visit'])).toEqual([]);
  });
});
