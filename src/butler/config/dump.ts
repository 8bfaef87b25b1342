// SPDX-License-Identifier: BSD-3-Clause
import { statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { didYouMean } from '../../base/index.ts';
import { configPath, readConfig } from '../datastore/config.ts';
import { configDefaults, loadConfigFile, mergeConfig, sectionOf } from '../datastore/config-file.ts';
import { defaultFormatters, defaultTemplates } from '../datastore/defaults.ts';
import { resolveRepository } from '../transfer/repository-index.ts';
import { configErrors } from './errors.ts';

type Tree = Record<string, unknown>;

/**
 * The whole configuration of a repository: what its `butler.yaml` says, with the defaults where it says nothing, and without
 * passwords. Reads one file and opens no database.
 */
export function dumpConfig(path: string): Tree {
  const found = resolveRepository(path);
  readConfig(found); // refuses what cannot be used, naming the place
  const absolute = resolve(found);
  const file = statSync(absolute).isDirectory() ? configPath(absolute) : absolute;
  const config = loadConfigFile(file);
  const datastore = mergeConfig(configDefaults('datastore'), sectionOf(config, 'datastore'));
  const registry = mergeConfig(configDefaults('registry'), sectionOf(config, 'registry'));
  const merged: Tree = {
    ...config,
    root: dirname(file),
    datastore: {
      ...datastore,
      templates: { ...defaultTemplates, ...(datastore['templates'] as Tree | undefined) },
      formatters: { ...defaultFormatters, ...(datastore['formatters'] as Tree | undefined) },
    },
    registry,
  };
  return withoutPasswords(merged) as Tree;
}

/** A part of a configuration by its path; the first character of `.datastore.root` or `/datastore/root` is what separates the names. */
export function subsetOf(config: Tree, key: string): unknown {
  const [mark] = key;
  const names = /[A-Za-z0-9_]/.test(mark ?? 'a') ? [key] : key.slice(1).split(mark);
  let part: unknown = config;
  for (const [i, name] of names.entries()) {
    const known = typeof part === 'object' && part !== null ? Object.keys(part) : [];
    if (!known.includes(name)) {
      const where = names.slice(0, i).join('.') || 'the configuration';
      throw configErrors.NO_KEY({ key, name, where, hint: didYouMean(name, known) });
    }
    part = (part as Tree)[name];
  }
  return part;
}

function withoutPasswords(value: unknown, key = ''): unknown {
  if (typeof value === 'string') {
    if (/password|secret|token/i.test(key)) return '***';
    return value.replace(/^([a-z0-9+_]+:\/\/[^:/@]*):[^@/]*@/i, '$1:***@');
  }
  if (Array.isArray(value)) return value.map((item) => withoutPasswords(item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withoutPasswords(item, name)]));
}
