// SPDX-License-Identifier: BSD-3-Clause
import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type Sqlite from 'better-sqlite3';
import { butlerErrors } from '../../errors.ts';
import type { Database, InsertOptions, RowOptions, SqlValue, StreamOptions, TransactionOptions } from '../database.ts';
import type { TableSpec } from '../table-spec.ts';
import { type BulkRows, bulkRows } from './bulk-rows.ts';
import { connectSqlite } from './connect.ts';
import { createTableSql } from './ddl.ts';
import { sqliteDialect } from './dialect.ts';
import { isBusy, translateSqliteError } from './errors.ts';
import { Journal } from './journal.ts';
import { OpenStream } from './stream.ts';

const { quote } = sqliteDialect;

/** How long a writer waits for others before it gives up. */
const patienceSeconds = 300;
/** SQLite takes 32 766 parameters in a statement; more rows than this in one statement gain nothing. */
const maxParams = 32_000;
const maxRowsPerInsert = 500;
/** Rows in one JSON parameter (some megabytes), and from how many on it is worth while. */
const maxBulkRows = 20_000;
const fewestBulkRows = 20;
const maxStatements = 256;

export class SqliteDatabase implements Database {
  readonly dialect = sqliteDialect;
  readonly writeable: boolean;
  readonly file: string;
  statementCount = 0;
  readonly #connection: Sqlite.Database;
  readonly #statements = new Map<string, Sqlite.Statement>();
  /** Set in the asynchronous context of a transaction's body. */
  readonly #inside = new AsyncLocalStorage<true>();
  readonly #streams = new Set<OpenStream>();
  readonly #journal: Journal;
  /** Counts what this connection did besides adding rows: see {@link changeToken}. */
  #edits = 0;
  #version: Sqlite.Statement | undefined;
  /** The version of the file while this connection has it for itself to write: nobody else changes it. */
  #versionHeld: unknown;
  #queue: Promise<void> = Promise.resolve();

  private constructor(connection: Sqlite.Database, file: string, writeable: boolean) {
    this.#connection = connection;
    this.file = file;
    this.writeable = writeable;
    this.#journal = new Journal(connection, file, writeable);
  }

  static open(file: string, options: { writeable: boolean; create?: boolean }): SqliteDatabase {
    try {
      return new SqliteDatabase(connectSqlite(file, options), file, options.writeable);
    } catch (error) {
      throw translateSqliteError(error, file, 'the database');
    }
  }

