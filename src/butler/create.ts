// SPDX-License-Identifier: BSD-3-Clause
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { newUuid } from '../base/index.ts';
import { configPath, newConfigText } from './datastore/config.ts';
import { PosixStore } from './datastore/posix/posix-store.ts';
import type { DimensionUniverse } from './dimensions/universe.ts';
import { butlerErrors } from './errors.ts';
import { type DatabaseAddress, parseDatabaseUrl } from './registry/database-url.ts';
import { openDatabase } from './registry/open-database.ts';
import { createRegistry } from './registry/registry.ts';

export interface CreateOptions {
  universe?: DimensionUniverse;
  /** `postgresql://[USER@]HOST[:PORT]/NAME` or `mariadb://…`; by default an SQLite file in the folder. */
  database?: string;
  /** Schema of the registry's tables on a server; it is made if it does not exist. Default: that of the user. */
  namespace?: string;
}

/**
 * Makes the registry and then the configuration of a new repository: without the configuration there is no repository, so what was
 * interrupted can be repeated.
 */
export async function createRepository(
  root: string,
  options: CreateOptions & { universe: DimensionUniverse },
): Promise<void> {
  const folder = resolve(root);
  const config = configPath(folder);
  if (existsSync(config)) throw butlerErrors.REPOSITORY_EXISTS({ root: folder });
  const { database: url, namespace } = options;
  const address: DatabaseAddress =
    url === undefined
      ? { engine: 'sqlite', file: resolve(folder, 'gen3.sqlite3') }
      : parseDatabaseUrl(url, { root: folder, where: 'the address of the new database', namespace });
  const store = new PosixStore();
  if (address.engine === 'sqlite') {
    const { file } = address;
    if (namespace !== undefined) throw butlerErrors.UNSUPPORTED({ what: 'A namespace in an SQLite database' });
    if (existsSync(file)) throw butlerErrors.FILE_EXISTS({ path: file, source: 'a new database' });
    await store.writeAtomic(file, () => {});
  } else if (address.password !== undefined) {
    throw butlerErrors.SECRET_IN_CONFIG({ file: config });
  }
  try {
    const db = await openDatabase(address, { writeable: true, create: true });
    try {
      await db.transaction(async () => {
        await createRegistry(db, options.universe, newUuid());
        const text = newConfigText(url === undefined ? undefined : { url, namespace });
        await store.writeAtomic(config, (sink) => sink.write(new TextEncoder().encode(text)));
      });
    } finally {
      await db.close();
    }
  } catch (error) {
    await store.remove(config);
    if (address.engine === 'sqlite') await store.remove(address.file);
    throw error;
  }
}
