// SPDX-License-Identifier: BSD-3-Clause
import type { DimensionGroup } from '../../butler/index.ts';
import {
  type Connection,
  type PipelineDatasetType,
  type ResolvedPipeline,
  type ResolvedTask,
  splitComponent,
} from '../../pipeline/index.ts';
import { noRow } from '../columns/link.ts';
import { graphErrors } from '../errors.ts';
import { PagedColumn } from '../paged/column.ts';
import type { RowFinder } from '../paged/finder.ts';
import { Flags } from '../paged/flags.ts';
import { gather } from '../paged/gather.ts';
import type { PagePool } from '../paged/pool.ts';
import { ahead } from './ahead.ts';
import { countJoins } from './counts.ts';
import type { ExistingDatasets } from './existing.ts';
import type { BuildSteps } from './progress.ts';
import { type Projected, Projections } from './projections.ts';
import type { PythonHooks } from './python/hooks.ts';
import type { BuildReport } from './report.ts';
import { isPixel } from './sky-pixels.ts';
import type { CandidateSource, DataIdRequest } from './source.ts';
import type { CodedRows, ConnectionEdges, Dictionaries, Relation, TaskRows, TypeRows } from './tables.ts';

export interface BuildContext {
  source: CandidateSource;
  pipeline: ResolvedPipeline;
  inputs: readonly string[];
  request: Pick<DataIdRequest, 'where' | 'bind' | 'dataId' | 'tables'>;
  /** Which overall inputs constrain the data IDs. */
  constraint: 'all' | 'off' | readonly string[];
  explain: boolean;
  /** Memory of all columns. */
  pool: PagePool;
  dictionaries: Dictionaries;
  existing: ExistingDatasets;
  /** By dataset type; filled by the steps of the build. */
  types: Map<string, TypeRows>;
  report: BuildReport;
  steps: BuildSteps;
  /** Asks Python tasks; undefined where that is not wanted. */
  python: PythonHooks | undefined;
}

/**
 * Candidates of one component: a single query gives the data IDs over all its dimensions (constrained by the expression and
 * by the overall inputs); quanta, datasets and edges are projections of these rows. An edge exists where some row
 * projects onto both its ends.
 */
export async function findCandidates(context: BuildContext, tasks: readonly ResolvedTask[]): Promise<TaskRows[]> {
  const { source, dictionaries, pipeline, report } = context;
  const labels = new Set(tasks.map((task) => task.declaration.label));
  const regular = [...pipeline.datasetTypes.values()].filter((type) => !type.isInit && touches(type, labels));
  const constraints = regular.filter((type) => type.producer === undefined && constrains(type, context));
  const having = constraints.map((type) => ({ datasetType: type.name, collections: context.inputs }));
  const group = askedTogether(context, tasks, regular, constraints);
  const request: DataIdRequest = { ...context.request, dimensions: group.names, having };
  const what = `data IDs of ${[...labels].join(', ')} over {${group.names.join(', ')}}`;
  const table = await dictionaries.encodeAll(context.steps.watch(what, source.dataIds(request)), group.names);
  context.steps.done('dataIds', what, table.count);
  const explanation = table.count === 0 ? await source.explain(request) : [];
  const joins = table.count === 0 || context.explain ? await countJoins(context, request) : [];
  report.components.push({
    labels: [...labels],
    dimensions: group.names,
    candidateRows: table.count,
    explanation,
    joins,
  });

  const projections = new Projections(context, { group, rows: table });
  const groupOf = (dimensions: readonly string[]) => source.universe.conform(dimensions);
  await projections.addPixels(edgeGroups(tasks, regular, groupOf));

  const placed = new Map<string, { rows: TypeRows; projected: Projected }>();
  for (const type of regular) {
    const projected = projections.project(groupOf(type.dimensions));
    const rows = newType(context.pool, type, projected.relation);
    context.types.set(type.name, rows);
    placed.set(type.name, { rows, projected });
    if (type.producer !== undefined || projected.relation.count === 0) continue;
    const found = await findExisting(context, rows, context.inputs);
    context.steps.done('datasets', `${type.name} in ${context.inputs.join(', ')}`, found, projected.relation.count);
  }

  const found = tasks.map((task): TaskRows => {
    const { declaration } = task;
    const own = projections.project(groupOf(declaration.dimensions));
    const edgesTo = (kind: Connection['kind']): ConnectionEdges[] =>
      Object.entries(declaration.connections)
        .filter(([, connection]) => connection.kind === kind)
        .map(([name, connection]) => {
          const target = placed.get(splitComponent(connection.datasetType).parent);
          if (target === undefined) throw new Error(`connection ${declaration.label}.${name} is of no dataset type`);
          return { name, connection, type: target.rows, link: projections.link(own, target.projected) };
        });
    const { relation } = own;
    const rows: TaskRows = {
      task,
      label: declaration.label,
      relation,
      inputs: edgesTo('input'),
      outputs: edgesTo('output'),
      alive: new Flags(context.pool, relation.count, 1),
      skipped: 0,
      pruned: 0,
    };
    claimOutputs(context, rows);
    return rows;
  });
  projections.free();
  return found;
}

