// SPDX-License-Identifier: BSD-3-Clause
import { dirname, resolve } from 'node:path';
import { type AssociationOptions, associations } from './collections/associations.ts';
import { extendChain, prependToChain, removeFromChain, setChain } from './collections/chains.ts';
import { type DefaultOptions, runOrDefault, withDefaults } from './collections/defaults.ts';
import { associate, certify, decertify, disassociate } from './collections/members.ts';
import { collectionSummary } from './collections/summary.ts';
import type {
  ButlerApi,
  CollectionSummary,
  DatasetAssociation,
  DatasetExistence,
  IngestFile,
  IngestOptions,
  IngestReport,
  QueryApi,
  RemovalOptions,
  RemovalReport,
} from './contract.ts';
import { type CreateOptions, createRepository } from './create.ts';
import { datasetTypeNamed } from './datasets/components.ts';
import { exists } from './datasets/existence.ts';
import { datasetId } from './datasets/ids.ts';
import { type ObjectToPut, put, putMany } from './datasets/put.ts';
import { registerDatasets } from './datasets/register.ts';
import { transaction } from './datasets/transaction.ts';
import { trustedRecords } from './datasets/trusted.ts';
import { getUris, mainRecord } from './datasets/uris.ts';
import { type RepositoryConfig, readConfig } from './datastore/config.ts';
import { FileDatastore } from './datastore/file-datastore.ts';
import { assertWriteable } from './datastore/posix/access.ts';
import { assertWritten } from './datastore/settings.ts';
import type { DimensionUniverse } from './dimensions/universe.ts';
import { butlerErrors } from './errors.ts';
import type { DeferredDataset, GetOptions, PutResult } from './limited.ts';
import { defaultUniverse } from './limited-butler.ts';
import { Query } from './query/index.ts';
import { readAttributes } from './registry/attributes.ts';
import type { Defaults } from './registry/defaults.ts';
import { findDataset } from './registry/find.ts';
import { openDatabase } from './registry/open-database.ts';
import { completeRegistry, Registry } from './registry/registry.ts';
import { removeCollection, removeRuns } from './removal/collections.ts';
import { type PruneOptions, pruneDatasets } from './removal/prune.ts';
import { removeUnused } from './removal/unused.ts';
import { ingestFiles, withRecords } from './transfer/ingest.ts';
import { registerOutputs } from './transfer/outputs.ts';
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

export interface OpenOptions extends DefaultOptions {
  writeable?: boolean;
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

  /** Makes a repository in a folder that may not hold one yet, and opens it for writing. The registry is an SQLite file there, unless told otherwise. */
  static async create(root: string, options: CreateOptions = {}): Promise<Butler> {
    await createRepository(root, { ...options, universe: options.universe ?? defaultUniverse() });
    return Butler.open(resolve(root), { writeable: true });
  }

  /**
   * Opens the repository in a folder, that of a `butler.yaml`, or one known by a label. Read-only unless `writeable`. With `collections`,
   * `run` or `dataId` these are what calls that name none use.
   */
  static async open(root: string, options: OpenOptions = {}): Promise<Butler> {
    const config = readConfig(resolveRepository(root));
    const writeable = options.writeable ?? false;
    const { database, datastore } = config;
    for (const warning of datastore.warnings) process.emitWarning(`${config.root}: ${warning}`, 'ButlerConfigWarning');
    if (writeable) {
      assertWritten(config.datastore);
      assertWriteable(
        database.engine === 'sqlite' ? [config.root, dirname(database.file), database.file] : [config.datastore.root],
      );
    }
    const db = await openDatabase(database, { writeable });
    try {
      const { universe, repositoryId } = await readAttributes(db, config.root);
      if (writeable) await completeRegistry(db, universe);
      const registry = await withDefaults(new Registry(db, universe, config.datastore), options);
      return new Butler(config, registry, writeable, repositoryId ?? datasetId('DATAID_TYPE', config.root, '', {}));
    } catch (error) {
      await db.close();
      throw error;
    }
  }

