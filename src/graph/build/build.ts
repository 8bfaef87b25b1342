// SPDX-License-Identifier: BSD-3-Clause

import packageJson from '../../../package.json' with { type: 'json' };
import type { DataId } from '../../butler/index.ts';
import type { ResolvedPipeline } from '../../pipeline/index.ts';
import { ColumnGraph } from '../column-graph.ts';
import { graphErrors } from '../errors.ts';
import { newGraphId } from '../ids.ts';
import type { GraphHeader } from '../quantum-graph.ts';
import { assemble } from './assemble.ts';
import { type BuildContext, findCandidates } from './candidates.ts';
import { components } from './components.ts';
import { findInit } from './init.ts';
import { findPrerequisites } from './prerequisites.ts';
import { prune } from './prune.ts';
import { fetchRecords, type RecordTables } from './records.ts';
import { type BuildReport, explainReport } from './report.ts';
import { skipExisting } from './skip.ts';
import type { CandidateSource } from './source.ts';
import { Dictionaries, ExistingDatasets, type Relation, type TaskRows } from './tables.ts';

export interface BuildOptions {
  /** Input collections in search order. */
  inputs: readonly string[];
  outputRun: string;
  /** The chain that will hold the run. */
  output?: string;
  where?: string;
  bind?: Readonly<Record<string, unknown>>;
  /** Fixed values, such as the pipeline's instrument. */
  dataId?: DataId;
  /** Quanta whose results are in these collections are left out (for a resumed run: the output run itself). */
  skipExistingIn?: readonly string[];
  /** A quantum without a prerequisite is left out and counted (default), or the build fails at the first. */
  missingPrerequisites?: 'prune' | 'fail';
  /** Return a graph without quanta rather than fail with the explanation. */
  allowEmpty?: boolean;
}

export interface BuiltGraph {
  graph: ColumnGraph;
  report: BuildReport;
}

/**
 * Builds the quantum graph of a pipeline over a repository. Questions to the repository go by component, dataset type and
 * dimension; all joins are over integer columns. Throws GRAPH_EMPTY with the causes when nothing is left.
 */
export async function buildGraph(
  pipeline: ResolvedPipeline,
  source: CandidateSource,
  options: BuildOptions,
): Promise<BuiltGraph> {
  const started = performance.now();
  const counted = countQuestions(source);
  const report: BuildReport = { questions: 0, wallSeconds: 0, components: [], tasks: [], pruned: [] };
  const context: BuildContext = {
    source: counted.source,
    pipeline,
    inputs: options.inputs,
    request: { where: options.where, bind: options.bind, dataId: options.dataId },
    dictionaries: new Dictionaries(source.universe),
    existing: new ExistingDatasets(),
    types: new Map(),
    report,
  };
  const init = await findInit(context, options.skipExistingIn ?? []);
  const found: TaskRows[] = [];
  for (const tasks of components(pipeline)) found.push(...(await findCandidates(context, tasks)));
  const byLabel = new Map(found.map((rows) => [rows.label, rows]));
  const tasks = pipeline.tasks.map((task) => byLabel.get(task.declaration.label) as TaskRows);
  report.tasks.sort((a, b) => order(pipeline, a.label) - order(pipeline, b.label));
  if (options.skipExistingIn !== undefined) await skipExisting(context, tasks, options.skipExistingIn);
  const records: RecordTables = new Map();
  await fetchRecords(context.source, context.dictionaries, records, relationsOf(context, tasks));
  for (const rows of tasks) await findPrerequisites(context, rows, records);
  prune(context, tasks, options.missingPrerequisites ?? 'prune');
  const quanta = report.tasks.reduce((sum, task) => sum + task.quanta, 0);
  if (quanta === 0 && !options.allowEmpty) throw emptyError(pipeline, report);
  await fetchRecords(context.source, context.dictionaries, records, relationsOf(context, tasks));
  const header: GraphHeader = {
    skymill: packageJson.version,
    createdAt: new Date().toISOString(),
    inputs: options.inputs,
    output: options.output,
    outputRun: options.outputRun,
    where: options.where ?? '',
    pipeline: pipeline.source,
    description: pipeline.description,
    repositoryId: source.repositoryId,
    universeVersion: source.universe.version,
  };
  const { index, parts } = await assemble(context, header, newGraphId(), tasks, init, records);
  report.questions = counted.questions();
  report.wallSeconds = (performance.now() - started) / 1000;
  return { graph: new ColumnGraph(index, parts), report };
}

function relationsOf({ types }: BuildContext, tasks: readonly TaskRows[]): Relation[] {
  return [...new Set([...tasks, ...types.values()].map((rows) => rows.relation))];
}

function order(pipeline: ResolvedPipeline, label: string): number {
  return pipeline.tasks.findIndex((task) => task.declaration.label === label);
}

function emptyError(pipeline: ResolvedPipeline, report: BuildReport) {
  const skipped = report.tasks.reduce((sum, task) => sum + task.skipped, 0);
  if (skipped > 0 && report.pruned.every((reason) => reason.constraint === 'upstreamPruned')) {
    return graphErrors.NOTHING_LEFT({ pipeline: pipeline.source, skipped: String(skipped) });
  }
  return graphErrors.EMPTY({ pipeline: pipeline.source, explanation: explainReport(report).join(' ') });
}

/** Counts what is asked, for the report. */
function countQuestions(source: CandidateSource): { source: CandidateSource; questions: () => number } {
  let questions = 0;
  const counted = <A extends unknown[], R>(ask: (...args: A) => R) => {
    return (...args: A): R => {
      questions++;
      return ask(...args);
    };
  };
  return {
    source: {
      repositoryId: source.repositoryId,
      universe: source.universe,
      dataIds: counted((request) => source.dataIds(request)),
      explain: counted((request) => source.explain(request)),
      datasets: counted((request) => source.datasets(request)),
      calibrations: counted((request) => source.calibrations(request)),
      records: counted((element, within) => source.records(element, within)),
      files: counted((ids) => source.files(ids)),
      datasetTypeDimensions: counted((name) => source.datasetTypeDimensions(name)),
    },
    questions: () => questions,
  };
}
