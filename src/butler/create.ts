// SPDX-License-Identifier: BSD-3-Clause
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { newUuid } from '../base/index.ts';
import { configPath, interpret } from './datastore/config.ts';
import { configText, newConfig } from './datastore/new-config.ts';
import { PosixStore } from './datastore/posix/posix-store.ts';
import type { DimensionUniverse } from './dimensions/universe.ts';
import { butlerErrors } from './errors.ts';
import { knownUniverse } from './registry/attributes.ts';
import { openDatabase } from './registry/open-database.ts';
import { createRegistry } from './registry/registry.ts';

export interface CreateOptions {
  universe?: DimensionUniverse | undefined;
  /** `postgresql://[USER@]HOST[:PORT]/NAME` or `mariadb://…`; by default an SQLite file in the folder. */
  database?: string | undefined;
  /** Schema of the registry's tables on a server; it is made if it does not exist. Default: that of the user. */
  namespace?: string | undefined;
  /** YAML file with further settings (templates, formatters, composites, a registry on a server, …) for `butler.yaml`. */
  seedConfig?: string | undefined;
  /** Keep also the places of files and registry that the seed names. */
  override?: boolean | undefined;
}

/**
 * The dimensions that a YAML file describes.
 * @throws BUTLER_BAD_CONFIG naming the entry, BUTLER_UNSUPPORTED_UNIVERSE
 */
export async function universeFromFile(file: string): Promise<DimensionUniverse> {
  const { readUniverseFile } = await import('./dimensions/universe-file.ts');
  return knownUniverse(readUniverseFile(file), file);
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
  const { database: url, namespace, seedConfig, override } = options;
  const settings = newConfig({ database: url, namespace, seed: seedConfig, keepPlaces: override });
  const { database: address } = interpret(settings, config);
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
        await store.writeAtomic(config, (sink) => sink.write(new TextEncoder().encode(configText(settings))));
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
