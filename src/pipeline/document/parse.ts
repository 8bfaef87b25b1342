// SPDX-License-Identifier: BSD-3-Clause
import { dirname } from 'node:path';
import type { Place } from '../../base/index.ts';
import { pipelineErrors } from '../errors.ts';
import type { ConfigBlock, PipelineDocument } from './model.ts';
import { YamlSource } from './yaml-source.ts';

/** One item of `imports:`. */
export interface ImportEntry {
  location: string;
  include: readonly string[] | undefined;
  exclude: readonly string[] | undefined;
  importContracts: boolean;
  importSteps: boolean;
  labeledSubsetModifyMode: 'DROP' | 'EDIT';
  rename: ReadonlyMap<string, string>;
  /** undefined: as the imported file says; null: none; text: this one. */
  instrument: string | null | undefined;
  place: Place;
}

/** A document before its imports are merged. A task without `class` adds to an imported task of the same label. */
export interface RawDocument extends Omit<PipelineDocument, 'tasks'> {
  tasks: Map<string, { label: string; taskClass: string | undefined; config: ConfigBlock[]; place: Place }>;
  imports: ImportEntry[];
  hasDescription: boolean;
  /** The first line, for errors about what the file lacks. */
  start: Place;
}

const topKeys = [
  'description',
  'instrument',
  'imports',
  'parameters',
  'tasks',
  'subsets',
  'steps',
  'contracts',
  'inMemory',
] as const;
const importKeys = [
  'location',
  'include',
  'exclude',
  'importContracts',
  'importSteps',
  'labeledSubsetModifyMode',
  'rename',
  'instrument',
] as const;

/** Reads the YAML of one pipeline file; imports are listed, not followed. */
export function parsePipelineText(file: string, text: string): RawDocument {
  const yaml = new YamlSource(file, text);
  const raw: RawDocument = {
    file,
    description: '',
    hasDescription: false,
    start: yaml.placeAt(0),
    instrument: undefined,
    parameters: new Map(),
    tasks: new Map(),
    subsets: new Map(),
    steps: [],
    contracts: [],
    inMemory: new Map(),
    imports: [],
  };
  for (const { key, node, place } of yaml.entries(yaml.root, 'A pipeline', topKeys)) {
    if (key === 'description') {
      raw.description = yaml.string(node, 'The description').trim();
      raw.hasDescription = true;
    } else if (key === 'instrument') {
      if (!yaml.isNull(node)) raw.instrument = { name: yaml.string(node, 'The instrument'), place };
    } else if (key === 'imports') {
      for (const item of yaml.items(node, 'imports')) raw.imports.push(parseImport(yaml, item));
    } else if (key === 'parameters') {
      for (const entry of yaml.entries(node, 'parameters')) {
        raw.parameters.set(entry.key, { value: yaml.plain(entry.node), place: entry.place });
      }
    } else if (key === 'tasks') {
      for (const entry of yaml.entries(node, 'Task'))
        raw.tasks.set(entry.key, parseTask(yaml, entry.key, entry.node, yaml.place(entry.keyNode)));
    } else if (key === 'subsets') {
      for (const entry of yaml.entries(node, 'Subset')) {
        raw.subsets.set(entry.key, parseSubset(yaml, entry.key, entry.node, yaml.place(entry.keyNode)));
      }
    } else if (key === 'steps') parseSteps(yaml, node, raw);
    else if (key === 'inMemory') {
      for (const item of yaml.items(node, 'inMemory'))
        raw.inMemory.set(yaml.string(item, 'A dataset type of inMemory'), yaml.place(item));
    } else parseContracts(yaml, node, raw);
  }
  for (const name of raw.subsets.keys()) {
    if (raw.tasks.has(name))
      throw pipelineErrors.LABEL_CLASH({ label: name, name: file }, { place: raw.subsets.get(name)?.place });
  }
  return raw;
}

function parseTask(yaml: YamlSource, label: string, node: unknown, place: Place) {
  if (label === 'parameters') throw pipelineErrors.RESERVED_LABEL({ label }, { place });
  if (yaml.isText(node)) return { label, taskClass: yaml.string(node, `Task "${label}"`), config: [], place };
  if (!yaml.isMap(node)) yaml.refuse(node, `Task "${label}"`, 'a class name or a mapping with the key class');
  let taskClass: string | undefined;
  const config: ConfigBlock[] = [];
  for (const entry of yaml.entries(node, `Task "${label}"`, ['class', 'config'])) {
    if (entry.key === 'class') taskClass = yaml.string(entry.node, `The class of task "${label}"`);
    else
      for (const item of yaml.items(entry.node, `The config of task "${label}"`))
        config.push(parseConfigBlock(yaml, label, item));
  }
  return { label, taskClass, config, place };
}

