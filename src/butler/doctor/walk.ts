// SPDX-License-Identifier: BSD-3-Clause
import { opendirSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { fileSystemOf } from '../../base/index.ts';
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
  const add = (absolute: string): void => {
    if (isRepositoryFile(butler, absolute)) return;
    const path = absolute.slice(root.length + 1).replaceAll(sep, '/');
    batch.push({ path, absolute, scratch: isScratchName(basename(path)) });
  };
  if (fileSystemOf(root).local) {
    for (const absolute of localFiles(root)) {
      add(absolute);
      if (batch.length < batchFiles) continue;
      yield batch;
      batch = [];
    }
  } else {
    for await (const absolute of store.list(root)) {
      add(absolute);
      if (batch.length < batchFiles) continue;
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}

/** Files below a folder of a local disk, whose answers take less time than a turn of the event loop. */
function* localFiles(root: string): Generator<string> {
  const folders = [root];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const open = opendirSync(folder, { bufferSize: 512 });
    try {
      for (let entry = open.readSync(); entry !== null; entry = open.readSync()) {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) folders.push(path);
        else yield path;
      }
    } finally {
      open.closeSync();
    }
  }
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
