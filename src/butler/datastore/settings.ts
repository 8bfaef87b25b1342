// SPDX-License-Identifier: BSD-3-Clause
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { butlerErrors } from '../errors.ts';
import { type ConfigMap, configDefaults, isConfigMap, mergeConfig, sectionOf } from './config-file.ts';
import { isRemote } from './paths.ts';

export const rootTag = '<butlerRoot>';
const classes = 'lsst.daf.butler.datastores';
export const fileDatastoreClass = `${classes}.fileDatastore.FileDatastore`;
const chainClass = `${classes}.chainedDatastore.ChainedDatastore`;
const memoryClass = `${classes}.inMemoryDatastore.InMemoryDatastore`;
/** The table that repositories keep file records in unless told otherwise. */
export const recordsTable = 'file_datastore_records';

/** A section of keys that choose by dataset type, dimensions or storage class; see LookupTable. */
type Section = Record<string, unknown>;

export interface ConstraintsSettings {
  accept?: readonly unknown[];
  reject?: readonly unknown[];
}

/** What a repository says of its files, as plain data. */
export interface DatastoreSettings {
  /** The name in registry tables: `FileDatastore@<butlerRoot>`, with the tag unresolved so that a repository can be moved. */
  name: string;
  /** Absolute path, or the URL of a store on another machine. */
  root: string;
  templates: Section;
  /** With `default` (write parameters by formatter) and `write_recipes` (by formatter and name). */
  formatters: Section;
  /** Which composites are written in parts. */
  composites: { default: boolean; disassembled: Record<string, boolean> };
  constraints: readonly ConstraintsSettings[];
  /** Whether digests of new files are recorded. */
  checksum: boolean;
  /** Files without a record may be looked for where the templates would put them. */
  trust: boolean;
  cached: Section;
  /** Storage classes beyond the built-in ones, and changes of those. */
  storageClasses: Section;
  /** Further datastores of a chain, which are read when this one has no record of a dataset. */
  others: readonly { name: string; root: string; table: string }[];
  /** What of the configuration is left out here. */
  warnings: readonly string[];
}

/** @throws BUTLER_BAD_CONFIG, BUTLER_UNSUPPORTED */
export function datastoreSettings(config: ConfigMap, file: string, butlerRoot: string): DatastoreSettings {
  const section = mergeConfig(configDefaults('datastore'), sectionOf(config, 'datastore'));
  const storageClasses = mergeConfig(
    configDefaults('storageClasses'),
    isConfigMap(config['storageClasses']) ? sectionOf(config['storageClasses'], 'storageClasses') : {},
  );
  const warnings: string[] = [];
  const leaves = flatten(section, [], file, warnings);
  if (leaves.length === 0) throw bad(file, 'its chain of datastores has none that keeps files');
  const all = leaves.map(({ config: one, constraints }) => {
    const defaults = configDefaults('datastore', 'datastores/fileDatastore.yaml');
    return fileSettings(mergeConfig(defaults, one), constraints, file, butlerRoot);
  });
  const [first, ...others] = all;
  if (first.table !== recordsTable) {
    throw butlerErrors.UNSUPPORTED({ what: `A datastore whose records are in the table ${first.table} (${file})` });
  }
  const { table: _table, ...main } = first;
  return { ...main, storageClasses, others: others.map(({ name, root, table }) => ({ name, root, table })), warnings };
}

interface Leaf {
  config: ConfigMap;
  constraints: readonly ConstraintsSettings[];
}

/** The datastores of a chain (which may hold chains) that keep files. */
function flatten(
  section: ConfigMap,
  constraints: readonly ConstraintsSettings[],
  file: string,
  warnings: string[],
): Leaf[] {
  const cls = section['cls'] ?? fileDatastoreClass;
  const own = isConfigMap(section['constraints'])
    ? [...constraints, section['constraints'] as ConstraintsSettings]
    : constraints;
  switch (cls) {
    case fileDatastoreClass:
      return [{ config: section, constraints: own }];
    case memoryClass:
      warnings.push('datasets that a process keeps in memory only (InMemoryDatastore) are not seen by others');
      return [];
    case chainClass: {
      const members = (section['datastores'] ?? []) as unknown[];
      const theirs = (section['datastore_constraints'] ?? []) as unknown[];
      if (!Array.isArray(members) || members.length === 0) throw bad(file, 'its chain of datastores is empty');
      if (theirs.length > 0 && theirs.length !== members.length) {
        throw bad(file, `there are ${theirs.length} datastore_constraints for ${members.length} datastores`);
      }
      return members.flatMap((member, i) => {
        const limits = isConfigMap(theirs[i]) ? sectionOf(theirs[i], 'constraints') : {};
        const more = Object.keys(limits).length > 0 ? [...own, limits as ConstraintsSettings] : own;
        return flatten(sectionOf((member ?? {}) as ConfigMap, 'datastore'), more, file, warnings);
      });
    }
    default:
      throw bad(file, `datastore class ${String(cls)} is not supported`);
  }
}

function fileSettings(
  config: ConfigMap,
  constraints: readonly ConstraintsSettings[],
  file: string,
  butlerRoot: string,
): Omit<DatastoreSettings, 'others' | 'warnings' | 'storageClasses'> & { table: string } {
  const map = (key: string): Section => (isConfigMap(config[key]) ? sectionOf(config[key], key) : {});
  const rootText = String(config['root'] ?? `${rootTag}/datastore`);
  const composites = map('composites');
  const disassembled = isConfigMap(composites['disassembled']) ? composites['disassembled'] : {};
  for (const [key, value] of Object.entries(disassembled)) {
    if (typeof value !== 'boolean')
      throw bad(file, `composites.disassembled.${key} is ${String(value)}, not true or false`);
  }
  for (const { accept = [], reject = [] } of constraints) {
    if (!Array.isArray(accept) || !Array.isArray(reject)) throw bad(file, 'constraints.accept and .reject are lists');
    if (accept.includes('all') && reject.includes('all')) throw bad(file, 'its constraints accept all and reject all');
  }
  const records = map('records');
  return {
    name: typeof config['name'] === 'string' ? config['name'] : `FileDatastore@${rootText}`,
    root: resolveRoot(rootText, butlerRoot),
    templates: map('templates'),
    formatters: map('formatters'),
    composites: { default: composites['default'] === true, disassembled: disassembled as Record<string, boolean> },
    constraints,
    checksum: config['checksum'] !== false,
    trust: config['trust_get_request'] === true,
    cached: map('cached'),
    table: String(records['table'] ?? recordsTable),
  };
}

/** Files are written into one folder of a local file system. @throws BUTLER_UNSUPPORTED */
export function assertWritten({ others, root }: DatastoreSettings): void {
  if (others.length > 0) {
    throw butlerErrors.UNSUPPORTED({ what: `Writing to a chain of ${others.length + 1} datastores that keep files` });
  }
  if (isRemote(root)) throw butlerErrors.UNSUPPORTED({ what: `Writing to ${root}` });
}

/** An absolute path; URLs other than `file:` stay as they are. */
export function resolveRoot(text: string, butlerRoot: string): string {
  const root = text.replaceAll(rootTag, butlerRoot);
  if (root.startsWith('file://')) return fileURLToPath(root.replace(/\/$/, ''));
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(root) ? root.replace(/\/$/, '') : resolve(butlerRoot, root);
}

function bad(file: string, problem: string): Error {
  return butlerErrors.BAD_CONFIG({ file, problem });
}
