// SPDX-License-Identifier: BSD-3-Clause
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Butler, DataCoordinate } from '../../src/butler/index.ts';
import type { Database } from '../../src/butler/registry/database.ts';
import { describeEngines } from '../support/engines.ts';
import { addCamera } from './camera.ts';

const detectors = 50;
const runs = Array.from({ length: 60 }, (_, i) => `run/${i}`);

describeEngines('a chain of many runs', (engine) => {
  let dir: string;
  let butler: Butler;

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'skymill-chain-'));
    butler = await engine.createButler(join(dir, 'repo'));
    await addCamera(butler);
    await butler.insertRecords(
      'detector',
      Array.from({ length: detectors }, (_, i) => ({ instrument: 'Cam', id: 100 + i, full_name: `D${100 + i}` })),
    );
    await butler.registerDatasetTypes([butler.makeDatasetType('type', ['detector'], 'StructuredDataDict')]);
    for (const run of runs) await butler.registerCollection(run, 'RUN');
    await butler.registerCollection('inner', 'CHAINED');
    await butler.registerCollection('outer', 'CHAINED');
    await butler.setChain('inner', runs.slice(1));
    await butler.setChain('outer', ['inner', runs[0], runs[5]]);
    // Detector 100 + i is in all runs from the i-th on.
    for (const [first, run] of runs.entries())
      await butler.registerDatasets('type', ids(Math.min(first + 1, detectors)), run);
  }, 60_000);
  afterAll(async () => {
    await butler.close();
    rmSync(dir, { recursive: true, force: true });
  });

  function ids(count: number): DataCoordinate[] {
    const group = butler.universe.conform(['detector']);
    return Array.from({ length: count }, (_, i) =>
      butler.universe.coordinate(group, { instrument: 'Cam', detector: 100 + i }),
    );
  }
  const find = (detector: number, collections = ['outer']) =>
    butler.findDataset('type', { instrument: 'Cam', detector }, { collections });

  it('gives the dataset of the first that has one', async () => {
    for (const i of [1, 7, 30, 49]) {
      const ref = await find(100 + i);
      expect(ref).toMatchObject({ run: `run/${i}` });
      expect([ref]).toEqual(await butler.getDatasets([ref!.id]));
    }
    // Of detector 100 the first run has one, but the inner chain comes before.
    expect((await find(100))?.run).toBe('run/1');
    expect((await find(100, ['run/0', 'outer']))?.run).toBe('run/0');
    expect(await find(100 + 20, ['run/3', 'run/7'])).toBeUndefined();
  });

  it('is searched by three statements', async () => {
    const before = butler.registry.db.statementCount;
    await find(149);
    expect(butler.registry.db.statementCount - before).toBeLessThanOrEqual(3);
  });

  it('is searched by the unique index, run by run and without sorting', async () => {
    const { tagsTable } = await butler.registry.types.get('type');
    // Which of two indexes is better the server knows by then; of a small table it may not have learnt it yet.
    if (engine.name === 'postgresql') await butler.registry.db.run(`ANALYZE ${tagsTable}`);
    const plan = await lastPlan(butler.registry.db, () => find(149));
    expect(plan).toMatch(
      /autoindex_dataset_tags_\d+_2|Index (Only )?Scan using dataset_tags_\d+_unq|SUBQUERY t (eq_)?ref .* dataset_tags_\d+_unq/,
    );
    expect(plan).not.toMatch(/SCAN t\b|Seq Scan on (dataset|collection)|Sort|TEMP B-TREE/);
  });

  // MariaDB cannot take indexes away in a transaction.
  it.skipIf(engine.name === 'mariadb')(
    'of which many datasets are registered into empty tables has all indexes and keys afterwards',
    async () => {
      const { db } = butler.registry;
      await butler.registerDatasetTypes([butler.makeDatasetType('more', ['physical_filter'], 'StructuredDataDict')]);
      const { tagsTable } = await butler.registry.types.get('more');
      const before = await schemaOf(db, tagsTable);
      expect(before.length).toBeGreaterThan(5);
      const group = butler.universe.conform(['physical_filter']);
      const dataId = butler.universe.coordinate(group, { instrument: 'Cam', physical_filter: 'Cam-R' });
      await expect(
        db.deferIndexes([tagsTable], async () => {
          expect((await schemaOf(db, tagsTable)).length).toBeLessThan(before.length);
          throw new Error('stop');
        }),
      ).rejects.toThrow('stop');
      expect(await schemaOf(db, tagsTable)).toEqual(before);
      await db.deferIndexes([tagsTable], async () => {
        for (const run of runs) await butler.registerDatasets('more', [dataId], run);
      });
      expect(await schemaOf(db, tagsTable)).toEqual(before);
      // With rows in them tables stay as they are.
      await db.deferIndexes([tagsTable], async () => expect(await schemaOf(db, tagsTable)).toEqual(before));
      const again = butler.registerDatasets('more', [dataId], runs[3]);
      await expect(again).rejects.toMatchObject({ code: 'BUTLER_DATASET_CONFLICT' });
    },
  );
});

/** The engine's plan of the last statement that reads rows in `action`. */
async function lastPlan(db: Database, action: () => Promise<unknown>): Promise<string> {
  const rows = db.rows;
  let last: Parameters<Database['rows']> | undefined;
  db.rows = (...statement) => {
    last = statement;
    return rows.apply(db, statement);
  };
  await action();
  db.rows = rows;
  const [sql, params] = last!;
  const explain = db.dialect.name === 'sqlite' ? 'EXPLAIN QUERY PLAN' : 'EXPLAIN';
  return (await db.rows(`${explain} ${sql}`, params)).map((row) => row.join(' ')).join('\n');
}

/** Definitions of a table's indexes and constraints. */
async function schemaOf(db: Database, table: string): Promise<unknown[]> {
  if (db.dialect.name === 'sqlite')
    return db.rows('SELECT name, sql FROM sqlite_master WHERE tbl_name = ? ORDER BY name', [table]);
  return db.rows(
    `SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema() AND tablename = ?
     UNION ALL SELECT conname::text, pg_get_constraintdef(oid) FROM pg_constraint
     WHERE conrelid = ?::regclass ORDER BY 1, 2`,
    [table, table],
  );
}
