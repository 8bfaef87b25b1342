// SPDX-License-Identifier: BSD-3-Clause
import { existsSync } from 'node:fs';
import { butlerErrors } from '../../errors.ts';

export function sqliteCode(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && code.startsWith('SQLITE_') ? code : undefined;
}

export function isBusy(error: unknown): boolean {
  const code = sqliteCode(error);
  return code !== undefined && /^SQLITE_(BUSY|LOCKED)/.test(code);
}

/** Gives SQLite's codes a name of ours; errors that are not SQLite's pass unchanged. */
export function translateSqliteError(error: unknown, file: string, table: string): unknown {
  const code = sqliteCode(error);
  if (code === undefined) return error;
  const detail = (error as Error).message;
  if (code.startsWith('SQLITE_CONSTRAINT')) return butlerErrors.CONSTRAINT({ table, detail }, { cause: error });
  if (code.startsWith('SQLITE_READONLY')) {
    return butlerErrors.READ_ONLY({ root: file, action: `write ${table}` }, { cause: error });
  }
  if (code === 'SQLITE_FULL') return butlerErrors.DISK_FULL({ path: file }, { cause: error });
  if (code === 'SQLITE_CANTOPEN' && !existsSync(file)) {
    return butlerErrors.FILE_UNREADABLE({ path: file, reason: 'there is no such database' }, { cause: error });
  }
  if (code.startsWith('SQLITE_IOERR') || code === 'SQLITE_CANTOPEN') {
    return butlerErrors.NOT_WRITEABLE({ path: file, reason: detail }, { cause: error });
  }
  if (code === 'SQLITE_NOTADB' || code === 'SQLITE_CORRUPT') {
    return butlerErrors.BAD_DATABASE({ path: file, reason: detail }, { cause: error });
  }
  return error;
}
