// SPDX-License-Identifier: BSD-3-Clause
import { existsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { butlerErrors } from '../errors.ts';
import { type DatabaseAddress, parseDatabaseUrl } from '../registry/database-url.ts';
import { type ConfigMap, configDefaults, loadConfigFile, mergeConfig, sectionOf } from './config-file.ts';
import { type DatastoreSettings, datastoreSettings, resolveRoot } from './settings.ts';

const configName = 'butler.yaml';

export interface RepositoryConfig {
  /** Absolute path of the folder of `butler.yaml`. */
  root: string;
  /** Where the registry is. It may hold a password: print it with `describeAddress` only. */
  database: DatabaseAddress;
  datastore: DatastoreSettings;
}

export function configPath(root: string): string {
  return join(root, configName);
}

/** Reads the configuration of the repository in a folder (or of which the `butler.yaml` is given). */
export function readConfig(path: string): RepositoryConfig {
  const absolute = resolve(path);
  const isFolder = statSync(absolute, { throwIfNoEntry: false })?.isDirectory() ?? false;
  const file = isFolder ? configPath(absolute) : absolute;
  if (!existsSync(file)) throw butlerErrors.NO_REPOSITORY({ root: absolute });
  return interpret(loadConfigFile(file), file);
}

/** What the configuration in a file says (`file` is where it stands, or will stand). */
export function interpret(config: ConfigMap, file: string): RepositoryConfig {
  const root = dirname(file);
  const bad = (problem: string): Error => butlerErrors.BAD_CONFIG({ file, problem });
  const cls = config['cls'];
  if (cls !== undefined && cls !== null && !/\bDirectButler$/.test(String(cls))) {
    throw bad(
      `it is of the butler class ${String(cls)}, which has no database of its own; only DirectButler is supported`,
    );
  }
  const registry = mergeConfig(configDefaults('registry'), sectionOf(config, 'registry'));
  if (config['datastore'] === undefined || config['registry'] === undefined) {
    throw bad('it has no sections "datastore" and "registry"');
  }
  // A configuration may stand elsewhere than the repository it describes.
  const butlerRoot = typeof config['root'] === 'string' ? resolveRoot(config['root'], root) : root;
  const { db, namespace } = registry;
  if (typeof db !== 'string') throw bad('registry.db is missing');
  if (namespace !== undefined && namespace !== null && typeof namespace !== 'string') {
    throw bad('registry.namespace is not a name');
  }
  const database = parseDatabaseUrl(withParts(db, registry), {
    root: butlerRoot,
    where: file,
    namespace: namespace ?? undefined,
  });
  return { root, database, datastore: datastoreSettings(config, file, butlerRoot) };
}

/** A server's URL with the parts that stand beside it in the section (`username`, `host`, …), where the URL leaves them open. */
function withParts(db: string, registry: Record<string, unknown>): string {
  const match = /^([a-z0-9+_]+):\/\/(?:([^@/]*)@)?([^/?]*)(?:\/([^?]*))?(\?.*)?$/.exec(db);
  if (match === null || db.startsWith('sqlite')) return db;
  const [, scheme, own = '', place = '', name = '', rest = ''] = match;
  const part = (key: string): string | undefined =>
    registry[key] === undefined || registry[key] === null ? undefined : encodeURIComponent(String(registry[key]));
  const [user = '', password = ''] = own.split(/:(.*)/s);
  const [, host, port = ''] = /^(.*?)(?::(\d*))?$/.exec(place)!;
  const login = [user || part('username') || '', password || part('password') || ''];
  const account = login[1] === '' ? login[0] : login.join(':');
  const at = account === '' ? '' : `${account}@`;
  const where = [host || part('host') || '', port || part('port') || ''].filter((text) => text !== '').join(':');
  return `${scheme}://${at}${where}/${name || part('database') || ''}${rest}`;
}
