// SPDX-License-Identifier: BSD-3-Clause
import { readFile } from 'node:fs/promises';
import { isAbsolute, resolve } from 'node:path';
import { parse } from 'yaml';
import { didYouMean, type Place } from '../../base/index.ts';
import { expandEnvironment } from '../document/environment.ts';
import type { PipelineDocument, Setting, TaskEntry } from '../document/model.ts';
import { YamlSource } from '../document/yaml-source.ts';
import { pipelineErrors } from '../errors.ts';

/** Settings of one task in the order in which they hold (later ones win), parameters filled in. */
export interface TaskSettings {
  config: Setting[];
  /** `connections.<name>`: dataset types and templates. */
  connections: Map<string, { value: string; place: Place }>;
}

/** One `-c label:field=value`. The value is read as YAML: `3`, `true`, `lanczos5`, `[1, 2]`. */
export interface Override {
  label: string;
  setting: Setting;
}

export function parseOverride(text: string): Override {
  const match = /^([^:=]+):([^=]+)=([\s\S]*)$/.exec(text);
  if (match === null) throw pipelineErrors.BAD_OVERRIDE({ override: text });
  const [, label, key, source] = match;
  let value: unknown;
  try {
    value = parse(source);
  } catch {
    value = source; // a text with characters that mean something in YAML, taken as it stands
  }
  const at = (column: number): Place => {
    return { file: '-c', line: 1, column, excerpt: `${text}\n${' '.repeat(column - 1)}^` };
  };
  const setting = { key: key.trim(), value, place: at(label.length + key.length + 3), keyPlace: at(label.length + 2) };
  return { label: label.trim(), setting };
}

/** Reads a YAML config file: settings by key, as under `config:`. */
export async function readConfigFile(path: string, baseDir: string, label: string, place?: Place): Promise<Setting[]> {
  const expanded = expandEnvironment(path);
  const file = isAbsolute(expanded) ? expanded : resolve(baseDir, expanded);
  if (!/\.ya?ml$/.test(file)) {
    throw pipelineErrors.UNSUPPORTED_CONFIG({ label, what: `the config file ${path}, which is not YAML` }, { place });
  }
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    const reason =
      (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : (cause as Error).message;
    throw pipelineErrors.FILE_UNREADABLE({ file, reason }, { place, cause });
  }
  const yaml = new YamlSource(file, text);
  return yaml.entries(yaml.root, `Config file ${path}`).map(({ key, keyNode, node, place: at }) => ({
    key,
    value: yaml.plain(node),
    place: at,
    keyPlace: yaml.place(keyNode),
  }));
}

/** All settings of a task: config blocks in order, files of a block first. */
export async function collectSettings(document: PipelineDocument, task: TaskEntry): Promise<TaskSettings> {
  const all: Setting[] = [];
  for (const block of task.config) {
    if (block.python !== undefined) {
      throw pipelineErrors.UNSUPPORTED_CONFIG(
        { label: task.label, what: 'Python source' },
        { place: block.python.place },
      );
    }
    if (block.dataId !== undefined) {
      const what = 'settings for one data ID';
      throw pipelineErrors.UNSUPPORTED_CONFIG({ label: task.label, what }, { place: block.dataId.place });
    }
    for (const file of block.files)
      all.push(...(await readConfigFile(file.path, file.baseDir, task.label, file.place)));
    all.push(...block.settings);
  }
  const settings: TaskSettings = { config: [], connections: new Map() };
  for (const setting of all) {
    const value = fillParameters(setting.value, document, setting.place);
    for (const { key, value: leaf } of flattenConnections(setting.key, value)) {
      if (key.startsWith('connections.')) {
        settings.connections.set(key.slice('connections.'.length), { value: String(leaf), place: setting.place });
      } else settings.config.push({ ...setting, key, value: leaf });
    }
  }
  return settings;
}

/** `connections: {a: b}` is the same as `connections.a: b`. */
export function flattenConnections(key: string, value: unknown): { key: string; value: unknown }[] {
  if (key !== 'connections' || value === null || typeof value !== 'object') return [{ key, value }];
  return Object.entries(value).map(([name, leaf]) => ({ key: `connections.${name}`, value: leaf }));
}

/** A text `parameters.x` stands for the value of the pipeline parameter x. */
export function fillParameters(value: unknown, document: PipelineDocument, place: Place): unknown {
  if (typeof value === 'string' && value.startsWith('parameters.')) {
    const name = value.slice('parameters.'.length);
    const parameter = document.parameters.get(name);
    if (parameter === undefined) {
      throw pipelineErrors.UNKNOWN_PARAMETER(
        { parameter: name, hint: didYouMean(name, document.parameters.keys()) },
        { place },
      );
    }
    return parameter.value;
  }
  if (Array.isArray(value)) return value.map((item) => fillParameters(item, document, place));
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fillParameters(item, document, place)]));
  }
  return value;
}
