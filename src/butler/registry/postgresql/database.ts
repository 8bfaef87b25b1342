// SPDX-License-Identifier: BSD-3-Clause
import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database, InsertOptions, RowOptions, SqlValue, StreamOptions, TransactionOptions } from '../database.ts';
import type { ServerAddress } from '../database-url.ts';
import { firstPatience, laterPatience } from '../server/patience.ts';
import { SessionPool } from '../server/pool.ts';
import { sessionsFromEnvironment } from '../server/sessions.ts';
import type { TableSpec } from '../table-spec.ts';
import { prepareLoad } from './bulk-load.ts';
import { connector, searchPath } from './connect.ts';
import { createTablesSql } from './ddl.ts';
import { postgresDialect } from './dialect.ts';
import { isCollision, isConnectionLoss, isLocalCollision, sqlState, translatePostgresError } from './errors.ts';
import { insertPlan } from './insert.ts';
import { prepareSchema } from './prepare-schema.ts';
import { Session } from './session.ts';

/** How often a transaction is run again: rows that another had just written are seen the second time, deadlocks may come back. */
const mostRepeats = { '23': 2, '40': 10, lost: 5 };

/** In the asynchronous context of a transaction's body. */
interface Current {
  readonly session: Session;
  /** Savepoints of this level come one after the other. */
  turn: Promise<unknown>;
}

/** A registry in a schema of a PostgreSQL server. */
export class PostgresDatabase implements Database {
  readonly dialect = postgresDialect;
  readonly writeable: boolean;
  /** For messages. */
  readonly location: string;
  statementCount = 0;
  readonly #pool: SessionPool<Session>;
  readonly #inside = new AsyncLocalStorage<Current>();
  readonly #streamLimit: number;
  #streams = 0;
  #cursors = 0;
  #savepoints = 0;
  /** Said at the start of every transaction where the session does not keep it: a pool of connections is between us and the server. */
  #preamble = '';

  private constructor(pool: SessionPool<Session>, location: string, writeable: boolean, streamLimit: number) {
    this.#pool = pool;
    this.location = location;
    this.writeable = writeable;
    this.#streamLimit = streamLimit;
  }

