// SPDX-License-Identifier: BSD-3-Clause
import { butlerErrors } from '../../errors.ts';
import type { Database, InsertOptions, RowOptions, SqlValue, StreamOptions, TransactionOptions } from '../database.ts';
import type { ServerAddress } from '../database-url.ts';
import { firstPatience, laterPatience } from '../server/patience.ts';
import { SessionPool } from '../server/pool.ts';
import { sessionsFromEnvironment } from '../server/sessions.ts';
import { tableOf, writes } from '../server/sql-words.ts';
import { Transactions } from '../server/transactions.ts';
import type { TableSpec } from '../table-spec.ts';
import { connector } from './connect.ts';
import { createTableSql } from './ddl.ts';
import { mariadbDialect } from './dialect.ts';
import { isConnectionLoss, isDeadlock, isLocalCollision, translateMariadbError } from './errors.ts';
import { insertStatements } from './insert.ts';
import { databaseOf, makeDatabase, prepareSchema } from './prepare-schema.ts';
import { Session } from './session.ts';

/** Characters in one INSERT: what is longer gains nothing. */
const mostCharacters = 4_000_000;

/** A registry in a database of a MariaDB server. */
export class MariadbDatabase implements Database {
  readonly dialect = mariadbDialect;
  readonly writeable: boolean;
  /** For messages. */
  readonly location: string;
  readonly #pool: SessionPool<Session>;
  /** A session that does not count among those of the pool. */
  readonly #extra: () => Promise<Session>;
  readonly #transactions: Transactions<Session>;
  readonly #streamLimit: number;
  #streams = 0;
  #maxCharacters = mostCharacters;

  private constructor(
    pool: SessionPool<Session>,
    extra: () => Promise<Session>,
    location: string,
    writeable: boolean,
    streamLimit: number,
  ) {
    this.#pool = pool;
    this.#extra = extra;
    this.location = location;
    this.writeable = writeable;
    this.#streamLimit = streamLimit;
    this.#transactions = new Transactions(pool, {
      isConnectionLoss,
      isDeadlock,
      isLocalCollision,
      translate: (error, about) => translateMariadbError(error, location, tableOf(about)),
      afterLostCommit: (error) => {
        throw butlerErrors.COMMIT_UNKNOWN({ location, reason: (error as Error).message }, { cause: error });
      },
    });
  }

  /** Connects; `create` makes the database. A place without a registry, or without the right to write to it, is refused. */
  static async open(
    address: ServerAddress,
    options: { writeable: boolean; create?: boolean; sessions?: number },
  ): Promise<MariadbDatabase> {
    const sessions = options.sessions ?? sessionsFromEnvironment();
    const { location, connect } = await connector(address, {
      readOnly: !options.writeable,
      database: databaseOf(address),
    });
    let patience = firstPatience;
    const make = async (): Promise<Session> => new Session(await connect(patience));
    const pool = new SessionPool(sessions, make, isConnectionLoss);
    const database = new MariadbDatabase(pool, make, location, options.writeable, sessions);
    try {
      await database.#transactions.again('the database', async () => {
        if (options.create) await makeDatabase(address, patience);
        const bytes = await pool.with((session) => prepareSchema(session, { ...options, location }));
        // A character has up to four bytes.
        database.#maxCharacters = Math.min(mostCharacters, Math.floor(bytes / 4));
      });
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
    const { rows } = await (writes(sql) ? this.#transactions.write(sql, ask) : this.#transactions.read(sql, ask));
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
    if (this.#transactions.current !== undefined) {
      // A session that sends rows can do nothing else, and what belongs to this transaction must be asked in this session.
      yield* slices(await this.rows(sql, params, options), 0, batchRows);
      return;
    }
    const { session, batches, first } = await this.#transactions.again(sql, async () => {
      const session = await this.#pool.acquire();
      try {
        const batches = session.batches(sql, params, batchRows, options);
        return { session, batches, first: await batches.next() };
      } catch (error) {
        this.#pool.release(session, !isConnectionLoss(error));
        throw error;
      }
    });
    if (first.done || first.value.length < batchRows) {
      this.#pool.release(session);
      if (!first.done) yield first.value;
      return;
    }
    if (this.#streams >= this.#streamLimit) {
      const rest: SqlValue[][] = [];
      try {
        await this.#transactions.named(sql, async () => {
          for await (const batch of batches) rest.push(...batch);
        });
      } finally {
        this.#pool.release(session);
      }
      yield first.value;
      yield* slices(rest, 0, batchRows);
      return;
    }
    // The reader may need other sessions before he is done with this one; so it is not of those he waits for.
    this.#streams++;
    this.#pool.lend();
    let ended = false;
    try {
      for (
        let next: IteratorResult<SqlValue[][]> = first;
        !next.done;
        next = await this.#transactions.named(sql, () => batches.next())
      ) {
        yield next.value;
      }
      ended = true;
    } finally {
      this.#streams--;
      if (!ended) session.destroy();
      this.#pool.takeBack(session);
    }
  }

  async run(sql: string, params: readonly SqlValue[] = []): Promise<number> {
    const { affected } = await this.#transactions.write(sql, (session) => session.query(sql, params));
    return affected;
  }

  async insert(
    table: string,
    columns: readonly string[],
    rows: readonly (readonly SqlValue[])[],
    options: InsertOptions = {},
  ): Promise<number> {
    if (rows.length === 0) return 0;
    const statements = insertStatements(table, columns, rows, options, this.#maxCharacters);
    const body = async (): Promise<number> => {
      let written = 0;
      for (const sql of statements) {
        written += (await this.#transactions.write(table, (session) => session.query(sql))).affected;
      }
      // Of a row that was replaced the server counts two, of one that was the same already none.
      return options.conflict === 'replace' ? rows.length : written;
    };
    return this.#transactions.current === undefined ? this.transaction(body, { repeatable: true }) : body();
  }

  async insertReturningId(
    table: string,
    columns: readonly string[],
    row: readonly SqlValue[],
    _id: string,
  ): Promise<number> {
    const [sql] = insertStatements(table, columns, [row], {}, this.#maxCharacters);
    return (await this.#transactions.write(table, (session) => session.query(sql))).insertId;
  }

  transaction<T>(body: () => Promise<T>, options: TransactionOptions = {}): Promise<T> {
    return this.#transactions.run(body, options);
  }

  /** A server does not say whether others have written: nothing may be kept. */
  changeToken(): undefined {
    return undefined;
  }

  /** Here indexes stay: to drop one would commit. */
  deferIndexes<T>(_tables: readonly string[], body: () => Promise<T>): Promise<T> {
    return this.transaction(body, { repeatable: true });
  }

  /**
   * Making a table commits what the session did before. So it is done in a session of its own: the tables stay, empty, if the
   * transaction around it is undone, and are found when it is tried again.
   */
  async createTables(tables: readonly TableSpec[]): Promise<void> {
    const rows = await this.rows('SELECT table_name FROM information_schema.tables WHERE table_schema = database()');
    const present = new Set(rows.map(([name]) => name));
    const missing = tables.filter((table) => !present.has(table.name));
    if (missing.length === 0) return;
    const session = await this.#extra();
    try {
      await this.#transactions.attempt('the schema', async () => {
        // Tables may refer to later ones.
        await session.command('SET SESSION foreign_key_checks = 0');
        for (const table of missing) await session.command(createTableSql(table));
      });
    } finally {
      await session.end();
    }
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }
}

function* slices(rows: SqlValue[][], from: number, size: number): Generator<SqlValue[][]> {
  for (let at = from; at < rows.length; at += size) yield rows.slice(at, at + size);
}
