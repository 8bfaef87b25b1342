// SPDX-License-Identifier: BSD-3-Clause
import Sqlite from 'better-sqlite3';
import { sqliteCode } from './errors.ts';

/** How long SQLite itself waits for a lock before the retry loop of the database takes over without blocking the process. */
const shortWaitMs = 50;
/** Opening reads the schema, and waits for as long as a writer may take to commit. */
const openWaitMs = 30_000;

/**
 * Opens a database file.
 *
 * The rollback journal (SQLite's default, and the peer's) is kept rather than WAL: it is safe on network file systems, leaves
 * one file that can be copied, and opens where the folder is read-only, which a WAL database does not. Its price, about a tenth of
 * WAL's small transactions per second (1 200 against 10 000 measured with eight writers), does not matter to writes in bulk.
 */
export function connectSqlite(file: string, options: { writeable: boolean; create?: boolean }): Sqlite.Database {
  const open = (readonly: boolean): Sqlite.Database => {
    const connection = new Sqlite(file, { readonly, fileMustExist: !options.create, timeout: openWaitMs });
    connection.pragma('foreign_keys = ON');
    connection.pragma('cache_size = -65536');
    return connection;
  };
  const opened = (connection: Sqlite.Database): Sqlite.Database => {
    connection.pragma(`busy_timeout = ${shortWaitMs}`);
    return connection;
  };
  if (options.writeable) return opened(open(false));
  const reader = open(true);
  try {
    reader.prepare('SELECT count(*) FROM sqlite_master').get();
    return opened(reader);
  } catch (error) {
    reader.close();
    // A writer died in the middle of a commit: only a connection that may write can put the old pages back.
    if (sqliteCode(error) !== 'SQLITE_READONLY_ROLLBACK') throw error;
    const healer = open(false);
    healer.prepare('SELECT count(*) FROM sqlite_master').get();
    healer.close();
    return opened(open(true));
  }
}
