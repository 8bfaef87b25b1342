// SPDX-License-Identifier: BSD-3-Clause
import Sqlite from 'better-sqlite3';
import type { SqlValue } from '../database.ts';

/**
 * How long a stream may keep the file locked for reading while its reader takes its time: a writer, here or in another process, cannot
 * commit meanwhile. Then the rows that are left go to a temporary file of SQLite's, and the lock is free.
 */
const longestLockMs = 2000;

/** A statement whose rows are taken a batch at a time. */
export class OpenStream {
  #rows: Iterator<SqlValue[]>;
  #spool: Sqlite.Database | undefined;
  #ended = false;
  #failure: unknown;
  readonly #bigints: boolean;
  readonly #onEnd: (stream: OpenStream) => void;
  readonly #timer: NodeJS.Timeout;

  /** `statement` must be in raw mode and not be running. */
  constructor(
    statement: Sqlite.Statement,
    params: readonly SqlValue[],
    bigints: boolean,
    onEnd: (stream: OpenStream) => void,
  ) {
    this.#rows = statement.iterate(...params) as Iterator<SqlValue[]>;
    this.#bigints = bigints;
    this.#onEnd = onEnd;
    this.#timer = setTimeout(() => this.settle(), longestLockMs).unref();
  }

  /** Up to `count` more rows; fewer only at the end. */
  take(count: number): SqlValue[][] {
    if (this.#failure !== undefined) throw this.#failure;
    const out: SqlValue[][] = [];
    while (!this.#ended && out.length < count) {
      const { done, value } = this.#rows.next();
      if (done) this.end();
      else out.push(value);
    }
    return out;
  }

  /** Takes the rows that are left away from the database, which then may be written. */
  settle(): void {
    if (this.#ended || this.#spool !== undefined) return;
    clearTimeout(this.#timer);
    try {
      this.#spool = spooled(this.#rows);
    } catch (error) {
      // Whoever reads the stream is to hear of it, not the writer in whose way it was.
      this.#failure = error;
      this.end();
      return;
    }
    const statement = this.#spool.prepare('SELECT * FROM kept ORDER BY rowid').raw(true).safeIntegers(this.#bigints);
    this.#rows = statement.iterate() as Iterator<SqlValue[]>;
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#rows.return?.();
    this.#spool?.close();
    this.#onEnd(this);
  }

  /** Ends it before its rows are out: the next `take` throws. */
  abort(reason: unknown): void {
    if (!this.#ended) this.#failure = reason;
    this.end();
  }
}

/** The rows in a private database, which SQLite keeps in memory as long as it is small. */
function spooled(rows: Iterator<SqlValue[]>): Sqlite.Database {
  const spool = new Sqlite('');
  let insert: Sqlite.Statement | undefined;
  spool.pragma('journal_mode = OFF');
  spool.exec('BEGIN');
  for (let next = rows.next(); !next.done; next = rows.next()) {
    if (insert === undefined) {
      const columns = next.value.map((_, i) => `c${i}`);
      spool.exec(`CREATE TABLE kept (${columns.join(', ')})`);
      insert = spool.prepare(`INSERT INTO kept VALUES (${columns.map(() => '?').join(', ')})`);
    }
    insert.run(...next.value);
  }
  if (insert === undefined) spool.exec('CREATE TABLE kept (c0)');
  spool.exec('COMMIT');
  return spool;
}
