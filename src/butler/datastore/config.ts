// SPDX-License-Identifier: BSD-3-Clause
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parse, stringify } from 'yaml';
import { butlerErrors } from '../errors.ts';
import { managers } from '../registry/attributes.ts';
import { type DatabaseAddress, parseDatabaseUrl } from '../registry/database-url.ts';

const configName = 'butler.yaml';
const rootTag = '<butlerRoot>';
const datastoreClass = 'lsst.daf.butler.datastores.fileDatastore.FileDatastore';

export interface RepositoryConfig {
  /** Absolute path of the folder of `butler.yaml`. */
  root: string;
  /** Where the registry is. It may hold a password: print it with `describeAddress` only. */
  database: DatabaseAddress;
  datastore: {
    /** The name in registry tables: `FileDatastore@<butlerRoot>`, with the tag unresolved so that a repository can be moved. */
    name: string;
    root: string;
    templates: Record<string, unknown>;
    formatters: Record<string, unknown>;
  };
}

/** Text of the `butler.yaml` of a new repository: files beside it, and the registry in an SQLite file there or where `database` says. */
export function newConfigText(database?: { url: string; namespace?: string | undefined }): string {
  return stringify({
    datastore: { cls: datastoreClass, records: { table: 'file_datastore_records' }, root: rootTag },
    registry: {
      db: database?.url ?? `sqlite:///${rootTag}/gen3.sqlite3`,
      ...(database?.namespace === undefined ? {} : { namespace: database.namespace }),
      managers: {
        ...Object.fromEntries(
          Object.entries(managers).map(([name, { cls }]) => [name, cls.replace('._manager.', '.')]),
        ),
      },
    },
  });
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
  const root = dirname(file);
  const bad = (problem: string, cause?: unknown): Error => butlerErrors.BAD_CONFIG({ file, problem }, { cause });
  let config: Record<string, unknown>;
  try {
    config = asMap(parse(readFileSync(file, 'utf8'))) ?? {};
  } catch (error) {
    throw bad((error as Error).message, error);
  }
  const datastore = asMap(config['datastore']);
  const registry = asMap(config['registry']);
  if (datastore === undefined || registry === undefined) throw bad('it has no sections "datastore" and "registry"');
  if (datastore['cls'] !== datastoreClass) throw bad(`datastore class ${String(datastore['cls'])} is not supported`);
  const { db, namespace } = registry;
  if (typeof db !== 'string') throw bad('registry.db is missing');
  if (namespace !== undefined && namespace !== null && typeof namespace !== 'string') {
    throw bad('registry.namespace is not a name');
  }
  const database = parseDatabaseUrl(withParts(db, registry), { root, where: file, namespace: namespace ?? undefined });
  const rootText = String(datastore['root'] ?? rootTag);
  return {
    root,
    database,
    datastore: {
      name: typeof datastore['name'] === 'string' ? datastore['name'] : `FileDatastore@${rootText}`,
      root: resolve(root, rootText.replaceAll(rootTag, root)),
      templates: asMap(datastore['templates']) ?? {},
      formatters: asMap(datastore['formatters']) ?? {},
    },
  };
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

function asMap(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}
