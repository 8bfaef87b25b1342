// SPDX-License-Identifier: BSD-3-Clause
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database, InsertOptions, RowOptions, SqlValue, StreamOptions, TransactionOptions } from '../database.ts';
import type { ServerAddress } from '../database-url.ts';
import { firstPatience, laterPatience } from '../server/patience.ts';
import { SessionPool } from '../server/pool.ts';
import { sessionsFromEnvironment } from '../server/sessions.ts';
import { tableOf, writes } from '../server/sql-words.ts';
import { Transactions } from '../server/transactions.ts';
import type { TableSpec } from '../table-spec.ts';
import { prepareLoad } from './bulk-load.ts';
import { connector, searchPath } from './connect.ts';
import { createTablesSql } from './ddl.ts';
import { postgresDialect } from './dialect.ts';
import { isConnectionLoss, isDeadlock, isLocalCollision, translatePostgresError } from './errors.ts';
import { insertPlan } from './insert.ts';
import { prepareSchema } from './prepare-schema.ts';
import { Session, type SessionSettings } from './session.ts';

/** A registry in a schema of a PostgreSQL server. */
export class PostgresDatabase implements Database {
  readonly dialect = postgresDialect;
  readonly writeable: boolean;
  /** For messages. */
  readonly location: string;
  readonly #pool: SessionPool<Session>;
  readonly #transactions: Transactions<Session>;
  readonly #streamLimit: number;
  #streams = 0;
  #cursors = 0;

  private constructor(pool: SessionPool<Session>, location: string, writeable: boolean, streamLimit: number) {
    this.#pool = pool;
    this.location = location;
    this.writeable = writeable;
    this.#streamLimit = streamLimit;
    const translate = (error: unknown, about: string): unknown =>
      translatePostgresError(error, location, tableOf(about));
    this.#transactions = new Transactions(pool, {
      isConnectionLoss,
      isDeadlock,
      isLocalCollision,
      translate,
      afterLostCommit: async (error, { transactionId }) => {
        if (!(await this.#wasCommitted(transactionId))) throw translate(error, 'the database');
      },
    });
  }