function parseConfigBlock(yaml: YamlSource, label: string, node: unknown): ConfigBlock {
  const block: ConfigBlock = { settings: [], files: [], python: undefined, dataId: undefined };
  for (const { key, keyNode, node: value, place } of yaml.entries(node, `The config of task "${label}"`)) {
    if (key === 'file') {
      const baseDir = dirname(yaml.file);
      for (const item of yaml.items(value, 'file')) {
        block.files.push({ path: yaml.string(item, 'A config file'), baseDir, place: yaml.place(item) });
      }
    } else if (key === 'python') block.python = { source: yaml.string(value, 'python'), place };
    else if (key === 'dataId') {
      if (!yaml.isMap(value)) yaml.refuse(value, 'dataId', 'a mapping');
      block.dataId = { value: yaml.plain(value) as Record<string, unknown>, place };
    } else block.settings.push({ key, value: yaml.plain(value), place, keyPlace: yaml.place(keyNode) });
  }
  return block;
}

function parseSubset(yaml: YamlSource, name: string, node: unknown, place: Place) {
  const what = `Subset "${name}"`;
  if (!yaml.isMap(node)) return { name, labels: new Set(yaml.strings(node, what)), description: undefined, place };
  const entries = yaml.entries(node, what);
  const members = entries.find((entry) => entry.key === 'subset');
  if (members === undefined) throw pipelineErrors.MISSING_KEY({ what, key: 'subset' }, { place });
  yaml.entries(node, what, ['subset', 'description']);
  const description = entries.find((entry) => entry.key === 'description');
  return {
    name,
    labels: new Set(yaml.strings(members.node, what)),
    description: description === undefined ? undefined : yaml.string(description.node, 'A description'),
    place,
  };
}

function parseSteps(yaml: YamlSource, node: unknown, raw: RawDocument): void {
  for (const item of yaml.items(node, 'steps')) {
    const place = yaml.place(item);
    let label: string | undefined;
    let dimensions: string[] = [];
    for (const entry of yaml.entries(item, 'A step', ['label', 'dimensions'])) {
      if (entry.key === 'label') label = yaml.string(entry.node, 'The label of a step');
      else dimensions = yaml.strings(entry.node, 'The dimensions of a step');
    }
    if (label === undefined) throw pipelineErrors.MISSING_KEY({ what: 'A step', key: 'label' }, { place });
    if (raw.steps.some((step) => step.label === label)) {
      throw pipelineErrors.DUPLICATE_KEY({ what: 'Step', key: label }, { place });
    }
    raw.steps.push({ label, dimensions, place });
  }
}

function parseContracts(yaml: YamlSource, node: unknown, raw: RawDocument): void {
  for (const item of yaml.items(node, 'contracts')) {
    const place = yaml.place(item);
    if (!yaml.isMap(item)) {
      raw.contracts.push({ contract: yaml.string(item, 'A contract'), message: undefined, place });
      continue;
    }
    const parts = new Map(yaml.entries(item, 'A contract', ['contract', 'msg']).map((entry) => [entry.key, entry]));
    const contract = parts.get('contract');
    if (contract === undefined) throw pipelineErrors.MISSING_KEY({ what: 'A contract', key: 'contract' }, { place });
    const message = parts.get('msg');
    raw.contracts.push({
      contract: yaml.string(contract.node, 'A contract'),
      message: message === undefined ? undefined : yaml.string(message.node, 'The message of a contract'),
      place: contract.place,
    });
  }
}

function parseImport(yaml: YamlSource, node: unknown): ImportEntry {
  const entry: { -readonly [K in keyof ImportEntry]: ImportEntry[K] } = {
    location: '',
    include: undefined,
    exclude: undefined,
    importContracts: true,
    importSteps: true,
    labeledSubsetModifyMode: 'DROP',
    rename: new Map(),
    instrument: undefined,
    place: yaml.place(node),
  };
  if (!yaml.isMap(node)) return { ...entry, location: yaml.string(node, 'An import') };
  for (const { key, node: value, place } of yaml.entries(node, 'An import', importKeys)) {
    if (key === 'location') [entry.location, entry.place] = [yaml.string(value, 'The location of an import'), place];
    else if (key === 'include') entry.include = yaml.strings(value, 'include');
    else if (key === 'exclude') entry.exclude = yaml.strings(value, 'exclude');
    else if (key === 'importContracts') entry.importContracts = yaml.boolean(value, 'importContracts');
    else if (key === 'importSteps') entry.importSteps = yaml.boolean(value, 'importSteps');
    else if (key === 'instrument') entry.instrument = yaml.isNull(value) ? null : yaml.string(value, 'instrument');
    else if (key === 'rename') {
      entry.rename = new Map(
        yaml.entries(value, 'rename').map((pair) => [pair.key, yaml.string(pair.node, 'A new label')]),
      );
    } else {
      const mode = yaml.string(value, 'labeledSubsetModifyMode').toUpperCase();
      if (mode !== 'DROP' && mode !== 'EDIT') yaml.refuse(value, 'labeledSubsetModifyMode', 'DROP or EDIT');
      entry.labeledSubsetModifyMode = mode as 'DROP' | 'EDIT';
    }
  }
  if (entry.location === '')
    throw pipelineErrors.MISSING_KEY({ what: 'An import', key: 'location' }, { place: entry.place });
  if (entry.include !== undefined && entry.exclude !== undefined) {
    throw pipelineErrors.INCLUDE_AND_EXCLUDE({ location: entry.location }, { place: entry.place });
  }
  return entry;
}