/**
 * Dimensions that one query gives: all but sky pixels, which would have to touch everything else at once. Pixels that an input or a table
 * of data IDs brings are asked for, and so are those that regions are kept by in the repository.
 */
function askedTogether(
  { source, request }: BuildContext,
  tasks: readonly ResolvedTask[],
  types: readonly PipelineDatasetType[],
  constraints: readonly PipelineDatasetType[],
): DimensionGroup {
  const { universe } = source;
  const all = universe.conform([
    ...tasks.flatMap((task) => task.declaration.dimensions),
    ...types.flatMap((type) => type.dimensions),
  ]);
  const brought = new Set([
    ...constraints.flatMap((type) => type.dimensions),
    ...(request.tables ?? []).flatMap((table) => table.dimensions),
    universe.commonSkypix?.name,
  ]);
  return universe.conform([
    ...all.names.filter((name) => !all.skypix.includes(name) || brought.has(name)),
    ...(request.tables ?? []).flatMap((table) => table.dimensions.filter((name) => isPixel(name))),
  ]);
}

/** Dimensions of tasks, datasets and of both ends of each edge together. */
function edgeGroups(
  tasks: readonly ResolvedTask[],
  types: readonly PipelineDatasetType[],
  groupOf: (dimensions: readonly string[]) => DimensionGroup,
): DimensionGroup[] {
  const byName = new Map(types.map((type) => [type.name, type]));
  return [
    ...types.map((type) => groupOf(type.dimensions)),
    ...tasks.flatMap(({ declaration: { dimensions, connections } }) => [
      groupOf(dimensions),
      ...Object.values(connections).flatMap(({ kind, datasetType }) => {
        const type = byName.get(splitComponent(datasetType).parent);
        if (type === undefined || (kind !== 'input' && kind !== 'output')) return [];
        return [groupOf([...dimensions, ...type.dimensions])];
      }),
    ]),
  ];
}

function touches(type: PipelineDatasetType, labels: ReadonlySet<string>): boolean {
  if (type.producer !== undefined && labels.has(type.producer.label)) return true;
  return type.consumers.some((consumer) => !consumer.prerequisite && labels.has(consumer.label));
}

/**
 * An overall input constrains the data IDs unless every task can do without it, or asks that it should not. What the user says
 * goes before what tasks ask.
 */
function constrains(type: PipelineDatasetType, { pipeline, constraint }: BuildContext): boolean {
  if (constraint === 'off') return false;
  if (constraint !== 'all') return constraint.includes(type.name);
  const byLabel = new Map(pipeline.tasks.map((task) => [task.declaration.label, task.declaration]));
  return type.consumers.some(({ label, connection, prerequisite }) => {
    const declared = byLabel.get(label)?.connections[connection];
    return !prerequisite && declared !== undefined && (declared.minimum ?? 1) > 0 && !declared.deferGraphConstraint;
  });
}

