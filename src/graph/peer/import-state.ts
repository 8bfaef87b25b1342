// SPDX-License-Identifier: BSD-3-Clause
import { DimensionUniverse, type UniverseSpec } from '../../butler/index.ts';
import { packagesDatasetType, splitComponent, type TaskDeclaration } from '../../pipeline/index.ts';
import { type Growing, growingU32 } from '../columns/growing.ts';
import { graphErrors } from '../errors.ts';
import type { PeerDataId, PeerDataset, PeerHeader, PeerPipelineGraph, PeerQuantum } from './format.ts';
import { ImportFiles } from './import-files.ts';
import { Dictionaries, Ids, ImportRelation, Members, uuidWords, type Words } from './import-rows.ts';
import { declarationOf, outputs } from './pipeline-graph.ts';

/** A connection with its edges so far: rows of the task's relation and of the type's. */
export interface ImportConnection {
  name: string;
  type: ImportType;
  from: Growing<Words>;
  to: Growing<Words>;
}

export interface ImportTask {
  label: string;
  declaration: TaskDeclaration;
  quanta: Members;
  inputs: ImportConnection[];
  outputs: ImportConnection[];
  /** Connection and type. */
  initInputs: [string, string][];
  initOutputs: [string, string][];
}

export interface ImportType {
  name: string;
  storageClass: string;
  isCalibration: boolean;
  datasets: Members;
}

/** All that was read, by number in order of arrival. */
export class ImportState {
  readonly file: string;
  readonly header: PeerHeader;
  readonly universe: DimensionUniverse;
  readonly dictionaries = new Dictionaries();
  readonly tasks = new Map<string, ImportTask>();
  readonly types = new Map<string, ImportType>();
  readonly quantumIds = new Ids();
  readonly datasetIds = new Ids();
  readonly datasetRuns = growingU32();
  readonly runs: string[] = [];
  readonly files = new ImportFiles();
  readonly initQuanta: Record<string, string> = {};
  readonly #relations = new Map<string, ImportRelation>();
  readonly #words: Words = new Uint32Array(4);

