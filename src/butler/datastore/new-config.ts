// SPDX-License-Identifier: BSD-3-Clause
import { yaml } from '../../base/index.ts';
import { butlerErrors } from '../errors.ts';
import { managers } from '../registry/attributes.ts';
import { type ConfigMap, isConfigMap, loadConfigFile, mergeConfig, sectionOf } from './config-file.ts';
import { fileDatastoreClass, recordsTable, rootTag } from './settings.ts';

export interface NewConfigOptions {
  /** URL of a registry that is not an SQLite file in the repository, and the schema of its tables. */
  database?: string | undefined;
  namespace?: string | undefined;
  /** YAML file with settings of the user: what it says of managers is checked, the places of files and registry are set here. */
  seed?: string | undefined;
  /** Keep also the places (`datastore.root`, an SQLite `registry.db`) that the seed names. */
  keepPlaces?: boolean | undefined;
}

/**
 * The configuration of a new repository: files beside its `butler.yaml`, the registry in an SQLite file there or where `database` or
 * the seed says, and everything else that the seed has.
 * @throws BUTLER_BAD_CONFIG for a seed that contradicts the schema or the other options
 */
export function newConfig(options: NewConfigOptions): ConfigMap {
  const { seed, keepPlaces = false } = options;
  const own: ConfigMap = seed === undefined ? {} : loadConfigFile(seed);
  const bad = (problem: string): Error => butlerErrors.BAD_CONFIG({ file: seed!, problem });
  const { root: _place, ...rest } = own;
  const datastore = sectionOf(own, 'datastore');
  const registry = sectionOf(own, 'registry');
  if (datastore === own && isConfigMap(own['datastore'])) throw bad('its section "datastore" is not a mapping');
  const seedDb = registry === own ? undefined : registry['db'];
  if (options.database !== undefined && seedDb !== undefined) {
    throw bad('it names a registry.db, and so does the command: leave one of them out');
  }
  checkManagers(registry['managers'], bad);
  const isChain = datastore !== own && datastore['datastores'] !== undefined;
  if (isChain && !keepPlaces) {
    throw bad('its datastores are a chain with places of their own: say that they are to be kept (--override)');
  }
  const kept = (value: unknown, wanted: string): unknown => (keepPlaces && value !== undefined ? value : wanted);
  const onServer = typeof seedDb === 'string' && !seedDb.startsWith('sqlite');
  const places: ConfigMap = {
    datastore: isChain ? {} : { root: kept(datastore === own ? undefined : datastore['root'], rootTag) },
    registry: {
      db: options.database ?? (onServer ? seedDb : kept(seedDb, `sqlite:///${rootTag}/gen3.sqlite3`)),
      ...(options.namespace === undefined ? {} : { namespace: options.namespace }),
    },
  };
  return mergeConfig(mergeConfig(isChain ? { registry: defaults.registry } : defaults, rest), places);
}

/** What every repository says: the classes of its parts, by the names that other programs know them by. */
const defaults = {
  datastore: { cls: fileDatastoreClass, records: { table: recordsTable } },
  registry: {
    managers: Object.fromEntries(
      Object.entries(managers).map(([name, { cls }]) => [name, cls.replace('._manager.', '.')]),
    ),
  },
};

/** The schema is made as this program knows it: a seed for another one is refused before anything is made. */
function checkManagers(theirs: unknown, bad: (problem: string) => Error): void {
  if (theirs === undefined) return;
  if (!isConfigMap(theirs)) throw bad('registry.managers is not a mapping');
  const className = (cls: unknown): string =>
    String(isConfigMap(cls) ? cls['cls'] : cls)
      .split('.')
      .at(-1)!;
  for (const [name, cls] of Object.entries(theirs)) {
    const known = (managers as Record<string, { cls: string }>)[name]?.cls;
    if (known === undefined)
      throw bad(`registry.managers.${name} is for tables that new repositories are not made with`);
    if (className(cls) !== className(known)) throw bad(`registry.managers.${name} is not ${className(known)}`);
  }
}

export function configText(config: ConfigMap): string {
  return yaml().stringify(config);
}
