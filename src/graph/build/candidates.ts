// SPDX-License-Identifier: BSD-3-Clause
import type { DimensionGroup } from '../../butler/index.ts';
import {
  type Connection,
  type PipelineDatasetType,
  type ResolvedPipeline,
  type ResolvedTask,
  splitComponent,
} from '../../pipeline/index.ts';
import { csrFromSorted } from '../columns/csr.ts';
import { groupRows, take } from '../columns/group.ts';
import { KeyIndex } from '../columns/key-index.ts';
import { Link, noRow } from '../columns/link.ts';
import { graphErrors } from '../errors.ts';
import type { BuildReport } from './report.ts';
import type { CandidateSource, DataIdRequest } from './source.ts';
import type { ConnectionEdges, Dictionaries, ExistingDatasets, Relation, TaskRows, TypeRows } from './tables.ts';

export interface BuildContext {
  source: CandidateSource;
  pipeline: ResolvedPipeline;
  inputs: readonly string[];
  request: Pick<DataIdRequest, 'where' | 'bind' | 'dataId'>;
  dictionaries: Dictionaries;
  existing: ExistingDatasets;
  /** By dataset type; filled by the steps of the build. */
  types: Map<string, TypeRows>;
  report: BuildReport;
}

/** Rows over the dimensions of a set of tasks and datasets, each row with the group it falls in. */
interface Projected {
  relation: Relation;
  /** For each candidate row its row here. */
  of: Uint32Array;
  /** For each row here one candidate row. */
  first: Uint32Array;
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
  const group = source.universe.conform([
    ...tasks.flatMap((task) => task.declaration.dimensions),
    ...regular.flatMap((type) => type.dimensions),
  ]);
  await checkRegistered(context, regular);
  const having = regular
    .filter((type) => type.producer === undefined && constrains(type, pipeline))
    .map((type) => ({ datasetType: type.name, collections: context.inputs }));
  const request: DataIdRequest = { ...context.request, dimensions: group.names, having };
  const table = await dictionaries.encodeAll(source.dataIds(request), group.names);
  const explanation = table.count === 0 ? await source.explain(request) : [];
  report.components.push({ labels: [...labels], dimensions: group.names, candidateRows: table.count, explanation });

  const projections = new Map<string, Projected>();
  const project = (to: DimensionGroup): Projected => {
    const key = to.required.join();
    let found = projections.get(key);
    if (found === undefined) {
      const { of, count, first } = groupRows(dictionaries.keys(table, to.required), table.count);
      const codes = Object.fromEntries(to.names.map((name) => [name, take(table.codes[name], first)]));
      found = { relation: { group: to, count, codes }, of, first };
      projections.set(key, found);
    }
    return found;
  };

  const links = new Map<Projected, Map<Projected, Link>>();
  const linked = (from: Projected, to: Projected): Link => {
    const known = links.get(from) ?? new Map<Projected, Link>();
    links.set(from, known);
    const link = known.get(to) ?? linkBetween(from, to);
    known.set(to, link);
    return link;
  };

  const placed = new Map<string, { rows: TypeRows; projected: Projected }>();
  for (const type of regular) {
    const projected = project(source.universe.conform(type.dimensions));
    const rows = newType(type, projected.relation);
    context.types.set(type.name, rows);
    placed.set(type.name, { rows, projected });
    if (type.producer === undefined && projected.relation.count > 0) await findExisting(context, rows, context.inputs);
  }

  return tasks.map((task): TaskRows => {
    const { declaration } = task;
    const own = project(source.universe.conform(declaration.dimensions));
    const edgesTo = (kind: Connection['kind']): ConnectionEdges[] =>
      Object.entries(declaration.connections)
        .filter(([, connection]) => connection.kind === kind)
        .map(([name, connection]) => {
          const target = placed.get(splitComponent(connection.datasetType).parent);
          if (target === undefined) throw new Error(`connection ${declaration.label}.${name} is of no dataset type`);
          return { name, connection, type: target.rows, link: linked(own, target.projected) };
        });
    const { relation } = own;
    const rows: TaskRows = {
      task,
      label: declaration.label,
      relation,
      inputs: edgesTo('input'),
      outputs: edgesTo('output'),
      alive: new Uint8Array(relation.count).fill(1),
      skipped: 0,
    };
    report.tasks.push({ label: rows.label, candidates: relation.count, skipped: 0, pruned: 0, quanta: 0 });
    claimOutputs(context, rows);
    return rows;
  });
}

