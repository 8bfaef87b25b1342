// SPDX-License-Identifier: BSD-3-Clause
import { isAbsolute, resolve } from 'node:path';
import type { Place } from '../../base/index.ts';
import { fillParameters, flattenConnections, readConfigFile } from '../config/apply.ts';
import { expandEnvironment } from '../document/environment.ts';
import type { ContractEntry, PipelineDocument, TaskEntry } from '../document/model.ts';
import { pipelineErrors } from '../errors.ts';
import {
  type DescribeProblem,
  isPythonPath,
  type PythonOverride,
  type TaskDescriber,
  type TaskDescription,
} from './protocol.ts';

interface Override {
  override: PythonOverride;
  place: Place;
}

export interface DescribedPipeline {
  /** By label. */
  tasks: ReadonlyMap<string, TaskDescription>;
  /** What the instrument is called in data IDs. */
  instrument: string | undefined;
}

/**
 * Describes the tasks of a pipeline that are Python classes, and checks the contracts that speak of such tasks alone.
 * @throws PIPELINE_PYTHON_* with the place in the YAML, PIPELINE_UNKNOWN_FIELD, PIPELINE_CONTRACT_BROKEN
 */
export async function describePipeline(
  document: PipelineDocument,
  entries: readonly TaskEntry[],
  describe: TaskDescriber,
): Promise<DescribedPipeline> {
  const { instrument } = document;
  const instrumentClass = instrument !== undefined && isPythonPath(instrument.name) ? instrument.name : undefined;
  const overrides = await Promise.all(entries.map((entry) => overridesOf(document, entry)));
  const contracts = document.contracts.filter((contract) => isPythonContract(contract, document, entries));
  const answer = await describe({
    instrument: instrumentClass,
    parameters: Object.fromEntries([...document.parameters].map(([name, { value }]) => [name, value])),
    tasks: entries.map(({ label, taskClass }, i) => ({
      label,
      taskClass,
      overrides: overrides[i].map(({ override }) => override),
    })),
    contracts: contracts.map(({ contract }) => contract),
  });
  if (answer.instrument !== null && 'error' in answer.instrument) {
    const { message } = answer.instrument.error;
    throw pipelineErrors.PYTHON_INSTRUMENT(
      { instrument: instrumentClass ?? '', problem: message },
      { place: instrument?.place },
    );
  }
  const tasks = new Map<string, TaskDescription>();
  for (const [i, task] of answer.tasks.entries()) {
    if ('error' in task) throw refusal(entries[i], overrides[i], task.error);
    tasks.set(entries[i].label, task);
  }
  for (const [i, found] of answer.contracts.entries()) checkContract(contracts[i], found);
  return { tasks, instrument: answer.instrument?.name };
}

function refusal({ label, taskClass, place }: TaskEntry, overrides: readonly Override[], error: DescribeProblem) {
  const { kind, message } = error;
  const at = error.override === null ? undefined : overrides[error.override];
  if (kind === 'class') return pipelineErrors.PYTHON_CLASS({ label, taskClass, problem: message }, { place });
  if (kind === 'import') return pipelineErrors.PYTHON_IMPORT({ label, taskClass, problem: message }, { place });
  if (kind === 'field' && at?.override.kind === 'value')
    return pipelineErrors.UNKNOWN_FIELD({ label, field: at.override.key, hint: '' }, { place: at.place });
  return pipelineErrors.PYTHON_CONFIG({ label, problem: message }, { place: at?.place ?? place });
}

function checkContract(
  { contract, message, place }: ContractEntry,
  found: { holds: boolean } | { error: string },
): void {
  if ('error' in found) throw pipelineErrors.CONTRACT_SYNTAX({ contract, problem: found.error }, { place });
  if (found.holds) return;
  throw pipelineErrors.CONTRACT_BROKEN(
    { contract, values: 'Python finds it false', message: message ?? '' },
    { place },
  );
}

/** Whether a contract speaks of tasks that are Python classes and of no other task: it is an expression in Python then. */
export function isPythonContract(
  { contract }: ContractEntry,
  document: PipelineDocument,
  entries: readonly TaskEntry[],
): boolean {
  const mentioned = [...contract.matchAll(/(?<![\w.'"])([A-Za-z_]\w*)\s*\./g)]
    .map(([, label]) => label)
    .filter((label) => document.tasks.has(label));
  return mentioned.length > 0 && mentioned.every((label) => entries.some((entry) => entry.label === label));
}

/** The settings of a task in the order in which Gen3 pipelines apply them: of each block the files, the source, the values. */
async function overridesOf(document: PipelineDocument, { label, config }: TaskEntry): Promise<Override[]> {
  const all: Override[] = [];
  const value = (key: string, given: unknown, place: Place): void => {
    for (const one of flattenConnections(key, fillParameters(given, document, place)))
      all.push({ override: { kind: 'value', ...one }, place });
  };
  for (const block of config) {
    if (block.dataId !== undefined) {
      const what = 'settings for one data ID';
      throw pipelineErrors.UNSUPPORTED_CONFIG({ label, what }, { place: block.dataId.place });
    }
    for (const { path, baseDir, place } of block.files) {
      const expanded = expandEnvironment(path);
      if (/\.ya?ml$/.test(expanded)) {
        for (const setting of await readConfigFile(path, baseDir, label, place))
          value(setting.key, setting.value, setting.place);
      } else {
        const absolute = isAbsolute(expanded) ? expanded : resolve(baseDir, expanded);
        all.push({ override: { kind: 'file', path: absolute }, place });
      }
    }
    if (block.python !== undefined)
      all.push({ override: { kind: 'python', source: block.python.source }, place: block.python.place });
    for (const setting of block.settings) value(setting.key, setting.value, setting.keyPlace ?? setting.place);
  }
  return all;
}
