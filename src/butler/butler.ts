// SPDX-License-Identifier: BSD-3-Clause
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { newUuid } from '../base/index.ts';
import type { ButlerApi, IngestFile, IngestOptions, IngestReport, QueryApi } from './contract.ts';
import { datasetId } from './datasets/ids.ts';
import { configPath, newConfigText, type RepositoryConfig, readConfig } from './datastore/config.ts';
import { FileDatastore } from './datastore/file-datastore.ts';
import { assertWriteable } from './datastore/posix/access.ts';
import { PosixStore } from './datastore/posix/posix-store.ts';
import { formatDataId } from './dimensions/coordinate.ts';
import type { DimensionUniverse } from './dimensions/universe.ts';
import { butlerErrors } from './errors.ts';
import type { DeferredDataset, GetOptions, PutResult } from './limited.ts';
import { defaultUniverse } from './limited-butler.ts';
import { Query } from './query/index.ts';
import { readAttributes } from './registry/attributes.ts';
import type { DatasetTypeRow } from './registry/dataset-types.ts';
import { expandDataIds } from './registry/expand.ts';
import { findDataset } from './registry/find.ts';
import { createRegistry, Registry } from './registry/registry.ts';
import { SqliteDatabase } from './registry/sqlite/database.ts';
import { ingestFiles, withRecords } from './transfer/ingest.ts';
import { registerOutputs } from './transfer/outputs.ts';
import { removeDatasets } from './transfer/remove.ts';
import { resolveRepository } from './transfer/repository-index.ts';
import type {
  CollectionInfo,
  CollectionType,
  DataCoordinate,
  DataId,
  DatasetRef,
  DatasetType,
  DimensionRecord,
  FileRecord,
  OnConflict,
  Timespan,
} from './types.ts';

export interface CreateOptions {
  universe?: DimensionUniverse;
}

/** A repository: registry and datastore together. */
export class Butler implements ButlerApi {
  readonly root: string;
  readonly repositoryId: string;
  readonly writeable: boolean;
  readonly universe: DimensionUniverse;
  /** The SQL side. For rooms inside butler/ (queries, import, checks); others use the methods. */
  readonly registry: Registry;
  readonly datastore: FileDatastore;

  private constructor(config: RepositoryConfig, registry: Registry, writeable: boolean, repositoryId: string) {
    this.root = config.root;
    this.repositoryId = repositoryId;
    this.writeable = writeable;
    this.universe = registry.universe;
    this.registry = registry;
    this.datastore = new FileDatastore(registry.universe, { ...config.datastore, repositoryRoot: config.root });
  }

  /** Makes a repository (SQLite and files) in a folder that may not hold one yet, and opens it for writing. */
  static async create(root: string, options: CreateOptions = {}): Promise<Butler> {
    const folder = resolve(root);
    const config = configPath(folder);
    if (existsSync(config)) throw butlerErrors.REPOSITORY_EXISTS({ root: folder });
    const store = new PosixStore();
    const databaseFile = resolve(folder, 'gen3.sqlite3');
    if (existsSync(databaseFile)) throw butlerErrors.FILE_EXISTS({ path: databaseFile, source: 'a new database' });
    // The configuration comes last: without it there is no repository, so an interrupted creation can be repeated.
    await store.writeAtomic(databaseFile, () => {});
    try {
      const db = SqliteDatabase.open(databaseFile, { writeable: true });
      try {
        await createRegistry(db, options.universe ?? defaultUniverse(), newUuid());
      } finally {
        await db.close();
      }
      await store.writeAtomic(config, (sink) => sink.write(new TextEncoder().encode(newConfigText())));
    } catch (error) {
      await store.remove(databaseFile);
      throw error;
    }
    return Butler.open(folder, { writeable: true });
  }

