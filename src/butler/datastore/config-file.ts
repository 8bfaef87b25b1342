// SPDX-License-Identifier: BSD-3-Clause
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CollectionTag, ScalarTag } from 'yaml';
import { yaml } from '../../base/index.ts';
import { butlerErrors } from '../errors.ts';
import { readPlainYaml } from '../formatters/plain-yaml.ts';

export type ConfigMap = Record<string, unknown>;

/** How many files may include each other, one in the next: more is a circle. */
const deepest = 16;

/**
 * The configuration in a YAML file with what it includes: `!include FILE` stands for the content of another file (a list or mapping
 * of names for those of several), and a key `includeConfigs` names files whose entries hold where its own mapping says nothing
 * else. Names are relative to the file (those of `includeConfigs` to the working folder first), `$NAME` and `${NAME}` are environment variables.
 * @throws BUTLER_BAD_CONFIG
 */
export function loadConfigFile(file: string, depth = 0): ConfigMap {
  const config = load(file, depth);
  if (config === null) return {};
  if (!isConfigMap(config)) throw bad(file, 'it is not a mapping of keys to values');
  return config;
}

function load(file: string, depth: number): unknown {
  if (depth > deepest) throw bad(file, `it is included in itself, or more than ${deepest} files deep`);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw bad(file, (error as Error).message, error);
  }
  const plain = readPlainYaml(text);
  if (plain !== undefined) return expand(plain, file, depth);
  const { isMap, isSeq, parseDocument } = yaml();
  const read = (name: string): unknown => load(resolve(dirname(file), localPath(name)), depth + 1);
  const scalar: ScalarTag = { tag: '!include', resolve: (name) => new Included(() => read(name)) };
  // Several files in a list or a mapping: the tag's own collection holds their names.
  const many = (collection: 'seq' | 'map'): CollectionTag => ({
    tag: '!include',
    collection,
    resolve: (node) =>
      collection === 'seq' && isSeq(node)
        ? (node.toJSON() as string[]).map((name) => new Included(() => read(name)))
        : isMap(node)
          ? Object.fromEntries(
              Object.entries(node.toJSON() as Record<string, string>).map(([key, name]) => [
                key,
                new Included(() => read(name)),
              ]),
            )
          : node,
  });
  const document = parseDocument(text, { customTags: [scalar, many('seq'), many('map')], merge: true });
  const [problem] = document.errors;
  if (problem !== undefined) throw bad(file, problem.message, problem);
  return expand(document.toJS(), file, depth);
}

/** Stands where the content of another file goes. */
class Included {
  readonly read: () => unknown;
  constructor(read: () => unknown) {
    this.read = read;
  }
}

function expand(value: unknown, file: string, depth: number): unknown {
  if (value instanceof Included) return value.read();
  if (Array.isArray(value)) return value.map((item) => expand(item, file, depth));
  if (!isConfigMap(value)) return value;
  const own: ConfigMap = {};
  for (const [key, item] of Object.entries(value)) {
    if (key !== 'includeConfigs') own[key] = expand(item, file, depth);
  }
  const names = [value['includeConfigs'] ?? []].flat() as string[];
  const included = names.map((name) => loadConfigFile(find(String(name), file), depth + 1));
  return [...included, own].reduce<ConfigMap>((all, next) => mergeConfig(all, next), {});
}

function find(name: string, file: string): string {
  const path = localPath(name.replaceAll(/\$(?:\{(\w+)\}|(\w+))/g, (all, a, b) => process.env[a ?? b] ?? all));
  const places = [resolve(path), resolve(dirname(file), path)];
  const found = places.find((place) => existsSync(place));
  if (found === undefined) throw bad(file, `the file ${name} that it includes is not there`);
  return found;
}

function localPath(name: string): string {
  return name.startsWith('file://') ? fileURLToPath(name) : name;
}

/** Entries of both; where both have one, mappings are merged and everything else is that of `over`. */
export function mergeConfig(base: ConfigMap, over: ConfigMap): ConfigMap {
  const out: ConfigMap = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const old = out[key];
    out[key] = isConfigMap(old) && isConfigMap(value) ? mergeConfig(old, value) : value;
  }
  return out;
}

/**
 * Defaults of a section from files of that name (`datastore.yaml`) in the folders of the environment variable DAF_BUTLER_CONFIG_PATH;
 * folders named first go before those named later.
 */
export function configDefaults(section: string, fileName = `${section}.yaml`): ConfigMap {
  const folders = (process.env['DAF_BUTLER_CONFIG_PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const files = folders.map((folder) => join(folder, fileName)).filter((file) => existsSync(file));
  return files
    .reverse()
    .reduce<ConfigMap>((all, file) => mergeConfig(all, sectionOf(loadConfigFile(file), section)), {});
}

/** What stands under a key, or the mapping itself: files that are included may repeat the name of their section. */
export function sectionOf(config: ConfigMap, name: string): ConfigMap {
  let section = config;
  while (isConfigMap(section[name])) section = section[name];
  return section;
}

export function isConfigMap(value: unknown): value is ConfigMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Included);
}

function bad(file: string, problem: string, cause?: unknown): Error {
  return butlerErrors.BAD_CONFIG({ file, problem }, { cause });
}
