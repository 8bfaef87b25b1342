// SPDX-License-Identifier: BSD-3-Clause
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DimensionUniverse } from '../../src/butler/dimensions/universe.ts';
import { createRegistry, Registry } from '../../src/butler/registry/registry.ts';
import { importYaml } from '../../src/butler/transfer/import-yaml.ts';
import { sharedEngine } from '../support/databases.ts';

const FOLDERS = ['data/daf_butler/python/lsst/daf/butler/tests/registry_data', 'data/daf_butler/tests/data/registry'];

/** A fresh registry without files, on the engine of the tests. */
export async function emptyRegistry(): Promise<Registry> {
  const universe = new DimensionUniverse();
  const db = await sharedEngine().emptyDatabase();
  await createRegistry(db, universe, '00000000-0000-7000-8000-000000000000');
  return new Registry(db, universe, 'FileDatastore@<butlerRoot>');
}

/** Loads one of the peer's export files. */
export async function load(registry: Registry, root: string, file: string): Promise<void> {
  const path = FOLDERS.map((folder) => join(root, folder, file)).find((candidate) => existsSync(candidate));
  if (path === undefined) throw new Error(`no data file ${file} under ${root}`);
  await importYaml(registry, readFileSync(path, 'utf8'), file);
}

/** Registries by the files loaded into them; read-only cases share one. */
export class LoadedRegistries {
  readonly #made = new Map<string, Promise<Registry>>();

  get(root: string, files: readonly string[]): Promise<Registry> {
    const key = files.join();
    const made = this.#made.get(key) ?? this.#make(root, files);
    this.#made.set(key, made);
    return made;
  }

  async close(): Promise<void> {
    for (const registry of this.#made.values()) await (await registry).db.close();
    this.#made.clear();
  }

  async #make(root: string, files: readonly string[]): Promise<Registry> {
    const registry = await emptyRegistry();
    for (const file of files) await load(registry, root, file);
    return registry;
  }
}
