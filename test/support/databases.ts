// SPDX-License-Identifier: BSD-3-Clause
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createConnection } from 'mysql2/promise';
import { Client } from 'pg';
import { readConfig } from '../../src/butler/datastore/config.ts';
import { Butler, type CreateOptions } from '../../src/butler/index.ts';
import type { Database } from '../../src/butler/registry/database.ts';
import { parseDatabaseUrl } from '../../src/butler/registry/database-url.ts';
import { openDatabase } from '../../src/butler/registry/open-database.ts';

export type EngineName = 'sqlite' | 'postgresql' | 'mariadb';

/** A kind of database to run a suite on. What it makes on a server is in a schema of its own, gone when the tests are over. */
export interface Engine {
  readonly name: EngineName;
  /** Options for `Butler.create`. */
  createOptions(): CreateOptions;
  createButler(root: string, options?: CreateOptions): Promise<Butler>;
  /** A database to be filled by `createRegistry`, in memory where the engine can. */
  emptyDatabase(): Promise<Database>;
  /** Drops the schemas that were made. */
  dropAll(): Promise<void>;
}

/** The engine that tests of one engine run on: SKYMILL_TEST_ENGINE, by default SQLite. */
export function testEngine(): EngineName {
  const name = process.env['SKYMILL_TEST_ENGINE'] ?? 'sqlite';
  if (name !== 'sqlite' && name !== 'postgresql' && name !== 'mariadb')
    throw new Error(`SKYMILL_TEST_ENGINE: there is no engine "${name}"`);
  return name;
}

/** The test server's URL without the password, which goes where clients look for it. */
export function postgresUrl(): string | undefined {
  const text = process.env['SKYMILL_TEST_POSTGRES'];
  if (!text) return undefined;
  const url = new URL(text);
  if (url.password !== '') process.env['PGPASSWORD'] = decodeURIComponent(url.password);
  url.password = '';
  return url.href;
}

/** The same of MariaDB. */
export function mariadbUrl(): string | undefined {
  const text = process.env['SKYMILL_TEST_MARIADB'];
  if (!text) return undefined;
  const url = new URL(text);
  if (url.password !== '') process.env['MYSQL_PWD'] = decodeURIComponent(url.password);
  url.password = '';
  return url.href;
}

/** Runs SQL on the MariaDB server, in no database or in one. */
export async function onMariadb(
  sql: string,
  params: readonly (string | number | bigint)[] = [],
  database?: string,
): Promise<void> {
  const url = new URL(process.env['SKYMILL_TEST_MARIADB']!);
  const connection = await createConnection({
    host: url.hostname,
    port: Number(url.port),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    ...(database === undefined ? {} : { database }),
  });
  try {
    await connection.query("SET SESSION sql_mode = 'ANSI_QUOTES', foreign_key_checks = 0");
    await connection.query(sql, [...params]);
  } finally {
    await connection.end();
  }
}

/** Runs SQL as the server's superuser, outside of any schema. */
export async function asAdmin(sql: string, database?: string): Promise<unknown[][]> {
  const url = new URL(process.env['SKYMILL_TEST_POSTGRES']!);
  if (database !== undefined) url.pathname = `/${database}`;
  const client = new Client({ connectionString: url.href });
  await client.connect();
  try {
    const result = await client.query({ text: sql, rowMode: 'array' });
    return result.rows ?? [];
  } finally {
    await client.end();
  }
}

/** Restores a dump made by pg_dump into a database of its own, which `drop` removes; `url` is without password. */
export async function restoreDump(file: string): Promise<{ url: string; drop: () => Promise<void> }> {
  const name = `test_${process.pid}_${randomBytes(4).toString('hex')}`;
  await asAdmin(`CREATE DATABASE ${name}`);
  const url = new URL(postgresUrl()!);
  url.pathname = `/${name}`;
  execFileSync('psql', ['-qX', '-v', 'ON_ERROR_STOP=1', '-f', file, url.href], { stdio: ['ignore', 'ignore', 'pipe'] });
  return { url: url.href, drop: async () => void (await asAdmin(`DROP DATABASE ${name} WITH (FORCE)`)) };
}

export function sqliteEngine(): Engine {
  return {
    name: 'sqlite',
    createOptions: () => ({}),
    createButler: (root, options) => Butler.create(root, options),
    emptyDatabase: () => openDatabase({ engine: 'sqlite', file: ':memory:' }, { writeable: true, create: true }),
    dropAll: async () => {},
  };
}

export function postgresEngine(): Engine {
  return serverEngine('postgresql', postgresUrl(), 'SKYMILL_TEST_POSTGRES', (name) =>
    asAdmin(`DROP SCHEMA IF EXISTS "${name}" CASCADE`),
  );
}

export function mariadbEngine(): Engine {
  return serverEngine('mariadb', mariadbUrl(), 'SKYMILL_TEST_MARIADB', (name) =>
    onMariadb(`DROP DATABASE IF EXISTS "${name}"`),
  );
}

function serverEngine(
  name: EngineName,
  url: string | undefined,
  variable: string,
  drop: (schema: string) => Promise<unknown>,
): Engine {
  if (url === undefined) throw new Error(`${variable} is not set: there is no server to test with`);
  const made: string[] = [];
  const schema = (): string => {
    const namespace = `test_${process.pid}_${randomBytes(4).toString('hex')}`;
    made.push(namespace);
    return namespace;
  };
  return {
    name,
    createOptions: () => ({ database: url, namespace: schema() }),
    createButler: (root, options) => Butler.create(root, { ...options, database: url, namespace: schema() }),
    emptyDatabase: () =>
      openDatabase(parseDatabaseUrl(url, { root: '/', where: 'test', namespace: schema() }), {
        writeable: true,
        create: true,
      }),
    async dropAll() {
      for (const namespace of made.splice(0)) await drop(namespace);
    },
  };
}

export function engineOf(name: EngineName): Engine {
  if (name === 'sqlite') return sqliteEngine();
  return name === 'postgresql' ? postgresEngine() : mariadbEngine();
}

let shared: Engine | undefined;

/** A new repository on the engine of {@link testEngine}. */
export function createButler(root: string, options?: CreateOptions): Promise<Butler> {
  return sharedEngine().createButler(root, options);
}

/** The engine of {@link testEngine}. What it made is dropped by `dropAll` after the tests of a file (test/support/drop-schemas.ts). */
export function sharedEngine(): Engine {
  shared ??= engineOf(testEngine());
  return shared;
}

/** Changes the database of a repository behind the butler's back, and without the rules that the schema keeps. */
export async function tamperWith(
  root: string,
  sql: string,
  params: readonly (string | number | bigint)[],
): Promise<void> {
  const { database } = readConfig(root);
  if (database.engine === 'sqlite') {
    const { default: Sqlite } = await import('better-sqlite3');
    const db = new Sqlite(database.file);
    db.pragma('foreign_keys = OFF');
    db.prepare(sql).run(...params);
    db.close();
    return;
  }
  if (database.engine === 'mariadb') {
    await onMariadb(sql, params, database.namespace);
    return;
  }
  const client = new Client({
    connectionString: process.env['SKYMILL_TEST_POSTGRES'],
    options: `-c search_path=${database.namespace} -c session_replication_role=replica`,
  });
  await client.connect();
  let index = 0;
  await client.query(
    sql.replaceAll('?', () => `$${++index}`),
    [...params],
  );
  await client.end();
}
