// SPDX-License-Identifier: BSD-3-Clause
import { expect, it } from 'vitest';
import { createTableSql as mariadbTableSql } from '../../src/butler/registry/mariadb/ddl.ts';
import { createTablesSql as oracleTablesSql } from '../../src/butler/registry/oracle/ddl.ts';
import { createTablesSql } from '../../src/butler/registry/postgresql/ddl.ts';
import { shorten } from '../../src/butler/registry/shorten.ts';
import { createTableSql } from '../../src/butler/registry/sqlite/ddl.ts';
import { schemaOfTests } from './schema-tables.ts';

const script = (statements: readonly string[]): string => `${statements.join(';\n')};\n`;

// A change of the schema is a change of the format: it shows in these files (`vitest -u` writes them) and in the comparison with others.
it('the schema of SQLite is the committed one', async () => {
  await expect(script(schemaOfTests().flatMap(createTableSql))).toMatchFileSnapshot('golden/schema.sqlite.sql');
});

it('the schema of PostgreSQL is the committed one', async () => {
  await expect(script(createTablesSql(schemaOfTests()))).toMatchFileSnapshot('golden/schema.postgresql.sql');
});

it('the schema of MariaDB is the committed one', async () => {
  await expect(script(schemaOfTests().map(mariadbTableSql))).toMatchFileSnapshot('golden/schema.mariadb.sql');
});

it('the schema for Oracle is the committed one', async () => {
  await expect(script(oracleTablesSql(schemaOfTests()))).toMatchFileSnapshot('golden/schema.oracle.sql');
});

it('names too long for PostgreSQL end in a digest', () => {
  expect(shorten('a'.repeat(63))).toBe('a'.repeat(63));
  // BLAKE2b with four bytes of "a" × 64 and of 200 characters (two blocks), by Python's hashlib.
  expect(shorten('a'.repeat(64))).toBe(`${'a'.repeat(54)}_e4a7aadc`);
  expect(shorten('b'.repeat(200))).toBe(`${'b'.repeat(54)}_329245c1`);
  expect(shorten('c'.repeat(128))).toBe(`${'c'.repeat(54)}_55364b42`);
});