  rows(sql: string, params: readonly SqlValue[] = [], options: RowOptions = {}): Promise<SqlValue[][]> {
    return this.#do(sql, () => {
      const statement = this.#idle(sql, options);
      if (!statement.readonly) this.#settleStreams();
      return statement.all(...params) as SqlValue[][];
    });
  }

  each(
    sql: string,
    params: readonly SqlValue[],
    onRow: (row: SqlValue[]) => void,
    options: RowOptions = {},
  ): Promise<void> {
    let seen = 0;
    return this.#do(
      sql,
      () => {
        // A retry after a lock never follows rows that were given out: SQLite takes the lock with the first row.
        for (const row of this.#idle(sql, options).iterate(...params)) {
          seen++;
          onRow(row as SqlValue[]);
        }
        return undefined;
      },
      () => seen === 0,
    );
  }

  async *stream(
    sql: string,
    params: readonly SqlValue[] = [],
    { batchRows = 2000, ...options }: StreamOptions = {},
  ): AsyncIterable<SqlValue[][]> {
    let open: OpenStream | undefined;
    try {
      let batch = await this.#do(sql, () => {
        open = new OpenStream(this.#idle(sql, options), params, options.bigints ?? false, (ended) =>
          this.#streams.delete(ended),
        );
        this.#streams.add(open);
        try {
          return open.take(batchRows);
        } catch (error) {
          open.end();
          throw error;
        }
      });
      for (; batch.length > 0; batch = open!.take(batchRows)) {
        yield batch;
        if (batch.length < batchRows) return;
      }
    } finally {
      open?.end();
    }
  }

  run(sql: string, params: readonly SqlValue[] = []): Promise<number> {
    return this.#do(sql, () => {
      this.#settleStreams();
      if (!/^INSERT (?!.* DO UPDATE )/s.test(sql)) this.#edits++;
      return this.#prepare(sql, {}, false).run(...params).changes;
    });
  }

  async insert(
    table: string,
    columns: readonly string[],
    rows: readonly (readonly SqlValue[])[],
    options: InsertOptions = {},
  ): Promise<number> {
    if (rows.length === 0) return 0;
    const bulk = rows.length < fewestBulkRows ? undefined : bulkRows(rows, columns.length);
    const most = bulk === undefined ? maxRowsPerInsert : maxBulkRows;
    const perStatement =
      bulk === undefined ? Math.max(1, Math.min(most, Math.floor(maxParams / columns.length))) : most;
    const body = async (): Promise<number> => {
      let written = 0;
      for (let at = 0; at < rows.length; at += perStatement) {
        const end = Math.min(rows.length, at + perStatement);
        written +=
          bulk === undefined
            ? await this.run(insertSql(table, columns, end - at, options), rows.slice(at, end).flat())
            : await this.run(bulkInsertSql(table, columns, bulk, options), [...bulk.constants, bulk.json(at, end)]);
      }
      return written;
    };
    return rows.length > perStatement ? this.transaction(body) : body();
  }

  async deferIndexes<T>(tables: readonly string[], body: () => Promise<T>): Promise<T> {
    const load = async (): Promise<T> => {
      const dropped: string[] = [];
      for (const table of tables) {
        const used = await this.rows(`SELECT 1 FROM ${quote(table)} LIMIT 1`);
        if (used.length > 0) continue;
        const indexes = await this.rows(
          "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = ?",
          [table],
        );
        for (const [name, sql] of indexes) {
          await this.run(`DROP INDEX ${quote(name as string)}`);
          dropped.push(sql as string);
        }
      }
      try {
        return await body();
      } finally {
        // Also after a failure: whoever catches it goes on with a whole schema.
        for (const sql of dropped) await this.run(sql);
      }
    };
    return this.transaction(load, { bulk: true });
  }

  async insertReturningId(
    table: string,
    columns: readonly string[],
    row: readonly SqlValue[],
    id: string,
  ): Promise<number> {
    const rows = await this.rows(`${insertSql(table, columns, 1, {})} RETURNING ${id}`, row);
    return rows[0][0] as number;
  }

  async transaction<T>(body: () => Promise<T>, options: TransactionOptions & { bulk?: boolean } = {}): Promise<T> {
    if (this.#inside.getStore()) return body();
    return this.#exclusive(async () => {
      // A statement that is being read would also stand in the way of a change of the journal.
      this.#settleStreams();
      this.#journal.beforeTransaction(options);
      await this.#attempt('BEGIN IMMEDIATE', () => this.#exec('BEGIN IMMEDIATE'));
      try {
        this.#versionHeld = this.#fileVersion();
        const result = await this.#inside.run(true, body);
        await this.#attempt('COMMIT', () => this.#exec('COMMIT'));
        if (this.#streams.size === 0) this.#journal.afterTransaction();
        return result;
      } catch (error) {
        this.#edits++;
        if (this.#connection.inTransaction) this.#exec('ROLLBACK');
        throw error;
      } finally {
        this.#versionHeld = undefined;
      }
    });
  }

  changeToken(): string | undefined {
    try {
      return `${this.#versionHeld ?? this.#fileVersion()}:${this.#edits}`;
    } catch (error) {
      if (isBusy(error)) return undefined;
      throw translateSqliteError(error, this.file, 'the database');
    }
  }

  /** Another number after each change by another connection. */
  #fileVersion(): unknown {
    this.#version ??= this.#connection.prepare('PRAGMA data_version').pluck();
    return this.#version.get();
  }

  async createTables(tables: readonly TableSpec[]): Promise<void> {
    const present = new Set(
      (await this.rows("SELECT name FROM sqlite_master WHERE type = 'table'")).map(([name]) => name),
    );
    const missing = tables.filter((table) => !present.has(table.name));
    if (missing.length === 0) return;
    await this.transaction(async () => {
      for (const sql of missing.flatMap(createTableSql)) {
        await this.run(sql.replace(/^CREATE (TABLE|INDEX)/, 'CREATE $1 IF NOT EXISTS'));
      }
    });
  }

  async close(): Promise<void> {
    for (const open of [...this.#streams])
      open.abort(new Error(`the database ${this.file} was closed before its rows were read`));
    this.#statements.clear();
    this.#journal.beforeClose();
    this.#connection.close();
  }

  /** Runs one statement in the current transaction, or after those that are under way. */
  #do<T>(sql: string, action: () => T, mayRetry?: () => boolean): Promise<T> {
    const attempt = (): Promise<T> => this.#attempt(sql, action, mayRetry);
    return this.#inside.getStore() ? attempt() : this.#exclusive(attempt);
  }

  async #exclusive<T>(action: () => Promise<T>): Promise<T> {
    const before = this.#queue;
    const done = Promise.withResolvers<void>();
    this.#queue = done.promise;
    await before;
    try {
      return await action();
    } finally {
      done.resolve();
    }
  }

  /** Tries until the lock is free; the event loop runs in between. */
  async #attempt<T>(sql: string, action: () => T, mayRetry: () => boolean = () => true): Promise<T> {
    this.statementCount++;
    const deadline = Date.now() + patienceSeconds * 1000;
    for (;;) {
      try {
        return action();
      } catch (error) {
        if (!isBusy(error) || !mayRetry()) throw translateSqliteError(error, this.file, tableOf(sql));
        if (Date.now() > deadline) {
          throw butlerErrors.DATABASE_BUSY({ file: this.file, waitedSeconds: patienceSeconds }, { cause: error });
        }
        await sleep(2 + Math.random() * 20);
      }
    }
  }

  #exec(sql: string): void {
    this.#settleStreams();
    this.#connection.exec(sql);
  }

  /** Statements that are being read stand in the way of anything that writes. */
  #settleStreams(): void {
    for (const open of this.#streams) open.settle();
  }

  /** A statement for reading which is not being read. */
  #idle(sql: string, options: RowOptions): Sqlite.Statement {
    const statement = this.#prepare(sql, options, true);
    return statement.busy ? this.#newStatement(sql, options, true) : statement;
  }

  #newStatement(sql: string, options: RowOptions, reads: boolean): Sqlite.Statement {
    const statement = this.#connection.prepare(sql);
    if (statement.reader && reads) statement.raw(true);
    if (options.bigints) statement.safeIntegers(true);
    return statement;
  }

  #prepare(sql: string, options: RowOptions, reads: boolean): Sqlite.Statement {
    const key = options.bigints ? `big:${sql}` : sql;
    let statement = this.#statements.get(key);
    if (statement === undefined) {
      statement = this.#newStatement(sql, options, reads);
      if (this.#statements.size >= maxStatements) this.#statements.delete(this.#statements.keys().next().value!);
      this.#statements.set(key, statement);
    }
    return statement;
  }
}

