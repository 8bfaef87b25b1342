// SPDX-License-Identifier: BSD-3-Clause
import { resolve } from 'node:path';
import type { IngestFile, IngestOptions, IngestReport } from '../contract.ts';
import { datasetId } from '../datasets/ids.ts';
import { transaction } from '../datasets/transaction.ts';
import type { FileDatastore } from '../datastore/file-datastore.ts';
import { extensionOf } from '../datastore/paths.ts';
import { formatDataId } from '../dimensions/coordinate.ts';
import { butlerErrors } from '../errors.ts';
import type { CollectionRow } from '../registry/collections.ts';
import type { DatasetTypeRow } from '../registry/dataset-types.ts';
import { type ExpandedDataId, expandDataIds } from '../registry/expand.ts';
import type { Registry } from '../registry/registry.ts';
import type { DataId, DatasetRef, FileRecord } from '../types.ts';
import { type Placement, placeFile } from './place.ts';
import { commitAll, placeMany, undoAll } from './place-many.ts';
import { claimPaths } from './used-paths.ts';

interface Item {
  file: IngestFile;
  type: DatasetTypeRow;
  refs: DatasetRef[];
}

/**
 * Brings files in as datasets. Conflicts are found before any file moves; files are put in place in the same transaction that
 * registers them, so a failure leaves both sides as they were.
 */
export async function ingestFiles(
  registry: Registry,
  datastore: FileDatastore,
  files: readonly IngestFile[],
  options: IngestOptions,
): Promise<IngestReport> {
  const run = await registry.collections.get(options.run, ['RUN']);
  const report: IngestReport = { ingested: [], skipped: [] };
  const items = await withoutKnown(registry, run, await prepare(registry, files, options), options, report);
  if (items.length === 0) return report;
  const expanded = await expand(registry, items, options);
  const placements = await transfer(datastore, items, expanded, options);
  const records = items.map((item, i) => fileRecords(datastore, item, placements[i], options));
  try {
    let moving = false;
    const register = async (): Promise<void> => {
      for (const [element, rows] of options.dimensionRecords ?? [])
        await registry.records.insert(element, rows, options.recordsOnConflict ?? options.onConflict ?? 'fail');
      for (const [type, group] of groupByType(items)) {
        await registry.datasets.insert(
          type,
          run,
          group.flatMap((item) => item.refs),
        );
      }
      await claimPaths(registry, placements, (i) => items[i].file.path);
      await registry.files.insert(records.flat());
      moving = true;
      await commitAll(placements);
    };
    await transaction(registry.db, register, { repeatable: () => !moving });
  } catch (error) {
    await undoAll(placements);
    throw error;
  }
  report.ingested.push(...items.flatMap((item) => item.refs));
  return report;
}

async function prepare(registry: Registry, files: readonly IngestFile[], options: IngestOptions): Promise<Item[]> {
  const items: Item[] = [];
  const types = new Map<string, DatasetTypeRow>();
  for (const { name } of new Set(files.map((file) => file.datasetType)))
    types.set(name, await registry.types.get(name));
  for (const file of files) {
    const type = types.get(file.datasetType.name)!;
    const refs = file.dataIds.map((dataId) => {
      const plain: DataId = dataId.toDataId();
      const id = datasetId(options.idMode ?? 'UNIQUE', type.type.name, options.run, plain);
      return {
        id,
        datasetType: type.type,
        dataId: registry.universe.coordinate(type.type.dimensions, plain),
        run: options.run,
      };
    });
    items.push({ file: { ...file, path: resolve(file.path) }, type, refs });
  }
  return items;
}

