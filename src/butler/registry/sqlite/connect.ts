// SPDX-License-Identifier: BSD-3-Clause
import Sqlite from 'better-sqlite3';
import { sqliteCode } from './errors.ts';
import { Journal, usesLog } from './journal.ts';

/** How long SQLite itself waits for a lock before the retry loop of the database takes over without blocking the process. */
const shortWaitMs = 50;
/** Opening reads the schema, and waits for as long as a writer may take to commit. */
const openWaitMs = 30_000;

/** Opens a database file. On the choice of journal, see journal.ts. */
export function connectSqlite(file: string, options: { writeable: boolean; create?: boolean }): Sqlite.Database {
  const open = (readonly: boolean): Sqlite.Database => {
    const connection = new Sqlite(file, { readonly, fileMustExist: !options.create, timeout: openWaitMs });
    try {
      connection.pragma('foreign_keys = ON');
      // Reads the database: a journal that must be rolled back shows here first.
      connection.pragma('cache_size = -65536');
      return connection;
    } catch (error) {
      connection.close();
      throw error;
    }
  };
  const opened = (connection: Sqlite.Database): Sqlite.Database => {
    connection.pragma(`busy_timeout = ${shortWaitMs}`);
    return connection;
  };
  if (options.writeable) return opened(open(false));
  let reader: Sqlite.Database | undefined;
  try {
    reader = open(true);
    reader.prepare('SELECT count(*) FROM sqlite_master').get();
    return opened(reader);
  } catch (error) {
    reader?.close();
    // A writer died in the middle of a commit, or before its log was put into the file: only a connection that may write can tidy up.
    const code = sqliteCode(error);
    const unfinished = code === 'SQLITE_READONLY_ROLLBACK' || (code !== undefined && usesLog(file));
    if (!unfinished) throw error;
    const healer = open(false);
    healer.prepare('SELECT count(*) FROM sqlite_master').get();
    new Journal(healer, file, true).beforeClose();
    healer.close();
    return opened(open(true));
  }
}
