// SPDX-License-Identifier: BSD-3-Clause
import { readFile } from 'node:fs/promises';
import { dirname, isAbsolute, resolve } from 'node:path';
import type { Place } from '../../base/index.ts';
import { didYouMean } from '../../base/index.ts';
import { pipelineErrors } from '../errors.ts';
import { expandEnvironment } from './environment.ts';
import { expandLabels, keepLabels } from './labels.ts';
import { mergeTask } from './merge.ts';
import type { PipelineDocument, TaskEntry } from './model.ts';
import { type ImportEntry, parsePipelineText, type RawDocument } from './parse.ts';
import { absoluteTaskClass } from './task-class.ts';

/** How the text of a location is had; the default reads files. Throws what the file system throws. */
export type ReadText = (path: string) => Promise<string>;

const readFileText: ReadText = (path) => readFile(path, 'utf8');

/** Reads a pipeline file with its imports. The fragment (`#…`) is the caller's business (select.ts). */
export async function loadPipeline(path: string, readText: ReadText = readFileText): Promise<PipelineDocument> {
  return load(resolve(expandEnvironment(path)), undefined, [], readText);
}

/** The same for text that is not in a file; relative imports are looked for beside `file`. */
export async function loadPipelineText(
  text: string,
  file = '<pipeline>',
  readText: ReadText = readFileText,
): Promise<PipelineDocument> {
  return merge(parsePipelineText(file, text), [file], readText);
}

async function load(
  path: string,
  place: Place | undefined,
  chain: readonly string[],
  readText: ReadText,
): Promise<PipelineDocument> {
  if (chain.includes(path)) throw pipelineErrors.IMPORT_CYCLE({ chain: [...chain, path].join(' -> ') }, { place });
  let text: string;
  try {
    text = await readText(path);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    const reason = code === 'ENOENT' ? 'there is no such file' : (cause as Error).message;
    throw pipelineErrors.FILE_UNREADABLE({ file: path, reason }, { place, cause });
  }
  if (text.includes('\0')) {
    const reason = text.startsWith('SKYGRAPH') ? 'it is a quantum graph, no pipeline' : 'it is no text';
    throw pipelineErrors.FILE_UNREADABLE({ file: path, reason }, { place });
  }
  return merge(parsePipelineText(path, text), [...chain, path], readText);
}

async function merge(raw: RawDocument, chain: readonly string[], readText: ReadText): Promise<PipelineDocument> {
  if (!raw.hasDescription) throw pipelineErrors.NO_DESCRIPTION({ file: raw.file }, { place: raw.start });
  const { imports: entries, hasDescription: _, start: __, ...own } = raw;
  const merged: PipelineDocument = {
    ...own,
    tasks: new Map(),
    subsets: new Map(),
    steps: [],
    contracts: [],
    parameters: new Map(),
    inMemory: new Map(),
  };
  const origin = new Map<string, string>();
  for (const entry of entries) {
    const location = expandEnvironment(entry.location);
    const path = isAbsolute(location) || location.startsWith('$') ? location : resolve(dirname(raw.file), location);
    adopt(merged, prepare(await load(path, entry.place, chain, readText), entry), entry, origin);
  }
  for (const [name, parameter] of raw.parameters) merged.parameters.set(name, parameter);
  for (const task of raw.tasks.values()) {
    const taskClass = task.taskClass === undefined ? undefined : absoluteTaskClass(raw.file, task.taskClass);
    merged.tasks.set(task.label, mergeTask(merged.tasks.get(task.label), { ...task, taskClass }));
  }
  for (const [name, subset] of raw.subsets) merged.subsets.set(name, subset);
  merged.steps = [...merged.steps.filter((step) => !raw.steps.some((own) => own.label === step.label)), ...raw.steps];
  merged.contracts.push(...raw.contracts);
  for (const [datasetType, place] of raw.inMemory) merged.inMemory.set(datasetType, place);
  check(merged);
  return merged;
}

