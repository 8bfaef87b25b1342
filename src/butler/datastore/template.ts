// SPDX-License-Identifier: BSD-3-Clause
import { butlerErrors } from '../errors.ts';
import type { DimensionRecord } from '../types.ts';
import { formatValue } from './format-value.ts';

interface Part {
  literal: string;
  /** Alternatives; the first that the dataset has is used. Empty: only the literal. */
  fields: readonly string[];
  optional: boolean;
  keepSlashes: boolean;
  spec: string;
}

/** What a template may draw on. */
export interface TemplateValues {
  /** Without its component. */
  datasetType: string;
  component?: string;
  run: string;
  id: string;
  /** Values of dimensions, required and implied; the one sky-pixel dimension may be given as itself. */
  dataId: Readonly<Record<string, string | number>>;
  /** Name of the sky-pixel dimension that `skypix` stands for. */
  skypix?: string;
  /** Records for fields such as `exposure.obs_id`. */
  records: Readonly<Record<string, DimensionRecord>>;
}

const special = new Set(['run', 'id', 'datasetType', 'component']);

/**
 * A file path with fields, as Gen3 configurations write them: `{run:/}/{datasetType}/{visit:?}_{detector.full_name}`.
 * `a|b` names alternatives; in the format part, `?` marks an optional field (the text before it goes with it, unless it
 * holds a folder separator), `/` keeps separators inside the value; what is left is a Python format specification.
 */
export class FileTemplate {
  readonly text: string;
  readonly #parts: readonly Part[];

  constructor(text: string) {
    this.text = text;
    this.#parts = parseTemplate(text);
    const names = this.fields({ optionals: true, specials: true });
    if (!names.includes('run') && !names.includes('id')) {
      throw butlerErrors.BAD_TEMPLATE({
        template: text,
        problem: 'it has neither {run} nor {id}, so paths could coincide',
      });
    }
    if (!names.includes('id') && names.every((name) => special.has(name))) {
      throw butlerErrors.BAD_TEMPLATE({
        template: text,
        problem: 'it has no field of the data ID, so paths would coincide',
      });
    }
  }

  /** Names of the fields, sorted; of `a.b` only `a`. */
  fields(options: { optionals?: boolean; specials?: boolean } = {}): string[] {
    const names = this.#parts
      .filter((part) => options.optionals || !part.optional)
      .flatMap((part) => part.fields)
      .map((field) => field.split('.')[0])
      .filter((name) => options.specials || !special.has(name));
    return [...new Set(names)].sort();
  }

  /** Dimensions whose records the template looks into. */
  recordFields(): string[] {
    const dotted = this.#parts.flatMap((part) => part.fields).filter((field) => field.includes('.'));
    return [...new Set(dotted.map((field) => field.split('.')[0]))];
  }

  /** The path, relative and normalised, without extension. */
  format(values: TemplateValues): string {
    let path = '';
    let usedComponent = false;
    for (const part of this.#parts) {
      if (part.fields.length === 0) {
        path += part.literal;
        continue;
      }
      const field = part.fields.find((name) => hasValue(values, name.split('.')[0])) ?? part.fields[0];
      if (field === 'component') usedComponent = true;
      const value = this.#value(values, field);
      if (value === undefined) {
        if (!part.optional) throw this.#missing(values, field);
        if (part.literal.includes('/')) path += part.literal;
      } else path += part.literal + formatValue(safe(value, part.keepSlashes), part.spec);
    }
    if (values.component !== undefined && !usedComponent) throw this.#missing(values, '{component}');
    return normalise(path);
  }

  #value(values: TemplateValues, field: string): string | number | undefined {
    const [name, member] = field.split('.');
    if (member === undefined) return lookUp(values, name);
    if (lookUp(values, name) === undefined) return undefined;
    const record = values.records[name === 'skypix' ? (values.skypix ?? name) : name];
    if (record === undefined) throw this.#missing(values, field);
    const value = record[member];
    return typeof value === 'string' || typeof value === 'number' ? value : undefined;
  }

  #missing(values: TemplateValues, field: string): Error {
    return butlerErrors.TEMPLATE_FIELD({ template: this.text, field, dataset: `${values.datasetType} ${values.id}` });
  }
}

function lookUp(values: TemplateValues, name: string): string | number | undefined {
  switch (name) {
    case 'run':
    case 'id':
    case 'datasetType':
    case 'component':
      return values[name];
    case 'skypix':
      return values.skypix === undefined ? undefined : values.dataId[values.skypix];
    default:
      return values.dataId[name];
  }
}

function hasValue(values: TemplateValues, name: string): boolean {
  return lookUp(values, name) !== undefined;
}

/** Characters that shells and file systems stumble over become underscores. */
function safe(value: string | number, keepSlashes: boolean): string | number {
  if (typeof value === 'number') return value;
  const clean = value.replaceAll(/[ <>:"\\|?*]/g, '_');
  return keepSlashes ? clean : clean.replaceAll('/', '_');
}

/** No dots or `#` in the file name (extensions and URI fragments), no empty or dot steps in the path. */
function normalise(path: string): string {
  const steps = path.split('/');
  const name = steps.pop()!.replaceAll('.', '_').replaceAll('#', 'HASH');
  return [...steps, name].filter((step) => step !== '' && step !== '.').join('/');
}

function parseTemplate(text: string): Part[] {
  const parts: Part[] = [];
  let rest = text;
  while (rest !== '') {
    const match = /^([^{}]*)\{([^{}:!]+)(?:![a-z])?(?::([^{}]*))?\}/.exec(rest);
    if (match === null) {
      if (/[{}]/.test(rest))
        throw butlerErrors.BAD_TEMPLATE({ template: text, problem: `there is a stray brace in "${rest}"` });
      parts.push({ literal: rest, fields: [], optional: false, keepSlashes: false, spec: '' });
      break;
    }
    const [whole, literal, fields, format = ''] = match;
    parts.push({
      literal,
      fields: fields.split('|'),
      optional: format.includes('?'),
      keepSlashes: format.includes('/'),
      spec: format.replaceAll(/[?/]/g, ''),
    });
    rest = rest.slice(whole.length);
  }
  return parts;
}
