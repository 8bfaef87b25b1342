// SPDX-License-Identifier: BSD-3-Clause
import { accessSync, constants, realpathSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { DescriptionCache, descriptionFolder } from './cache.ts';
import type {
  DescribeAnswer,
  DescribeRequest,
  DescribeSources,
  DescribeTask,
  PythonOverride,
  TaskDescriber,
  TaskDescription,
} from './protocol.ts';
import { PythonWorker, pythonProgram } from './worker.ts';

export interface DescriberOptions {
  /** Interpreter that can import the tasks; default: SKYMILL_PYTHON, else `python3` of the path. */
  python?: string;
  /** Folder of descriptions; default: {@link descriptionFolder}. */
  folder?: string;
  /** Ask Python again even for what is known. */
  refresh?: boolean;
  /** Called before Python is started, with the number of tasks that it is asked about. */
  onPython?: (tasks: number) => void;
}

type Answered<T> = Exclude<T, { error: unknown }> | undefined;

/** Describes tasks from what is kept of earlier answers, and asks Python once about all the others. Refusals are not kept. */
export function pythonDescriber(options: DescriberOptions = {}): TaskDescriber {
  const python = pythonProgram(options.python);
  const cache = new DescriptionCache(options.folder ?? descriptionFolder());
  const asked = new Set<string>();
  const environment = [pathOf(python), process.env['PYTHONPATH'] ?? ''];

  return async (request) => {
    const { instrument, parameters } = request;
    const known = <T>(key: string): T | undefined =>
      options.refresh === true && !asked.has(key) ? undefined : cache.get<T>(key);
    const taskKeys = request.tasks.map((task) =>
      DescriptionCache.key(['task', environment, instrument, parameters, task.taskClass, task.overrides]),
    );
    const instrumentKey = DescriptionCache.key(['instrument', environment, instrument]);
    const contractKeys = request.contracts.map((contract) =>
      DescriptionCache.key(['contract', contract, request.tasks.map(({ label }) => label), taskKeys]),
    );
    const tasks = taskKeys.map((key) => known<TaskDescription>(key));
    let named =
      instrument === undefined
        ? null
        : (known<{ name: string }>(instrumentKey) as Answered<DescribeAnswer['instrument']>);
    // Contracts compare configurations: an answer holds while those of all tasks do, and a new one needs all of them.
    const contracts = contractKeys.map((key) =>
      tasks.includes(undefined) ? undefined : known<{ holds: boolean }>(key),
    );
    const complete = named !== undefined && !tasks.includes(undefined) && !contracts.includes(undefined);
    if (complete) return answerOf(request, named ?? null, tasks, contracts);

    const wanted = contracts.includes(undefined)
      ? request.tasks
      : request.tasks.filter((_, i) => tasks[i] === undefined);
    options.onPython?.(wanted.length);
    const answer = await askPython(python, { ...request, tasks: wanted });
    for (const [i, described] of answer.tasks.entries()) {
      const at = request.tasks.indexOf(wanted[i]);
      tasks[at] = described as TaskDescription;
      if (!('error' in described))
        keep(taskKeys[at], described, { files: [...described.files, ...filesOf(wanted[i])] });
    }
    if (answer.instrument !== null && instrument !== undefined) {
      named = answer.instrument as { name: string };
      if (!('error' in answer.instrument)) keep(instrumentKey, named, named as unknown as DescribeSources);
    }
    const everyFile = [...new Set([...tasks.flatMap((task) => task?.files ?? []), ...request.tasks.flatMap(filesOf)])];
    for (const [i, one] of answer.contracts.entries()) {
      contracts[i] = one as { holds: boolean };
      if (!('error' in one)) keep(contractKeys[i], one, { files: everyFile });
    }
    return answerOf(request, named ?? null, tasks, contracts);
  };

  function keep<T>(key: string, value: T, sources: Pick<DescribeSources, 'files'>): void {
    asked.add(key);
    cache.put(key, value, sources);
  }
}

/** One process for one answer. */
async function askPython(python: string, request: DescribeRequest): Promise<DescribeAnswer> {
  const { tasks, contracts, instrument, parameters } = request;
  const worker = new PythonWorker(python);
  try {
    return await worker.ask<DescribeAnswer>({
      ask: 'describe',
      instrument: instrument ?? null,
      parameters,
      contracts,
      tasks: tasks.map(({ label, taskClass, overrides }) => ({ label, class: taskClass, overrides })),
    });
  } finally {
    await worker.close();
  }
}

/** Kept descriptions know no label: several tasks may share one. */
function answerOf(
  request: DescribeRequest,
  instrument: DescribeAnswer['instrument'],
  tasks: readonly unknown[],
  contracts: readonly unknown[],
): DescribeAnswer {
  return {
    instrument,
    tasks: tasks.map((task, i) => ({ ...(task as TaskDescription), label: request.tasks[i].label })),
    contracts: contracts as DescribeAnswer['contracts'],
  };
}

function filesOf({ overrides }: DescribeTask): string[] {
  const isFile = (one: PythonOverride): one is PythonOverride & { kind: 'file' } => one.kind === 'file';
  return overrides.filter(isFile).map(({ path }) => path);
}

/** The program that a name stands for: another environment is another question. A link into a virtual environment stays one. */
function pathOf(python: string): string {
  if (python.includes('/')) return python;
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, python);
    try {
      accessSync(path, constants.X_OK);
      return join(realpathSync(folder), python);
    } catch {
      // not in this folder
    }
  }
  return python;
}
