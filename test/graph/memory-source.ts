// SPDX-License-Identifier: BSD-3-Clause
import { DimensionUniverse } from '../../src/butler/dimensions/universe.ts';
import type {
  DataId,
  DataIdColumns,
  DataIdValue,
  DatasetColumns,
  DimensionRecord,
  FileRecord,
  Timespan,
} from '../../src/butler/index.ts';
import type {
  CalibrationColumns,
  CandidateSource,
  DataIdRequest,
  DatasetRequest,
  RegisteredType,
} from '../../src/graph/build/source.ts';

export interface MemoryDataset {
  id: string;
  type: string;
  dataId: DataId;
  collection: string;
  timespan?: Timespan;
}

export const universe = new DimensionUniverse();

/**
 * A repository as plain lists: `rows` is its universal relation (each row one combination of all dimensions that belong
 * together: an exposure is a visit, overlaps a patch, …); data IDs are projections of it.
 */
export class MemorySource implements CandidateSource {
  readonly repositoryId = '00000000-0000-7000-8000-000000000000';
  readonly universe = universe;
  readonly rows: readonly DataId[];
  readonly stored: readonly MemoryDataset[];
  readonly recordLists: Readonly<Record<string, readonly DimensionRecord[]>>;
  readonly where: (row: DataId) => boolean;
  questions: string[] = [];

  constructor(
    rows: readonly DataId[],
    datasets: readonly MemoryDataset[],
    options: { records?: Record<string, readonly DimensionRecord[]>; where?: (row: DataId) => boolean } = {},
  ) {
    this.rows = rows;
    this.stored = datasets;
    this.recordLists = options.records ?? {};
    this.where = options.where ?? (() => true);
  }

  async hasRun(name: string): Promise<boolean> {
    return this.stored.some((one) => one.collection === name);
  }

  async datasetTypeNames(): Promise<readonly string[]> {
    return [...new Set(this.stored.map((one) => one.type))];
  }

  async count(request: DataIdRequest): Promise<number> {
    this.questions.push(`count ${request.dimensions.join()}`);
    return this.#dataIds(request).length;
  }

  async *dataIds(request: DataIdRequest): AsyncIterable<DataIdColumns> {
    this.questions.push(`dataIds ${request.dimensions.join()}`);
    yield toColumns(this.#dataIds(request), request.dimensions);
  }

  #dataIds(request: DataIdRequest): DataId[] {
    let rows = request.within === undefined ? this.rows.filter(this.where) : this.rows;
    for (const { datasetType, collections } of request.having ?? []) {
      const dimensions = Object.keys(this.stored.find((one) => one.type === datasetType)?.dataId ?? {});
      const keys = new Set(this.#find(datasetType, collections).map((one) => key(one.dataId, dimensions)));
      rows = rows.filter((row) => keys.has(key(row, dimensions)));
    }
    for (const table of [request.within, ...(request.tables ?? [])]) rows = this.#within(rows, table);
    const distinct = new Map(rows.map((row) => [key(row, request.dimensions), row]));
    return [...distinct.values()];
  }

  async explain(): Promise<string[]> {
    return ['nothing matches'];
  }

  async *datasets(request: DatasetRequest): AsyncIterable<DatasetColumns> {
    this.questions.push(`datasets ${request.datasetType}`);
    const first = new Map<string, MemoryDataset>();
    for (const one of this.#find(request.datasetType, request.collections)) {
      const at = key(one.dataId, request.dimensions);
      if (!first.has(at)) first.set(at, one);
    }
    const allowed =
      request.within === undefined
        ? undefined
        : new Set(fromColumns(request.within).map((row) => key(row, request.dimensions)));
    const found = [...first].filter(([at]) => allowed?.has(at) ?? true).map(([, one]) => one);
    yield {
      ...toColumns(
        found.map((one) => one.dataId),
        request.dimensions,
      ),
      datasetType: request.datasetType,
      ids: found.map((one) => one.id),
      runs: found.map((one) => one.collection),
    };
  }

  async calibrations(request: Omit<DatasetRequest, 'within'>): Promise<CalibrationColumns> {
    this.questions.push(`calibrations ${request.datasetType}`);
    const found = this.#find(request.datasetType, request.collections);
    return {
      ...toColumns(
        found.map((one) => one.dataId),
        request.dimensions,
      ),
      datasetType: request.datasetType,
      ids: found.map((one) => one.id),
      runs: found.map((one) => one.collection),
      timespans: found.map((one) => one.timespan ?? null),
      order: Uint32Array.from(found, (one) => request.collections.indexOf(one.collection)),
    };
  }

  async records(element: string, within: DataIdColumns): Promise<readonly DimensionRecord[]> {
    this.questions.push(`records ${element}`);
    const wanted = new Set(fromColumns(within).map((row) => key(row, within.dimensions)));
    return (this.recordLists[element] ?? []).filter((record) => {
      const row = Object.fromEntries(within.dimensions.map((name) => [name, record[name] ?? record.id ?? record.name]));
      return wanted.has(key(row as DataId, within.dimensions));
    });
  }

  async files(ids: readonly string[]): Promise<FileRecord[][]> {
    this.questions.push('files');
    return ids.map((id, i) => [
      {
        datasetId: id,
        path: `files/${id}.fits`,
        formatter: 'F',
        storageClass: 'S',
        component: null,
        sizeBytes: 100 + i,
        checksum: null,
      },
    ]);
  }

  async registered(name: string): Promise<RegisteredType | undefined> {
    const one = this.stored.find((dataset) => dataset.type === name);
    return one === undefined ? undefined : { dimensions: Object.keys(one.dataId), storageClass: 'Registered' };
  }

  convertible(): boolean {
    return true;
  }

  #find(type: string, collections: readonly string[]): MemoryDataset[] {
    return collections.flatMap((collection) =>
      this.stored.filter((one) => one.type === type && one.collection === collection),
    );
  }

  #within(rows: readonly DataId[], table: DataIdColumns | undefined): readonly DataId[] {
    if (table === undefined) return rows;
    const wanted = new Set(fromColumns(table).map((row) => key(row, table.dimensions)));
    return rows.filter((row) => wanted.has(key(row, table.dimensions)));
  }
}

export function key(dataId: DataId, dimensions: readonly string[]): string {
  return dimensions.map((name) => JSON.stringify(dataId[name])).join();
}

function toColumns(rows: readonly DataId[], dimensions: readonly string[]): DataIdColumns {
  const columns: Record<string, DataIdValue[]> = {};
  for (const name of dimensions) columns[name] = rows.map((row) => row[name]);
  return { rows: rows.length, dimensions, columns };
}

function fromColumns(table: DataIdColumns): DataId[] {
  return Array.from({ length: table.rows }, (_, i) =>
    Object.fromEntries(table.dimensions.map((name) => [name, table.columns[name][i]])),
  );
}

let counter = 0;
export function uuid(): string {
  return `01900000-0000-7000-8000-${(++counter).toString(16).padStart(12, '0')}`;
}
