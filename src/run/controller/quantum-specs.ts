// SPDX-License-Identifier: BSD-3-Clause
import { extname } from 'node:path';
import type {
  ButlerApi,
  DataCoordinate,
  DataId,
  DatasetRef,
  DatasetType,
  DimensionGroup,
  DimensionRecord,
  FileRecord,
} from '../../butler/index.ts';
import type { QuantumGraph } from '../../graph/index.ts';
import { automaticConnections, packagesDatasetType, splitComponent } from '../../pipeline/index.ts';
import type { OutputRecord } from '../outcomes/record.ts';
import type { DatasetSpec, InitSpec, PlainDatasetType, PlainTask, QuantumSpec } from '../workers/protocol.ts';
import { encodeRecords } from '../workers/records-codec.ts';

/** What a quantum's outputs may have in common with it. */
interface OwnDataId {
  dimensions: DimensionGroup;
  records: Readonly<Record<string, DimensionRecord>>;
  coordinate?: DataCoordinate;
}

const archived: ReadonlySet<string> = new Set([automaticConnections.log, automaticConnections.metadata]);

/** References kept, at least, of outputs that workers were sent and that will be registered soon. */
const KEPT_REFS = 5000;

/** Turns rows of a graph into what workers are sent and what the registry is told. Makes objects only for the rows it is asked for. */
export class QuantumSpecs {
  readonly #graph: QuantumGraph;
  readonly #butler: ButlerApi;
  readonly #located: ReadonlyMap<number, readonly FileRecord[]> | undefined;
  readonly #types = new Map<string, DatasetType>();
  /** By task. */
  readonly #dimensionsOf: readonly DimensionGroup[];
  /** Where logs and metadata that tasks of the graph read have gone: no template tells which archive. */
  readonly #archived = new Map<number, FileRecord>();
  readonly #readTypes: ReadonlySet<string>;
  readonly #readsArchived: boolean;
  /** Logs and metadata of quanta go to archives. */
  archiving = false;
  readonly #members = new Map<string, { formatter: string; extension: string }>();
  #kept = new Map<number, DatasetRef>();
  #keptBefore = this.#kept;

