// SPDX-License-Identifier: BSD-3-Clause

import packageJson from '../../../package.json' with { type: 'json' };
import { didYouMean } from '../../base/index.ts';
import { hookNames, type ResolvedPipeline } from '../../pipeline/index.ts';
import { ColumnGraph } from '../column-graph.ts';
import { graphErrors } from '../errors.ts';
import { newGraphId } from '../ids.ts';
import { PagePool } from '../paged/pool.ts';
import type { GraphHeader } from '../quantum-graph.ts';
import { pruneUnanchored } from './anchor.ts';
import { assemble } from './assemble.ts';
import { type BuildContext, findCandidates } from './candidates.ts';
import { components } from './components.ts';
import { ExistingDatasets } from './existing.ts';
import { explainReport } from './explain.ts';
import { findInit, settleInit } from './init.ts';
import { columnMemory } from './memory.ts';
import type { BuildOptions } from './options.ts';
import { findPrerequisites } from './prerequisites.ts';
import { BuildSteps } from './progress.ts';
import { prune } from './prune.ts';
import { PruneLog } from './prune-log.ts';
import { PythonHooks } from './python/hooks.ts';
import { fetchRecords, type RecordTables } from './records.ts';
import { asRegistered } from './registered.ts';
import type { BuildReport } from './report.ts';
import { skipExisting } from './skip.ts';
import type { CandidateSource } from './source.ts';
import { Dictionaries, type Relation, type TaskRows } from './tables.ts';

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
  const report: BuildReport = newReport();
  const pool = new PagePool(options.columns ?? columnMemory(options.memoryBytes, options.spillFolder));
  const steps = new BuildSteps(report, options.onProgress, options.signal);
  const context: BuildContext = {
    source: counted.source,
    pipeline,
    inputs: options.inputs,
    request: {
      where: options.where,
      bind: options.bind,
      dataId: options.dataId,
      tables: options.dataIdTables,
    },
    constraint: checkedConstraint(pipeline, options.datasetConstraint ?? 'all'),
    explain: options.explain === true,
    pool,
    dictionaries: new Dictionaries(source.universe, pool),
    existing: new ExistingDatasets(pool),
    types: new Map(),
    report,
    steps,
    python: undefined,
  };
  if (options.python === undefined) report.warnings.push(...notAsked(pipeline));
  else context.python = new PythonHooks(context, options.python, options.outputRun);
  try {
    const graph = await build(context, options);
    report.questions = counted.questions();
    report.wallSeconds = (performance.now() - started) / 1000;
    report.spilledBytes = pool.spilledBytes;
    return { graph, report };
  } catch (error) {
    pool.close();
    throw error;
  } finally {
    await context.python?.close();
  }
}

async function build(context: BuildContext, options: BuildOptions): Promise<ColumnGraph> {
  const { skipExistingIn = [], retainedDatasetTypes, outputRun } = options;
  if (retainedDatasetTypes !== undefined && skipExistingIn.length === 0)
    throw graphErrors.RETAINED_WITHOUT_SKIP({ types: retainedDatasetTypes.join(', ') });
  context.pipeline = await asRegistered(context);
  const { source, pipeline, report, steps } = context;
  const init = await findInit(context);
  const found: TaskRows[] = [];
  for (const tasks of components(pipeline)) found.push(...(await findCandidates(context, tasks)));
  const byLabel = new Map(found.map((rows) => [rows.label, rows]));
  const tasks = pipeline.tasks.map((task) => byLabel.get(task.declaration.label) as TaskRows);
  const runExists = await source.hasRun(outputRun);
  await skipExisting(context, tasks, {
    collections: skipExistingIn,
    isDone: options.isDone,
    retained: retainedDatasetTypes,
    outputRun,
    runExists,
    clobber: options.clobberOutputs === true,
  });
  if (skipExistingIn.length > 0) {
    const candidates = tasks.reduce((sum, rows) => sum + rows.relation.count, 0);
    const done = tasks.reduce((sum, rows) => sum + rows.skipped, 0);
    steps.done('skip', `quanta not done in ${skipExistingIn.join(', ')}`, candidates - done, candidates);
  }
  const records: RecordTables = new Map();
  await fetchRecords(context.source, context.dictionaries, records, relationsOf(context, tasks));
  steps.done('records', 'dimension records', recordCount(records));
  for (const rows of tasks) await findPrerequisites(context, rows, records);
  const log = new PruneLog(context);
  await prune(context, log, tasks, records, options.missingPrerequisites ?? 'prune');
  if (options.pruneUnanchored !== undefined) pruneUnanchored(log, report, tasks, options.pruneUnanchored);
  summarise(report, tasks);
  const quanta = report.tasks.reduce((sum, task) => sum + task.quanta, 0);
  steps.done('prune', 'quanta with all they need', quanta, quanta + report.tasks.reduce((n, t) => n + t.pruned, 0));
  if (quanta === 0 && !options.allowEmpty) throw emptyError(pipeline, report);
  await settleInit(context, tasks, skipExistingIn, runExists ? outputRun : undefined);
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
    ...(pipeline.inMemory && { inMemory: pipeline.inMemory }),
  };
  const { index, parts } = await assemble(context, header, newGraphId(), tasks, init, records);
  steps.done('assemble', 'datasets in the graph', index.datasetCount);
  return new ColumnGraph(index, parts);
}

/** A sentence for each Python task that would have a say. */
function notAsked({ tasks }: ResolvedPipeline): string[] {
  const asked = tasks.filter(({ declaration }) => declaration.pythonHooks !== undefined);
  return asked.map(
    ({ declaration: { label, pythonHooks } }) =>
      `Task ${label} has a say when graphs are built and was not asked: ${hookNames(pythonHooks).join(', ')}.`,
  );
}

function relationsOf({ types }: BuildContext, tasks: readonly TaskRows[]): Relation[] {
  return [...new Set([...tasks, ...types.values()].map((rows) => rows.relation))];
}

function recordCount(records: RecordTables): number {
  return [...records.values()].reduce((sum, table) => sum + table.records.length, 0);
}

function newReport(): BuildReport {
  return {
    questions: 0,
    wallSeconds: 0,
    components: [],
    tasks: [],
    skipped: [],
    rerun: [],
    pruned: [],
    warnings: [],
    steps: [],
  };
}

function summarise(report: BuildReport, tasks: readonly TaskRows[]): void {
  report.tasks = tasks.map(({ label, relation: { count }, skipped, pruned }) => ({
    label,
    candidates: count,
    skipped,
    pruned,
    quanta: count - skipped - pruned,
  }));
}

/** Types that are to constrain the data IDs must be overall inputs. */
function checkedConstraint(pipeline: ResolvedPipeline, constraint: 'all' | 'off' | readonly string[]) {
  if (typeof constraint === 'string') return constraint;
  const inputs = [...pipeline.datasetTypes.values()].filter((type) => type.producer === undefined && !type.isInit);
  for (const name of constraint) {
    if (inputs.some((type) => type.name === name)) continue;
    const names = inputs.map((type) => type.name);
    throw graphErrors.CONSTRAINT_UNKNOWN({
      datasetType: name,
      pipeline: pipeline.source,
      known: names.join(', '),
      hint: didYouMean(name, names),
    });
  }
  return constraint;
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
      hasRun: (name) => source.hasRun(name),
      count: counted((request) => source.count(request)),
      datasetTypeNames: () => source.datasetTypeNames(),
      registered: (name) => source.registered(name),
      convertible: (from, to) => source.convertible(from, to),
    },
    questions: () => questions,
  };
}