  /** Connects; `create` makes the schema. A place without a registry, or without the right to write to it, is refused. */
  static async open(
    address: ServerAddress,
    options: { writeable: boolean; create?: boolean; sessions?: number },
  ): Promise<PostgresDatabase> {
    const sessions = options.sessions ?? sessionsFromEnvironment();
    const { location, connect } = await connector(address, { readOnly: !options.writeable });
    let patience = firstPatience;
    const settings: SessionSettings = { preamble: '' };
    const pool = new SessionPool(
      sessions,
      async () => new Session(await connect(patience), settings),
      isConnectionLoss,
    );
    const database = new PostgresDatabase(pool, location, options.writeable, sessions);
    try {
      const preamble =
        address.namespace === undefined ? '' : `;SET LOCAL search_path TO ${searchPath(address.namespace)}`;
      const kept = await database.#transactions.attempt('the database', () =>
        pool.with((session) =>
          prepareSchema(session, { ...options, namespace: address.namespace, location, preamble }),
        ),
      );
      settings.preamble = kept ? '' : preamble;
    } catch (error) {
      await pool.close();
      throw error;
    }
    patience = laterPatience;
    return database;
  }

  get statementCount(): number {
    return this.#transactions.statementCount;
  }

  async rows(sql: string, params: readonly SqlValue[] = [], options: RowOptions = {}): Promise<SqlValue[][]> {
    const ask = (session: Session): Promise<{ rows: SqlValue[][] }> => session.query(sql, params, options);
    const { rows } = await (writes(sql)
      ? this.#transactions.write(sql, ask)
      : this.#transactions.read(sql, ask, (session) => session.readAlone(() => ask(session))));
    return rows;
  }

  async each(
    sql: string,
    params: readonly SqlValue[],
    onRow: (row: SqlValue[]) => void,
    options: RowOptions = {},
  ): Promise<void> {
    for await (const batch of this.stream(sql, params, { ...options, batchRows: 5000 })) batch.forEach(onRow);
  }

  async *stream(
    sql: string,
    params: readonly SqlValue[] = [],
    { batchRows = 2000, ...options }: StreamOptions = {},
  ): AsyncGenerator<SqlValue[][]> {
    const { current } = this.#transactions;
    const name = `rows_${++this.#cursors}`;
    const open = async (session: Session): Promise<SqlValue[][]> => {
      await session.query(`DECLARE ${name} NO SCROLL CURSOR FOR ${sql}`, params);
      return fetchRows(session);
    };
    const fetchRows = async (session: Session, count: number | 'ALL' = batchRows): Promise<SqlValue[][]> => {
      const { rows } = await session.query(`FETCH ${count} FROM ${name}`, [], options);
      return rows;
    };
    if (current !== undefined) {
      let batch = await this.#transactions.attempt(sql, () => open(current));
      try {
        for (; batch.length > 0; batch = await this.#transactions.named(sql, () => fetchRows(current))) {
          yield batch;
          if (batch.length < batchRows) return;
        }
      } finally {
        if (!current.lost) await current.query(`CLOSE ${name}`).catch(() => {});
      }
      return;
    }
    const { session, first } = await this.#transactions.again(sql, async () => {
      const session = await this.#pool.acquire();
      try {
        await session.beginReading();
        return { session, first: await open(session) };
      } catch (error) {
        await session.rollback();
        this.#pool.release(session);
        throw error;
      }
    });
    let held = true;
    const leave = async (): Promise<void> => {
      if (!held) return;
      held = false;
      await session.rollback();
      this.#pool.release(session);
    };
    let counted = false;
    try {
      let batch = first;
      if (batch.length === batchRows) {
        // The reader may need other sessions before he is done with this one; so it is not of those he waits for.
        if (this.#streams < this.#streamLimit) {
          this.#streams++;
          counted = true;
          this.#pool.lend();
        } else {
          const rest = await this.#transactions.named(sql, () => fetchRows(session, 'ALL'));
          await leave();
          yield batch;
          for (let at = 0; at < rest.length; at += batchRows) yield rest.slice(at, at + batchRows);
          return;
        }
      } else await leave();
      while (batch.length > 0) {
        yield batch;
        if (batch.length < batchRows) return;
        batch = await this.#transactions.named(sql, () => fetchRows(session));
      }
    } finally {
      if (counted) {
        this.#streams--;
        held = false;
        await session.rollback();
        this.#pool.takeBack(session);
      }
      await leave();
    }
  }

  async run(sql: string, params: readonly SqlValue[] = []): Promise<number> {
    const { rowCount } = await this.#transactions.write(sql, (session) => session.query(sql, params));
    return rowCount;
  }

  async insert(
    table: string,
    columns: readonly string[],
    rows: readonly (readonly SqlValue[])[],
    options: InsertOptions = {},
  ): Promise<number> {
    if (rows.length === 0) return 0;
    const steps = insertPlan(table, columns, rows, options);
    const body = async (): Promise<number> => {
      let written = 0;
      for (const step of steps) {
        written += await this.#transactions.write(table, async (session) => {
          if (step.kind === 'copy') return session.copy(step.into, step.rows);
          return (await session.statement(step.sql, step.params())).rowCount;
        });
      }
      return written;
    };
    return this.#transactions.current === undefined ? this.transaction(body, { repeatable: true }) : body();
  }

  async insertReturningId(
    table: string,
    columns: readonly string[],
    row: readonly SqlValue[],
    id: string,
  ): Promise<number> {
    const [step] = insertPlan(table, columns, [row], { serial: id });
    if (step.kind === 'copy') throw new TypeError('one row is not copied');
    const sql = `${step.sql} RETURNING ${this.dialect.quote(id)}`;
    const { rows } = await this.#transactions.write(table, (session) => session.statement(sql, step.params()));
    return rows[0][0] as number;
  }

  transaction<T>(body: () => Promise<T>, options: TransactionOptions = {}): Promise<T> {
    return this.#transactions.run(body, options);
  }

  async rowsCame(tables: readonly string[]): Promise<void> {
    if (this.#transactions.current !== undefined) return;
    const sql = `ANALYZE ${tables.map(this.dialect.quote).join(', ')}`;
    await this.#transactions.write(tables[0], (session) => session.query(sql, []));
  }

  /** A server does not say whether others have written: nothing may be kept. */
  changeToken(): undefined {
    return undefined;
  }

  /** Only if all the tables are empty: to drop an index keeps others out of the table until the end. */
  deferIndexes<T>(tables: readonly string[], body: () => Promise<T>): Promise<T> {
    const load = async (): Promise<T> => {
      const restore = await this.#transactions.write('the schema', (session) => prepareLoad(session, tables));
      const result = await body();
      if (restore !== undefined) await this.#transactions.write('the schema', (session) => session.script(restore));
      return result;
    };
    return this.transaction(load, { repeatable: true });
  }

  async createTables(tables: readonly TableSpec[]): Promise<void> {
    const names = this.dialect.listParam(tables.map((table) => table.name));
    const present = new Set(
      (
        await this.rows(
          `SELECT tablename FROM pg_tables WHERE schemaname = current_schema() AND tablename = ANY(?::text[])`,
          [names],
        )
      ).map(([name]) => name),
    );
    const missing = tables.filter((table) => !present.has(table.name));
    if (missing.length === 0) return;
    await this.transaction(
      () => this.#transactions.write('the schema', (session) => session.script(createTablesSql(missing).join(';\n'))),
      { repeatable: true },
    );
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }

  /** What became of a transaction whose connection was lost in COMMIT: the server knows. */
  async #wasCommitted(id: string): Promise<boolean> {
    for (;;) {
      const [[status]] = await this.rows(`SELECT txid_status('${id}'::bigint)`);
      if (status !== 'in progress') return status === 'committed';
      // The server has not noticed yet that nobody listens.
      await sleep(100);
    }
  }
}
