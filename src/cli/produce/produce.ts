// SPDX-License-Identifier: BSD-3-Clause
import { existsSync } from 'node:fs';
import type { Butler, ButlerApi } from '../../butler/index.ts';
import type { BuildReport, ColumnGraph } from '../../graph/index.ts';
import type { ResolvedPipeline } from '../../pipeline/index.ts';
import type { ExecuteOptions, Judged, RunFolder, RunSummary } from '../../run/index.ts';
import { cliErrors } from '../errors.ts';
import { buildFor } from './build-graph.ts';
import { codesOf, hasOtherCode, isOvertaken, openPredecessors, runsOfChain } from './continue.ts';
import { readExclusions } from './execute-options.ts';
import { commandDigest, graphRequest } from './graph-request.ts';

/** What a command line will execute: the graph of a run that exists (same command, not finished or finished), or a new one. */
export interface ProductionPlan {
  graph: ColumnGraph;
  digest: string;
  /** Code of each task, by label. */
  codes: Readonly<Record<string, string>>;
  /** The run to continue. */
  continued?: RunFolder;
  /** How the graph came to be, if it was built now. */
  report?: BuildReport;
  /** The output run was executed before, with another graph. */
  extends?: boolean;
  /** What is kept of earlier runs of the chain, and the whole graph that was judged. */
  judged?: Judged & { full: ColumnGraph };
  /** What is to be said before anything starts. */
  notes: string[];
}

/**
 * Finds the run that the same command began, or builds the graph of a new one. Where the output chain has runs already, the graph has only
 * what they do not have as it would be made now (docs/decisions/0009-changed-productions-are-new-runs.md). With `dryRun` nothing at
 * all is changed, and the graph is the whole one.
 */
export async function planProduction(
  butler: Butler,
  pipeline: ResolvedPipeline,
  options: Record<string, unknown>,
): Promise<ProductionPlan> {
  const { findRun } = await import('../../run/index.ts');
  const digest = commandDigest(pipeline, options);
  const codes = await codesOf(pipeline.tasks.map((task) => task.declaration));
  const anyCode = options['anyCode'] === true;
  const fresh = options['newRun'] === true;
  const lookAgain = options['newGraph'] === true;
  const same = fresh ? undefined : findRun(butler.root, digest);
  const chain = fresh || isExplicit(options) ? [] : await runsOfChain(butler, options['output'] as string | undefined);
  if (same !== undefined && !lookAgain && (anyCode || !hasOtherCode(same.info(), codes))) {
    const { openGraph } = await import('../../graph/index.ts');
    const graph = await openGraph(same.graphPath);
    if (!(await isOvertaken(same, graph, chain))) return { graph, digest, codes, continued: same, notes: [] };
  }
  const request = await graphRequest(butler, pipeline, options);
  const buildMemory = options['buildMemory'] as number | undefined;
  const limits = {
    memoryBytes: buildMemory === undefined ? undefined : buildMemory * 1e9,
    quiet: options['quiet'] === true || options['json'] === true,
  };
  const { graph: full, report } = await buildFor(butler, pipeline, request, limits);
  const plan = {
    graph: full,
    digest,
    codes,
    report,
    extends: request.skipExistingIn?.includes(request.outputRun) === true,
    notes: [],
  };
  if (chain.length === 0) return plan;

  const dryRun = options['dryRun'] === true;
  const verify = options['verify'] as ExecuteOptions['verify'];
  const { earlier, notes } = await openPredecessors(butler, chain, { verify, mayChange: !dryRun });
  const { findExcluded, planRerun } = await import('../../run/index.ts');
  const excluded = findExcluded(full, await readExclusions(butler, options));
  const judged = { ...planRerun(full, earlier, codes, { anyCode, excluded }), full };
  const continuing = { ...plan, judged, notes };
  if (dryRun || judged.plan.kept === 0 || judged.plan.rerun === 0) return continuing;
  const { quantumFinder } = await import('../../graph/index.ts');
  const find = quantumFinder(full);
  const rest = await buildFor(
    butler,
    pipeline,
    {
      ...request,
      skipExistingIn: earlier.map(({ info }) => info.run),
      isDone: (label, dataId) => {
        const quantum = find(label, dataId);
        return quantum !== undefined && judged.isKept(quantum) && !excluded.quanta.has(quantum);
      },
    },
    limits,
  );
  return { ...continuing, graph: rest.graph };
}

/** Options that say themselves which results count: then nothing else is looked for. */
function isExplicit(options: Record<string, unknown>): boolean {
  const names = ['extendRun', 'skipExisting', 'skipExistingIn', 'retainedDatasetTypes', 'clobberOutputs'];
  return names.some((name) => options[name] !== undefined && options[name] !== false);
}

/** How this installation's worker processes are started. */
export const workerCommand = { file: process.execPath, args: [new URL('../worker.ts', import.meta.url).pathname] };

/** Executes a plan with this installation's worker processes. The graph is kept with the run before anything starts. */
export async function executePlan(
  butler: ButlerApi,
  plan: ProductionPlan,
  options: Partial<ExecuteOptions>,
): Promise<RunSummary> {
  const { graph, judged } = plan;
  const elsewhere = graph.tasks.filter((task) => task.quantumCount > 0 && task.declaration.runner !== 'typescript');
  if (elsewhere.length > 0) throw cliErrors.NO_RUNNER({ tasks: elsewhere.map((task) => task.label).join(', ') });
  const { execute, keepPlan, RunFolder } = await import('../../run/index.ts');
  const { writeGraph } = await import('../../graph/index.ts');
  const { header } = graph;
  let takeBack = () => {};
  if (plan.continued === undefined) {
    const putBack = plan.extends === true ? RunFolder.setAside(butler.root, header.outputRun) : undefined;
    const folder = RunFolder.create(butler.root, {
      run: header.outputRun,
      graphId: graph.id,
      createdAt: header.createdAt,
      output: header.output,
      inputs: header.inputs,
      where: header.where,
      pipeline: header.pipeline,
      commandDigest: plan.digest,
      code: plan.codes,
    });
    takeBack = () => {
      if (existsSync(folder.outcomesPath) || existsSync(folder.lockPath)) return;
      folder.remove();
      putBack?.();
    };
    try {
      if (judged !== undefined) keepPlan(folder, graph, judged.full, judged);
      await writeGraph(graph, folder.graphPath);
    } catch (error) {
      takeBack();
      throw error;
    }
  }
  try {
    return await execute(graph, butler, {
      ...options,
      worker: workerCommand,
      commandDigest: plan.digest,
      handleSignals: true,
    });
  } catch (error) {
    takeBack(); // where nothing was executed, there is no run
    throw error;
  }
}
