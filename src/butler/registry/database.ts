// SPDX-License-Identifier: BSD-3-Clause
import type { ColumnType, TableSpec } from './table-spec.ts';

/** A value as it goes to or comes from the database. */
export type SqlValue = string | number | bigint | Uint8Array | null;

export interface RowOptions {
  /** Integers come back as bigint. Ask for it wherever nanoseconds are among the columns; without it they must be below 2^53. */
  bigints?: boolean;
}

export interface StreamOptions extends RowOptions {
  /** Most rows in one batch (default 2000). */
  batchRows?: number;
}

/** What to do with a row whose primary key exists: `fail` raises, `ignore` leaves the old row, `replace` updates the other columns. */
export type InsertConflict = 'fail' | 'ignore' | 'replace';

export interface InsertOptions {
  conflict?: InsertConflict;
  /** The conflict target of `ignore` and `replace`; `replace` updates the other columns. */
  keys?: readonly string[];
  /** The integer key column, not among the columns given, for which the database chooses values. */
  serial?: string;
}

export interface TransactionOptions {
  /**
   * The body may be run again after it was rolled back: it does nothing but read and write this database, and what it decides it
   * decides from what it reads. Then a row that another process inserted at the same moment, a deadlock or a lost connection
   * makes it run once more, and the body sees what the other did. A body that does more, but last, gives a function that says
   * whether it has not come to that yet.
   */
  repeatable?: boolean | (() => boolean);
  /** A power cut (but no death of a process) may undo it, together with what came after it: for many small ones, which need no sync each. */
  relaxed?: boolean;
  /** Tables that nobody else may write until the transaction ends; reading goes on. */
  lock?: readonly string[];
}

/**
 * One database: what the registry needs of SQLite, PostgreSQL, ….
 *
 * Whatever is called from inside a transaction's body (however deep) belongs to that transaction, and calls from elsewhere do
 * not. SQLite runs transactions one after the other; servers run those of one instance side by side, as far as their pool goes.
 *
 * A timespan is a pair of columns, `timespan_begin` and `timespan_end`, in `insert` and in {@link Dialect.column}, whatever
 * the engine stores: unbounded sides are MIN_NS and MAX_NS, the empty timespan is MAX_NS and MIN_NS. Booleans are 0 and 1,
 * UUIDs are 32 hexadecimal digits.
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
  /**
   * Rows in batches, read as they are asked for: memory does not grow with the answer, and leaving the loop ends the statement.
   * All rows are as they were when the first batch was read. Between batches the database can be used for anything, also for
   * writing: a reader that takes its time blocks no writer of this process at all, and none of another for more than some seconds.
   */
  stream(sql: string, params?: readonly SqlValue[], options?: StreamOptions): AsyncIterable<SqlValue[][]>;
  /** Runs one statement; returns how many rows changed. */
  run(sql: string, params?: readonly SqlValue[]): Promise<number>;
  /** Inserts many rows with few statements; returns how many were written. */
  insert(
    table: string,
    columns: readonly string[],
    rows: readonly (readonly SqlValue[])[],
    options?: InsertOptions,
  ): Promise<number>;
  /** Inserts one row and returns the integer that the database chose for the key column `id`. */
  insertReturningId(table: string, columns: readonly string[], row: readonly SqlValue[], id: string): Promise<number>;
  /** Runs `body` in a write transaction: commits when it returns, rolls back when it throws. Nested calls join the outer one. */
  transaction<T>(body: () => Promise<T>, options?: TransactionOptions): Promise<T>;
  /**
   * Runs `body`, which will insert very many rows, in a transaction. The plain indexes of those of the tables that are empty are
   * built after it in one pass, where the engine gains by that. The body must be repeatable (see {@link TransactionOptions}).
   */
  deferIndexes<T>(tables: readonly string[], body: () => Promise<T>): Promise<T>;
  /**
   * Says that very many rows came into tables, for an engine that would plan badly until it looks at them by itself. Others leave it out.
   * Nothing is done within a transaction: what is not committed cannot be looked at by others, and would keep them from looking.
   */
  rowsCame?(tables: readonly string[]): Promise<void>;
  /**
   * What was read stays true as long as this stays the same, but for new rows: changes by others, and own changes and removals, give
   * another token. Undefined where the engine cannot tell without a question to a server: then nothing may be kept.
   */
  changeToken(): string | undefined;
  /** Creates tables with their indexes, unless they exist. */
  createTables(tables: readonly TableSpec[]): Promise<void>;
  close(): Promise<void>;
}

/** How SQL is spelt. Compilers of queries take one of these and nothing else of a database. */
export interface Dialect {
  readonly name: 'sqlite' | 'postgresql' | 'mariadb' | 'oracle';
  /** The placeholder of parameter `index` (0-based). */
  placeholder(index: number): string;
  /** Identifier, quoted if it must be. */
  quote(identifier: string): string;
  /** How a column of a table (by name or alias) is read; see {@link Database} on timespans. */
  column(table: string, name: string): string;
  columnType(type: ColumnType, length?: number): string;
  /** A table expression with the members of a list bound as one parameter as `value`; see {@link listParam}. */
  listSource(placeholder: string, type: ColumnType): string;
  /** The column of {@link listSource} with the place of a member: in its order members are read without sorting. */
  readonly listPlace: string;
  listParam(values: readonly (string | number)[]): SqlValue;
  /** The same for tuples of texts and integers: a table expression (without alias) with the columns `names`. Absent: one parameter a value. */
  readonly tuples?: {
    /** How a table is joined to it (with ON) so that its index on the keys is used. */
    readonly join: 'JOIN' | 'CROSS JOIN' | 'STRAIGHT_JOIN';
    source(placeholder: string, names: readonly string[], sample: readonly SqlValue[]): string;
    param(tuples: readonly (readonly (string | number)[])[]): SqlValue;
  };
}