  get defaults(): Defaults {
    return this.registry.defaults;
  }
  convertible(from: string, to: string): boolean {
    return this.datastore.convertible(from, to);
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
  async setCollectionDoc(name: string, doc: string): Promise<void> {
    this.#assertWriteable(`change the collection "${name}"`);
    await this.registry.collections.setDoc(name, doc);
  }
  async setChain(parent: string, children: readonly string[]): Promise<void> {
    this.#assertWriteable(`change the chain "${parent}"`);
    await setChain(this.registry, parent, children);
  }
  async prependToChain(parent: string, children: readonly string[]): Promise<void> {
    this.#assertWriteable(`change the chain "${parent}"`);
    await prependToChain(this.registry, parent, children);
  }
  async extendChain(parent: string, children: readonly string[]): Promise<void> {
    this.#assertWriteable(`change the chain "${parent}"`);
    await extendChain(this.registry, parent, children);
  }
  async removeFromChain(parent: string, children: readonly string[]): Promise<void> {
    this.#assertWriteable(`change the chain "${parent}"`);
    await removeFromChain(this.registry, parent, children);
  }
  async removeCollection(name: string, options: RemovalOptions = {}): Promise<RemovalReport> {
    if (!options.dryRun) this.#assertWriteable(`remove the collection "${name}"`);
    return removeCollection(this.registry, name, options);
  }
  async removeRuns(names: readonly string[], options: RemovalOptions = {}): Promise<RemovalReport> {
    if (!options.dryRun) this.#assertWriteable('remove runs');
    return removeRuns(this.registry, this.datastore, names, options);
  }
  async associate(tagged: string, refs: readonly DatasetRef[]): Promise<void> {
    this.#assertWriteable(`change the collection "${tagged}"`);
    await associate(this.registry, tagged, refs);
  }
  async disassociate(tagged: string, refs: readonly DatasetRef[]): Promise<void> {
    this.#assertWriteable(`change the collection "${tagged}"`);
    await disassociate(this.registry, tagged, refs);
  }
  async certify(calibration: string, refs: readonly DatasetRef[], timespan: Timespan): Promise<void> {
    this.#assertWriteable(`certify into "${calibration}"`);
    await certify(this.registry, calibration, refs, timespan);
  }
  async decertify(
    calibration: string,
    datasetType: string,
    timespan: Timespan,
    options: { dataIds?: readonly DataId[] } = {},
  ): Promise<number> {
    this.#assertWriteable(`decertify from "${calibration}"`);
    return decertify(this.registry, calibration, datasetType, timespan, options.dataIds);
  }
  associations(datasetType: string, options: AssociationOptions): AsyncIterable<DatasetAssociation> {
    return associations(this.registry, datasetType, options);
  }
  collectionSummary(name: string): Promise<CollectionSummary> {
    return collectionSummary(this.registry, name);
  }

  // --- dataset types

  listDatasetTypes(globs?: readonly string[]): Promise<DatasetType[]> {
    return this.registry.types.list(globs);
  }
  getDatasetType(name: string): Promise<DatasetType> {
    return datasetTypeNamed(this.registry, name);
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
  async removeDatasetTypes(names: readonly string[]): Promise<void> {
    this.#assertWriteable('remove dataset types');
    await this.registry.types.remove(names);
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
    options: { collections?: readonly string[]; timespan?: Timespan } = {},
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
    const trusted = records.length === 0 && this.datastore.trusts ? await trustedRecords(this, ref) : records;
    return this.datastore.read(ref, trusted, options);
  }
  getDeferred(ref: DatasetRef): DeferredDataset {
    return { ref, get: (options) => this.get(ref, options) };
  }
  async put(
    object: unknown,
    datasetType: string | DatasetType,
    dataId: DataId,
    run?: string,
  ): Promise<{ ref: DatasetRef } & PutResult> {
    this.#assertWriteable('write a dataset');
    const type = typeof datasetType === 'string' ? datasetType : datasetType.name;
    return put(this.registry, this.datastore, object, type, plainDataId(dataId), runOrDefault(this.registry, run));
  }
  async putMany(
    objects: readonly ObjectToPut[],
    datasetType: string | DatasetType,
    run?: string,
  ): Promise<({ ref: DatasetRef } & PutResult)[]> {
    this.#assertWriteable('write datasets');
    const type = typeof datasetType === 'string' ? datasetType : datasetType.name;
    const plain = objects.map(({ object, dataId }) => ({ object, dataId: plainDataId(dataId) }));
    return putMany(this.registry, this.datastore, plain, type, runOrDefault(this.registry, run));
  }
  async registerDatasets(
    datasetType: string | DatasetType,
    dataIds: readonly (DataId | DataCoordinate)[],
    run: string,
    options: { idMode?: IngestOptions['idMode'] } = {},
  ): Promise<DatasetRef[]> {
    this.#assertWriteable('register datasets');
    const type = typeof datasetType === 'string' ? datasetType : datasetType.name;
    return registerDatasets(this.registry, type, dataIds, run, options.idMode ?? 'UNIQUE');
  }
  async getPath(ref: DatasetRef): Promise<string> {
    const [records] = await this.registry.files.get([ref.id]);
    return this.datastore.absolute(mainRecord(ref, records));
  }
  getUris(refs: readonly DatasetRef[]): Promise<string[]> {
    return getUris(this.registry, this.datastore, refs);
  }
  exists(refs: readonly DatasetRef[], options?: { checkFiles?: boolean }): Promise<DatasetExistence[]> {
    return exists(this.registry, this.datastore, refs, options);
  }
  async transaction<T>(body: () => Promise<T>): Promise<T> {
    this.#assertWriteable('begin a transaction');
    return transaction(this.registry.db, body);
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
    await this.pruneDatasets(refs, { mode: 'purge' });
  }
  async removeUnused(paths: readonly string[]): Promise<string[]> {
    this.#assertWriteable('remove files');
    return removeUnused(this.registry, this.datastore, paths);
  }
  async pruneDatasets(refs: readonly DatasetRef[], options: PruneOptions): Promise<RemovalReport> {
    if (!options.dryRun) this.#assertWriteable('remove datasets');
    return pruneDatasets(this.registry, this.datastore, refs, options);
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

  #assertWriteable(action: string): void {
    if (!this.writeable) throw butlerErrors.READ_ONLY({ root: this.root, action });
  }
}

function plainDataId(dataId: DataId | DataCoordinate): DataId {
  return typeof (dataId as DataCoordinate).toDataId === 'function'
    ? (dataId as DataCoordinate).toDataId()
    : (dataId as DataId);
}
