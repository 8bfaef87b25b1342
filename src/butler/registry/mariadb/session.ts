// SPDX-License-Identifier: BSD-3-Clause
import type { Readable } from 'node:stream';
import type { Connection } from 'mysql2';
import type { RowOptions, SqlValue } from '../database.ts';
import type { TransactionSession } from '../server/transactions.ts';
import { literalSql } from './literals.ts';
import { converter, type Field } from './values.ts';

export interface StatementResult {
  rows: SqlValue[][];
  /** Rows that were inserted, deleted or made different; an upsert counts two where it changed a row. */
  affected: number;
  /** The number that the server chose for the first row. */
  insertId: number;
}

/** One connection to the server. What is asked of it is done in turn. */
export class Session implements TransactionSession {
  readonly #connection: Connection;
  #inTransaction = false;
  lost = false;

  constructor(connection: Connection) {
    this.#connection = connection;
    const gone = (): void => {
      this.lost = true;
    };
    connection.on('error', gone);
    connection.on('end', gone);
  }

  get unfinished(): boolean {
    return this.#inTransaction;
  }

  /** One statement with its parameters. */
  query(sql: string, params: readonly SqlValue[] = [], options: RowOptions = {}): Promise<StatementResult> {
    const text = literalSql(sql, params);
    return new Promise((done, fail) => {
      this.#connection.query({ sql: text, rowsAsArray: true }, (error, result, fields) => {
        if (error !== null) {
          if ((error as { fatal?: boolean }).fatal) this.lost = true;
          fail(error);
        } else if (Array.isArray(result)) {
          const convert = converter(fields as Field[], options.bigints ?? false);
          const rows = (result as unknown[][]).map(convert);
          done({ rows, affected: rows.length, insertId: 0 });
        } else done({ rows: [], affected: result.affectedRows, insertId: Number(result.insertId) });
      });
    });
  }

  /** The rows of one statement in batches, as they are read. Whoever leaves before the end must end the session: rows are on their way. */
  async *batches(
    sql: string,
    params: readonly SqlValue[],
    batchRows: number,
    options: RowOptions,
  ): AsyncGenerator<SqlValue[][]> {
    const command = this.#connection.query({ sql: literalSql(sql, params), rowsAsArray: true });
    const stream: Readable = command.stream({ highWaterMark: batchRows });
    let convert: ((row: unknown[]) => SqlValue[]) | undefined;
    stream.on('fields', (fields: Field[]) => {
      convert = converter(fields, options.bigints ?? false);
    });
    let batch: SqlValue[][] = [];
    for await (const row of stream) {
      batch.push(convert!(row as unknown[]));
      if (batch.length === batchRows) {
        yield batch;
        batch = [];
      }
    }
    if (batch.length > 0) yield batch;
  }

  async begin(): Promise<void> {
    this.#inTransaction = true;
    await this.command('START TRANSACTION');
  }
  async commit(): Promise<void> {
    await this.command('COMMIT');
    this.#inTransaction = false;
  }
  async rollback(): Promise<void> {
    if (this.lost) return;
    try {
      await this.command('ROLLBACK');
      this.#inTransaction = false;
    } catch {
      this.lost = true;
    }
  }

  async command(sql: string): Promise<void> {
    await this.query(sql);
  }

  /**
   * LOCK TABLES would commit, and keep this session out of all other tables. So whoever locks anything locks a row that every registry
   * has and nobody changes: those who lock, whatever it is, come one after the other; all others go on.
   */
  async lock(): Promise<void> {
    await this.query('SELECT value FROM butler_attributes ORDER BY name LIMIT 1 FOR UPDATE');
  }

  unref(): void {
    this.#socket()?.unref();
  }
  ref(): void {
    this.#socket()?.ref();
  }

  #socket(): { ref(): void; unref(): void } | undefined {
    return (this.#connection as unknown as { stream?: { ref(): void; unref(): void } }).stream;
  }

  async end(): Promise<void> {
    const wasLost = this.lost;
    this.lost = true;
    this.ref();
    if (wasLost || this.#inTransaction) this.#connection.destroy();
    else await new Promise<void>((done) => this.#connection.end(() => done()));
  }

  /** Cuts the connection, whatever is under way. */
  destroy(): void {
    this.lost = true;
    this.#connection.destroy();
  }
}
