// SPDX-License-Identifier: BSD-3-Clause
import { formatUuid, uuidHex } from '../base/index.ts';
import type { DataId, DataIdValue, DimensionRecord, FileRecord } from '../butler/index.ts';
import type { BuildReport } from './build/report.ts';
import { transpose } from './columns/csr.ts';
import { RowSet } from './columns/row-set.ts';
import { fenceStride, type GraphIndex, type GraphParts, textAt } from './data.ts';
import { type EdgeColumns, Edges } from './edges.ts';
import { graphErrors } from './errors.ts';
import { rowUuid, uuidRow } from './ids.ts';
import type { GraphDataset, GraphHeader, QuantumGraph } from './quantum-graph.ts';

/**
 * A quantum graph over its columns. One quantum or dataset reads a few entries of a few columns; the edge columns and the
 * dependencies of all quanta are put together when they are first asked for.
 */
export class ColumnGraph implements QuantumGraph {
  readonly index: GraphIndex;
  readonly parts: GraphParts;
  readonly edges: Edges;
  #inputs: EdgeColumns | undefined;
  #outputs: EdgeColumns | undefined;
  #dependencies: { offsets: Uint32Array; quanta: Uint32Array } | undefined;
  #dependents: { offsets: Uint32Array; quanta: Uint32Array } | undefined;
  readonly #existing = new Map<number, RowSet>();
  readonly #recordRows = new Map<string, Map<string, number>>();

  constructor(index: GraphIndex, parts: GraphParts) {
    this.index = index;
    this.parts = parts;
    this.edges = new Edges(index, parts);
  }

  get id(): string {
    return this.index.id;
  }
  get header(): GraphHeader {
    return this.index.header;
  }
  get tasks() {
    return this.index.tasks;
  }
  get datasetTypes() {
    return this.index.datasetTypes;
  }
  get quantumCount(): number {
    return this.index.quantumCount;
  }
  get datasetCount(): number {
    return this.index.datasetCount;
  }
  /** How the graph was built: counts, and reasons for what was left out. */
  get report(): BuildReport {
    return this.index.report;
  }
  get inputOffsets() {
    return this.#allInputs().offsets;
  }
  get inputDatasets() {
    return this.#allInputs().datasets;
  }
  get inputConnections() {
    return this.#allInputs().connections;
  }
  get outputOffsets() {
    return this.#allOutputs().offsets;
  }
  get outputDatasets() {
    return this.#allOutputs().datasets;
  }
  get outputConnections() {
    return this.#allOutputs().connections;
  }

  dependencies() {
    if (this.#dependencies === undefined) {
      const { offsets, items } = this.edges.dependencies();
      this.#dependencies = { offsets, quanta: items };
    }
    return this.#dependencies;
  }

  dependents() {
    if (this.#dependents === undefined) {
      const { offsets, quanta } = this.dependencies();
      const turned = transpose({ offsets, items: quanta }, this.quantumCount);
      this.#dependents = { offsets: turned.offsets, quanta: turned.items };
    }
    return this.#dependents;
  }

  taskOf(quantum: number): number {
    this.#checkQuantum(quantum);
    return holding(
      this.tasks,
      quantum,
      (task) => task.firstQuantum,
      (task) => task.quantumCount,
    );
  }

  quantumDataId(quantum: number): DataId {
    const task = this.tasks[this.taskOf(quantum)];
    return this.#dataId(task.relation, this.#relationRow(quantum));
  }

  quantumUuid(quantum: number): string {
    this.#checkQuantum(quantum);
    if (this.index.quantumIds === true)
      return formatUuid(this.parts.bytes('quantum/ids', 16 * quantum, 16 * quantum + 16));
    return rowUuid(this.id, 'quantum', quantum);
  }

  quantumByUuid(uuid: string): number | undefined {
    if (this.index.quantumIds === true) return this.#findQuantum(uuid);
    const row = uuidRow(this.id, 'quantum', uuid);
    return row !== undefined && row < this.quantumCount ? row : undefined;
  }

