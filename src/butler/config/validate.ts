// SPDX-License-Identifier: BSD-3-Clause
import { didYouMean } from '../../base/index.ts';
import type { Butler } from '../butler.ts';
import { readConfig } from '../datastore/config.ts';
import { defaultFormatters, defaultTemplates } from '../datastore/defaults.ts';
import { FileTemplate } from '../datastore/template.ts';
import { findFormatter } from '../formatters/index.ts';
import type { DatasetRef, DatasetType } from '../types.ts';

export interface ConfigProblem {
  /** Where: `templates.calexp`, `formatters.instrument<HSC>.raw`, a dataset type. */
  where: string;
  problem: string;
}

/** Fields that paths of every dataset can have. */
const always = new Set(['run', 'id', 'datasetType', 'component', 'skypix']);

/**
 * What is wrong with the file templates and formatters of a repository: keys that choose nothing, templates that cannot be read, name no
 * such field, or give two datasets one path. `notes`: dataset types that this program lists and moves, but neither reads nor writes.
 */
export async function validateConfig(
  butler: Butler,
  options: { datasetTypes?: readonly string[]; ignore?: readonly string[] } = {},
): Promise<{ checked: string[]; problems: ConfigProblem[]; notes: ConfigProblem[] }> {
  const { datastore } = readConfig(butler.root);
  const all = await butler.listDatasetTypes();
  for (const name of options.datasetTypes ?? []) await butler.getDatasetType(name);
  const types = all.filter(
    ({ name }) => (options.datasetTypes?.includes(name) ?? true) && !(options.ignore ?? []).includes(name),
  );
  const problems: ConfigProblem[] = [];
  const notes: ConfigProblem[] = datastore.warnings.map((problem) => ({ where: 'datastore', problem }));
  for (const section of ['templates', 'formatters'] as const) {
    checkKeys(butler, all, datastore[section], section, options.ignore ?? [], problems);
  }
  const templates = { ...defaultTemplates, ...datastore.templates };
  for (const [key, text] of flatten(templates, 'templates')) checkTemplate(butler, key, text, problems);
  for (const type of types) checkType(butler, type, problems, notes);
  return { checked: types.map((type) => type.name), problems, notes };
}

/** Leaves of a section, with those of `instrument<NAME>` groups. */
function flatten(section: Record<string, unknown>, prefix: string): [key: string, value: unknown][] {
  return Object.entries(section).flatMap(([key, value]): [string, unknown][] =>
    /^instrument<.+>$/.test(key)
      ? flatten(value as Record<string, unknown>, `${prefix}.${key}`)
      : [[`${prefix}.${key}`, value]],
  );
}

function checkKeys(
  butler: Butler,
  types: readonly DatasetType[],
  section: Record<string, unknown>,
  prefix: string,
  ignore: readonly string[],
  problems: ConfigProblem[],
): void {
  const names = new Set(types.map((type) => type.name));
  const classes = new Set([...Object.keys(defaultFormatters), ...types.map((type) => type.storageClass)]);
  for (const [where] of flatten(section, prefix)) {
    const key = where.slice(where.lastIndexOf('.', where.includes('>') ? where.length : undefined) + 1);
    const [name] = key.split('.');
    if (ignore.includes(name) || ['default', 'write_recipes'].includes(key)) continue;
    if (key.includes('+')) {
      for (const part of key.split('+').filter((text) => text !== '')) {
        if (butler.universe.elementNames.includes(part)) continue;
        const hint = didYouMean(part, butler.universe.dimensionNames);
        problems.push({ where, problem: `"${part}" is not a dimension.${hint}` });
      }
    } else if (!names.has(name) && !classes.has(name)) {
      const hint = didYouMean(name, [...names, ...classes]);
      problems.push({ where, problem: `"${name}" is neither a dataset type nor a storage class.${hint}` });
    }
  }
}

function checkTemplate(butler: Butler, where: string, text: unknown, problems: ConfigProblem[]): void {
  if (typeof text !== 'string') {
    problems.push({ where, problem: 'it is not a text' });
    return;
  }
  try {
    const known = [...always, ...butler.universe.elementNames];
    for (const field of new FileTemplate(text).fields({ optionals: true })) {
      if (known.includes(field) || field === 'subfilter') continue;
      problems.push({ where, problem: `there is no field "${field}".${didYouMean(field, known)}` });
    }
  } catch (error) {
    problems.push({ where, problem: (error as Error).message });
  }
}

function checkType(butler: Butler, type: DatasetType, problems: ConfigProblem[], notes: ConfigProblem[]): void {
  const say = (problem: string): void => {
    problems.push({ where: type.name, problem });
  };
  const required = type.dimensions.required.map((name) => [name, sampleValue(butler, name)]);
  const ref: DatasetRef = {
    id: '00000000-0000-7000-8000-000000000000',
    datasetType: type,
    dataId: butler.universe.coordinate(type.dimensions, Object.fromEntries(required)),
    run: 'run',
  };
  const formatter = formatterName(butler, ref);
  if (formatter === undefined || findFormatter(formatter, type.storageClass) === undefined) {
    const near = didYouMean(type.storageClass, Object.keys(defaultFormatters));
    const reason =
      formatter === undefined ? `no formatter for ${type.storageClass}.${near}` : `its formatter is ${formatter}`;
    notes.push({
      where: type.name,
      problem: `it can be listed and moved, but neither read nor written here: ${reason}`,
    });
  }
  // Two data IDs that differ in one dimension must not get one path.
  const path = (changed?: string): string => {
    const values = Object.fromEntries(
      type.dimensions.names.map((name) => [name, sampleValue(butler, name, name === changed)]),
    );
    return butler.datastore.templatePath(ref, values, sampleRecords(butler, type, values));
  };
  try {
    const usual = path();
    const silent = type.dimensions.required.filter((name) => path(name) === usual);
    if (silent.length > 0) say(`the paths of its files do not depend on ${silent.join(', ')}, so files would coincide`);
  } catch (error) {
    say((error as Error).message);
  }
}

function formatterName(butler: Butler, ref: DatasetRef): string | undefined {
  try {
    return butler.datastore.formatterFor(ref);
  } catch (error) {
    if ((error as { code?: string }).code === 'BUTLER_NO_WRITER') return undefined;
    throw error;
  }
}

function sampleValue(butler: Butler, dimension: string, other = false): string | number {
  const type = butler.universe.element(dimension).primaryKey?.type;
  return type === 'string' ? (other ? 'b' : 'a') : other ? 2 : 1;
}

/** Records in which every text and number follows from the values of the keys. */
function sampleRecords(
  butler: Butler,
  type: DatasetType,
  values: Readonly<Record<string, string | number>>,
): Record<string, Record<string, string | number>> {
  return Object.fromEntries(
    type.dimensions.names.map((name) => {
      const element = butler.universe.element(name);
      const fields = [...element.alternateKeys, ...element.metadata].map((field) => [
        field.name,
        field.type === 'string' ? `x${values[name]}` : Number(values[name]) || String(values[name]).length,
      ]);
      const keys = [...element.required, ...element.implied].map((key) => [key, values[key]]);
      return [name, { ...Object.fromEntries(keys), ...Object.fromEntries(fields) }];
    }),
  );
}
