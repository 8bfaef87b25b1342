// SPDX-License-Identifier: BSD-3-Clause
import { isDeepStrictEqual } from 'node:util';
import type { ButlerApi } from '../../butler/index.ts';
import type { TaskDeclaration } from '../../pipeline/index.ts';
import { cliErrors } from '../errors.ts';

/**
 * An output run holds what one configuration made: tasks whose configuration is in the run already must have the same. Two questions
 * for each task, none for tasks that the run does not know.
 * @returns what could not be compared
 */
export async function checkRunConfigs(
  butler: ButlerApi,
  pipeline: { tasks: readonly { declaration: TaskDeclaration }[] },
  run: string,
): Promise<string[]> {
  const known = new Set((await butler.listDatasetTypes(['*_config'])).map((type) => type.name));
  const notes: string[] = [];
  for (const { declaration } of pipeline.tasks) {
    const { label, config } = declaration;
    const name = `${label}_config`;
    if (!known.has(name)) continue;
    const ref = await butler.findDataset(name, {}, { collections: [run] });
    if (ref === undefined) continue;
    const [[file]] = await butler.getFileRecords([ref.id]);
    if (file === undefined) continue;
    if (!file.formatter.startsWith('skymill.')) {
      notes.push(`The configuration of ${label} in ${run} is not in a form that can be compared.`);
      continue;
    }
    const there = await butler.get(ref);
    const difference = firstDifference(there, config, '');
    if (difference === undefined) continue;
    throw cliErrors.RUN_CONFIG({ run, label, ...difference });
  }
  return notes;
}

/** The first field that differs, with both values as people write them. */
function firstDifference(
  there: unknown,
  here: unknown,
  path: string,
): { field: string; there: string; here: string } | undefined {
  if (isDeepStrictEqual(plain(there), plain(here))) return undefined;
  if (isRecord(there) && isRecord(here)) {
    for (const name of new Set([...Object.keys(there), ...Object.keys(here)])) {
      const difference = firstDifference(there[name], here[name], path === '' ? name : `${path}.${name}`);
      if (difference !== undefined) return difference;
    }
    return undefined;
  }
  return { field: path, there: show(there), here: show(here) };
}

/** As it comes back from a file: what is undefined is not there. */
function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function show(value: unknown): string {
  return value === undefined ? 'not set' : JSON.stringify(value);
}
