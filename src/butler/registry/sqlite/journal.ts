// SPDX-License-Identifier: BSD-3-Clause
import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { dirname } from 'node:path';
import type Sqlite from 'better-sqlite3';
import { fileSystemOf } from '../../../base/index.ts';

/** Write transactions of one connection after which the write-ahead log pays for the change to it and back (a few syncs each). */
const transactionsBeforeLog = 4;

/**
 * Which journal a connection that writes uses. At rest a repository's database has the rollback journal, as the peer makes it: one
 * file, that can be copied and that opens where the folder is read-only. A connection that makes many transactions changes to the
 * write-ahead log and, when it closes as the last one, back. The log needs memory that all users of the file share, so only a
 * file system that is known to be local gets it; `SKYMILL_SQLITE_JOURNAL=rollback` forbids it (a local disk that others mount).
 */
export class Journal {
  readonly #connection: Sqlite.Database;
  readonly #mayLog: boolean;
  #transactions = 0;
  #logging: boolean;
  #relaxed: boolean | undefined;

  constructor(connection: Sqlite.Database, file: string, writeable: boolean) {
    this.#connection = connection;
    this.#mayLog =
      writeable && process.env['SKYMILL_SQLITE_JOURNAL'] !== 'rollback' && fileSystemOf(dirname(file)).local;
    this.#logging = usesLog(file);
  }

  get logging(): boolean {
    return this.#logging;
  }

  /**
   * Before `BEGIN`. With the log, a `relaxed` transaction is not synced: nothing is lost when processes die, and a power cut undoes the
   * last of them in order. The rollback journal always syncs, for it could not keep the file whole otherwise. A `bulk` transaction
   * goes without the log if it can: new pages need no journal, but the log would take all of them and the file once more.
   */
  beforeTransaction({ relaxed = false, bulk = false }: { relaxed?: boolean; bulk?: boolean }): void {
    if (bulk) this.#leaveLog();
    const next = relaxed && this.#logging;
    if (next === this.#relaxed) return;
    this.#connection.pragma(`synchronous = ${next ? 'NORMAL' : 'FULL'}`);
    this.#relaxed = next;
  }

  /** After `COMMIT`, with nothing open. Changes to the log if this connection writes much; tries again later if somebody is in the way. */
  afterTransaction(): void {
    if (this.#logging || !this.#mayLog || ++this.#transactions < transactionsBeforeLog) return;
    this.#transactions = 0;
    this.#logging = this.#change('WAL');
  }

  /** Before the connection closes: back to one file, unless others have it open. */
  beforeClose(): void {
    this.#leaveLog();
  }

  #leaveLog(): void {
    if (this.#logging && this.#mayLog && this.#change('DELETE')) this.#logging = false;
  }

  #change(mode: 'WAL' | 'DELETE'): boolean {
    try {
      this.#connection.pragma('busy_timeout = 0');
      return this.#connection.pragma(`journal_mode = ${mode}`, { simple: true }) === mode.toLowerCase();
    } catch {
      // Somebody reads or writes just now; the file stays as it is, which is as safe.
      return false;
    } finally {
      this.#connection.pragma('busy_timeout = 50');
    }
  }
}

/** Whether a database file is marked for the write-ahead log (bytes 18 and 19 of the file format). */
export function usesLog(file: string): boolean {
  if (file === ':memory:' || !existsSync(file)) return false;
  const fd = openSync(file, 'r');
  try {
    const header = Buffer.alloc(20);
    return readSync(fd, header, 0, 20, 0) === 20 && header[18] === 2;
  } finally {
    closeSync(fd);
  }
}
