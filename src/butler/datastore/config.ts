// SPDX-License-Identifier: BSD-3-Clause
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parse, stringify } from 'yaml';
import { butlerErrors } from '../errors.ts';
import { managers } from '../registry/attributes.ts';

const configName = 'butler.yaml';
const rootTag = '<butlerRoot>';
const datastoreClass = 'lsst.daf.butler.datastores.fileDatastore.FileDatastore';

export interface RepositoryConfig {
  /** Absolute path of the folder of `butler.yaml`. */
  root: string;
  /** Absolute path of the SQLite file. */
  databaseFile: string;
  datastore: {
    /** The name in registry tables: `FileDatastore@<butlerRoot>`, with the tag unresolved so that a repository can be moved. */
    name: string;
    root: string;
    templates: Record<string, unknown>;
    formatters: Record<string, unknown>;
  };
}

/** Text of the `butler.yaml` of a new repository: SQLite and files beside it. */
export function newConfigText(): string {
  return stringify({
    datastore: { cls: datastoreClass, records: { table: 'file_datastore_records' }, root: rootTag },
    registry: {
      db: `sqlite:///${rootTag}/gen3.sqlite3`,
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
  const db = String(registry['db']);
  const match = /^sqlite:\/\/\/(.+)$/.exec(db);
  if (match === null) throw bad(`registry.db "${db}" is not an SQLite file (sqlite:///…)`);
  const rootText = String(datastore['root'] ?? rootTag);
  return {
    root,
    databaseFile: resolve(root, match[1].replaceAll(rootTag, root)),
    datastore: {
      name: typeof datastore['name'] === 'string' ? datastore['name'] : `FileDatastore@${rootText}`,
      root: resolve(root, rootText.replaceAll(rootTag, root)),
      templates: asMap(datastore['templates']) ?? {},
      formatters: asMap(datastore['formatters']) ?? {},
    },
  };
}

function asMap(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}
