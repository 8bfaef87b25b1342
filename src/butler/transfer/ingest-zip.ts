// SPDX-License-Identifier: BSD-3-Clause
import { resolve } from 'node:path';
import type { Butler } from '../butler.ts';
import { transaction } from '../datasets/transaction.ts';
import { ResourcePath } from '../datastore/resource-path.ts';
import { memberPath, readDirectory, readMember } from '../datastore/zip/archive.ts';
import { butlerErrors } from '../errors.ts';
import { describe } from '../registry/datasets.ts';
import { expandDataIds } from '../registry/expand.ts';
import type { Registry } from '../registry/registry.ts';
import type { DataId, DatasetRef, DimensionGroup, FileRecord, TransferMode } from '../types.ts';
import { transferErrors } from './errors.ts';
import { insertDatasets, knownDatasets } from './import-yaml.ts';
import { placeFile } from './place.ts';
import { claimPaths } from './used-paths.ts';
import { parseZipIndex, type ZipIndex, zipIndexName, zipPathInStore } from './zip-index.ts';

export interface IngestZipOptions {
  readonly transfer: TransferMode;
  /** Bring the dimension records of the archive along, where it has some and they are not here. */
  readonly transferDimensions?: boolean;
  /** An archive whose datasets are all here already is passed over; else that is an error. */
  readonly skipExisting?: boolean;
  readonly dryRun?: boolean;
}

export interface IngestZipReport {
  /** Path of the archive in the datastore, or its address where it stays. */
  readonly path: string;
  readonly datasets: number;
  readonly files: number;
  readonly sizeBytes: number;
  /** Dimension records written. */
  readonly records: number;
  readonly runs: readonly string[];
  /** All datasets were here. */
  readonly skipped: boolean;
}

/**
 * Takes an archive of datasets into the datastore as it is; its members are the datasets' files. Dataset types must be registered,
 * runs are made. All of the archive comes, or nothing.
 * @throws TRANSFER_BAD_ARCHIVE, TRANSFER_PARTLY_KNOWN, TRANSFER_ALREADY_HERE, TRANSFER_MISSING_TYPE, BUTLER_DATASET_CONFLICT,
 *   BUTLER_NO_RECORD if the repository does not know an instrument, a visit, … of a dataset
 */
export async function ingestZip(butler: Butler, zip: string, options: IngestZipOptions): Promise<IngestZipReport> {
  const { registry, datastore } = butler;
  const source = resolve(ResourcePath.parse(zip).localPath);
  const index = await readZipIndex(butler, source);
  const types = new Map<string, DatasetRef['datasetType']>();
  for (const { datasetType } of index.refs) {
    if (types.has(datasetType.name)) continue;
    const row = await registry.types.find(datasetType.name);
    if (row === undefined) throw transferErrors.MISSING_TYPE({ name: datasetType.name, repository: butler.root });
    types.set(datasetType.name, row.type);
  }
  const refs = index.refs.map((ref) => ({ ...ref, datasetType: types.get(ref.datasetType.name)! }));
  const runs = [...new Set(refs.map((ref) => ref.run))].sort();
  const inStore = zipPathInStore(index.members.keys());
  const sizeBytes = (await datastore.store.stat(source))!.sizeBytes;
  const report = { path: inStore, datasets: refs.length, files: index.members.size, sizeBytes, records: 0, runs };
  const known = await knownDatasets(registry, refs);
  if (known.size > 0) {
    const first = describe(refs.find((ref) => known.has(ref.id))!);
    const fresh = refs.length - known.size;
    if (fresh > 0) throw transferErrors.PARTLY_KNOWN({ file: source, known: known.size, fresh, first });
    if (options.skipExisting !== true) throw transferErrors.ALREADY_HERE({ file: source, known: known.size, first });
    return { ...report, datasets: 0, files: 0, skipped: true };
  }
  if (options.dryRun === true) return { ...report, skipped: false };
  const placement = await placeFile(datastore, source, options.transfer, () => inStore);
  let records = 0;
  try {
    let moving = false;
    const register = async (): Promise<void> => {
      records = 0;
      for (const run of runs) await registry.collections.register(run, 'RUN');
      if (options.transferDimensions === true) {
        for (const [element, rows] of index.records) records += await registry.records.insert(element, rows, 'skip');
      }
      await refuseUnknownDataIds(registry, refs);
      await insertDatasets(registry, refs);
      await claimPaths(registry, [placement], () => source);
      const members = memberRecords(index, placement.path);
      for (const [path, id] of await registry.files.owners(members.map((one) => one.path))) {
        throw butlerErrors.FILE_EXISTS({ path, source: `${source} (dataset ${id} uses it)` });
      }
      await registry.files.insert(members);
      moving = true;
      await placement.commit();
    };
    await transaction(registry.db, register, { repeatable: () => !moving });
  } catch (error) {
    await placement.undo();
    throw error;
  }
  return { ...report, path: placement.path, records, skipped: false };
}

async function refuseUnknownDataIds(registry: Registry, refs: readonly DatasetRef[]): Promise<void> {
  const groups = new Map<DimensionGroup, Map<string, DataId>>();
  for (const { dataId } of refs) {
    const group = groups.get(dataId.dimensions) ?? new Map<string, DataId>();
    groups.set(dataId.dimensions, group.set(dataId.key, dataId.toDataId()));
  }
  for (const [dimensions, group] of groups) {
    await expandDataIds(registry.records, registry.universe, dimensions, [...group.values()], true);
  }
}

/** The index of an archive, checked against its members. */
async function readZipIndex(butler: Butler, source: string): Promise<ZipIndex> {
  const { store } = butler.datastore;
  if ((await store.stat(source)) === undefined) {
    throw butlerErrors.FILE_UNREADABLE({ path: source, reason: 'there is no such file' });
  }
  const directory = await readDirectory(source);
  const member = directory.get(zipIndexName);
  if (member === undefined) throw transferErrors.BAD_ARCHIVE({ file: source, problem: `it has no ${zipIndexName}` });
  const text = new TextDecoder().decode(await readMember(store, source, member));
  const index = await parseZipIndex(text, butler.registry, source);
  for (const [name, { info }] of index.members) {
    const found = directory.get(name);
    if (found === undefined) throw transferErrors.BAD_ARCHIVE({ file: source, problem: `it has no member ${name}` });
    if (info.sizeBytes >= 0 && found.sizeBytes !== info.sizeBytes) {
      const problem = `${name} has ${found.sizeBytes} bytes, not ${info.sizeBytes} as its index says`;
      throw transferErrors.BAD_ARCHIVE({ file: source, problem });
    }
  }
  const stored = new Set([...index.members.values()].flatMap(({ ids }) => ids));
  const without = index.refs.find((ref) => !stored.has(ref.id));
  if (without !== undefined) {
    throw transferErrors.BAD_ARCHIVE({ file: source, problem: `it has no member for ${describe(without)}` });
  }
  return index;
}

function memberRecords(index: ZipIndex, archive: string): FileRecord[] {
  return [...index.members].flatMap(([name, { info, ids }]) =>
    ids.map((datasetId) => ({ ...info, datasetId, path: memberPath(archive, name) })),
  );
}
