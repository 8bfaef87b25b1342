// SPDX-License-Identifier: BSD-3-Clause
import { uuidHex } from '../../base/index.ts';
import type { DataId, DataIdValue, FileRecord } from '../../butler/index.ts';
import type { ColumnGraph } from '../column-graph.ts';
import type { GraphDataset } from '../quantum-graph.ts';
import {
  fileRecordClass,
  fileRecordTable,
  noComponent,
  type PeerDataset,
  type PeerDatastoreRecords,
  type PeerFileRecord,
  type PeerQuantum,
} from './format.ts';

type FullValues = (dataId: DataId) => DataIdValue[];

/** Quanta of a graph in the words of `.qg` files, one at a time. */
export class ExportQuanta {
  readonly #graph: ColumnGraph;
  readonly #datastore: string;
  readonly #tasks: readonly FullValues[];
  readonly #types: readonly FullValues[];

  constructor(graph: ColumnGraph, datastore: string, fullValues: (dimensions: readonly string[]) => FullValues) {
    this.#graph = graph;
    this.#datastore = datastore;
    this.#tasks = graph.tasks.map(({ declaration }) => fullValues(declaration.dimensions));
    this.#types = graph.datasetTypes.map(({ dimensions }) => fullValues(dimensions));
  }

  dataId(quantum: number): DataIdValue[] {
    return this.#tasks[this.#graph.taskOf(quantum)](this.#graph.quantumDataId(quantum));
  }

  quantum(quantum: number): PeerQuantum {
    const task = this.#graph.tasks[this.#graph.taskOf(quantum)];
    const files = new Map<string, readonly FileRecord[]>();
    const inputs: Record<string, PeerDataset[]> = Object.fromEntries(task.inputNames.map((name) => [name, []]));
    for (const { dataset, connection } of this.#graph.quantumInputs(quantum))
      inputs[task.inputNames[connection]].push(this.#dataset(dataset, files));
    const outputs: Record<string, PeerDataset[]> = Object.fromEntries(task.outputNames.map((name) => [name, []]));
    for (const { dataset, connection } of this.#graph.quantumOutputs(quantum))
      outputs[task.outputNames[connection]].push(this.#dataset(dataset));
    return {
      quantum_id: this.#graph.quantumUuid(quantum),
      task_label: task.label,
      data_coordinate: this.dataId(quantum),
      inputs,
      outputs,
      datastore_records: this.#records(files),
    };
  }

  /** What is done once: of the run as a whole (`label` ""), or of a task. */
  init(
    label: string,
    id: string,
    inputs: Readonly<Record<string, number>>,
    outputs: Readonly<Record<string, number>>,
  ): PeerQuantum {
    const files = new Map<string, readonly FileRecord[]>();
    const of = (rows: Readonly<Record<string, number>>, into?: typeof files) =>
      Object.fromEntries(Object.entries(rows).map(([name, row]) => [name, [this.#dataset(row, into)]]));
    return {
      quantum_id: id,
      task_label: label,
      data_coordinate: [],
      inputs: of(inputs, files),
      outputs: of(outputs),
      datastore_records: this.#records(files),
    };
  }

  #dataset(row: number, files?: Map<string, readonly FileRecord[]>): PeerDataset {
    const dataset: GraphDataset = this.#graph.dataset(row);
    if (files !== undefined && dataset.files.length > 0) files.set(dataset.id, dataset.files);
    return {
      dataset_id: dataset.id,
      dataset_type_name: dataset.datasetType,
      data_coordinate: this.#types[this.#graph.typeOf(row)](dataset.dataId),
      run: dataset.run,
    };
  }

  #records(files: ReadonlyMap<string, readonly FileRecord[]>): Record<string, PeerDatastoreRecords> {
    if (files.size === 0) return {};
    const records = Object.fromEntries(
      Array.from(files, ([id, list]) => [uuidHex(id), { [fileRecordTable]: list.map(fileRecord) }]),
    );
    return { [this.#datastore]: { dataset_ids: [...files.keys()], records: { [fileRecordClass]: records } } };
  }
}

function fileRecord(file: FileRecord): PeerFileRecord {
  return {
    formatter: file.formatter,
    path: file.path,
    storage_class: file.storageClass,
    component: file.component ?? noComponent,
    checksum: file.checksum,
    file_size: Number.isFinite(file.sizeBytes) ? file.sizeBytes : -1,
  };
}
