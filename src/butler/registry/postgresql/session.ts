// SPDX-License-Identifier: BSD-3-Clause
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Client, QueryArrayConfig } from 'pg';
import type { RowOptions, SqlValue, TransactionOptions } from '../database.ts';
import type { TransactionSession } from '../server/transactions.ts';
import { postgresDialect } from './dialect.ts';
import { numbered } from './placeholders.ts';
import { copyRows, parsers, toParam } from './values.ts';

const copyChunkRows = 1000;

export interface QueryResult {
  rows: SqlValue[][];
  rowCount: number;
}

/** What all sessions of a database share. */
export interface SessionSettings {
  /** Said at the start of every transaction where the session does not keep it: a pool of connections is between us and the server. */
  preamble: string;
}

/** One connection to the server. What is asked of it is done in turn. Nothing is kept on the server between transactions. */
export class Session implements TransactionSession {
  readonly #client: Client;
  readonly #settings: SessionSettings;
  #turn: Promise<unknown> = Promise.resolve();
  #inTransaction = false;
  lost = false;
  /** The server's number of the transaction begun last. */
  transactionId = '';

  constructor(client: Client, settings: SessionSettings) {
    this.#client = client;
    this.#settings = settings;
    client.on('error', () => {
      this.lost = true;
    });
    client.on('end', () => {
      this.lost = true;
    });
  }

  /** Whether a transaction was begun and not ended. */
  get unfinished(): boolean {
    return this.#inTransaction;
  }

  /** One statement with its parameters. */
  query(sql: string, params: readonly SqlValue[] = [], options: RowOptions = {}): Promise<QueryResult> {
    return this.statement(numbered(sql, params), params, options);
  }

  /** As {@link query}, with the placeholders `$1`, `$2`, … as the server wants them. */
  async statement(text: string, params: readonly SqlValue[], options: RowOptions = {}): Promise<QueryResult> {
    const [result] = await this.#ask({ text, values: params.map(toParam) }, options);
    return { rows: result.rows ?? [], rowCount: result.rowCount ?? 0 };
  }

  /** Several statements without parameters in one go; the rows of each. */
  async script(text: string): Promise<SqlValue[][][]> {
    return (await this.#ask({ text }, {})).map((result) => result.rows ?? []);
  }

  #ask(request: { text: string; values?: unknown[] }, options: RowOptions): Promise<Partial<QueryResult>[]> {
    const config = { ...request, rowMode: 'array', types: parsers(options.bigints ?? false) } as const;
    return this.#next(async () => {
      // pg's types know neither that parsers take text alone, nor that a script has several results.
      const answer: unknown = await this.#client.query(config as QueryArrayConfig);
      return [answer].flat() as Partial<QueryResult>[];
    });
  }

  /** Begins a transaction with more statements; the rows of each. */
  async start(script: string): Promise<SqlValue[][][]> {
    this.#inTransaction = true;
    return this.script(`BEGIN${script}`);
  }
  async begin({ relaxed }: TransactionOptions): Promise<void> {
    const relax = relaxed ? ';SET LOCAL synchronous_commit TO off' : '';
    const results = await this.start(`${this.#settings.preamble}${relax};SELECT txid_current()::text`);
    this.transactionId = results.at(-1)![0][0] as string;
  }
  async beginReading(): Promise<void> {
    await this.start(` READ ONLY${this.#settings.preamble}`);
  }
  /** Reads outside of a transaction; in one of its own where the session does not keep its settings. */
  async readAlone<T>(action: () => Promise<T>): Promise<T> {
    if (this.#settings.preamble === '') return action();
    await this.beginReading();
    try {
      return await action();
    } finally {
      await this.rollback();
    }
  }
  async commit(): Promise<void> {
    await this.script('COMMIT');
    this.#inTransaction = false;
  }
  /** Undoes the transaction; a connection that is lost has undone it already. */
  async rollback(): Promise<void> {
    if (this.lost) return;
    try {
      await this.script('ROLLBACK');
      this.#inTransaction = false;
    } catch {
      this.lost = true;
    }
  }

  async command(sql: string): Promise<void> {
    await this.script(sql);
  }
  async lock(tables: readonly string[]): Promise<void> {
    await this.script(`LOCK TABLE ${tables.map(postgresDialect.quote).join(', ')} IN EXCLUSIVE MODE`);
  }

  /** Loads rows by COPY; returns how many. */
  copy(into: string, rows: readonly (readonly SqlValue[])[]): Promise<number> {
    return this.#next(async () => {
      const { from } = (await import('pg-copy-streams')).default;
      const sink = this.#client.query(from(`COPY ${into} FROM STDIN`));
      const chunks = function* (): Generator<string> {
        for (let at = 0; at < rows.length; at += copyChunkRows) yield copyRows(rows.slice(at, at + copyChunkRows));
      };
      await pipeline(Readable.from(chunks()), sink);
      return sink.rowCount;
    });
  }

  /** An idle session does not keep the process alive. */
  unref(): void {
    (this.#client as unknown as { unref(): void }).unref();
  }
  ref(): void {
    (this.#client as unknown as { ref(): void }).ref();
  }

  async end(): Promise<void> {
    this.lost = true;
    this.ref();
    await this.#client.end().catch(() => {});
  }

  #next<T>(action: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(action);
    this.#turn = result.catch(() => {});
    return result;
  }
}
