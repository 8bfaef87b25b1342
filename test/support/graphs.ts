// SPDX-License-Identifier: BSD-3-Clause
import { createHash } from 'node:crypto';
import type { DataId, FileRecord } from '../../src/butler/index.ts';
import type { GraphDataset, GraphHeader, GraphTask, QuantumGraph } from '../../src/graph/index.ts';
import type { TaskDeclaration } from '../../src/pipeline/index.ts';

/** A quantum by hand: the data IDs of the datasets on each connection. */
export interface HandQuantum {
  dataId: DataId;
  inputs?: Record<string, readonly DataId[]>;
  outputs: Record<string, readonly DataId[]>;
}
export interface HandTask {
  declaration: TaskDeclaration;
  quanta: readonly HandQuantum[];
}

/**
 * A graph written down by hand, for tests of what executes graphs: no pipeline, no query. Datasets are those that the quanta
 * name; ids are digests of graph id and name. Existing datasets come with their files.
 */
export function graphByHand(
  header: Omit<GraphHeader, 'skymill' | 'createdAt' | 'where' | 'pipeline' | 'description' | 'universeVersion'>,
  tasks: readonly HandTask[],
  existing: readonly {
    datasetType: string;
    dataId: DataId;
    id: string;
    run: string;
    files: readonly FileRecord[];
  }[] = [],
): QuantumGraph {
  return new HandGraph(header, tasks, existing);
}

type Draft = { -readonly [K in keyof GraphDataset]: GraphDataset[K] };

class HandGraph implements QuantumGraph {
  readonly id: string;
  readonly header: GraphHeader;
  readonly tasks: GraphTask[] = [];
  readonly datasetTypes: QuantumGraph['datasetTypes'];
  readonly quantumCount: number;
  readonly datasetCount: number;
  readonly inputOffsets: Uint32Array;
  readonly inputDatasets: Uint32Array;
  readonly inputConnections: Uint8Array;
  readonly outputOffsets: Uint32Array;
  readonly outputDatasets: Uint32Array;
  readonly outputConnections: Uint8Array;
  readonly #quanta: { task: number; quantum: HandQuantum }[] = [];
  readonly #datasets: Draft[] = [];

  constructor(
    header: Parameters<typeof graphByHand>[0],
    tasks: readonly HandTask[],
    existing: NonNullable<Parameters<typeof graphByHand>[2]>,
  ) {
    this.id = uuidOf('graph', JSON.stringify(header));
    this.header = {
      skymill: '0',
      createdAt: '2026-01-01T00:00:00Z',
      where: '',
      pipeline: 'by hand',
      description: '',
      universeVersion: 8,
      ...header,
    };
    const types = new Map<
      string,
      { dimensions: readonly string[]; storageClass: string; drafts: Map<string, Draft> }
    >();
    const declare = (name: string, dimensions: readonly string[], storageClass: string) => {
      if (!types.has(name)) types.set(name, { dimensions, storageClass, drafts: new Map() });
    };
    for (const { declaration } of tasks)
      for (const c of Object.values(declaration.connections)) declare(c.datasetType, c.dimensions ?? [], c.storage);
    const draft = (datasetType: string, dataId: DataId): Draft => {
      const type = types.get(datasetType)!;
      const key = JSON.stringify(dataId);
      let found = type.drafts.get(key);
      if (found === undefined) {
        const id = uuidOf(this.id, datasetType, key);
        const { storageClass } = type;
        found = {
          row: -1,
          id,
          datasetType,
          storageClass,
          dataId,
          run: header.outputRun,
          producer: undefined,
          files: [],
        };
        type.drafts.set(key, found);
      }
      return found;
    };
    for (const { datasetType, dataId, id, run, files } of existing)
      Object.assign(draft(datasetType, dataId), { id, run, files });

    type Edge = { draft: Draft; connection: number };
    const inputs: Edge[][] = [];
    const outputs: Edge[][] = [];
    const inits: (() => void)[] = [];
    tasks.forEach(({ declaration, quanta }, t) => {
      const named = (kinds: string[]) =>
        Object.entries(declaration.connections)
          .filter(([, c]) => kinds.includes(c.kind))
          .map(([name]) => name);
      const inputNames = named(['input', 'prerequisite']);
      const outputNames = named(['output']);
      const edges = (names: string[], lists: Record<string, readonly DataId[]> = {}): Edge[] =>
        names.flatMap((name, connection) =>
          (lists[name] ?? []).map((dataId) => ({
            draft: draft(declaration.connections[name].datasetType, dataId),
            connection,
          })),
        );
      const firstQuantum = this.#quanta.length;
      for (const quantum of quanta) {
        const row = this.#quanta.length;
        this.#quanta.push({ task: t, quantum });
        inputs.push(edges(inputNames, quantum.inputs));
        const made = edges(outputNames, quantum.outputs);
        for (const edge of made) edge.draft.producer = row;
        outputs.push(made);
      }
      const init = (kind: string) => {
        const drafts = named([kind]).map(
          (name) => [name, draft(declaration.connections[name].datasetType, {})] as const,
        );
        const rows: Record<string, number> = {};
        inits.push(() => {
          for (const [name, d] of drafts) rows[name] = d.row;
        });
        return rows;
      };
      this.tasks.push({
        declaration,
        label: declaration.label,
        firstQuantum,
        quantumCount: quanta.length,
        inputNames,
        outputNames,
        initInputs: init('initInput'),
        initOutputs: init('initOutput'),
      });
    });
    this.datasetTypes = [...types].map(([name, { dimensions, storageClass, drafts }]) => {
      const firstDataset = this.#datasets.length;
      for (const d of drafts.values()) {
        d.row = this.#datasets.length;
        this.#datasets.push(d);
      }
      return { name, dimensions, storageClass, isCalibration: false, firstDataset, datasetCount: drafts.size };
    });
    for (const settle of inits) settle();
    this.quantumCount = this.#quanta.length;
    this.datasetCount = this.#datasets.length;
    const csr = (lists: Edge[][]) => ({
      offsets: offsetsOf(lists),
      datasets: Uint32Array.from(lists.flat().map((e) => e.draft.row)),
      connections: Uint8Array.from(lists.flat().map((e) => e.connection)),
    });
    const i = csr(inputs);
    const o = csr(outputs);
    [this.inputOffsets, this.inputDatasets, this.inputConnections] = [i.offsets, i.datasets, i.connections];
    [this.outputOffsets, this.outputDatasets, this.outputConnections] = [o.offsets, o.datasets, o.connections];
  }

