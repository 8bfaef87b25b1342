// SPDX-License-Identifier: BSD-3-Clause
import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { setChain } from '../../src/butler/collections/chains.ts';
import { Query } from '../../src/butler/query/index.ts';
import type { Database, SqlValue } from '../../src/butler/registry/database.ts';
import { parseDatabaseUrl } from '../../src/butler/registry/database-url.ts';
import { oracleDialect, oracleStatement } from '../../src/butler/registry/oracle/dialect.ts';
import type { Registry } from '../../src/butler/registry/registry.ts';
import { makeTimespan } from '../../src/butler/timespan.ts';
import { addDatasets, hours, surveyRegistry } from './query-fixture.ts';

// No Oracle server runs these statements: they are compared with committed files, which people have read (`vitest -u` writes them).
let registry: Registry;
beforeAll(async () => {
  registry = await surveyRegistry(
    [
      { id: 1, filter: 'f-g', raDeg: 10, decDeg: 0, startHours: 0, exposureTime: 30 },
      { id: 2, filter: 'f-r', raDeg: 10.4, decDeg: 0.1, startHours: 1, exposureTime: 30 },
    ],
    [{ id: 0, raDeg: 10, decDeg: 0 }],
  );
  const detectors = [0, 1].map((detector) => ({ instrument: 'Cam', detector }));
  const visits = [1, 2].flatMap((visit) => detectors.map((one) => ({ ...one, visit })));
  await addDatasets(registry, 'run/1', 'calexp', visits);
  await addDatasets(registry, 'run/2', 'calexp', visits.slice(2));
  const { collections, calibrations, types } = registry;
  await collections.register('chain', 'CHAINED');
  await setChain(registry, 'chain', ['run/2', 'run/1']);
  const biases = await addDatasets(registry, 'run/bias', 'bias', detectors, true);
  await collections.register('calib', 'CALIBRATION');
  const validity = makeTimespan(undefined, hours(24));
  await calibrations.certify(await types.get('bias'), await collections.get('calib'), biases, validity);
});
afterAll(() => registry.db.close());

/**
 * The statements that a query asks, for Oracle. What it must know before it can ask the next is answered as the database of the tests
 * answered it when the same query ran there.
 */
async function statementsOf(run: (query: Query) => AsyncIterable<unknown> | Promise<unknown>): Promise<string> {
  const answers: SqlValue[][][] = [];
  const go = async (db: Database): Promise<void> => {
    const result = run(new Query({ ...pick(registry), db }));
    if (Symbol.asyncIterator in result) for await (const _ of result);
    else await result;
  };
  const { db } = registry;
  await go(
    replaced(db, {
      rows: async (...args) => {
        const rows = await db.rows(...args);
        answers.push(rows);
        return rows;
      },
    }),
  );
  const asked: string[] = [];
  await go(
    replaced(db, {
      dialect: oracleDialect,
      rows: async (sql) => {
        asked.push(sql);
        return answers.shift()!;
      },
      stream(sql) {
        asked.push(sql);
        return Readable.from([]);
      },
    }),
  );
  return asked.map((sql) => `${oracleStatement(sql)};\n`).join('');
}

function pick({ universe, collections, types }: Registry): Pick<Registry, 'universe' | 'collections' | 'types'> {
  return { universe, collections, types };
}

function replaced(db: Database, parts: Partial<Database>): Database {
  return new Proxy(db, {
    get: (target, name) => {
      const value = name in parts ? parts[name as keyof Database] : target[name as keyof Database];
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

const cam = "instrument = 'Cam'";
const queries: Record<string, (query: Query) => AsyncIterable<unknown> | Promise<unknown>> = {
  'data IDs with a condition and an order': (query) =>
    query
      .where(`${cam} AND visit > 1 AND physical_filter = 'f-r'`)
      .orderBy('-visit')
      .limit(5, 2)
      .dataIds(['visit', 'detector']),
  'patterns and arithmetic': (query) =>
    query
      .where(`${cam} AND GLOB(visit.name, 'v*_?') AND visit.exposure_time / 2 > 10 AND visit.id % 2 = 0`)
      .dataIds(['visit']),
  times: (query) => query.where(`${cam} AND visit.timespan OVERLAPS (T'2020-09-13', T'2020-09-14')`).dataIds(['visit']),
  'many data IDs of the reader': (query) =>
    query
      .joinDataIds({
        dimensions: ['instrument', 'visit'],
        columns: { instrument: ['Cam', 'Cam'], visit: [1, 2] },
        rows: 2,
      })
      .dataIds(['visit', 'detector']),
  'datasets of a run': (query) => query.where(cam).datasets('calexp', { collections: ['run/1'] }),
  'datasets, for each data ID the first of a chain': (query) =>
    query.where(cam).datasets('calexp', { collections: ['chain'] }),
  'calibrations valid at the time of each visit': (query) =>
    query
      .joinDimensions(['visit'])
      .where(cam)
      .datasets('bias', { collections: ['calib'] }),
  'a join on the sky': (query) => query.where(`${cam} AND skymap = 'sky'`).dataIds(['visit', 'tract']),
  'records with their regions and timespans': (query) => query.where(cam).dimensionRecords('visit'),
  'a count': (query) => query.where(cam).count(['visit', 'detector']),
};

it('representative queries compile to the committed statements', async () => {
  const parts: string[] = [];
  for (const [name, run] of Object.entries(queries)) parts.push(`-- ${name}\n${await statementsOf(run)}`);
  await expect(parts.join('\n')).toMatchFileSnapshot('golden/queries.oracle.sql');
});

it('binds, aliases and limits are spelt as Oracle wants them', () => {
  expect(oracleStatement("SELECT CAST(a.x AS CHAR) AS c0 FROM t AS a WHERE a.y = ? AND a.z = 'a AS b ?'")).toBe(
    "SELECT CAST(a.x AS CHAR) c0 FROM t a WHERE a.y = :1 AND a.z = 'a AS b ?'",
  );
  expect(oracleStatement('SELECT x FROM (SELECT MAX(CAST(y AS INT)) AS x FROM t) AS q LIMIT ? OFFSET 4')).toBe(
    'SELECT x FROM (SELECT MAX(CAST(y AS INT)) x FROM t) q OFFSET 4 ROWS FETCH NEXT :1 ROWS ONLY',
  );
  expect(oracleStatement('WITH v(a) AS (SELECT 1) SELECT a FROM v')).toBe('WITH v(a) AS (SELECT 1) SELECT a FROM v');
});

it('a repository on Oracle is refused, saying that nothing connects to it', () => {
  expect(() => parseDatabaseUrl('oracle://u:secret@db/x', { root: '/', where: 'butler.yaml' })).toThrow(
    /butler\.yaml names a database of the kind Oracle.*never run/,
  );
});
