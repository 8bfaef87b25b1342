// SPDX-License-Identifier: BSD-3-Clause
import type { Butler, ButlerApi } from '../../butler/index.ts';
import type { BuildReport, ColumnGraph } from '../../graph/index.ts';
import type { ResolvedPipeline } from '../../pipeline/index.ts';
import type { ExecuteOptions, RunFolder, RunSummary } from '../../run/index.ts';
import { cliErrors } from '../errors.ts';
import { buildFor } from './build-graph.ts';
import { commandDigest, graphRequest } from './graph-request.ts';

/** What a command line will execute: the graph of a run that exists (same command, not finished or finished), or a new one. */
export interface ProductionPlan {
  graph: ColumnGraph;
  digest: string;
  /** The run to continue. */
  continued?: RunFolder;
  /** How the graph came to be, if it was built now. */
  report?: BuildReport;
  /** The output run was executed before, with another graph. */
  extends?: boolean;
}

/** Finds the run that the same command began, or builds the graph of a new one. Changes nothing. */
export async function planProduction(
  butler: Butler,
  pipeline: ResolvedPipeline,
  options: Record<string, unknown>,
): Promise<ProductionPlan> {
  const { findRun } = await import('../../run/index.ts');
  const digest = commandDigest(pipeline, options);
  const continued = options['newRun'] === true ? undefined : findRun(butler.root, digest);
  if (continued !== undefined) {
    const { openGraph } = await import('../../graph/index.ts');
    return { graph: await openGraph(continued.graphPath), digest, continued };
  }
  const request = await graphRequest(butler, pipeline, options);
  const buildMemory = options['buildMemory'] as number | undefined;
  const { graph, report } = await buildFor(butler, pipeline, request, {
    memoryBytes: buildMemory === undefined ? undefined : buildMemory * 1e9,
    quiet: options['quiet'] === true || options['json'] === true,
  });
  return { graph, digest, report, extends: request.skipExistingIn?.includes(request.outputRun) === true };
}

/** Executes a plan with this installation's worker processes. The graph is kept with the run before anything starts. */
export async function executePlan(
  butler: ButlerApi,
  plan: ProductionPlan,
  options: Partial<ExecuteOptions>,
): Promise<RunSummary> {
  const elsewhere = plan.graph.tasks.filter(
    (task) => task.quantumCount > 0 && task.declaration.runner !== 'typescript',
  );
  if (elsewhere.length > 0) throw cliErrors.NO_RUNNER({ tasks: elsewhere.map((task) => task.label).join(', ') });
  const { execute, RunFolder } = await import('../../run/index.ts');
  const { writeGraph } = await import('../../graph/index.ts');
  const { header } = plan.graph;
  if (plan.continued === undefined) {
    const putBack = plan.extends === true ? RunFolder.setAside(butler.root, header.outputRun) : undefined;
    const folder = RunFolder.create(butler.root, {
      run: header.outputRun,
      graphId: plan.graph.id,
      createdAt: header.createdAt,
      output: header.output,
      inputs: header.inputs,
      where: header.where,
      pipeline: header.pipeline,
      commandDigest: plan.digest,
    });
    try {
      await writeGraph(plan.graph, folder.graphPath);
    } catch (error) {
      folder.remove();
      putBack?.();
      throw error;
    }
  }
  return execute(plan.graph, butler, {
    ...options,
    worker: { file: process.execPath, args: [new URL('../worker.ts', import.meta.url).pathname] },
    commandDigest: plan.digest,
    handleSignals: true,
  });
}