function touches(type: PipelineDatasetType, labels: ReadonlySet<string>): boolean {
  if (type.producer !== undefined && labels.has(type.producer.label)) return true;
  return type.consumers.some((consumer) => !consumer.prerequisite && labels.has(consumer.label));
}

/** An overall input constrains the data IDs unless every task can do without it, or asks that it should not. */
function constrains(type: PipelineDatasetType, pipeline: ResolvedPipeline): boolean {
  const byLabel = new Map(pipeline.tasks.map((task) => [task.declaration.label, task.declaration]));
  return type.consumers.some(({ label, connection, prerequisite }) => {
    const declared = byLabel.get(label)?.connections[connection];
    return !prerequisite && declared !== undefined && (declared.minimum ?? 1) > 0 && !declared.deferGraphConstraint;
  });
}

/** The dimensions that the repository knows for a dataset type must be those of the pipeline. */
async function checkRegistered(context: BuildContext, types: readonly PipelineDatasetType[]): Promise<void> {
  for (const type of types) {
    if (type.producer !== undefined) continue;
    const registered = await context.source.datasetTypeDimensions(type.name);
    if (registered === undefined) continue;
    const [there, here] = [registered, type.dimensions].map((names) =>
      context.source.universe.conform(names).names.join(', '),
    );
    if (there !== here) throw graphErrors.TYPE_DISAGREES({ datasetType: type.name, repository: there, pipeline: here });
  }
}

export function newType(declared: PipelineDatasetType, relation: Relation): TypeRows {
  return {
    name: declared.name,
    declared,
    relation,
    existing: undefined,
    producer: undefined,
    alive: new Uint8Array(relation.count),
  };
}

/** Marks the rows that the collections hold: one query for the type. */
export async function findExisting(
  context: BuildContext,
  rows: TypeRows,
  collections: readonly string[],
): Promise<number> {
  const { source, dictionaries, existing } = context;
  const { relation } = rows;
  const dimensions = relation.group.required;
  const few = dimensions.length > 0 && relation.count <= uploadLimit;
  const within = few ? dictionaries.decode(relation, dimensions) : undefined;
  let index: KeyIndex | undefined;
  let matched = 0;
  for await (const found of source.datasets({ datasetType: rows.name, dimensions, collections, within })) {
    index ??= new KeyIndex(
      dimensions.map((name) => ({ values: relation.codes[name], cardinality: dictionaries.of(name).size })),
      relation.count,
    );
    const codes = dimensions.map((name) => dictionaries.of(name).lookUp(found.columns[name]));
    for (let i = 0; i < found.rows; i++) {
      const row = index.find((column) => codes[column][i]);
      if (row === noRow) continue;
      rows.existing ??= new Uint32Array(relation.count);
      rows.existing[row] = existing.add(found.ids[i], found.runs[i]) + 1;
      rows.alive[row] = 1;
      matched++;
    }
  }
  return matched;
}

/** Up to so many data IDs are sent along with the question; of more, all datasets of the collections are looked through. */
const uploadLimit = 500_000;

function linkBetween(from: Projected, to: Projected): Link {
  if (from === to) return Link.same;
  // One row there for each row here: that of the first candidate.
  const within = to.relation.group.required.every((name) => from.relation.group.has(name));
  if (within) return Link.map(take(to.of, from.first));
  const pairs = groupRows(
    [
      { values: from.of, cardinality: from.relation.count },
      { values: to.of, cardinality: to.relation.count },
    ],
    from.of.length,
  );
  const lists = csrFromSorted(take(from.of, pairs.first), take(to.of, pairs.first), from.relation.count);
  return Link.lists(lists.offsets, lists.items);
}

/** Each dataset has one producing quantum. */
function claimOutputs(context: BuildContext, rows: TaskRows): void {
  for (const { type, link } of rows.outputs) {
    type.producer = { rows, link };
    if (link.kind === 'same') {
      type.alive.fill(1);
      continue;
    }
    for (let quantum = 0; quantum < rows.relation.count; quantum++) {
      for (let i = link.begin(quantum); i < link.end(quantum); i++) {
        const dataset = link.at(i);
        if (type.alive[dataset] === 1) throw sharedOutput(context, rows, type, dataset, quantum);
        type.alive[dataset] = 1;
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
