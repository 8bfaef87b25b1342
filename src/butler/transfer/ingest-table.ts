// SPDX-License-Identifier: BSD-3-Clause
import { resolve } from 'node:path';
import { didYouMean, SkymillError } from '../../base/index.ts';
import type { Butler } from '../butler.ts';
import type { IngestFile, IngestReport } from '../contract.ts';
import type { IdMode } from '../datasets/ids.ts';
import { ResourcePath } from '../datastore/resource-path.ts';
import { butlerErrors } from '../errors.ts';
import type { DataCoordinate, DataIdValue, DatasetType, OnConflict, TransferMode } from '../types.ts';
import { readTextTable, type TextTable } from './read-table.ts';
import { readText } from './read-text.ts';

export interface IngestTableOptions {
  readonly datasetType: string;
  /** RUN collection; made if need be. */
  readonly run: string;
  /** First column: the file; others: dimensions of the data ID. See {@link readTextTable}. */
  readonly tableFile: string;
  /** Values of the data ID that all files share; they go before those of the table. */
  readonly dataId?: Readonly<Record<string, DataIdValue>>;
  /** Folder (or URI) of relative paths in the table. Default: the working directory. */
  readonly prefix?: string;
  readonly formatter?: string;
  readonly idMode?: IdMode;
  readonly transfer: TransferMode;
  readonly trackFileAttributes?: boolean;
  readonly onConflict?: OnConflict;
  readonly dryRun?: boolean;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface IngestTableReport extends IngestReport {
  readonly files: number;
  readonly datasets: number;
}

/**
 * Ingests the files of a table, all or none. A file that is in several rows holds several datasets. Dimension records must be there.
 * @throws TRANSFER_BAD_TABLE, BUTLER_UNKNOWN_DIMENSION, BUTLER_MISSING_KEYS, BUTLER_BAD_KEY_TYPE; with file and line
 */
export async function ingestTable(butler: Butler, options: IngestTableOptions): Promise<IngestTableReport> {
  const type = await butler.getDatasetType(options.datasetType);
  const file = ResourcePath.parse(options.tableFile).localPath;
  const table = readTextTable(readText(file), options.tableFile);
  const files = filesOf(butler, type, table, options);
  const datasets = files.reduce((sum, one) => sum + one.dataIds.length, 0);
  const counts = { files: files.length, datasets };
  for (const { path } of files) {
    if ((await butler.datastore.store.stat(path)) === undefined) {
      throw butlerErrors.FILE_UNREADABLE({ path, reason: 'there is no such file' });
    }
  }
  if (options.dryRun === true) return { ...counts, ingested: [], skipped: [] };
  await butler.registerCollection(options.run, 'RUN');
  const { run, transfer, onConflict, idMode, trackFileAttributes, onProgress } = options;
  const report = await butler.ingest(files, { run, transfer, onConflict, idMode, trackFileAttributes, onProgress });
  return { ...counts, ...report };
}

function filesOf(butler: Butler, type: DatasetType, table: TextTable, options: IngestTableOptions): IngestFile[] {
  const { universe } = butler;
  const [, ...names] = table.columns;
  const shared = Object.entries(options.dataId ?? {}).map(([name, value]) => {
    refuseUnknown(butler, name, 'the data ID of the command');
    return [name, keyValue(butler, name, value)] as const;
  });
  for (const name of names) refuseUnknown(butler, name, options.tableFile);
  const byPath = new Map<string, DataCoordinate[]>();
  for (const { line, values } of table.rows) {
    try {
      const own = names.map((name, i) => [name, keyValue(butler, name, values[i + 1])] as const);
      const given = universe.coordinate(type.dimensions, Object.fromEntries([...own, ...shared]));
      const path = resolve(ResourcePath.parse(String(values[0]), options.prefix && rootOf(options.prefix)).localPath);
      const dataIds = byPath.get(path);
      const dataId = universe.coordinate(type.dimensions, given.toDataId());
      if (dataIds === undefined) byPath.set(path, [dataId]);
      else dataIds.push(dataId);
    } catch (error) {
      if (!(error instanceof SkymillError) || line === undefined) throw error;
      const { code, kind, message, next, params, cause } = error;
      throw new SkymillError({ code, kind, message, next, params, cause, place: { file: options.tableFile, line } });
    }
  }
  return [...byPath].map(([path, dataIds]) => ({ path, datasetType: type, dataIds, formatter: options.formatter }));
}

function rootOf(prefix: string): string {
  return ResourcePath.parse(prefix).localPath;
}

function refuseUnknown({ universe }: Butler, name: string, where: string): void {
  if (universe.dimensionNames.includes(name)) return;
  const hint = didYouMean(name, universe.dimensionNames);
  throw butlerErrors.UNKNOWN_DIMENSION({ name, hint }, { place: { file: where } });
}

/** Tables hold text: what is a number in data IDs becomes one. */
function keyValue({ universe }: Butler, name: string, value: DataIdValue): DataIdValue {
  const wantsNumber = universe.element(name).primaryKey!.type === 'int';
  if (wantsNumber && typeof value === 'string' && /^[-+]?\d+$/.test(value))
    return universe.checkValue(name, Number(value));
  return universe.checkValue(name, wantsNumber ? value : String(value));
}
