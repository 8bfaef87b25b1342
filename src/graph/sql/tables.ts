// SPDX-License-Identifier: BSD-3-Clause
import type { ColumnGraph } from '../column-graph.ts';
import { noRow } from '../columns/link.ts';
import { presentCount, presentNumbers } from '../derive/existing-writer.ts';
import { linkOf } from '../derive/link-of.ts';
import { edgeCounts } from '../edge-counts.ts';

export type Value = string | number | null;

/** A table of a graph for SQL: nothing is copied, rows are made as the database asks for them. */
export interface GraphTable {
  name: string;
  about: string;
  columns: readonly string[];
  /**
   * Arguments, as in `quanta('isr')` or `where of_task = 'isr'`, that say where to look; only those rows are made. All may be left
   * out. They are columns too, but hidden from `select *`.
   */
  parameters: readonly string[];
  /** Values of these columns (a part of {@link columns}), row by row. */
  rows(columns: readonly string[], parameters: readonly Value[]): Generator<Value[]>;
}

/** Dimensions become columns of `quanta` and `datasets`; where a row has no such dimension the value is null. */
export function graphTables(graph: ColumnGraph): GraphTable[] {
  const dimensions = [...new Set(graph.index.relations.flatMap(({ names }) => names))];
  return [
    tasks(graph),
    datasetTypes(graph),
    {
      name: 'quanta',
      about: 'one row a quantum; of_task and at (a row number) narrow it down',
      columns: ['row', 'uuid', 'label', ...dimensions],
      parameters: ['of_task', 'at'],
      rows: (columns, [label, at]) => quanta(graph, columns, label ?? null, at ?? null),
    },
    {
      name: 'datasets',
      about: 'one row a dataset; producer is a row of quanta; of_type and at narrow it down',
      columns: ['row', 'uuid', 'type', 'run', 'exists_already', 'producer', 'path', 'size_bytes', ...dimensions],
      parameters: ['of_type', 'at'],
      rows: (columns, [type, at]) => datasets(graph, columns, type ?? null, at ?? null),
    },
    {
      name: 'edges',
      about: 'one row an edge: quantum and dataset are rows of those tables; of_task and of_quantum narrow it down',
      columns: ['quantum', 'dataset', 'direction', 'connection'],
      parameters: ['of_task', 'of_quantum'],
      rows: (columns, [label, quantum]) => edges(graph, columns, label ?? null, quantum ?? null),
    },
  ];
}

function tasks(graph: ColumnGraph): GraphTable {
  return {
    name: 'tasks',
    about: 'one row a task; dimensions and config are JSON',
    columns: ['label', 'class', 'runner', 'dimensions', 'quanta', 'first_row', 'input_edges', 'output_edges', 'config'],
    parameters: [],
    *rows(columns) {
      const total = (counts: readonly number[]) => counts.reduce((sum, one) => sum + one, 0);
      for (const [t, task] of graph.tasks.entries()) {
        const { declaration, label, quantumCount, firstQuantum } = task;
        const of: Record<string, () => Value> = {
          label: () => label,
          class: () => declaration.taskClass,
          runner: () => declaration.runner,
          dimensions: () => JSON.stringify(declaration.dimensions),
          quanta: () => quantumCount,
          first_row: () => firstQuantum,
          input_edges: () => total(edgeCounts(graph, 'inputs')[t]),
          output_edges: () => total(edgeCounts(graph, 'outputs')[t]),
          config: () => JSON.stringify(declaration.config),
        };
        yield columns.map((name) => of[name]());
      }
    },
  };
}

function datasetTypes(graph: ColumnGraph): GraphTable {
  return {
    name: 'dataset_types',
    about: 'one row a dataset type; producer is a label, null if the repository has them',
    columns: ['name', 'dimensions', 'storage_class', 'is_calibration', 'datasets', 'first_row', 'existing', 'producer'],
    parameters: [],
    *rows(columns) {
      for (const [t, type] of graph.index.datasetTypes.entries()) {
        const of: Record<string, () => Value> = {
          name: () => type.name,
          dimensions: () => JSON.stringify(type.dimensions),
          storage_class: () => type.storageClass,
          is_calibration: () => (type.isCalibration ? 1 : 0),
          datasets: () => type.datasetCount,
          first_row: () => type.firstDataset,
          existing: () => existingOf(graph, t),
          producer: () => (type.producer === undefined ? null : graph.tasks[type.producer.task].label),
        };
        yield columns.map((name) => of[name]());
      }
    },
  };
}

function* quanta(graph: ColumnGraph, columns: readonly string[], label: Value, at: Value): Generator<Value[]> {
  for (const [t, task] of graph.index.tasks.entries()) {
    const { firstQuantum, quantumCount, relation } = task;
    if (label !== null && label !== task.label) continue;
    if (at !== null && !(Number(at) >= firstQuantum && Number(at) < firstQuantum + quantumCount)) continue;
    let quantum = 0;
    let row = 0;
    const of: Record<string, () => Value> = {
      row: () => quantum,
      uuid: () => graph.quantumUuid(quantum),
      label: () => task.label,
    };
    const readers = columns.map((name) => of[name] ?? dimensionReader(graph, relation, name, () => row, at !== null));
    const rows = graph.edges.quantaOf(t);
    if (at !== null) {
      quantum = Number(at);
      row = rows.select(quantum - firstQuantum);
      yield readers.map((read) => read());
      continue;
    }
    for (quantum = firstQuantum; row < rows.size; row++) {
      if (!rows.has(row)) continue;
      yield readers.map((read) => read());
      quantum++;
    }
  }
}