  /** Connects; `create` makes the schema. A place without a registry, or without the right to write to it, is refused. */
  static async open(
    address: ServerAddress,
    options: { writeable: boolean; create?: boolean; sessions?: number },
  ): Promise<PostgresDatabase> {
    const sessions = options.sessions ?? sessionsFromEnvironment();
    const { location, connect } = await connector(address, { readOnly: !options.writeable });
    let patience = firstPatience;
    const pool = new SessionPool(sessions, async () => new Session(await connect(patience)), isConnectionLoss);
    const database = new PostgresDatabase(pool, location, options.writeable, sessions);
    try {
      const preamble =
        address.namespace === undefined ? '' : `;SET LOCAL search_path TO ${searchPath(address.namespace)}`;
      const kept = await database.#attempt('the database', () =>
        pool.with((session) =>
          prepareSchema(session, { ...options, namespace: address.namespace, location, preamble }),
        ),
      );
      database.#preamble = kept ? '' : preamble;
    } catch (error) {
      await pool.close();
      throw error;
    }
    patience = laterPatience;
    return database;
  }

  async rows(sql: string, params: readonly SqlValue[] = [], options: RowOptions = {}): Promise<SqlValue[][]> {
    if (this.#inside.getStore() === undefined && writes(sql)) {
      return this.transaction(() => this.rows(sql, params, options), { repeatable: true });
    }
    const { rows } = await this.#read(sql, (session) => session.query(sql, params, options));
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
    const current = this.#inside.getStore();
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
      let batch = await this.#attempt(sql, () => open(current.session));
      try {
        for (; batch.length > 0; batch = await this.#named(sql, () => fetchRows(current.session))) {
          yield batch;
          if (batch.length < batchRows) return;
        }
      } finally {
        if (!current.session.lost) await current.session.query(`CLOSE ${name}`).catch(() => {});
      }
      return;
    }
    const { session, first } = await this.#again(sql, async () => {
      const session = await this.#pool.acquire();
      try {
        await session.begin(` READ ONLY${this.#preamble}`);
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
          const rest = await this.#named(sql, () => fetchRows(session, 'ALL'));
          await leave();
          yield batch;
          for (let at = 0; at < rest.length; at += batchRows) yield rest.slice(at, at + batchRows);
          return;
        }
      } else await leave();
      while (batch.length > 0) {
        yield batch;
        if (batch.length < batchRows) return;
        batch = await this.#named(sql, () => fetchRows(session));
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
    const { rowCount } = await this.#write(sql, (session) => session.query(sql, params));
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
        written += await this.#write(table, async (session) => {
          if (step.kind === 'copy') return session.copy(step.into, step.rows);
          return (await session.statement(step.sql, step.params())).rowCount;
        });
      }
      return written;
    };
    return this.#inside.getStore() === undefined ? this.transaction(body, { repeatable: true }) : body();
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
    const { rows } = await this.#write(table, (session) => session.statement(sql, step.params()));
    return rows[0][0] as number;
  }

  async transaction<T>(body: () => Promise<T>, options: TransactionOptions = {}): Promise<T> {
    const current = this.#inside.getStore();
    const run =
      current === undefined ? () => this.#outermost(body, options) : () => this.#nested(current, body, options);
    if (!options.repeatable) return run();
    const mayRepeat = current === undefined ? isCollision : isLocalCollision;
    for (let attempt = 1; ; attempt++) {
      try {
        return await run();
      } catch (error) {
        if (typeof options.repeatable === 'function' && !options.repeatable()) throw error;
        const lost = current === undefined && isConnectionLoss(error);
        const kind = lost ? 'lost' : ((sqlState(error)?.slice(0, 2) ?? '') as keyof typeof mostRepeats);
        if (!(lost || mayRepeat(error)) || attempt > (mostRepeats[kind] ?? 2)) throw error;
        await sleep(Math.random() * 10 * 2 ** Math.min(attempt, 6));
      }
    }
  }

  /** A server does not say whether others have written: nothing may be kept. */
  changeToken(): undefined {
    return undefined;
  }

  /** Only if all the tables are empty: to drop an index keeps others out of the table until the end. */
  deferIndexes<T>(tables: readonly string[], body: () => Promise<T>): Promise<T> {
    const load = async (): Promise<T> => {
      const restore = await this.#write('the schema', (session) => prepareLoad(session, tables));
      const result = await body();
      if (restore !== undefined) await this.#write('the schema', (session) => session.script(restore));
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
      () => this.#write('the schema', (session) => session.script(createTablesSql(missing).join(';\n'))),
      { repeatable: true },
    );
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }

  /** Runs a body between BEGIN and COMMIT. If the connection is lost in COMMIT, the server is asked afterwards what became of it. */
  async #outermost<T>(body: () => Promise<T>, options: TransactionOptions): Promise<T> {
    const { session, id } = await this.#again('the database', () => this.#begin(options.relaxed));
    try {
      const result = await this.#inside.run({ session, turn: Promise.resolve() }, async () => {
        await this.#lock(session, options.lock);
        return body();
      });
      await this.#commit(session, id);
      return result;
    } catch (error) {
      if (session.unfinished) await session.rollback();
      throw error;
    } finally {
      this.#pool.release(session);
    }
  }

  async #begin(relaxed = false): Promise<{ session: Session; id: string }> {
    const session = await this.#pool.acquire();
    try {
      const results = await session.begin(
        `${this.#preamble}${relaxed ? ';SET LOCAL synchronous_commit TO off' : ''};SELECT txid_current()::text`,
      );
      return { session, id: results.at(-1)![0][0] as string };
    } catch (error) {
      await session.rollback();
      this.#pool.release(session);
      throw error;
    }
  }

  async #commit(session: Session, id: string): Promise<void> {
    this.statementCount++;
    try {
      await session.commit();
    } catch (error) {
      if (!isConnectionLoss(error)) throw translatePostgresError(error, this.location, 'the database');
      if (!(await this.#wasCommitted(id))) throw translatePostgresError(error, this.location, 'the database');
    }
  }

  async #wasCommitted(id: string): Promise<boolean> {
    for (;;) {
      const [[status]] = await this.#inside.exit(() => this.rows(`SELECT txid_status('${id}'::bigint)`));
      if (status !== 'in progress') return status === 'committed';
      // The server has not noticed yet that nobody listens.
      await sleep(100);
    }
  }

  async #nested<T>(current: Current, body: () => Promise<T>, options: TransactionOptions): Promise<T> {
    if (!options.repeatable) {
      await this.#lock(current.session, options.lock);
      return body();
    }
    const result = current.turn.then(() => this.#savepoint(current.session, body, options));
    current.turn = result.catch(() => {});
    return result;
  }

  async #savepoint<T>(session: Session, body: () => Promise<T>, options: TransactionOptions): Promise<T> {
    const savepoint = `again_${++this.#savepoints}`;
    await this.#named('the database', () => session.script(`SAVEPOINT ${savepoint}`));
    try {
      await this.#lock(session, options.lock);
      const result = await this.#inside.run({ session, turn: Promise.resolve() }, body);
      await this.#named('the database', () => session.script(`RELEASE SAVEPOINT ${savepoint}`));
      return result;
    } catch (error) {
      if (!session.lost) await session.script(`ROLLBACK TO SAVEPOINT ${savepoint}`).catch(() => {});
      throw error;
    }
  }

  async #lock(session: Session, tables: readonly string[] | undefined): Promise<void> {
    if (tables === undefined || tables.length === 0) return;
    const names = tables.map(this.dialect.quote).join(', ');
    await this.#attempt(names, () => session.script(`LOCK TABLE ${names} IN EXCLUSIVE MODE`));
  }

  /** Changes something, in the current transaction or in one of its own. */
  #write<T>(sql: string, action: (session: Session) => Promise<T>): Promise<T> {
    const current = this.#inside.getStore();
    if (current !== undefined) return this.#attempt(sql, () => action(current.session));
    return this.transaction(() => this.#write(sql, action), { repeatable: true });
  }

  /** Reads, in the current transaction or on its own; on its own it is repeated after the loss of a connection. */
  #read<T>(sql: string, action: (session: Session) => Promise<T>): Promise<T> {
    const current = this.#inside.getStore();
    if (current !== undefined) return this.#attempt(sql, () => action(current.session));
    return this.#again(sql, () =>
      this.#pool.with(async (session) => {
        if (this.#preamble === '') return action(session);
        await session.begin(` READ ONLY${this.#preamble}`);
        try {
          return await action(session);
        } finally {
          await session.rollback();
        }
      }),
    );
  }

  async #again<T>(sql: string, action: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#attempt(sql, action);
      } catch (error) {
        if (!isConnectionLoss(error) || attempt > mostRepeats.lost) throw error;
      }
    }
  }

  /** Counts one statement and names its errors. What brackets nested transactions and moves rows of a cursor is not counted. */
  #attempt<T>(sql: string, action: () => Promise<T>): Promise<T> {
    this.statementCount++;
    return this.#named(sql, action);
  }

  async #named<T>(sql: string, action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      throw translatePostgresError(error, this.location, tableOf(sql));
    }
  }
}

function writes(sql: string): boolean {
  return /^\s*(INSERT|UPDATE|DELETE|WITH[\s\S]*\b(INSERT|UPDATE|DELETE)\b)/i.test(sql);
}

function tableOf(sql: string): string {
  return /^\w+$/.test(sql) ? sql : (/(?:INTO|UPDATE|FROM|TABLE)\s+"?(\w+)/i.exec(sql)?.[1] ?? 'the database');
}
