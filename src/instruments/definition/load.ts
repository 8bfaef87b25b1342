// SPDX-License-Identifier: BSD-3-Clause
import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parse } from 'yaml';
import { didYouMean } from '../../base/index.ts';
import { instrumentErrors } from '../errors.ts';
import { StandardTranslator } from '../headers/standard.ts';
import { HeaderTranslator, type TranslatorHooks } from '../headers/translator.ts';
import type { Instrument } from '../model.ts';
import { initialWcs } from '../raw/initial-wcs.ts';
import { buildDetectors } from './build.ts';
import { type InstrumentYaml, instrumentSchema } from './schema.ts';

/** Instruments that come with the package: `instruments/*.yaml`. */
const builtInFolder = resolve(import.meta.dirname, '../../../instruments');

export function builtInInstruments(): string[] {
  return readdirSync(builtInFolder)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => basename(name, '.yaml'))
    .sort();
}

/** Path of the YAML for a built-in name or a path. */
export function instrumentFile(nameOrPath: string): string {
  if (/[/\\]|\.ya?ml$/.test(nameOrPath) && existsSync(nameOrPath)) return resolve(nameOrPath);
  const known = builtInInstruments();
  const found = known.find((name) => name.toLowerCase() === nameOrPath.toLowerCase());
  if (found !== undefined) return join(builtInFolder, `${found}.yaml`);
  throw instrumentErrors.UNKNOWN({ name: nameOrPath, known: known.join(', '), hint: didYouMean(nameOrPath, known) });
}

/** Loads an instrument by built-in name or YAML path. */
export async function loadInstrument(nameOrPath: string): Promise<Instrument> {
  const file = instrumentFile(nameOrPath);
  return makeInstrument(parse(await readFile(file, 'utf8')), file);
}

/** An instrument from the plain value of a YAML file; `file` is for messages and to find `module`. */
export async function makeInstrument(plain: unknown, file: string): Promise<Instrument> {
  const parsed = instrumentSchema.safeParse(plain);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw instrumentErrors.BAD_DEFINITION({ file, path: issue.path.join('.') || '(top)', problem: issue.message });
  }
  const yaml: InstrumentYaml = parsed.data;
  const hooks: TranslatorHooks =
    yaml.module === undefined
      ? {}
      : ((await import(pathToFileURL(join(dirname(file), yaml.module)).href)) as TranslatorHooks);
  const detectors = buildDetectors(yaml, file);
  const byId = new Map(detectors.map((d) => [d.id, d]));
  const translator = new HeaderTranslator(yaml, hooks);
  const standard = new StandardTranslator(yaml, translator, byId);
  const instrument: Instrument = {
    name: yaml.name,
    className: dirname(file) === builtInFolder ? `skymill.instruments.${basename(file, '.yaml')}` : file,
    detectors,
    filters: Object.entries(yaml.filters).map(([physicalFilter, band]) => ({ physicalFilter, band })),
    plateScaleArcsecPerMm: yaml.plateScaleArcsecPerMm,
    visitGrouping: yaml.visitGrouping,
    exposureMax: yaml.exposureMax,
    recognises: (headers) => translator.recognises(headers),
    translate: (headers, path) => translator.translate(headers, path),
    standardObservations: (headers, path) => standard.translate(headers, path),
    initialWcs: (headers, info, detector) =>
      hooks.initialWcs?.(headers, info, detector) ?? initialWcs(yaml.wcs, instrument, headers, info, detector),
    detector(id) {
      const found = byId.get(id);
      if (found === undefined) throw instrumentErrors.NO_DETECTOR({ instrument: yaml.name, id: String(id) });
      return found;
    },
  };
  return Object.freeze(instrument);
}
