// SPDX-License-Identifier: BSD-3-Clause
import type { DataId, DimensionRecord, FileRecord } from '../butler/index.ts';
import type { TaskDeclaration } from '../pipeline/index.ts';

/**
 * A quantum graph as columns. Quanta and datasets are row numbers: quanta are numbered task by task, datasets dataset type
 * by dataset type; edges are CSR over those numbers. Objects (data IDs, refs) are made only for the rows somebody asks for.
 */
export interface QuantumGraph {
  readonly id: string; // UUID of the graph
  readonly header: GraphHeader;
  readonly tasks: readonly GraphTask[];
  readonly datasetTypes: readonly GraphDatasetType[];
  readonly quantumCount: number;
  readonly datasetCount: number;

  /** CSR: inputs of quantum q are `inputDatasets[inputOffsets[q] .. inputOffsets[q+1])`; `inputConnections` names the connection (index into the task's connection list). */
  readonly inputOffsets: Uint32Array;
  readonly inputDatasets: Uint32Array;
  readonly inputConnections: Uint8Array;
  readonly outputOffsets: Uint32Array;
  readonly outputDatasets: Uint32Array;
  readonly outputConnections: Uint8Array;

  /** Quanta that must end before q: CSR, sorted, without repeats. */
  dependencies(): { offsets: Uint32Array; quanta: Uint32Array };
  dependents(): { offsets: Uint32Array; quanta: Uint32Array };

  /** Inputs and outputs of one quantum, by computation: nothing is put together for the others. In order of connections. */
  quantumInputs(quantum: number): readonly GraphEdge[];
  quantumOutputs(quantum: number): readonly GraphEdge[];

  taskOf(quantum: number): number;
  quantumDataId(quantum: number): DataId;
  /** UUIDv7 computed from graph id and row; {@link quantumByUuid} is the way back. */
  quantumUuid(quantum: number): string;
  quantumByUuid(uuid: string): number | undefined;

  dataset(row: number): GraphDataset;
  /** Size of the files of a dataset that existed; undefined for others, and where it is not recorded. Cheap. */
  datasetBytes(row: number): number | undefined;
  /** Dimension records of a quantum's data ID by element. */
  quantumRecords(quantum: number): Record<string, DimensionRecord>;
  datasetRecords(row: number): Record<string, DimensionRecord>;
}

/** A dataset row and the index of its connection (in the task's input or output names). */
export interface GraphEdge {
  readonly dataset: number;
  readonly connection: number;
}

export interface GraphHeader {
  readonly skymill: string; // version that built it
  readonly createdAt: string;
  readonly inputs: readonly string[]; // input collections in search order
  readonly output?: string; // the chain
  readonly outputRun: string;
  readonly where: string;
  readonly pipeline: string; // where the pipeline came from
  readonly description: string;
  readonly repositoryId: string;
  readonly universeVersion: number;
  /** Dataset types that the pipeline does not keep: handed over in memory where that can be done. */
  readonly inMemory?: readonly string[];
  /** Of a graph that other middleware made: what its file said of it beyond this. */
  readonly origin?: GraphOrigin;
  /** A graph that was split off another. */
  readonly part?: GraphPart;
}

export interface GraphPart {
  readonly name: string;
  /** Id and output run of the graph that was split. */
  readonly of: string;
  readonly ofRun: string;
  /** What other parts must make first: those inputs stand here as existing datasets without files, with the ids they will have. */
  readonly needs: readonly {
    readonly part: string;
    readonly graph: string;
    readonly run: string;
    readonly datasets: number;
  }[];
}

export interface GraphOrigin {
  readonly user: string;
  readonly command: string;
  readonly timestamp: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Id of the dataset that will hold the provenance of the run. */
  readonly provenanceId: string;
  /** Name of the datastore whose file records the graph has. */
  readonly datastore: string | undefined;
  /** Ids of the work that is done once a run: by task, "" for the run as a whole. */
  readonly initQuanta: Readonly<Record<string, string>>;
}

export interface GraphTask {
  readonly declaration: TaskDeclaration;
  readonly label: string;
  readonly firstQuantum: number;
  readonly quantumCount: number;
  /** Order for {@link QuantumGraph.inputConnections}: names of input and prerequisite connections, then of outputs. */
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /** Init inputs and outputs: connection name -> dataset row. */
  readonly initInputs: Readonly<Record<string, number>>;
  readonly initOutputs: Readonly<Record<string, number>>;
}

export interface GraphDatasetType {
  readonly name: string;
  readonly dimensions: readonly string[];
  readonly storageClass: string;
  readonly isCalibration: boolean;
  readonly firstDataset: number;
  readonly datasetCount: number;
}

export interface GraphDataset {
  readonly row: number;
  readonly id: string; // UUID; predicted outputs get theirs when the graph is built
  readonly datasetType: string;
  readonly storageClass: string;
  readonly dataId: DataId;
  readonly run: string;
  /** Quantum that makes it, or undefined for one that existed before. */
  readonly producer: number | undefined;
  /** Existing datasets: where their bytes are, so that a job needs no registry. Empty for predicted ones. */
  readonly files: readonly FileRecord[];
}
