// SPDX-License-Identifier: BSD-3-Clause
import { formatUuid } from '../base/index.ts';
import type { DataId, DataIdValue, DimensionRecord, FileRecord } from '../butler/index.ts';
import type { BuildReport } from './build/report.ts';
import { type Csr, transpose } from './columns/csr.ts';
import { type GraphIndex, type GraphParts, textAt } from './data.ts';
import { graphErrors } from './errors.ts';
import { rowUuid, uuidRow } from './ids.ts';
import type { GraphDataset, GraphHeader, QuantumGraph } from './quantum-graph.ts';

const nobody = 0xffffffff;

/** A quantum graph over its columns; columns of a file are read when first asked for. */
export class ColumnGraph implements QuantumGraph {
  readonly index: GraphIndex;
  readonly parts: GraphParts;
  #dependencies: { offsets: Uint32Array; quanta: Uint32Array } | undefined;
  #dependents: { offsets: Uint32Array; quanta: Uint32Array } | undefined;
  readonly #recordRows = new Map<string, Map<string, number>>();

  constructor(index: GraphIndex, parts: GraphParts) {
    this.index = index;
    this.parts = parts;
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
    return this.parts.column('input/offsets') as Uint32Array;
  }
  get inputDatasets() {
    return this.parts.column('input/datasets') as Uint32Array;
  }
  get inputConnections() {
    return this.parts.column('input/connections') as Uint8Array;
  }
  get outputOffsets() {
    return this.parts.column('output/offsets') as Uint32Array;
  }
  get outputDatasets() {
    return this.parts.column('output/datasets') as Uint32Array;
  }
  get outputConnections() {
    return this.parts.column('output/connections') as Uint8Array;
  }
  /** For each dataset the quantum that makes it, or 0xffffffff. */
  get producers() {
    return this.parts.column('dataset/producer') as Uint32Array;
  }

  dependencies() {
    if (this.#dependencies === undefined) {
      const [offsets, datasets, producers] = [this.inputOffsets, this.inputDatasets, this.producers];
      const found = new Uint32Array(datasets.length);
      const out = new Uint32Array(this.quantumCount + 1);
      let at = 0;
      for (let quantum = 0; quantum < this.quantumCount; quantum++) {
        const start = at;
        for (let i = offsets[quantum]; i < offsets[quantum + 1]; i++) {
          const producer = producers[datasets[i]];
          if (producer !== nobody) found[at++] = producer;
        }
        found.subarray(start, at).sort();
        let kept = start;
        for (let i = start; i < at; i++) if (i === start || found[i] !== found[kept - 1]) found[kept++] = found[i];
        at = kept;
        out[quantum + 1] = at;
      }
      this.#dependencies = { offsets: out, quanta: found.slice(0, at) };
    }
    return this.#dependencies;
  }

  dependents() {
    if (this.#dependents === undefined) {
      const { offsets, quanta } = this.dependencies();
      const turned: Csr = transpose({ offsets, items: quanta }, this.quantumCount);
      this.#dependents = { offsets: turned.offsets, quanta: turned.items };
    }
    return this.#dependents;
  }

  taskOf(quantum: number): number {
    this.#checkQuantum(quantum);
    return lastAtMost(
      this.tasks,
      quantum,
      (task) => task.firstQuantum,
      (task) => task.quantumCount,
    );
  }

  quantumDataId(quantum: number): DataId {
    const t = this.taskOf(quantum);
    const task = this.tasks[t];
    return this.#dataId(`task/${t}`, task.names, quantum - task.firstQuantum);
  }

  quantumUuid(quantum: number): string {
    this.#checkQuantum(quantum);
    return rowUuid(this.id, 'quantum', quantum);
  }

  quantumByUuid(uuid: string): number | undefined {
    const row = uuidRow(this.id, 'quantum', uuid);
    return row !== undefined && row < this.quantumCount ? row : undefined;
  }

