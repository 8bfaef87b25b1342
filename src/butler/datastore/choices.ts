// SPDX-License-Identifier: BSD-3-Clause
import { didYouMean } from '../../base/index.ts';
import type { DimensionUniverse } from '../dimensions/universe.ts';
import { butlerErrors } from '../errors.ts';
import { findFormatter } from '../formatters/index.ts';
import type { DatasetRef, DatasetType } from '../types.ts';
import { isConfigMap } from './config-file.ts';
import { Constraints } from './constraints.ts';
import { defaultFormatters, defaultTemplates } from './defaults.ts';
import { LookupTable } from './lookup.ts';
import type { DatastoreSettings } from './settings.ts';
import { StorageClasses } from './storage-classes.ts';
import { FileTemplate } from './template.ts';

interface FormatterChoice {
  name: string;
  /** Write parameters; `recipe` is the content of the recipe they name. */
  parameters: Readonly<Record<string, unknown>>;
}

/** What a configuration decides for a dataset: its file template, its formatter with write parameters, whether it is taken, and in parts. */
export class DatastoreChoices {
  readonly storageClasses: StorageClasses;
  readonly #universe: DimensionUniverse;
  readonly #templates: LookupTable<FileTemplate>;
  readonly #formatters: LookupTable<FormatterChoice>;
  readonly #constraints: readonly Constraints[];
  readonly #disassembled: LookupTable<boolean>;
  readonly #disassemble: boolean;

  constructor(universe: DimensionUniverse, settings: Partial<DatastoreSettings>) {
    this.#universe = universe;
    this.storageClasses = new StorageClasses(settings.storageClasses ?? {});
    const templates = { ...defaultTemplates, ...settings.templates };
    this.#templates = new LookupTable(templates, (text) => new FileTemplate(String(text)));
    const { default: defaults, write_recipes: recipes, ...formatters } = settings.formatters ?? {};
    const chosen: Record<string, unknown> = { ...defaultFormatters, ...formatters };
    // A name under "default" is a formatter; a mapping holds write parameters of formatters.
    if (typeof defaults === 'string') chosen['default'] = defaults;
    this.#formatters = new LookupTable(chosen, (value) => formatterChoice(value, asMap(defaults), asMap(recipes)));
    this.#constraints = (settings.constraints ?? []).map((one) => new Constraints(universe, one));
    this.#disassembled = new LookupTable(settings.composites?.disassembled ?? {}, (value) => value === true);
    this.#disassemble = settings.composites?.default ?? false;
  }

  template(ref: DatasetRef, component?: string): FileTemplate {
    return this.#templates.find(this.#universe, ref.datasetType, component, instrumentOf(ref))!;
  }

  /** The formatter of new files: the configured one, or where that is none of ours the one by which we write that storage class. */
  formatter(ref: DatasetRef, component?: string, storageClass = ref.datasetType.storageClass): FormatterChoice {
    const type: DatasetType = { ...ref.datasetType, storageClass };
    // A part is chosen by its own name or storage class, not by those of the whole.
    const named = component === undefined ? type : { ...type, name: `${type.name}.${component}` };
    const configured = this.#formatters.find(this.#universe, named, undefined, instrumentOf(ref));
    const own = this.storageClasses.ancestry(storageClass).map((name) => defaultFormatters[name]);
    const candidates = [configured, ...own.map((name) => (name === undefined ? undefined : { name, parameters: {} }))];
    const writable = candidates.find((one) => one !== undefined && findFormatter(one.name, storageClass)?.write);
    if (writable !== undefined) return writable;
    const hint = configured?.name.includes('.')
      ? ` Its formatter would be ${configured.name}.`
      : didYouMean(storageClass, Object.keys(defaultFormatters));
    throw butlerErrors.NO_WRITER({ storageClass, hint });
  }

  assertAccepted(ref: DatasetRef): void {
    if (this.#constraints.every((one) => one.accepts(ref.datasetType, instrumentOf(ref)))) return;
    const { name, storageClass } = ref.datasetType;
    throw butlerErrors.NOT_ACCEPTED({ datasetType: name, storageClass });
  }

  /** Components in which the dataset is written, with their storage classes; undefined: in one file. */
  parts(ref: DatasetRef): Readonly<Record<string, string>> | undefined {
    const { datasetType } = ref;
    const parts = this.storageClasses.parts(datasetType.storageClass);
    if (parts === undefined) return undefined;
    const asked = this.#disassembled.find(this.#universe, datasetType, undefined, instrumentOf(ref));
    return (asked ?? this.#disassemble) ? parts : undefined;
  }
}

function formatterChoice(
  value: unknown,
  defaults: Record<string, unknown>,
  recipes: Record<string, unknown>,
): FormatterChoice {
  const entry = typeof value === 'string' ? { formatter: value } : asMap(value);
  const name = String(entry['formatter']);
  const parameters = { ...asMap(defaults[name]), ...asMap((entry as { parameters?: unknown }).parameters) };
  const known = asMap(recipes[name]);
  const recipe = parameters['recipe'] ?? (known['default'] === undefined ? undefined : 'default');
  if (recipe === undefined) return { name, parameters };
  // A recipe of the given name, or what the format says it means.
  return { name, parameters: { ...parameters, recipe: known[String(recipe)] ?? recipe } };
}

function asMap(value: unknown): Record<string, unknown> {
  return isConfigMap(value) ? value : {};
}

export function instrumentOf(ref: DatasetRef): string | number | undefined {
  return ref.dataId.dimensions.has('instrument') ? ref.dataId.get('instrument') : undefined;
}
