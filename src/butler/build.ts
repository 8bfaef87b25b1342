// SPDX-License-Identifier: BSD-3-Clause
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Butler } from './butler.ts';
import { createRepository } from './create.ts';
import { configPath } from './datastore/config.ts';
import { mergeConfig } from './datastore/config-file.ts';
import { configText, newConfig } from './datastore/new-config.ts';
import { PosixStore } from './datastore/posix/posix-store.ts';
import type { DimensionUniverse } from './dimensions/universe.ts';
import { butlerErrors } from './errors.ts';
import { defaultUniverse } from './limited-butler.ts';

export interface BuildOptions {
  universe?: DimensionUniverse;
  /** A folder of a fast local disk; a folder in it is made and removed. Default: that of temporary files. */
  scratch?: string;
}

/**
 * Makes a repository with an SQLite registry and fills it. The database is built in scratch and goes to its place in one piece, after
 * `fill` has succeeded; files of datasets go to their places at once. On a shared file system each transaction there would wait
 * for the server many times, and its locks may not be what they should. Until the end there is no repository, so what failed can
 * be repeated.
 */
export async function buildRepository<T>(
  root: string,
  fill: (butler: Butler) => Promise<T>,
  options: BuildOptions = {},
): Promise<T> {
  const folder = resolve(root);
  const config = configPath(folder);
  const database = join(folder, 'gen3.sqlite3');
  if (existsSync(config)) throw butlerErrors.REPOSITORY_EXISTS({ root: folder });
  if (existsSync(database)) throw butlerErrors.FILE_EXISTS({ path: database, source: 'a new database' });
  const settings = newConfig({});
  const store = new PosixStore();
  const scratch = await mkdtemp(join(options.scratch ?? tmpdir(), 'skymill-build-'));
  try {
    await createRepository(scratch, { universe: options.universe ?? defaultUniverse() });
    // The same configuration, but for the place of the files; the datastore keeps the name that it will have.
    const { root: place } = settings['datastore'] as { root: string };
    const meanwhile = mergeConfig(settings, { datastore: { root: folder, name: `FileDatastore@${place}` } });
    await writeFile(configPath(scratch), configText(meanwhile));
    const butler = await Butler.open(scratch, { writeable: true });
    let result: T;
    try {
      result = await fill(butler);
    } finally {
      await butler.close();
    }
    await store.copy(join(scratch, 'gen3.sqlite3'), database);
    try {
      await store.writeAtomic(config, (sink) => sink.write(new TextEncoder().encode(configText(settings))));
    } catch (error) {
      await store.remove(database);
      throw error;
    }
    return result;
  } finally {
    await rm(scratch, { recursive: true });
  }
}
