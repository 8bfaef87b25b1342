// SPDX-License-Identifier: BSD-3-Clause
import type { ColumnType, TableSpec } from './table-spec.ts';

/** A value as it goes to or comes from the database. */
export type SqlValue = string | number | bigint | Uint8Array | null;

export interface RowOptions {
  /** Integers come back as bigint. Ask for it wherever nanoseconds are among the columns; without it they must be below 2^53. */
  bigints?: boolean;
}

/** What to do with a row whose primary key exists: `fail` raises, `ignore` leaves the old row, `replace` updates the other columns. */
export type InsertConflict = 'fail' | 'ignore' | 'replace';

/**
 * One database: what the registry needs of SQLite, PostgreSQL, ….
 *
 * Transactions of one instance run one after the other. Whatever is called from inside a transaction's body (however deep)
 * belongs to that transaction; calls from elsewhere wait until it has ended.
 */
export interface Database {
  readonly dialect: Dialect;
  readonly writeable: boolean;
  /** How many statements have been executed: tests hold operations to a bounded number. */
  readonly statementCount: number;

  /** All rows, each an array in the order of the selected columns. */
  rows(sql: string, params?: readonly SqlValue[], options?: RowOptions): Promise<SqlValue[][]>;
  /** Streams rows without keeping them. `onRow` must not use the database. The array is new for each row. */
  each(sql: string, params: readonly SqlValue[], onRow: (row: SqlValue[]) => void, options?: RowOptions): Promise<void>;
  /** Runs one statement; returns how many rows changed. */
  run(sql: string, params?: readonly SqlValue[]): Promise<number>;
  /**
   * Inserts many rows with few statements; returns how many were written.
   * `keys` name the conflict target of `ignore` and `replace`; `replace` updates the other columns.
   */
  insert(
    table: string,
    columns: readonly string[],
    rows: readonly (readonly SqlValue[])[],
    options?: { conflict?: InsertConflict; keys?: readonly string[] },
  ): Promise<number>;
  /** Inserts one row and returns the integer that the database chose for the key column `id`. */
  insertReturningId(table: string, columns: readonly string[], row: readonly SqlValue[], id: string): Promise<number>;
  /** Runs `body` in a write transaction: commits when it returns, rolls back when it throws. Nested calls join the outer one. */
  transaction<T>(body: () => Promise<T>): Promise<T>;
  /** Creates tables with their indexes, unless they exist. */
  createTables(tables: readonly TableSpec[]): Promise<void>;
  close(): Promise<void>;
}

/** How SQL is spelt. Compilers of queries take one of these and nothing else of a database. */
export interface Dialect {
  readonly name: 'sqlite' | 'postgresql';
  /** The placeholder of parameter `index` (0-based). */
  placeholder(index: number): string;
  /** Identifier, quoted if it must be. */
  quote(identifier: string): string;
  columnType(type: ColumnType, length?: number): string;
  /** A table expression with one column `value` holding the members of a list bound as one parameter; see {@link listParam}. */
  listSource(placeholder: string, type: ColumnType): string;
  listParam(values: readonly (string | number)[]): SqlValue;
}