  quantumInputs(quantum: number) {
    return this.edges.of('inputs', this.taskOf(quantum), this.#relationRow(quantum));
  }

  quantumOutputs(quantum: number) {
    return this.edges.of('outputs', this.taskOf(quantum), this.#relationRow(quantum));
  }

  /** The row of a dataset id: predicted ones by computation, existing ones by a search. */
  datasetByUuid(uuid: string): number | undefined {
    const row = uuidRow(this.id, 'dataset', uuid);
    if (row !== undefined && row < this.datasetCount && this.#existingOf(row) === undefined) return row;
    const existing = this.#findExisting(uuid);
    if (existing === undefined) return undefined;
    const t = holding(
      this.datasetTypes,
      existing,
      (type) => type.firstExisting,
      (_, i) => this.#existingRows(i).count,
    );
    return (
      this.datasetTypes[t].firstDataset + this.#existingRows(t).select(existing - this.datasetTypes[t].firstExisting)
    );
  }

  /** Index into {@link datasetTypes} of a dataset row. */
  typeOf(row: number): number {
    return holding(
      this.datasetTypes,
      row,
      (type) => type.firstDataset,
      (type) => type.datasetCount,
    );
  }

  dataset(row: number): GraphDataset {
    const t = this.typeOf(row);
    const type = this.datasetTypes[t];
    const relationRow = this.edges.datasetsOf(t).select(row - type.firstDataset);
    const existing = this.#existingOf(row);
    return {
      row,
      id: existing === undefined ? rowUuid(this.id, 'dataset', row) : this.#existingId(existing),
      datasetType: type.name,
      storageClass: type.storageClass,
      dataId: this.#dataId(type.relation, relationRow),
      run: existing === undefined ? this.header.outputRun : this.index.runs[this.parts.at('existing/runs', existing)],
      producer: this.edges.producer(t, relationRow),
      files: existing === undefined ? [] : this.#files(existing),
    };
  }

  datasetBytes(row: number): number | undefined {
    const existing = this.#existingOf(row);
    if (existing === undefined) return undefined;
    const [begin, end] = [existing, existing + 1].map((place) => this.parts.at('existing/fileOffsets', place));
    let bytes = 0;
    for (let file = begin; file < end; file++) bytes += this.parts.at('file/sizes', file);
    return begin === end || Number.isNaN(bytes) ? undefined : bytes;
  }

  quantumRecords(quantum: number): Record<string, DimensionRecord> {
    return this.#recordsAt(this.tasks[this.taskOf(quantum)].relation, this.#relationRow(quantum));
  }

  datasetRecords(row: number): Record<string, DimensionRecord> {
    const t = this.typeOf(row);
    const type = this.datasetTypes[t];
    return this.#recordsAt(type.relation, this.edges.datasetsOf(t).select(row - type.firstDataset));
  }

  #allInputs(): EdgeColumns {
    this.#inputs ??= this.edges.columns('inputs');
    return this.#inputs;
  }

  #allOutputs(): EdgeColumns {
    this.#outputs ??= this.edges.columns('outputs');
    return this.#outputs;
  }

  #relationRow(quantum: number): number {
    const t = this.taskOf(quantum);
    return this.edges.quantaOf(t).select(quantum - this.tasks[t].firstQuantum);
  }