function insertSql(table: string, columns: readonly string[], rows: number, options: InsertOptions): string {
  if (columns.length === 0) return `INSERT INTO ${quote(table)} DEFAULT VALUES`;
  const tuple = `(${columns.map(() => '?').join(',')})`;
  return `${intoSql(table, columns)} VALUES ${Array(rows).fill(tuple).join(',')}${conflictSql(columns, options)}`;
}

function bulkInsertSql(table: string, columns: readonly string[], bulk: BulkRows, options: InsertOptions): string {
  const varying = bulk.constant.filter((same) => !same).length;
  let member = 0;
  const values = bulk.constant.map((same) => (same ? '?' : varying === 1 ? 'value' : `value ->> ${member++}`));
  // `WHERE true` keeps the parser from taking ON CONFLICT for the condition of a join.
  return `${intoSql(table, columns)} SELECT ${values.join(', ')} FROM json_each(?) WHERE true${conflictSql(columns, options)}`;
}

function intoSql(table: string, columns: readonly string[]): string {
  return `INSERT INTO ${quote(table)} (${columns.map(quote).join(', ')})`;
}

function conflictSql(columns: readonly string[], options: InsertOptions): string {
  const target = options.keys === undefined ? '' : ` (${options.keys.map(quote).join(', ')})`;
  const others = columns.filter((column) => !options.keys?.includes(column));
  if (options.conflict === 'ignore' || (options.conflict === 'replace' && others.length === 0)) {
    return ` ON CONFLICT${target} DO NOTHING`;
  }
  if (options.conflict !== 'replace') return '';
  return ` ON CONFLICT${target} DO UPDATE SET ${others.map((name) => `${quote(name)} = excluded.${quote(name)}`).join(', ')}`;
}

function tableOf(sql: string): string {
  return /(?:INTO|UPDATE|FROM|TABLE(?: IF NOT EXISTS)?)\s+"?(\w+)/i.exec(sql)?.[1] ?? 'the database';
}
