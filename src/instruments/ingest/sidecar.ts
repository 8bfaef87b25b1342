// SPDX-License-Identifier: BSD-3-Clause
import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Cards } from '../../sky/index.ts';
import { instrumentErrors } from '../errors.ts';
import { infoFromSimple, observationToSimple } from '../headers/simple.ts';
import type { ObservationInfo, StandardObservation } from '../model.ts';

/**
 * What is said of raw files beside them, so that they need not be opened: a sidecar `<name without extension>.json` of one file, or an index
 * `_index.json` of the files of a folder: `{"__CONTENT__": "translated" or "metadata", "__COMMON__": {what all share}, "<file>": {the rest}}`.
 * `translated` entries are standard observations, `metadata` entries headers; a sidecar of a header says so by `__CONTENT__` too.
 */
const indexName = '_index.json';

export type Beside = { kind: 'translated'; info: ObservationInfo } | { kind: 'metadata'; headers: Cards[] };

type Plain = Record<string, unknown>;

/** Name of the sidecar of a raw file. */
function sidecarOf(path: string): string {
  return join(dirname(path), `${basename(path).replace(/(\.(fits?|fts)(\.gz|\.fz)?|\.[^.]*)$/i, '')}.json`);
}

/** What stands beside raw files in a folder. */
interface Folder {
  /** Names of JSON files. */
  sidecars: ReadonlySet<string>;
  index: ReadonlyMap<string, Beside> | undefined;
}

/** Says of a raw file what its index or sidecar says; undefined where there is neither. Each folder is listed, and each index read, once. */
export class BesideRaws {
  readonly #folders = new Map<string, Promise<Folder>>();

  find(path: string): Promise<Beside | undefined> {
    const name = dirname(path);
    let folder = this.#folders.get(name);
    if (folder === undefined) {
      folder = readFolder(name);
      this.#folders.set(name, folder);
    }
    return folder.then(({ sidecars, index }) => {
      const indexed = index?.get(basename(path));
      if (indexed !== undefined || sidecars.size === 0) return indexed;
      const file = sidecarOf(path);
      return sidecars.has(basename(file)) ? readSidecar(file) : undefined;
    });
  }
}

async function readFolder(folder: string): Promise<Folder> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json'));
  const index = names.includes(indexName) ? await readIndex(join(folder, indexName)) : undefined;
  return { sidecars: new Set(names), index };
}

async function readSidecar(file: string): Promise<Beside> {
  const plain = await readPlain(file);
  return understood(plain, file, plain['__CONTENT__']);
}

/** Entries by file name. */
async function readIndex(file: string): Promise<ReadonlyMap<string, Beside>> {
  const plain = await readPlain(file);
  const { __COMMON__: common, __CONTENT__: content, ...files } = plain;
  if (content !== 'translated' && content !== 'metadata') {
    throw instrumentErrors.BAD_SIDECAR({ file, problem: '__CONTENT__ is neither "translated" nor "metadata"' });
  }
  const shared = common === undefined ? {} : (common as Plain);
  return new Map(
    Object.entries(files).map(([name, own]) => {
      if (!isPlain(own)) throw instrumentErrors.BAD_SIDECAR({ file, problem: `the entry "${name}" is no object` });
      return [name, understood({ ...shared, ...own }, file, content)];
    }),
  );
}

async function readPlain(file: string): Promise<Plain> {
  let plain: unknown;
  try {
    plain = JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw instrumentErrors.BAD_SIDECAR({ file, problem: (cause as Error).message }, { cause });
  }
  if (isPlain(plain)) return plain;
  throw instrumentErrors.BAD_SIDECAR({ file, problem: 'it is not a JSON object' });
}

function isPlain(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function understood(plain: Plain, file: string, content: unknown): Beside {
  // Without a word about it, a sidecar is a translation if it has the names of one.
  const translated = content === undefined ? 'exposure_id' in plain : content === 'translated';
  if (!translated) {
    const cards = Object.entries(plain).filter(
      ([name, value]) => !name.startsWith('__') && ['string', 'number', 'boolean'].includes(typeof value),
    );
    return { kind: 'metadata', headers: [Object.fromEntries(cards) as Cards] };
  }
  try {
    return { kind: 'translated', info: infoFromSimple(plain) };
  } catch (cause) {
    throw instrumentErrors.BAD_SIDECAR({ file, problem: (cause as Error).message }, { cause });
  }
}

/** Writes the sidecar of a file of one detector; returns its name. */
export async function writeSidecar(path: string, observation: StandardObservation): Promise<string> {
  const file = sidecarOf(path);
  await writeWhole(file, { ...observationToSimple(observation), __CONTENT__: 'translated' });
  return file;
}

/** Writes the index of files of one detector that lie in the same folder. What all of them share is written once. */
export async function writeIndex(
  folder: string,
  observations: readonly { path: string; observation: StandardObservation }[],
): Promise<string> {
  const each = observations.map(({ path, observation }) => ({
    name: basename(path),
    simple: observationToSimple(observation),
  }));
  const common = Object.fromEntries(
    Object.entries(each[0]?.simple ?? {}).filter(([name, value]) => {
      const text = JSON.stringify(value);
      return each.every(({ simple }) => JSON.stringify(simple[name]) === text);
    }),
  );
  const entries = each.map(({ name, simple }) => [
    name,
    Object.fromEntries(Object.entries(simple).filter(([property]) => !Object.hasOwn(common, property))),
  ]);
  const file = join(folder, indexName);
  await writeWhole(file, { __CONTENT__: 'translated', __COMMON__: common, ...Object.fromEntries(entries) });
  return file;
}

async function writeWhole(file: string, plain: Plain): Promise<void> {
  await writeFile(`${file}.part`, `${JSON.stringify(plain)}\n`);
  await rename(`${file}.part`, file);
}