  #dataId(relation: number, row: number): DataId {
    const dataId: Record<string, DataIdValue> = {};
    for (const name of this.index.relations[relation].names)
      dataId[name] = this.parts.values(name)[this.parts.at(`relation/${relation}/${name}`, row)];
    return dataId;
  }

  #recordsAt(relation: number, row: number): Record<string, DimensionRecord> {
    const { names } = this.index.relations[relation];
    const found: Record<string, DimensionRecord> = {};
    for (const { element, dimensions } of this.index.records) {
      if (!names.includes(element) || !dimensions.every((name) => names.includes(name))) continue;
      const key = dimensions.map((name) => this.parts.at(`relation/${relation}/${name}`, row)).join();
      const at = this.#recordIndex(element, dimensions).get(key);
      if (at !== undefined) found[element] = this.parts.records(element)[at];
    }
    return found;
  }

  #recordIndex(element: string, dimensions: readonly string[]): Map<string, number> {
    let rows = this.#recordRows.get(element);
    if (rows === undefined) {
      const keys = dimensions.map((name) => this.parts.column(`record/${element}/${name}`));
      rows = new Map();
      for (let row = 0; row < keys[0].length; row++) rows.set(keys.map((codes) => codes[row]).join(), row);
      this.#recordRows.set(element, rows);
    }
    return rows;
  }

  /** Places among a type's datasets that exist. */
  #existingRows(t: number): RowSet {
    let rows = this.#existing.get(t);
    if (rows === undefined) {
      const { existing, datasetCount } = this.datasetTypes[t];
      if (existing === 'none') rows = new RowSet(0);
      else if (existing === 'all') rows = new RowSet(datasetCount);
      else rows = new RowSet(datasetCount, this.parts.column(`type/${t}/existing`) as Uint8Array);
      this.#existing.set(t, rows);
    }
    return rows;
  }

  /** Number among the existing datasets, or undefined for a predicted one. */
  #existingOf(row: number): number | undefined {
    const t = this.typeOf(row);
    const { firstDataset, firstExisting } = this.datasetTypes[t];
    const rows = this.#existingRows(t);
    return rows.has(row - firstDataset) ? firstExisting + rows.rank(row - firstDataset) : undefined;
  }

  #existingId(existing: number): string {
    const place = this.parts.at('existing/places', existing);
    return formatUuid(this.parts.bytes('existing/ids', 16 * place, 16 * place + 16));
  }

  /** The quantum of a given id: by halving. */
  #findQuantum(uuid: string): number | undefined {
    const wanted = Buffer.from(uuidHex(uuid), 'hex');
    if (wanted.length !== 16) return undefined;
    let [low, high] = [0, this.quantumCount];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const quantum = this.parts.at('quantum/order', middle);
      const order = wanted.compare(this.parts.bytes('quantum/ids', 16 * quantum, 16 * quantum + 16));
      if (order === 0) return quantum;
      if (order > 0) low = middle + 1;
      else high = middle;
    }
    return undefined;
  }

  /** The existing dataset of an id: the fences say which stretch of the sorted ids to look into. */
  #findExisting(uuid: string): number | undefined {
    const wanted = Buffer.from(uuidHex(uuid), 'hex');
    if (wanted.length !== 16 || this.index.existingCount === 0) return undefined;
    const fences = this.parts.column('existing/fences') as Uint8Array;
    const fence = lastAtMost(fences, wanted);
    if (fence < 0) return undefined;
    const begin = fence * fenceStride;
    const end = Math.min(begin + fenceStride, this.index.existingCount);
    const ids = this.parts.bytes('existing/ids', 16 * begin, 16 * end);
    const place = lastAtMost(ids, wanted);
    if (place < 0 || wanted.compare(ids, 16 * place, 16 * place + 16) !== 0) return undefined;
    return this.parts.at('existing/rows', begin + place);
  }

  #files(existing: number): FileRecord[] {
    const files: FileRecord[] = [];
    const end = this.parts.at('existing/fileOffsets', existing + 1);
    for (let row = this.parts.at('existing/fileOffsets', existing); row < end; row++) {
      const checksum = textAt(this.parts, 'file/checksums', row);
      files.push({
        datasetId: this.#existingId(existing),
        path: textAt(this.parts, 'file/paths', row),
        formatter: this.index.formatters[this.parts.at('file/formatters', row)],
        storageClass: this.index.storageClasses[this.parts.at('file/storageClasses', row)],
        component: this.index.components[this.parts.at('file/components', row)],
        sizeBytes: this.parts.at('file/sizes', row),
        checksum: checksum === '' ? null : checksum,
      });
    }
    return files;
  }

  #checkQuantum(quantum: number): void {
    if (Number.isInteger(quantum) && quantum >= 0 && quantum < this.quantumCount) return;
    throw graphErrors.UNKNOWN_QUANTUM({ quantum: String(quantum), count: this.quantumCount });
  }
}

/** Index of the item whose range holds the row; items are in order and may be empty. */
function holding<T>(
  items: readonly T[],
  row: number,
  first: (item: T) => number,
  count: (item: T, i: number) => number,
): number {
  const found = items.findIndex((item, i) => row >= first(item) && row < first(item) + count(item, i));
  if (found < 0) throw new Error(`row ${row} is in no range`);
  return found;
}

/** Of ascending ids of 16 bytes the last that is not above the wanted one; -1 if all are. */
function lastAtMost(ids: Uint8Array, wanted: Buffer): number {
  let [low, high] = [-1, ids.length / 16];
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (wanted.compare(ids, 16 * middle, 16 * middle + 16) >= 0) low = middle;
    else high = middle;
  }
  return low;
}
