// SPDX-License-Identifier: BSD-3-Clause
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ColumnGraph, RescuePlan } from '../../graph/index.ts';
import { splitList } from '../verb.ts';
import { withButler } from '../with-butler.ts';
import { openRun } from './open-run.ts';

/**
 * What is left of a graph: after a run, whose folder (with its log) or name is given, as its log tells; or of what the given
 * collections hold.
 */
export async function rescueOf(graph: ColumnGraph, text: string, repo: string | undefined): Promise<RescuePlan> {
  if (existsSync(join(text, 'outcomes.log'))) return afterRun(graph, join(text, 'outcomes.log'));
  const { runErrors } = await import('../../run/index.ts');
  if (repo === undefined) throw runErrors.NO_SUCH_RUN({ run: text, root: '(no --repo given)', hint: '' });
  return withButler(repo, { writeable: false }, async (butler) => {
    const { listRuns } = await import('../../run/index.ts');
    const known = listRuns(butler.root).find(({ run, graphId }) => run === text && graphId === graph.id);
    if (known !== undefined) return afterRun(graph, (await openRun(butler, text)).outcomesPath);
    const { candidateSource, doneIn, rescuePlan } = await import('../../graph/index.ts');
    const collections = splitList(text);
    for (const name of collections) await butler.getCollection(name);
    const done = await doneIn(graph, candidateSource(butler), collections);
    return rescuePlan(graph, (quantum) => (done[quantum] === 1 ? 'done' : 'not in the collections'));
  });
}

async function afterRun(graph: ColumnGraph, log: string): Promise<RescuePlan> {
  const { lastStateNames, lastStates } = await import('../../run/index.ts');
  const { rescuePlan } = await import('../../graph/index.ts');
  const states = lastStates(log, graph);
  return rescuePlan(graph, (quantum) => lastStateNames[states[quantum]]);
}