function* datasets(graph: ColumnGraph, columns: readonly string[], name: Value, at: Value): Generator<Value[]> {
  for (const [t, type] of graph.index.datasetTypes.entries()) {
    const { firstDataset, datasetCount, relation } = type;
    if (name !== null && name !== type.name) continue;
    if (at !== null && !(Number(at) >= firstDataset && Number(at) < firstDataset + datasetCount)) continue;
    let dataset = firstDataset;
    let row = 0;
    let present: ((row: number) => number | undefined) | undefined;
    let known: { at: number; of: ReturnType<ColumnGraph['dataset']> } | undefined;
    const whole = () => {
      if (known?.at !== dataset) known = { at: dataset, of: graph.dataset(dataset) };
      return known.of;
    };
    const of: Record<string, () => Value> = {
      row: () => dataset,
      uuid: () => whole().id,
      type: () => type.name,
      run: () => (type.existing === 'none' ? graph.header.outputRun : whole().run),
      exists_already: () => {
        present ??= presentNumbers(graph, t);
        return present(row) === undefined ? 0 : 1;
      },
      producer: () => (type.producer === undefined ? null : (graph.edges.producer(t, row) ?? null)),
      path: () => whole().files[0]?.path ?? null,
      size_bytes: () => sizeOf(whole().files),
    };
    const readers = columns.map(
      (column) => of[column] ?? dimensionReader(graph, relation, column, () => row, at !== null),
    );
    const rows = graph.edges.datasetsOf(t);
    if (at !== null) {
      dataset = Number(at);
      row = rows.select(dataset - firstDataset);
      yield readers.map((read) => read());
      continue;
    }
    for (; row < rows.size; row++) {
      if (!rows.has(row)) continue;
      yield readers.map((read) => read());
      dataset++;
    }
  }
}

/** Whether none, some or all datasets of a type exist. */
function existingOf(graph: ColumnGraph, t: number): 'none' | 'some' | 'all' {
  const count = presentCount(graph, t);
  if (count === 0) return 'none';
  return count === graph.datasetTypes[t].datasetCount ? 'all' : 'some';
}

function sizeOf(files: readonly { sizeBytes: number }[]): number | null {
  const sizes = files.map((file) => file.sizeBytes).filter((size) => Number.isFinite(size) && size >= 0);
  return sizes.length === 0 ? null : sizes.reduce((sum, size) => sum + size, 0);
}

/** Reads the value of a dimension at the current row; `single`: only the surroundings of one row are read. */
function dimensionReader(
  graph: ColumnGraph,
  relation: number,
  name: string,
  row: () => number,
  single: boolean,
): () => Value {
  if (!graph.index.relations[relation].names.includes(name)) return () => null;
  const values = graph.parts.values(name);
  const column = `relation/${relation}/${name}`;
  if (single) return () => values[graph.parts.at(column, row())];
  const codes = graph.parts.column(column);
  return () => values[codes[row()]];
}

function* edges(graph: ColumnGraph, columns: readonly string[], label: Value, at: Value): Generator<Value[]> {
  const edge = { quantum: 0, dataset: 0, direction: '', connection: '' };
  const pick = (): Value[] => columns.map((name) => edge[name as keyof typeof edge]);
  if (at !== null) {
    const quantum = Number(at);
    if (!Number.isInteger(quantum) || quantum < 0 || quantum >= graph.quantumCount) return;
    const task = graph.tasks[graph.taskOf(quantum)];
    if (label !== null && task.label !== label) return;
    edge.quantum = quantum;
    for (const { direction, list, names } of [
      { direction: 'input', list: graph.quantumInputs(quantum), names: task.inputNames },
      { direction: 'output', list: graph.quantumOutputs(quantum), names: task.outputNames },
    ])
      for (const { dataset, connection } of list) {
        Object.assign(edge, { dataset, direction, connection: names[connection] });
        yield pick();
      }
    return;
  }
  for (const [t, task] of graph.index.tasks.entries()) {
    if (label !== null && label !== task.label) continue;
    const rows = graph.edges.quantaOf(t);
    for (const [direction, side, names] of [
      ['input', task.inputs, task.inputNames],
      ['output', task.outputs, task.outputNames],
    ] as const)
      for (const [k, { type, link }] of side.entries()) {
        Object.assign(edge, { direction, connection: names[k] });
        const of = linkOf(graph, link);
        const present = graph.edges.datasetsOf(type);
        const { firstDataset } = graph.datasetTypes[type];
        edge.quantum = task.firstQuantum;
        for (let row = 0; row < rows.size; row++) {
          if (!rows.has(row)) continue;
          for (let i = of.begin(row), end = of.end(row); i < end; i++) {
            const to = of.at(i);
            if (to === noRow || !present.has(to)) continue;
            edge.dataset = firstDataset + present.rank(to);
            yield pick();
          }
          edge.quantum++;
        }
      }
  }
}