export function newType(pool: PagePool, declared: PipelineDatasetType, relation: Relation): TypeRows {
  return {
    name: declared.name,
    declared,
    relation,
    existing: undefined,
    producer: undefined,
    alive: new Flags(pool, relation.count),
  };
}

/** Marks the rows (all, or those `wanted`) that the collections hold: one query for the type. */
export async function findExisting(
  context: BuildContext,
  rows: TypeRows,
  collections: readonly string[],
  { wanted, alike }: { wanted?: Flags; alike?: string } = {},
): Promise<number> {
  const { source, dictionaries, existing, pool } = context;
  const { relation } = rows;
  const dimensions = relation.group.required;
  const asked = wanted === undefined ? relation : chosenRows(pool, relation, dimensions, wanted);
  if (asked.count === 0) return 0;
  const few = dimensions.length > 0 && asked.count <= uploadLimit;
  const within = few ? dictionaries.decode(asked, dimensions) : undefined;
  let finder: RowFinder | undefined;
  let matched = 0;
  const batches = source.datasets({ datasetType: rows.name, dimensions, collections, within, alike });
  for await (const found of ahead(batches)) {
    finder ??= dictionaries.finder(relation, dimensions);
    const codes = dimensions.map((name) => dictionaries.of(name).lookUp(found.columns[name]));
    for (let i = 0; i < found.rows; i++) {
      const row = finder.find((column) => codes[column][i]);
      if (row === noRow || wanted?.has(row) === false) continue;
      rows.existing ??= PagedColumn.filled(pool, relation.count);
      rows.existing.set(row, existing.add(found.ids[i], found.runs[i]) + 1);
      rows.alive.add(row);
      matched++;
    }
  }
  return matched;
}

function chosenRows(pool: PagePool, { codes }: Relation, dimensions: readonly string[], flags: Flags): CodedRows {
  const rows = new PagedColumn(pool);
  for (let row = 0; row < flags.size; row++) if (flags.has(row)) rows.push(row);
  const wanted = Object.fromEntries(dimensions.map((name) => [name, codes[name]]));
  return { count: rows.length, codes: gather(pool, wanted, rows) };
}

/** Up to so many data IDs are sent along with the question; of more, all datasets of the collections are looked through. */
const uploadLimit = 500_000;

/** Each dataset has one producing quantum. */
function claimOutputs(context: BuildContext, rows: TaskRows): void {
  for (const { type, link } of rows.outputs) {
    type.producer = { rows, link };
    if (link.kind === 'same') {
      type.alive.fill();
      continue;
    }
    for (let quantum = 0; quantum < rows.relation.count; quantum++) {
      for (let i = link.begin(quantum); i < link.end(quantum); i++) {
        const dataset = link.at(i);
        if (type.alive.has(dataset)) throw sharedOutput(context, rows, type, dataset, quantum);
        type.alive.add(dataset);
      }
    }
  }
}

function sharedOutput(context: BuildContext, rows: TaskRows, type: TypeRows, dataset: number, second: number) {
  const { link } = rows.outputs.find((output) => output.type === type) as ConnectionEdges;
  let first = 0;
  const makes = (quantum: number): boolean => {
    for (let i = link.begin(quantum); i < link.end(quantum); i++) if (link.at(i) === dataset) return true;
    return false;
  };
  while (!makes(first)) first++;
  return graphErrors.SHARED_OUTPUT({
    datasetType: type.name,
    dataId: context.dictionaries.text(type.relation, dataset),
    label: rows.label,
    first: context.dictionaries.text(rows.relation, first),
    second: context.dictionaries.text(rows.relation, second),
  });
}
