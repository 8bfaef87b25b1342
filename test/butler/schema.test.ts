// SPDX-License-Identifier: BSD-3-Clause
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createTablesSql } from '../../src/butler/registry/postgresql/ddl.ts';
import { createTableSql } from '../../src/butler/registry/sqlite/ddl.ts';
import { asAdmin, restoreDump } from '../support/databases.ts';
import { describePostgres } from '../support/engines.ts';
import { describeShared } from '../support/shared.ts';
import { schemaOfTests } from './schema-tables.ts';

describeShared('conformance/gen3/repos', 'the SQLite schema', (dir) => {
  it('is that of Gen3, statement by statement', () => {
    const ours = schemaOfTests().flatMap(createTableSql).sort();
    const theirs = readFileSync(join(dir, 'schema.sqlite.sql'), 'utf8')
      .split(';\n')
      .map((statement) => statement.trim().replace(/;$/, ''))
      .filter((statement) => statement !== '')
      .sort();
    expect(theirs.length).toBeGreaterThan(170);
    expect(ours.filter((statement) => !theirs.includes(statement))).toEqual([]);
    expect(theirs.filter((statement) => !ours.includes(statement))).toEqual([]);
    expect(ours).toEqual(theirs);
  });
});

/** What the catalogue of the server says of a schema, in its own words, and whatever was said to make it. */
async function catalogue(database: string, schema: string): Promise<string[]> {
  const rows = await asAdmin(
    `SELECT 'column ' || c.relname || ' ' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || a.attnotnull ||
       coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
     LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
     WHERE c.relnamespace = '${schema}'::regnamespace AND c.relkind = 'r'
     UNION ALL SELECT 'constraint ' || conname || ' of ' || conrelid::regclass || ': ' || pg_get_constraintdef(oid)
     FROM pg_constraint WHERE connamespace = '${schema}'::regnamespace
     UNION ALL SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = '${schema}'
     UNION ALL SELECT 'sequence ' || sequencename || ' from ' || start_value || ' by ' || increment_by
     FROM pg_sequences WHERE schemaname = '${schema}'`,
    database,
  );
  return rows.map(([line]) => (line as string).replaceAll(`${schema}.`, '')).sort();
}

describePostgres('the PostgreSQL schema', () => {
  describeShared('conformance/gen3/repos', 'the PostgreSQL schema', (dir) => {
    it('is that of Gen3, as the catalogue of the server has it', async () => {
      // Their dump was made before a type of the instrument alone was registered.
      const tables = schemaOfTests().filter((table) => table.name !== 'dataset_tags_00000003');
      const { url, drop } = await restoreDump(join(dir, 'schema.postgres.sql'));
      try {
        const database = new URL(url).pathname.slice(1);
        await asAdmin(`CREATE SCHEMA ours; SET search_path = ours; ${createTablesSql(tables).join(';')}`, database);
        const [ours, theirs] = [await catalogue(database, 'ours'), await catalogue(database, 'gen3')];
        expect(theirs.length).toBeGreaterThan(500);
        expect(ours.filter((line) => !theirs.includes(line))).toEqual([]);
        expect(theirs.filter((line) => !ours.includes(line))).toEqual([]);
      } finally {
        await drop();
      }
    });
  });
});