  /** `located`: files of inputs that the graph knows without any (pending-inputs.ts). */
  constructor(graph: QuantumGraph, butler: ButlerApi, located?: ReadonlyMap<number, readonly FileRecord[]>) {
    this.#located = located;
    this.#graph = graph;
    this.#butler = butler;
    this.#dimensionsOf = graph.tasks.map(({ declaration }) => butler.universe.conform(declaration.dimensions));
    this.#readTypes = new Set(
      graph.tasks.flatMap(({ declaration, inputNames }) =>
        inputNames.map((name) => splitComponent(declaration.connections[name].datasetType).parent),
      ),
    );
    this.#readsArchived = graph.tasks.some(({ declaration }) =>
      [...archived].some((name) => this.#readTypes.has(declaration.connections[name]?.datasetType ?? '')),
    );
    for (const { name, dimensions, storageClass, isCalibration } of graph.datasetTypes)
      this.#types.set(name, butler.makeDatasetType(name, dimensions, storageClass, { isCalibration }));
  }

  /** Outputs that exist now: quanta that are sent from here on read them where they are. */
  made(outputs: readonly OutputRecord[]): void {
    if (!this.#readsArchived) return;
    for (const { dataset, file } of outputs)
      if (file.path.includes('#') && this.#readTypes.has(this.ref(dataset).datasetType.name))
        this.#archived.set(dataset, file);
  }

  datasetTypes(): PlainDatasetType[] {
    return this.#graph.datasetTypes.map(({ name, dimensions, storageClass, isCalibration }) => ({
      name,
      dimensions: [...dimensions],
      storageClass,
      isCalibration,
    }));
  }

  /** The dataset types this run writes, to be registered before it starts; not those that are only handed over in memory. */
  outputTypes(inMemory: readonly string[] = []): DatasetType[] {
    const graph = this.#graph;
    const written = new Set(this.init().flatMap(({ outputs }) => outputs.map(({ datasetType }) => datasetType)));
    for (const { declaration, outputNames, quantumCount } of graph.tasks)
      if (quantumCount > 0) for (const name of outputNames) written.add(declaration.connections[name].datasetType);
    return graph.datasetTypes
      .filter(({ name, datasetCount }) => datasetCount > 0 && written.has(name) && !inMemory.includes(name))
      .map(({ name }) => this.#types.get(name)!);
  }

  tasks(): PlainTask[] {
    return this.#graph.tasks.map((task) => ({
      label: task.label,
      taskClass: task.declaration.taskClass,
      config: task.declaration.config,
      connections: task.declaration.connections,
      inputNames: task.inputNames,
      outputNames: task.outputNames,
      initInputs: Object.entries(task.initInputs).map(([connection, row]) => this.dataset(row, connection)),
    }));
  }

  /** Init outputs by task; the versions of the software, which are nobody's, go with the first. */
  init(): InitSpec[] {
    const specs = this.#graph.tasks.map((task, index) => ({
      task: index,
      inputs: Object.entries(task.initInputs).map(([connection, row]) => this.dataset(row, connection)),
      outputs: this.#toWrite(Object.entries(task.initOutputs)),
    }));
    const packages = this.#graph.datasetTypes.find((t) => t.name === packagesDatasetType && t.datasetCount === 1);
    const known = specs.some(({ outputs }) => outputs.some((o) => o.datasetType === packagesDatasetType));
    if (packages !== undefined && !known)
      specs[0].outputs.push(...this.#toWrite([[packagesDatasetType, packages.firstDataset]]));
    return specs;
  }

  #toWrite(rows: readonly (readonly [string, number])[]): DatasetSpec[] {
    return rows.map(([connection, row]) => this.dataset(row, connection)).filter((spec) => spec.existing.length === 0);
  }

  /** What a worker needs for one attempt; inputs that will not exist are left out. */
  quantum(
    quantum: number,
    attempt: { attempt: number; cores: number; memoryBytes: number },
    isMissing: (dataset: number) => boolean,
  ): QuantumSpec {
    const g = this.#graph;
    const taskIndex = g.taskOf(quantum);
    const task = g.tasks[taskIndex];
    const inputs: DatasetSpec[] = [];
    for (const { dataset, connection } of g.quantumInputs(quantum))
      if (!isMissing(dataset)) inputs.push(this.#input(dataset, task.inputNames[connection]));
    const dataId = g.quantumDataId(quantum);
    const records = g.quantumRecords(quantum);
    const own: OwnDataId = { dimensions: this.#dimensionsOf[taskIndex], records };
    const outputs = g
      .quantumOutputs(quantum)
      .map(({ dataset, connection }) => this.dataset(dataset, task.outputNames[connection], own));
    return {
      quantum,
      quantumId: g.quantumUuid(quantum),
      task: taskIndex,
      attempt: attempt.attempt,
      dataId,
      records: encodeRecords(records),
      inputs,
      outputs,
      requestedCores: attempt.cores,
      requestedMemoryBytes: attempt.memoryBytes,
    };
  }

  #input(row: number, connection: string): DatasetSpec {
    const spec = this.dataset(row, connection);
    const archived = this.#archived.get(row);
    return archived === undefined ? spec : { ...spec, existing: [archived], predicted: undefined };
  }

  /** `own`: of the quantum whose output it is. */
  dataset(row: number, connection: string, own?: OwnDataId): DatasetSpec {
    const { id, datasetType: name, dataId, run, files: known } = this.#graph.dataset(row);
    const files = known.length > 0 ? known : (this.#located?.get(row) ?? known);
    const spec = { row, connection, id, datasetType: name, dataId, run, existing: files };
    if (files.length > 0) return spec;
    const datasetType = this.#types.get(name)!;
    // Most outputs have the data ID of their quantum, and what is made for one of them does for all.
    const same = own !== undefined && own.dimensions === datasetType.dimensions;
    const records = same ? own.records : this.#graph.datasetRecords(row);
    const coordinate = (same ? own.coordinate : undefined) ?? this.#coordinate(datasetType, dataId);
    if (same) own.coordinate = coordinate;
    const ref = { id, datasetType, dataId: coordinate, run };
    if (own !== undefined) this.#keep(row, ref);
    const isMember = this.archiving && own !== undefined && archived.has(connection);
    return {
      ...spec,
      predicted: isMember ? this.#member(ref, dataId, records) : this.#butler.predictFile(ref, records),
    };
  }

  /** Of a log or metadata that goes to an archive, the path only gives the member its name: no template needs to be followed. */
  #member(ref: DatasetRef, dataId: DataId, records: OwnDataId['records']): { path: string; formatter: string } {
    const { name } = ref.datasetType;
    const kind = this.#members.get(name);
    if (kind !== undefined) {
      const { formatter, extension } = kind;
      return { formatter, path: `${ref.run}/${name}/${name}_${Object.values(dataId).join('_')}${extension}` };
    }
    const predicted = this.#butler.predictFile(ref, records);
    this.#members.set(name, { formatter: predicted.formatter, extension: extname(predicted.path) });
    return predicted;
  }

  ref(row: number): DatasetRef {
    const kept = this.#kept.get(row) ?? this.#keptBefore.get(row);
    if (kept !== undefined) return kept;
    const { id, datasetType: name, dataId, run } = this.#graph.dataset(row);
    const datasetType = this.#types.get(name)!;
    return { id, datasetType, dataId: this.#coordinate(datasetType, dataId), run };
  }

  #keep(row: number, ref: DatasetRef): void {
    if (this.#kept.size >= KEPT_REFS) {
      this.#keptBefore = this.#kept;
      this.#kept = new Map();
    }
    this.#kept.set(row, ref);
  }

  #coordinate(datasetType: DatasetType, dataId: DataId): DataCoordinate {
    return this.#butler.universe.coordinate(datasetType.dimensions, dataId);
  }
}