  /** Opens the repository in a folder, that of a `butler.yaml`, or one known by a label. Read-only unless `writeable`. */
  static async open(root: string, options: { writeable?: boolean } = {}): Promise<Butler> {
    const config = readConfig(resolveRepository(root));
    const writeable = options.writeable ?? false;
    if (writeable) assertWriteable([config.root, dirname(config.databaseFile), config.databaseFile]);
    const db = SqliteDatabase.open(config.databaseFile, { writeable });
    try {
      const { universe, repositoryId } = await readAttributes(db, config.root);
      const registry = new Registry(db, universe, config.datastore.name);
      return new Butler(config, registry, writeable, repositoryId ?? datasetId('DATAID_TYPE', config.root, '', {}));
    } catch (error) {
      await db.close();
      throw error;
    }
  }

  get datastoreRoot(): string {
    return this.datastore.root;
  }

  // --- collections

  listCollections(globs?: readonly string[], types?: readonly CollectionType[]): Promise<CollectionInfo[]> {
    return this.registry.collections.list(globs, types);
  }
  getCollection(name: string): Promise<CollectionInfo> {
    return this.registry.collections.info(name);
  }
  async registerCollection(name: string, type: CollectionType, doc?: string): Promise<boolean> {
    const present = await this.registry.collections.find(name);
    if (present?.type === type) return false;
    this.#assertWriteable(`make the collection "${name}"`);
    return this.registry.collections.register(name, type, doc);
  }
  async setChain(parent: string, children: readonly string[]): Promise<void> {
    this.#assertWriteable(`change the chain "${parent}"`);
    await this.registry.collections.setChain(parent, children);
  }
  async prependToChain(parent: string, children: readonly string[]): Promise<void> {
    this.#assertWriteable(`change the chain "${parent}"`);
    await this.registry.collections.prependToChain(parent, children);
  }
  async associate(tagged: string, refs: readonly DatasetRef[]): Promise<void> {
    this.#assertWriteable(`change the collection "${tagged}"`);
    const collection = await this.registry.collections.get(tagged, ['TAGGED']);
    await this.registry.db.transaction(async () => {
      for (const [type, group] of await this.#byType(refs)) await this.registry.datasets.tag(type, collection, group);
    });
  }
  async certify(calibration: string, refs: readonly DatasetRef[], timespan: Timespan): Promise<void> {
    this.#assertWriteable(`certify into "${calibration}"`);
    const collection = await this.registry.collections.get(calibration, ['CALIBRATION']);
    await this.registry.db.transaction(async () => {
      for (const [type, group] of await this.#byType(refs)) {
        await this.registry.calibrations.certify(type, collection, group, timespan);
      }
    });
  }

  // --- dataset types

  listDatasetTypes(globs?: readonly string[]): Promise<DatasetType[]> {
    return this.registry.types.list(globs);
  }
  async getDatasetType(name: string): Promise<DatasetType> {
    return (await this.registry.types.get(name)).type;
  }
  makeDatasetType(
    name: string,
    dimensions: readonly string[],
    storageClass: string,
    options: { isCalibration?: boolean } = {},
  ): DatasetType {
    const isCalibration = options.isCalibration ?? false;
    return Object.freeze({ name, dimensions: this.universe.conform(dimensions), storageClass, isCalibration });
  }
  async registerDatasetTypes(types: readonly DatasetType[]): Promise<number> {
    this.#assertWriteable('register dataset types');
    return this.registry.types.register(types);
  }

  // --- dimension records

  async insertRecords(
    element: string,
    rows: readonly DimensionRecord[],
    onConflict: OnConflict = 'fail',
  ): Promise<number> {
    this.#assertWriteable(`insert ${element} records`);
    return this.registry.records.insert(element, rows, onConflict);
  }

  // --- queries

  query(): QueryApi {
    return new Query(this.registry);
  }
  async findDataset(
    datasetType: string | DatasetType,
    dataId: DataId | DataCoordinate,
    options: { collections: readonly string[]; timespan?: Timespan },
  ): Promise<DatasetRef | undefined> {
    const name = typeof datasetType === 'string' ? datasetType : datasetType.name;
    const type = await this.registry.types.get(name);
    return findDataset(this.registry, type, plainDataId(dataId), options.collections, options.timespan);
  }
  getDatasets(ids: readonly string[]): Promise<(DatasetRef | undefined)[]> {
    return this.registry.datasets.byIds(ids);
  }
  getFileRecords(ids: readonly string[]): Promise<FileRecord[][]> {
    return this.registry.files.get(ids);
  }

  // --- objects

  async get(ref: DatasetRef, options?: GetOptions): Promise<unknown> {
    const [records] = await this.registry.files.get([ref.id]);
    return this.datastore.read(ref, records, options);
  }
  getDeferred(ref: DatasetRef): DeferredDataset {
    return { ref, get: (options) => this.get(ref, options) };
  }
  async put(
    object: unknown,
    datasetType: string | DatasetType,
    dataId: DataId,
    run: string,
  ): Promise<{ ref: DatasetRef } & PutResult> {
    this.#assertWriteable('write a dataset');
    const { registry, datastore } = this;
    const type = await registry.types.get(typeof datasetType === 'string' ? datasetType : datasetType.name);
    const collection = await registry.collections.get(run, ['RUN']);
    const { dimensions } = type.type;
    const [expanded] = await expandDataIds(registry.records, this.universe, dimensions, [plainDataId(dataId)], true);
    const coordinate = this.universe.coordinate(dimensions, expanded.values);
    const ref: DatasetRef = { id: newUuid(), datasetType: type.type, dataId: coordinate, run };
    const taken = await registry.datasets.idsByDataId(type, collection, [coordinate]);
    for (const id of taken.values()) {
      const where = { datasetType: type.type.name, dataId: formatDataId(coordinate.toDataId()), collection: run, id };
      throw butlerErrors.DATASET_CONFLICT(where);
    }
    const where = datastore.predict(ref, expanded.values, expanded.records);
    const { staged, record } = await datastore.stage(object, ref, where);
    try {
      await registry.db.transaction(async () => {
        await registry.datasets.insert(type, collection, [ref]);
        await registry.files.insert([record]);
        await staged.commit();
      });
    } catch (error) {
      await staged.discard();
      throw error;
    }
    return { ref, record, bytesWritten: record.sizeBytes };
  }
  async getPath(ref: DatasetRef): Promise<string> {
    const [records] = await this.registry.files.get([ref.id]);
    const record = records.find((one) => one.component === null) ?? records[0];
    if (record === undefined) {
      const dataId = formatDataId(ref.dataId.toDataId());
      throw butlerErrors.NOT_STORED({ datasetType: ref.datasetType.name, dataId, id: ref.id });
    }
    return this.datastore.absolute(record);
  }

  // --- bulk

  async ingest(datasets: readonly IngestFile[], options: IngestOptions): Promise<IngestReport> {
    this.#assertWriteable('ingest files');
    return ingestFiles(this.registry, this.datastore, datasets, options);
  }
  async registerOutputs(
    outputs: readonly { ref: DatasetRef; record: FileRecord }[],
  ): Promise<{ registered: number; present: number }> {
    this.#assertWriteable('register outputs');
    return registerOutputs(this.registry, this.datastore, outputs);
  }
  async removeDatasets(refs: readonly DatasetRef[]): Promise<void> {
    this.#assertWriteable('remove datasets');
    await removeDatasets(this.registry, this.datastore, refs);
  }

  predictFile(
    ref: DatasetRef,
    records: Readonly<Record<string, DimensionRecord>>,
  ): { path: string; formatter: string } {
    return this.datastore.predict(ref, withRecords(this, ref, records).values, records);
  }

  async close(): Promise<void> {
    await this.registry.db.close();
  }

  async #byType(refs: readonly DatasetRef[]): Promise<[DatasetTypeRow, DatasetRef[]][]> {
    const groups = Map.groupBy(refs, (ref) => ref.datasetType.name);
    return Promise.all(
      [...groups].map(
        async ([name, group]): Promise<[DatasetTypeRow, DatasetRef[]]> => [await this.registry.types.get(name), group],
      ),
    );
  }

  #assertWriteable(action: string): void {
    if (!this.writeable) throw butlerErrors.READ_ONLY({ root: this.root, action });
  }
}

function plainDataId(dataId: DataId | DataCoordinate): DataId {
  return typeof (dataId as DataCoordinate).toDataId === 'function'
    ? (dataId as DataCoordinate).toDataId()
    : (dataId as DataId);
}
