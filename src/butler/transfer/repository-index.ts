// SPDX-License-Identifier: BSD-3-Clause
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { didYouMean, SkymillError, yaml } from '../../base/index.ts';
import { ResourcePath } from '../datastore/resource-path.ts';
import { transferErrors } from './errors.ts';

/*
 * Repositories by label, as the Gen3 format has it: DAF_BUTLER_REPOSITORIES holds a map of labels to repositories as YAML or JSON
 * text, or DAF_BUTLER_REPOSITORY_INDEX names a file with such a map. One of the two at most.
 */

const fileVariable = 'DAF_BUTLER_REPOSITORY_INDEX';
const textVariable = 'DAF_BUTLER_REPOSITORIES';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Labels and the repositories they stand for; empty where neither variable is set.
 * @throws TRANSFER_BAD_INDEX if there is an index that cannot be read
 */
export function readRepositoryIndex(environment: Environment = process.env): ReadonlyMap<string, string> {
  const file = environment[fileVariable] ?? '';
  const text = environment[textVariable] ?? '';
  if (file !== '' && text !== '') {
    throw transferErrors.BAD_INDEX({ source: fileVariable, problem: `${textVariable} is set too; set one of them` });
  }
  if (text !== '') return parseIndex(text, textVariable);
  if (file === '') return new Map();
  try {
    return parseIndex(readFileSync(ResourcePath.parse(file).localPath, 'utf8'), file);
  } catch (error) {
    if (error instanceof SkymillError && error.code === 'TRANSFER_BAD_INDEX') throw error;
    throw transferErrors.BAD_INDEX({ source: file, problem: (error as Error).message }, { cause: error });
  }
}

function parseIndex(text: string, source: string): Map<string, string> {
  let content: unknown;
  try {
    content = yaml().parse(text);
  } catch (error) {
    throw transferErrors.BAD_INDEX({ source, problem: (error as Error).message.split('\n')[0] }, { cause: error });
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw transferErrors.BAD_INDEX({ source, problem: 'it is not a map' });
  }
  const index = new Map<string, string>();
  for (const [label, target] of Object.entries(content)) {
    if (typeof target !== 'string') {
      throw transferErrors.BAD_INDEX({ source, problem: `"${label}" does not stand for a text` });
    }
    index.set(label, target);
  }
  return index;
}

/**
 * The local path that the name of a repository stands for: a label of the index, a path, or a `file://` URI. A label goes before a
 * path of the same name.
 * @throws TRANSFER_UNKNOWN_LABEL where there is an index and the name is neither in it nor a file or folder
 * @throws BUTLER_UNSUPPORTED for storage that is not local
 */
export function resolveRepository(name: string, environment: Environment = process.env): string {
  let index: ReadonlyMap<string, string> = new Map();
  let problem: unknown;
  try {
    index = readRepositoryIndex(environment);
  } catch (error) {
    problem = error;
  }
  const target = index.get(name);
  if (target !== undefined) return localRepository(target);
  const path = localRepository(name);
  if (existsSync(path) || name.includes('/')) return path;
  // A broken index matters only to those who may have meant one of its labels.
  if (problem !== undefined) throw problem;
  if (index.size === 0) return path;
  const known = [...index.keys()].sort().join(', ');
  throw transferErrors.UNKNOWN_LABEL({ label: name, known, hint: didYouMean(name, index.keys()) });
}

function localRepository(name: string): string {
  return /^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(name) ? ResourcePath.parse(name).localPath : name;
}

/** Whether there is a repository of that name: its folder, its `butler.yaml`, or its label. */
export function repositoryExists(name: string): boolean {
  let path: string;
  try {
    path = resolveRepository(name);
  } catch (error) {
    if (error instanceof SkymillError && error.code === 'TRANSFER_UNKNOWN_LABEL') return false;
    throw error;
  }
  const found = statSync(path, { throwIfNoEntry: false });
  return found !== undefined && (!found.isDirectory() || existsSync(join(path, 'butler.yaml')));
}
