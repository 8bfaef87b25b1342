// SPDX-License-Identifier: BSD-3-Clause
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { readConfig } from '../datastore/config.ts';
import { resolveRepository } from '../transfer/repository-index.ts';

/** The first bytes of a rollback journal that holds pages to put back (sqlite.org/fileformat.html, section 3). */
const magic = 'd9d505f920a163d7';

/**
 * The journal beside a SQLite database which a writer left that was interrupted in the middle of a commit. Whoever opens the database
 * next puts the old pages back, so this is to be asked before.
 */
export function hotJournal(databaseFile: string): { path: string; sizeBytes: number } | undefined {
  const path = `${databaseFile}-journal`;
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined || found.size < 8) return undefined;
  const fd = openSync(path, 'r');
  try {
    const head = Buffer.alloc(8);
    readSync(fd, head, 0, 8, 0);
    return head.toString('hex') === magic ? { path, sizeBytes: found.size } : undefined;
  } finally {
    closeSync(fd);
  }
}

/** As {@link hotJournal}, of the repository in a folder; undefined where its registry is no file. */
export function leftJournal(root: string): { path: string; sizeBytes: number } | undefined {
  const { database } = readConfig(resolveRepository(root));
  return database.engine === 'sqlite' ? hotJournal(database.file) : undefined;
}