  quantumInputs(quantum: number) {
    return edgesOf(quantum, this.inputOffsets, this.inputDatasets, this.inputConnections);
  }
  quantumOutputs(quantum: number) {
    return edgesOf(quantum, this.outputOffsets, this.outputDatasets, this.outputConnections);
  }

  dependencies() {
    return this.#adjacent((q) => {
      const rows = this.inputDatasets.subarray(this.inputOffsets[q], this.inputOffsets[q + 1]);
      return [...rows].map((row) => this.#datasets[row].producer).filter((p) => p !== undefined);
    });
  }
  dependents() {
    const lists: number[][] = this.#quanta.map(() => []);
    const up = this.dependencies();
    for (let q = 0; q < this.quantumCount; q++)
      for (const d of up.quanta.subarray(up.offsets[q], up.offsets[q + 1])) lists[d].push(q);
    return this.#adjacent((q) => lists[q]);
  }
  #adjacent(of: (q: number) => number[]) {
    const lists = this.#quanta.map((_, q) => [...new Set(of(q))].sort((a, b) => a - b));
    return { offsets: offsetsOf(lists), quanta: Uint32Array.from(lists.flat()) };
  }

  taskOf(quantum: number): number {
    return this.#quanta[quantum].task;
  }
  quantumDataId(quantum: number): DataId {
    return this.#quanta[quantum].quantum.dataId;
  }
  quantumUuid(quantum: number): string {
    return uuidOf(this.id, 'quantum', String(quantum));
  }
  quantumByUuid(uuid: string): number | undefined {
    const found = this.#quanta.findIndex((_, q) => this.quantumUuid(q) === uuid);
    return found < 0 ? undefined : found;
  }
  dataset(row: number): GraphDataset {
    return this.#datasets[row];
  }
  datasetBytes(row: number): number | undefined {
    const { files } = this.#datasets[row];
    return files.length === 0 ? undefined : files.reduce((bytes, file) => bytes + file.sizeBytes, 0);
  }
  quantumRecords() {
    return {};
  }
  datasetRecords() {
    return {};
  }
}

function edgesOf(quantum: number, offsets: Uint32Array, datasets: Uint32Array, connections: Uint8Array) {
  const edges: { dataset: number; connection: number }[] = [];
  for (let e = offsets[quantum]; e < offsets[quantum + 1]; e++)
    edges.push({ dataset: datasets[e], connection: connections[e] });
  return edges;
}

function offsetsOf(lists: readonly (readonly unknown[])[]): Uint32Array {
  const offsets = new Uint32Array(lists.length + 1);
  lists.forEach((list, i) => {
    offsets[i + 1] = offsets[i] + list.length;
  });
  return offsets;
}

function uuidOf(...parts: string[]): string {
  const hex = createHash('sha256').update(parts.join('\n')).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
