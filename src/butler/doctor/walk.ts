// SPDX-License-Identifier: BSD-3-Clause
import { basename, dirname, relative, sep } from 'node:path';
import type { Butler } from '../butler.ts';
import { isScratchName } from '../datastore/posix/posix-store.ts';

export interface WalkedFile {
  /** Relative to the datastore root, with `/`. */
  path: string;
  absolute: string;
  /** An unfinished write, by its name. */
  scratch: boolean;
}

const batchFiles = 2000;

/** The files of the datastore in batches: without the configuration, the database, and what the program keeps of itself. */
export async function* walkFiles(butler: Butler): AsyncGenerator<WalkedFile[]> {
  const { root, store } = butler.datastore;
  let batch: WalkedFile[] = [];
  for await (const absolute of store.list(root)) {
    if (isRepositoryFile(butler, absolute)) continue;
    const path = relative(root, absolute).replaceAll(sep, '/');
    batch.push({ path, absolute, scratch: isScratchName(basename(path)) });
    if (batch.length < batchFiles) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** The configuration, the database with its journal, and our own folders: runs, descriptions of instruments, what was moved aside. */
function isRepositoryFile(butler: Butler, absolute: string): boolean {
  const path = relative(butler.root, absolute);
  if (path === 'butler.yaml' || /^\.?skymill[\\/]/.test(path)) return true;
  const database = databaseFile(butler);
  return database !== undefined && dirname(absolute) === dirname(database) && isOfDatabase(absolute, database);
}

function isOfDatabase(path: string, database: string): boolean {
  const [name, own] = [basename(path), basename(database)];
  return name === own || ['-journal', '-wal', '-shm'].some((suffix) => name === own + suffix);
}

/** The file of a database that is a file. */
export function databaseFile(butler: Butler): string | undefined {
  return (butler.registry.db as { file?: string }).file;
}