  /** The row of a dataset id: predicted ones by computation, existing ones by a search. */
  datasetByUuid(uuid: string): number | undefined {
    const row = uuidRow(this.id, 'dataset', uuid);
    const existing = this.parts.column('dataset/existing') as Uint32Array;
    if (row !== undefined && row < this.datasetCount && existing[row] === 0) return row;
    for (let other = 0; other < this.datasetCount; other++)
      if (existing[other] > 0 && this.#existingId(existing[other] - 1) === uuid) return other;
    return undefined;
  }

  /** Index into {@link datasetTypes} of a dataset row. */
  typeOf(row: number): number {
    return lastAtMost(
      this.datasetTypes,
      row,
      (type) => type.firstDataset,
      (type) => type.datasetCount,
    );
  }

  dataset(row: number): GraphDataset {
    const t = this.typeOf(row);
    const type = this.datasetTypes[t];
    const existing = (this.parts.column('dataset/existing') as Uint32Array)[row];
    const producer = this.producers[row];
    const known = existing > 0 ? existing - 1 : undefined;
    const runs = this.parts.column('existing/runs') as Uint32Array;
    return {
      row,
      id: known === undefined ? rowUuid(this.id, 'dataset', row) : this.#existingId(known),
      datasetType: type.name,
      storageClass: type.storageClass,
      dataId: this.#dataId(`type/${t}`, type.columns, row - type.firstDataset),
      run: known === undefined ? this.header.outputRun : this.index.runs[runs[known]],
      producer: producer === nobody ? undefined : producer,
      files: known === undefined ? [] : this.#files(known),
    };
  }

  quantumRecords(quantum: number): Record<string, DimensionRecord> {
    const t = this.taskOf(quantum);
    return this.#recordsAt(`task/${t}`, this.tasks[t].names, quantum - this.tasks[t].firstQuantum);
  }

  datasetRecords(row: number): Record<string, DimensionRecord> {
    const t = this.typeOf(row);
    const type = this.datasetTypes[t];
    return this.#recordsAt(`type/${t}`, type.columns, row - type.firstDataset);
  }

  #dataId(prefix: string, names: readonly string[], row: number): DataId {
    const dataId: Record<string, DataIdValue> = {};
    for (const name of names) dataId[name] = this.parts.values(name)[this.parts.column(`${prefix}/${name}`)[row]];
    return dataId;
  }

  #recordsAt(prefix: string, names: readonly string[], row: number): Record<string, DimensionRecord> {
    const found: Record<string, DimensionRecord> = {};
    for (const { element, dimensions } of this.index.records) {
      if (!names.includes(element) || !dimensions.every((name) => names.includes(name))) continue;
      const key = dimensions.map((name) => this.parts.column(`${prefix}/${name}`)[row]).join();
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

  #existingId(row: number): string {
    return formatUuid(this.parts.column('existing/ids').subarray(16 * row, 16 * row + 16) as Uint8Array);
  }

  #files(existing: number): FileRecord[] {
    const offsets = this.parts.column('existing/fileOffsets');
    const files: FileRecord[] = [];
    for (let row = offsets[existing]; row < offsets[existing + 1]; row++) {
      const checksum = textAt(this.parts.text('file/checksums'), row);
      files.push({
        datasetId: this.#existingId(existing),
        path: textAt(this.parts.text('file/paths'), row),
        formatter: this.index.formatters[this.parts.column('file/formatters')[row]],
        storageClass: this.index.storageClasses[this.parts.column('file/storageClasses')[row]],
        component: this.index.components[this.parts.column('file/components')[row]],
        sizeBytes: this.parts.column('file/sizes')[row],
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
function lastAtMost<T>(
  items: readonly T[],
  row: number,
  first: (item: T) => number,
  count: (item: T) => number,
): number {
  const found = items.findIndex((item) => row >= first(item) && row < first(item) + count(item));
  if (found < 0) throw new Error(`row ${row} is in no range`);
  return found;
}
