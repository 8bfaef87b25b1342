// SPDX-License-Identifier: BSD-3-Clause
import type { ButlerApi } from '../../butler/index.ts';
import type { QuantumGraph } from '../../graph/index.ts';
import type { ResolvedPipeline, TaskDefinition } from '../../pipeline/index.ts';
import type { Output } from '../output.ts';

/** Runners' sides of tasks by label, where this process has them: they say what quanta need from the sizes of their inputs. */
export function definitionsOf(pipeline: ResolvedPipeline): ReadonlyMap<string, TaskDefinition> {
  return new Map(pipeline.tasks.map(({ declaration, definition }) => [declaration.label, definition]));
}

/** What quanta would ask for, and where that comes from. */
export async function sayRequests(
  butler: ButlerApi,
  graph: QuantumGraph,
  pipeline: ResolvedPipeline,
  options: Record<string, unknown>,
  out: Output,
): Promise<void> {
  if (out.json) return;
  const { DEFAULT_REQUEST, formatRequests, learnedUsage, requestTable } = await import('../../run/index.ts');
  const learned = options['requests'] === 'declared' ? undefined : learnedUsage(butler.root);
  const requests = requestTable(graph, {
    definitions: definitionsOf(pipeline),
    learned,
    defaults: DEFAULT_REQUEST,
  });
  out.say(formatRequests(graph, requests, process.stdout.columns));
}