  constructor(file: string, header: PeerHeader, pipeline: PeerPipelineGraph) {
    this.file = file;
    this.header = header;
    this.universe = this.#universeOf(pipeline.dimensions);
    this.#declareTypes(pipeline);
    const entries = Object.entries(pipeline.tasks).sort(([, a], [, b]) => (a.index ?? 0) - (b.index ?? 0));
    for (const [label, task] of entries) {
      const declaration = declarationOf(label, task);
      const of = (...kinds: string[]): [string, string][] =>
        Object.entries(declaration.connections)
          .filter(([, connection]) => kinds.includes(connection.kind))
          .map(([name, connection]) => [name, splitComponent(connection.datasetType).parent]);
      const edges = (list: [string, string][]): ImportConnection[] =>
        list.map(([name, type]) => ({ name, type: this.#type(type), from: growingU32(), to: growingU32() }));
      this.tasks.set(label, {
        label,
        declaration,
        quanta: new Members(this.#shared(task.dimensions)),
        inputs: edges(of('input', 'prerequisite')),
        outputs: edges(of('output')),
        initInputs: of('initInput'),
        initOutputs: of('initOutput'),
      });
    }
  }

  addInit(init: PeerQuantum): void {
    this.initQuanta[init.task_label] = init.quantum_id;
    const numbers = new Map<string, number>();
    for (const [, datasets] of [...Object.entries(init.inputs), ...Object.entries(init.outputs)]) {
      for (const dataset of datasets) numbers.set(hexOf(dataset.dataset_id), this.#dataset(dataset).number);
    }
    this.files.add(init.datastore_records, (hex) => numbers.get(hex));
  }

  addQuantum(quantum: PeerQuantum): void {
    const task = this.tasks.get(quantum.task_label);
    if (task === undefined) {
      throw this.problem(`quantum ${quantum.quantum_id} is of task "${quantum.task_label}", which the pipeline lacks`);
    }
    const id = uuidWords(quantum.quantum_id, this.#words);
    const row = this.#row(task.quanta.relation, quantum.data_coordinate, id, `quantum ${quantum.quantum_id}`);
    if (task.quanta.at(row) !== undefined)
      throw this.problem(`task "${task.label}" has two quanta for (${quantum.data_coordinate.join(', ')})`);
    task.quanta.add(row, this.quantumIds.push(id));
    const numbers = new Map<string, number>();
    const side = (connections: readonly ImportConnection[], given: Record<string, PeerDataset[]>): void => {
      for (const [name, datasets] of Object.entries(given)) {
        const connection = connections.find((one) => one.name === name);
        if (connection === undefined)
          throw this.problem(`quantum ${quantum.quantum_id} has a connection "${name}", which its task lacks`);
        for (const dataset of datasets) {
          const found = this.#dataset(dataset);
          numbers.set(hexOf(dataset.dataset_id), found.number);
          connection.from.push(row);
          connection.to.push(found.row);
        }
      }
    };
    side(task.inputs, quantum.inputs);
    side(task.outputs, quantum.outputs);
    this.files.add(quantum.datastore_records, (hex) => numbers.get(hex));
  }

  problem(problem: string) {
    return graphErrors.PEER_CONTENT({ file: this.file, problem }, { place: { file: this.file } });
  }

  #universeOf(spec: unknown): DimensionUniverse {
    try {
      return new DimensionUniverse(spec as UniverseSpec);
    } catch (cause) {
      throw this.problem(`its dimensions cannot be understood (${(cause as Error).message})`);
    }
  }

  #dataset(dataset: PeerDataset): { row: number; number: number } {
    const type = this.#type(dataset.dataset_type_name);
    const id = uuidWords(dataset.dataset_id, this.#words);
    const { datasets } = type;
    const row = this.#row(datasets.relation, dataset.data_coordinate, id, `dataset ${dataset.dataset_id}`);
    const known = datasets.at(row);
    if (known !== undefined) {
      if (this.datasetIds.equals(known, id)) return { row, number: known };
      throw this.problem(`two ${type.name} datasets have the data ID (${dataset.data_coordinate.join(', ')})`);
    }
    const number = this.datasetIds.push(id);
    datasets.add(row, number);
    let run = this.runs.indexOf(dataset.run);
    if (run < 0) run = this.runs.push(dataset.run) - 1;
    this.datasetRuns.push(run);
    return { row, number };
  }

  #row(relation: ImportRelation, dataId: PeerDataId, id: Words, what: string): number {
    const { names } = relation;
    if (dataId.length !== names.length)
      throw this.problem(`the data ID of ${what} has ${dataId.length} values for {${names.join(', ')}}`);
    return relation.row(dataId, id);
  }

  #type(name: string): ImportType {
    const type = this.types.get(name);
    if (type === undefined) throw this.problem(`the pipeline has no dataset type "${name}"`);
    return type;
  }

  /** Types that a task of this graph makes, and those of the run as a whole, share relations; the others have one each. */
  #declareTypes(pipeline: PeerPipelineGraph): void {
    const made = new Set(
      Object.values(pipeline.tasks).flatMap((task) => outputs(task).map((e) => e.dataset_type_name)),
    );
    for (const [name, type] of Object.entries(pipeline.dataset_types)) {
      if (type.dimensions === null || type.storage_class === null)
        throw this.problem(`dataset type "${name}" has no dimensions`);
      const group = this.universe.conform(type.dimensions);
      const shares = made.has(name) || group.names.length === 0;
      this.types.set(name, {
        name,
        storageClass: type.storage_class,
        isCalibration: type.is_calibration,
        datasets: new Members(
          shares ? this.#shared(type.dimensions) : new ImportRelation(group, this.dictionaries, true),
        ),
      });
    }
    this.types.set(packagesDatasetType, {
      name: packagesDatasetType,
      storageClass: 'Packages',
      isCalibration: false,
      datasets: new Members(this.#shared([])),
    });
  }

  #shared(dimensions: readonly string[]): ImportRelation {
    const group = this.universe.conform(dimensions);
    const key = group.names.join();
    let relation = this.#relations.get(key);
    if (relation === undefined) {
      relation = new ImportRelation(group, this.dictionaries, false);
      this.#relations.set(key, relation);
    }
    return relation;
  }
}

function hexOf(uuid: string): string {
  return uuid.replaceAll('-', '');
}