/** The imported document as the importing one wants it: selected, renamed, without what it did not ask for. */
function prepare(document: PipelineDocument, entry: ImportEntry): PipelineDocument {
  let kept = document;
  const what = `The import of ${entry.location}`;
  if (entry.include !== undefined) {
    kept = keepLabels(
      document,
      expandLabels(document, entry.include, what, entry.place),
      entry.labeledSubsetModifyMode,
    );
  } else if (entry.exclude !== undefined) {
    const out = expandLabels(document, entry.exclude, what, entry.place);
    const keep = new Set([...document.tasks.keys()].filter((label) => !out.has(label)));
    kept = keepLabels(document, keep, entry.labeledSubsetModifyMode);
  }
  if (entry.rename.size > 0) kept = rename(kept, entry);
  return {
    ...kept,
    contracts: entry.importContracts ? kept.contracts : [],
    steps: entry.importSteps ? kept.steps : [],
    instrument:
      entry.instrument === undefined
        ? kept.instrument
        : entry.instrument === null
          ? undefined
          : { name: entry.instrument, place: entry.place },
  };
}

function rename(document: PipelineDocument, entry: ImportEntry): PipelineDocument {
  for (const [from, to] of entry.rename) {
    if (!document.tasks.has(from)) {
      throw pipelineErrors.UNKNOWN_LABEL(
        { what: `The import of ${entry.location}`, label: from, hint: didYouMean(from, document.tasks.keys()) },
        { place: entry.place },
      );
    }
    if (document.tasks.has(to) && !entry.rename.has(to)) {
      throw pipelineErrors.RENAME_TAKEN({ from, to, location: entry.location }, { place: entry.place });
    }
  }
  const newName = (label: string) => entry.rename.get(label) ?? label;
  return {
    ...document,
    tasks: new Map([...document.tasks].map(([label, task]) => [newName(label), { ...task, label: newName(label) }])),
    subsets: new Map(
      [...document.subsets].map(([name, subset]) => [
        name,
        { ...subset, labels: new Set([...subset.labels].map(newName)) },
      ]),
    ),
    contracts: document.contracts.map((contract) => ({
      ...contract,
      contract: contract.contract.replace(/(?<![\w.'"])([A-Za-z_]\w*)(?=\s*\.)/g, newName),
    })),
  };
}

function adopt(into: PipelineDocument, from: PipelineDocument, entry: ImportEntry, origin: Map<string, string>): void {
  const claim = (what: string, name: string) => {
    const first = origin.get(`${what} ${name}`);
    if (first !== undefined) {
      throw pipelineErrors.IMPORT_CLASH({ what, name, first, second: entry.location }, { place: entry.place });
    }
    origin.set(`${what} ${name}`, entry.location);
  };
  for (const [label, task] of from.tasks) {
    claim('Task', label);
    into.tasks.set(label, task);
  }
  for (const [name, subset] of from.subsets) {
    claim('Subset', name);
    into.subsets.set(name, subset);
  }
  for (const step of from.steps) {
    claim('Step', step.label);
    into.steps.push(step);
  }
  for (const [name, parameter] of from.parameters) into.parameters.set(name, parameter);
  into.contracts.push(...from.contracts);
  for (const [datasetType, place] of from.inMemory) into.inMemory.set(datasetType, place);
  if (from.instrument !== undefined) {
    if (into.instrument !== undefined && into.instrument.name !== from.instrument.name) {
      throw pipelineErrors.INSTRUMENT_CLASH(
        { first: into.instrument.name, second: from.instrument.name, location: entry.location },
        { place: into.instrument.place },
      );
    }
    into.instrument ??= from.instrument;
  }
}

/** Subsets and steps must name what is there. */
function check(document: PipelineDocument): void {
  const known: ReadonlyMap<string, TaskEntry> = document.tasks;
  for (const subset of document.subsets.values()) {
    if (known.has(subset.name)) {
      throw pipelineErrors.LABEL_CLASH({ label: subset.name, name: document.file }, { place: subset.place });
    }
    for (const label of subset.labels) {
      if (known.has(label)) continue;
      throw pipelineErrors.UNKNOWN_LABEL(
        { what: `Subset "${subset.name}"`, label, hint: didYouMean(label, known.keys()) },
        { place: subset.place },
      );
    }
  }
  for (const step of document.steps) {
    if (document.subsets.has(step.label)) continue;
    throw pipelineErrors.UNKNOWN_LABEL(
      { what: 'A step', label: step.label, hint: didYouMean(step.label, document.subsets.keys()) },
      { place: step.place },
    );
  }
}
