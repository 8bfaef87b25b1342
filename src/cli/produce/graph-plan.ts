// SPDX-License-Identifier: BSD-3-Clause
import { existsSync } from 'node:fs';
import type { Butler } from '../../butler/index.ts';
import type { ColumnGraph } from '../../graph/index.ts';
import { cliErrors } from '../errors.ts';
import { codesOf, hasOtherCode } from './continue.ts';
import type { ProductionPlan } from './produce.ts';
import { checkRunConfigs } from './run-configs.ts';

/**
 * What it takes to execute a graph that stands in a file: that it is of this repository, that its tasks are there, that what other
 * parts make for it is there, and that its output run is free or its own. Changes nothing.
 */
export async function planGraph(
  butler: Butler,
  graph: ColumnGraph,
  options: { anyCode: boolean },
): Promise<ProductionPlan> {
  const { runErrors, RunFolder } = await import('../../run/index.ts');
  const { header } = graph;
  const run = header.outputRun;
  if (header.repositoryId !== butler.repositoryId)
    throw runErrors.OTHER_REPOSITORY({ graph: graph.id, built: header.repositoryId, opened: butler.repositoryId });
  await checkTasks(graph);
  await checkParts(butler, graph);
  const codes = await codesOf(graph.tasks.map((task) => task.declaration));
  const plan = { graph, digest: `graph ${graph.id}`, codes, notes: [] as string[] };
  const folder = RunFolder.find(butler.root, run);
  if (folder !== undefined && existsSync(folder.graphPath)) {
    const info = folder.info();
    if (info.graphId !== graph.id) throw runErrors.OTHER_GRAPH({ run, graph: graph.id, other: info.graphId });
    if (!options.anyCode && hasOtherCode(info, codes)) throw cliErrors.RUN_CODE({ run });
    return { ...plan, continued: folder };
  }
  const [present] = await butler.listCollections([run]);
  if (present !== undefined) plan.notes.push(...(await checkRunConfigs(butler, graph, run)));
  return plan;
}

/** Of tasks of this kind, that there is code for them; else every quantum would fail. */
async function checkTasks({ tasks }: ColumnGraph): Promise<void> {
  const { knownTasks, resolveTask } = await import('../../tasks/index.ts');
  const { runErrors } = await import('../../run/index.ts');
  for (const { declaration, quantumCount } of tasks) {
    const { label, taskClass, runner } = declaration;
    if (quantumCount === 0 || runner !== 'typescript' || knownTasks.includes(taskClass)) continue;
    if ((await resolveTask(taskClass)) === undefined) throw runErrors.TASK_NOT_FOUND({ taskClass, label });
  }
}

/** What a part of a graph takes from others is made by their runs. */
async function checkParts(butler: Butler, { header }: ColumnGraph): Promise<void> {
  for (const { part, run, datasets } of header.part?.needs ?? []) {
    const [present] = await butler.listCollections([run]);
    if (present === undefined) throw cliErrors.PART_FIRST({ part, run, datasets });
  }
}
