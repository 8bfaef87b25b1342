// SPDX-License-Identifier: BSD-3-Clause
import { existsSync, readdirSync } from 'node:fs';
import { copyFile, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { parse } from 'yaml';
import { didYouMean } from '../base/index.ts';
import type { ButlerApi } from '../butler/index.ts';
import { instrumentFile, loadInstrument, makeInstrument } from './definition/load.ts';
import { instrumentErrors } from './errors.ts';
import { instrumentRecords } from './ingest/records.ts';
import type { Instrument } from './model.ts';

/**
 * Registered instruments live in the repository: their records in the registry, and the YAML they were made from in
 * `skymill/instruments/`, so that a job reads raw files with the very definition they were ingested with and without a registry.
 */
function folder(root: string): string {
  return join(root, 'skymill', 'instruments');
}

/** Registers an instrument (idempotent; with `update` changed records replace the old) and keeps its definition in the repository. */
export async function registerInstrument(
  butler: ButlerApi,
  nameOrPath: string,
  options: { update?: boolean } = {},
): Promise<Instrument> {
  const source = instrumentFile(nameOrPath);
  const instrument = await loadInstrument(nameOrPath);
  for (const [element, rows] of instrumentRecords(instrument)) {
    await butler.insertRecords(element, rows, options.update ? 'replace' : 'skip');
  }
  await mkdir(folder(butler.root), { recursive: true });
  const yaml = await readFile(source, 'utf8');
  const module: unknown = parse(yaml).module;
  if (typeof module === 'string') {
    await copyFile(join(dirname(source), module), join(folder(butler.root), basename(module)));
  }
  const target = join(folder(butler.root), `${instrument.name}.yaml`);
  // One name for the unfinished file, so that what a killed process left is written over.
  await writeFile(`${target}.part`, yaml);
  await rename(`${target}.part`, target);
  return instrument;
}

/** The instruments of a repository. */
export async function registeredInstruments(root: string): Promise<Instrument[]> {
  if (!existsSync(folder(root))) return [];
  const names = readdirSync(folder(root)).filter((name) => name.endsWith('.yaml'));
  return Promise.all(names.sort().map((name) => openInstrument(root, basename(name, '.yaml'))));
}

const opened = new Map<string, Promise<Instrument>>();

/** One registered instrument; kept for the life of the process. */
export function openInstrument(root: string, name: string): Promise<Instrument> {
  const file = join(folder(root), `${name}.yaml`);
  let instrument = opened.get(file);
  if (instrument === undefined) {
    instrument = existsSync(file)
      ? readFile(file, 'utf8').then((text) => makeInstrument(parse(text), file))
      : loadInstrument(name).catch((error) => Promise.reject(withRegistered(error, root, name)));
    opened.set(file, instrument);
    instrument.catch(() => opened.delete(file));
  }
  return instrument;
}

/** Who asks a repository for an instrument is told of those that it has. */
function withRegistered(error: unknown, root: string, name: string): unknown {
  const known = existsSync(folder(root))
    ? readdirSync(folder(root)).flatMap((file) => (file.endsWith('.yaml') ? basename(file, '.yaml') : []))
    : [];
  if (known.length === 0 || (error as { code?: string }).code !== 'INSTRUMENT_UNKNOWN') return error;
  return instrumentErrors.UNKNOWN({ name, known: known.join(', '), hint: didYouMean(name, known) });
}
