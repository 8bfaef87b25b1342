// SPDX-License-Identifier: BSD-3-Clause
import type { DimensionGroup } from '../../butler/index.ts';
import {
  type Connection,
  type PipelineDatasetType,
  type ResolvedPipeline,
  type ResolvedTask,
  splitComponent,
} from '../../pipeline/index.ts';
import { type Csr, csrFromSorted } from '../columns/csr.ts';
import { groupRows, matchRows, take } from '../columns/group.ts';
import { graphErrors } from '../errors.ts';
import type { BuildReport } from './report.ts';
import type { CandidateSource, DataIdRequest } from './source.ts';
import {
  type CodedRows,
  type ConnectionEdges,
  type Dictionaries,
  type ExistingDatasets,
  nobody,
  type TaskRows,
  type TypeRows,
} from './tables.ts';

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
interface Projected extends CodedRows {
  group: DimensionGroup;
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
  const table = dictionaries.encode(await source.dataIds(request));
  const explanation = table.count === 0 ? await source.explain(request) : [];
  report.components.push({ labels: [...labels], dimensions: group.names, candidateRows: table.count, explanation });

  const projections = new Map<string, Projected>();
  const project = (to: DimensionGroup): Projected => {
    const key = to.required.join();
    let found = projections.get(key);
    if (found === undefined) {
      const { of, count, first } = groupRows(dictionaries.keys(table, to.required), table.count);
      const codes = Object.fromEntries(to.names.map((name) => [name, take(table.codes[name], first)]));
      found = { group: to, of, count, first, codes };
      projections.set(key, found);
    }
    return found;
  };

  const placed = new Map<string, { rows: TypeRows; projected: Projected }>();
  for (const type of regular) {
    const projected = project(source.universe.conform(type.dimensions));
    const rows = newType(type, projected.group, projected);
    context.types.set(type.name, rows);
    placed.set(type.name, { rows, projected });
    if (type.producer === undefined && rows.count > 0) await findExisting(context, rows, context.inputs);
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
          return { name, connection, type: target.rows, edges: edgesBetween(own, target.projected) };
        });
    const rows: TaskRows = {
      task,
      label: declaration.label,
      group: own.group,
      count: own.count,
      codes: own.codes,
      inputs: edgesTo('input'),
      outputs: edgesTo('output'),
      alive: new Uint8Array(own.count).fill(1),
      skipped: 0,
    };
    report.tasks.push({ label: rows.label, candidates: rows.count, skipped: 0, pruned: 0, quanta: 0 });
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

export function newType(declared: PipelineDatasetType, group: DimensionGroup, rows: CodedRows): TypeRows {
  return {
    name: declared.name,
    declared,
    group,
    count: rows.count,
    codes: rows.codes,
    existing: new Uint32Array(rows.count),
    producer: new Uint32Array(rows.count).fill(nobody),
    alive: new Uint8Array(rows.count),
  };
}

/** Marks the rows that the collections hold: one query for the type. */
export async function findExisting(
  context: BuildContext,
  rows: TypeRows,
  collections: readonly string[],
): Promise<number> {
  const { source, dictionaries, existing } = context;
  const dimensions = rows.group.required;
  const within = dimensions.length === 0 ? undefined : dictionaries.decode(rows, dimensions);
  const found = await source.datasets({ datasetType: rows.name, dimensions, collections, within });
  const coded = dictionaries.encode(found);
  const columns = (table: CodedRows) => dimensions.map((name) => table.codes[name]);
  const match = matchRows(
    columns(rows),
    rows.count,
    columns(coded),
    coded.count,
    dictionaries.cardinalities(dimensions),
  );
  let matched = 0;
  for (let i = 0; i < match.length; i++) {
    if (match[i] < 0) continue;
    rows.existing[match[i]] = existing.add(found.ids[i], found.runs[i]) + 1;
    rows.alive[match[i]] = 1;
    matched++;
  }
  return matched;
}

function edgesBetween(quanta: Projected, datasets: Projected): Csr {
  const within = datasets.group.required.every((name) => quanta.group.has(name));
  if (within) {
    // One dataset a quantum: look at the quantum's first candidate row.
    const items = take(datasets.of, quanta.first);
    const offsets = Uint32Array.from({ length: quanta.count + 1 }, (_, i) => i);
    return { offsets, items };
  }
  const rows = quanta.of.length;
  const pairs = groupRows(
    [
      { values: quanta.of, cardinality: quanta.count },
      { values: datasets.of, cardinality: datasets.count },
    ],
    rows,
  );
  return csrFromSorted(take(quanta.of, pairs.first), take(datasets.of, pairs.first), quanta.count);
}

/** Each dataset has one producing quantum. */
function claimOutputs(context: BuildContext, rows: TaskRows): void {
  for (const { type, edges } of rows.outputs) {
    for (let quantum = 0; quantum < rows.count; quantum++) {
      for (let i = edges.offsets[quantum]; i < edges.offsets[quantum + 1]; i++) {
        const dataset = edges.items[i];
        const other = type.producer[dataset];
        if (other !== nobody) {
          const text = (q: number) => context.dictionaries.text(rows, q);
          throw graphErrors.SHARED_OUTPUT({
            datasetType: type.name,
            dataId: context.dictionaries.text(type, dataset),
            label: rows.label,
            first: text(other),
            second: text(quantum),
          });
        }
        type.producer[dataset] = quantum;
        type.alive[dataset] = 1;
      }
    }
  }
}
