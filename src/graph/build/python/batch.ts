// SPDX-License-Identifier: BSD-3-Clause
import type { DataIdValue } from '../../../butler/index.ts';
import { splitComponent } from '../../../pipeline/index.ts';
import { noRow } from '../../columns/link.ts';
import type { BuildContext } from '../candidates.ts';
import { type ConnectionEdges, existingAt, type Relation, type TaskRows, type TypeRows } from '../tables.ts';

/** Quanta of a task with their datasets as Python is told of them (python/skymill_worker/hooks/task.py). */
export interface PlainBatch {
  quanta: { rows: readonly number[]; columns: Record<string, DataIdValue[]> };
  /** By dataset type. `ids` are empty for datasets yet to be made; `runOf` are places in `runs`. */
  types: Record<string, PlainDatasets>;
  inputs: Record<string, PlainEdges>;
  outputs: Record<string, PlainEdges>;
}

interface PlainDatasets {
  rows: number[];
  columns: Record<string, DataIdValue[]>;
  ids: string[];
  runs: string[];
  runOf: number[];
}

/** Of each quantum how many datasets, and these as places in the table of the type. */
interface PlainEdges {
  type: string;
  counts: number[];
  items: number[];
}

/** A batch ends after this many quanta or edges. */
const batchQuanta = 4000;
const batchEdges = 40_000;

/** Quanta that are there, in batches that fit a message. */
export function* batches(rows: TaskRows): Generator<number[]> {
  let quanta: number[] = [];
  let edges = 0;
  for (let quantum = 0; quantum < rows.relation.count; quantum++) {
    if (!rows.alive.has(quantum)) continue;
    quanta.push(quantum);
    for (const { link } of rows.inputs) edges += link.end(quantum) - link.begin(quantum);
    if (quanta.length < batchQuanta && edges < batchEdges) continue;
    yield quanta;
    quanta = [];
    edges = 0;
  }
  if (quanta.length > 0) yield quanta;
}

/** A batch as a message, and which row of its type each place stands for. */
export function plainBatch(
  context: BuildContext,
  rows: TaskRows,
  quanta: readonly number[],
): { plain: PlainBatch; rowsOf: (type: TypeRows) => readonly number[] } {
  const tables = new Map<TypeRows, { rows: number[]; places: Map<number, number> }>();
  const plainEdges = ({ type, link }: ConnectionEdges): PlainEdges => {
    const table = tables.get(type) ?? { rows: [], places: new Map<number, number>() };
    tables.set(type, table);
    const counts: number[] = [];
    const items: number[] = [];
    for (const quantum of quanta) {
      const before = items.length;
      for (let i = link.begin(quantum), end = link.end(quantum); i < end; i++) {
        const dataset = link.at(i);
        if (dataset === noRow || !type.alive.has(dataset)) continue;
        let place = table.places.get(dataset);
        if (place === undefined) {
          place = table.rows.length;
          table.places.set(dataset, place);
          table.rows.push(dataset);
        }
        items.push(place);
      }
      counts.push(items.length - before);
    }
    return { type: type.name, counts, items };
  };
  const side = (all: readonly ConnectionEdges[]) => Object.fromEntries(all.map((one) => [one.name, plainEdges(one)]));
  const [inputs, outputs] = [side(rows.inputs), side(rows.outputs)];
  const types = Object.fromEntries(
    [...tables].map(([type, table]) => [type.name, plainDatasets(context, type, table.rows)]),
  );
  return {
    plain: { quanta: { rows: quanta, columns: columnsOf(context, rows.relation, quanta) }, types, inputs, outputs },
    rowsOf: (type) => tables.get(type)?.rows ?? [],
  };
}

function plainDatasets(context: BuildContext, type: TypeRows, rows: number[]): PlainDatasets {
  const { existing } = context;
  const [ids, runs, runOf]: [string[], string[], number[]] = [[], [], []];
  const known = new Map<string, number>();
  for (const row of rows) {
    const at = existingAt(type, row);
    if (at === 0) {
      ids.push('');
      runOf.push(-1);
      continue;
    }
    ids.push(existing.id(at - 1));
    const run = existing.runOf(at - 1);
    let code = known.get(run);
    if (code === undefined) {
      code = runs.push(run) - 1;
      known.set(run, code);
    }
    runOf.push(code);
  }
  return { rows, columns: columnsOf(context, type.relation, rows), ids, runs, runOf };
}

/** Values of all dimensions that the relation has columns of. */
export function columnsOf(
  { dictionaries }: BuildContext,
  { group, codes }: Relation,
  rows: readonly number[],
): Record<string, DataIdValue[]> {
  const columns: Record<string, DataIdValue[]> = {};
  for (const name of group.names) {
    const column = codes[name];
    if (column === undefined) continue;
    const { values } = dictionaries.of(name);
    columns[name] = rows.map((row) => values[column.at(row)]);
  }
  return columns;
}

/** Dataset types of a task's connections as the pipeline has them, by name. */
export function plainTypes({ pipeline, source }: BuildContext, { task }: TaskRows): Record<string, object> {
  const types: Record<string, object> = {};
  for (const { datasetType } of Object.values(task.declaration.connections)) {
    const declared = pipeline.datasetTypes.get(splitComponent(datasetType).parent);
    if (declared === undefined || declared.isInit) continue;
    const { name, dimensions, storageClass, isCalibration } = declared;
    types[name] = { dimensions: source.universe.conform(dimensions).names, storageClass, isCalibration };
  }
  return types;
}