/** Drops files whose datasets are in the run already (or earlier in the batch), or refuses them. */
async function withoutKnown(
  registry: Registry,
  run: CollectionRow,
  items: readonly Item[],
  options: IngestOptions,
  report: IngestReport,
): Promise<Item[]> {
  const keep: Item[] = [];
  for (const [type, group] of groupByType(items)) {
    const known = await registry.datasets.idsByDataId(
      type,
      run,
      group.flatMap((item) => item.refs.map((ref) => ref.dataId)),
    );
    const sources = new Map<string, string>();
    for (const item of group) {
      const taken = item.refs.filter((ref) => known.has(ref.dataId.key) || sources.has(ref.dataId.key));
      if (taken.length === 0) {
        for (const ref of item.refs) sources.set(ref.dataId.key, item.file.path);
        keep.push(item);
        continue;
      }
      const [first] = taken;
      const dataId = formatDataId(first.dataId.toDataId());
      const twin = sources.get(first.dataId.key);
      // A file of which only some datasets are known is neither new nor old.
      if ((options.onConflict ?? 'fail') !== 'skip' || taken.length < item.refs.length) {
        throw butlerErrors.DATASET_CONFLICT(
          {
            datasetType: type.type.name,
            dataId,
            collection: run.name,
            id: known.get(first.dataId.key) ?? `from ${twin}`,
          },
          { place: { file: item.file.path } },
        );
      }
      const where = twin === undefined ? `in "${run.name}"` : `in this batch, from ${twin}`;
      report.skipped.push({ path: item.file.path, reason: `${type.type.name} ${dataId} is ${where} already` });
    }
  }
  return keep;
}

/** Records of the first data ID of each file, for its path. */
async function expand(
  registry: Registry,
  items: readonly Item[],
  options: IngestOptions,
): Promise<Map<Item, ExpandedDataId>> {
  const out = new Map<Item, ExpandedDataId>();
  if (options.transfer === 'direct') return out;
  for (const [type, group] of groupByType(items)) {
    const { dimensions } = type.type;
    const missing = group.filter((item) => item.file.records === undefined);
    const dataIds = missing.map((item) => item.refs[0].dataId.toDataId());
    const expanded = await expandDataIds(registry.records, registry.universe, dimensions, dataIds, true);
    missing.forEach((item, i) => {
      out.set(item, expanded[i]);
    });
    for (const item of group) {
      const { records } = item.file;
      if (records !== undefined) out.set(item, withRecords(registry, item.refs[0], records));
    }
  }
  return out;
}

/** The values that given records add to a data ID. */
export function withRecords(
  registry: Pick<Registry, 'universe'>,
  ref: DatasetRef,
  records: ExpandedDataId['records'],
): ExpandedDataId {
  const values: ExpandedDataId['values'] = { ...ref.dataId.toDataId() };
  for (const name of registry.universe.conform(ref.datasetType.dimensions.names).lookupOrder) {
    for (const implied of registry.universe.element(name).implied) {
      const value = records[name]?.[implied];
      if (value !== undefined && value !== null) values[implied] = value as string | number;
    }
  }
  return { values, records };
}

async function transfer(
  datastore: FileDatastore,
  items: readonly Item[],
  expanded: ReadonlyMap<Item, ExpandedDataId>,
  options: IngestOptions,
): Promise<Placement[]> {
  const place = (item: Item): Promise<Placement> => {
    const target = (): string => {
      const { values, records } = expanded.get(item)!;
      return datastore.templatePath(item.refs[0], values, records) + extensionOf(item.file.path);
    };
    return placeFile(datastore, item.file.path, options.transfer, target, item.file.sizeBytes);
  };
  return placeMany(items, place, (done) => options.onProgress?.(done, items.length));
}

function fileRecords(datastore: FileDatastore, item: Item, placement: Placement, options: IngestOptions): FileRecord[] {
  const tracked = options.trackFileAttributes ?? true;
  return item.refs.map((ref) => ({
    datasetId: ref.id,
    path: placement.path,
    formatter: item.file.formatter ?? datastore.formatterFor(ref),
    storageClass: ref.datasetType.storageClass,
    component: null,
    sizeBytes: tracked ? placement.sizeBytes : -1,
    checksum: tracked ? placement.checksum : null,
  }));
}

function groupByType(items: readonly Item[]): Map<DatasetTypeRow, Item[]> {
  return Map.groupBy(items, (item) => item.type);
}
