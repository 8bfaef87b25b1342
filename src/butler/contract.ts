// SPDX-License-Identifier: BSD-3-Clause

import type { DeferredDataset, GetOptions, PutResult } from './limited.ts';
import type { QueryApi } from './query/api.ts';
import type {
  CollectionInfo,
  CollectionType,
  DataCoordinate,
  DataId,
  DatasetRef,
  DatasetType,
  DimensionGroup,
  DimensionRecord,
  FileRecord,
  OnConflict,
  Timespan,
  TransferMode,
} from './types.ts';

export type { CountOptions, DatasetQueryOptions, QueryApi } from './query/api.ts';
export type { DataIdOf, GeneralRow, StandardDependencies, StandardDimensions } from './query/standard-types.ts';

/**
 * The front door of a repository. `Butler.open(root)` and `Butler.create(root)` (butler.ts) give one; rooms below butler/
 * hold this interface, never a registry or datastore class. Everything that changes many rows takes many rows.
 */
export interface ButlerApi {
  /** Absolute path or URI of the repository root (the folder of `butler.yaml`). */
  readonly root: string;
  /** Absolute path of the folder that file records are relative to: what a job needs to know of a datastore. */
  readonly datastoreRoot: string;
  /** A stable UUID of the repository. */
  readonly repositoryId: string;
  readonly writeable: boolean;
  readonly universe: Universe;

  /** Whether what is stored as one storage class can be given as another, by the rules of the repository. */
  convertible(from: string, to: string): boolean;

  // --- collections
  listCollections(globs?: readonly string[], types?: readonly CollectionType[]): Promise<CollectionInfo[]>;
  getCollection(name: string): Promise<CollectionInfo>; // throws with did-you-mean
  /** Creates it unless it exists with the same type; returns whether it was made. */
  registerCollection(name: string, type: CollectionType, doc?: string): Promise<boolean>;
  setChain(parent: string, children: readonly string[]): Promise<void>;
  /** Puts `children` first in `parent`, in this order and making the chain if need be; those that are members move. */
  prependToChain(parent: string, children: readonly string[]): Promise<void>;
  /** Puts `children` last in `parent`, in this order and making the chain if need be; those that are members move. */
  extendChain(parent: string, children: readonly string[]): Promise<void>;
  /** Refuses children that are no members. */
  removeFromChain(parent: string, children: readonly string[]): Promise<void>;
  setCollectionDoc(name: string, doc: string): Promise<void>;
  /** Removes a TAGGED, CHAINED or CALIBRATION collection, or a RUN without datasets. No dataset goes. */
  removeCollection(name: string, options?: RemovalOptions): Promise<RemovalReport>;
  /** Removes RUN collections with all their datasets and files; tags and validity ranges of the datasets go too. */
  removeRuns(names: readonly string[], options?: RemovalOptions): Promise<RemovalReport>;
  /** Puts datasets into a TAGGED collection, in place of members with the same data ID. */
  associate(tagged: string, refs: readonly DatasetRef[]): Promise<void>;
  /** Takes datasets out of a TAGGED collection; those that are no members are passed over. */
  disassociate(tagged: string, refs: readonly DatasetRef[]): Promise<void>;
  /** Refuses ranges that overlap for one dataset type and data ID. */
  certify(calibration: string, refs: readonly DatasetRef[], timespan: Timespan): Promise<void>;
  /** Takes a timespan out of validity ranges, which are dropped, shortened or split. Returns how many ranges changed. */
  decertify(
    calibration: string,
    datasetType: string,
    timespan: Timespan,
    options?: { dataIds?: readonly DataId[] },
  ): Promise<number>;
  /** Memberships of a type's datasets in collections, with validity ranges. Chains are left out unless `flattenChains`. */
  associations(
    datasetType: string,
    options: { collections: readonly string[]; types?: readonly CollectionType[]; flattenChains?: boolean },
  ): AsyncIterable<DatasetAssociation>;
  /** What the collection (for a chain: its members) may hold: it is kept when datasets come, not when they go. */
  collectionSummary(name: string): Promise<CollectionSummary>;

  // --- dataset types
  listDatasetTypes(globs?: readonly string[]): Promise<DatasetType[]>;
  getDatasetType(name: string): Promise<DatasetType>; // throws with did-you-mean
  makeDatasetType(
    name: string,
    dimensions: readonly string[],
    storageClass: string,
    options?: { isCalibration?: boolean },
  ): DatasetType;
  /** Creates those that do not exist; one that exists otherwise is an error naming the difference. Returns how many were made. */
  registerDatasetTypes(types: readonly DatasetType[]): Promise<number>;
  /** Refuses types that still have datasets. */
  removeDatasetTypes(names: readonly string[]): Promise<void>;

  // --- dimension records
  /** Bulk insert; rows of one element. `skip` leaves existing rows alone, `fail` refuses a differing row, `replace` updates. Returns the rows written. */
  insertRecords(element: string, rows: readonly DimensionRecord[], onConflict?: OnConflict): Promise<number>;

  // --- queries
  query(): QueryApi;
  /** find-first in the order of the collections; calibration look-up when `timespan` is given or the data ID has its own time. */
  findDataset(
    datasetType: string | DatasetType,
    dataId: DataId | DataCoordinate,
    options?: { collections?: readonly string[]; timespan?: Timespan },
  ): Promise<DatasetRef | undefined>;
  getDatasets(ids: readonly string[]): Promise<(DatasetRef | undefined)[]>;
  /** Where datasets' files are; one query per batch. Order follows `ids`; [] where there is none. */
  getFileRecords(ids: readonly string[]): Promise<FileRecord[][]>;

  // --- objects
  get(ref: DatasetRef, options?: GetOptions): Promise<unknown>;
  getDeferred(ref: DatasetRef): DeferredDataset;
  /** Writes the file (whole or not at all), then registers it. */
  put(
    object: unknown,
    datasetType: string | DatasetType,
    dataId: DataId,
    run?: string,
  ): Promise<{ ref: DatasetRef } & PutResult>;
  /** Many objects of one type: written beside each other, registered together or not at all. Results are in their order. */
  putMany(
    objects: readonly { object: unknown; dataId: DataId }[],
    datasetType: string | DatasetType,
    run?: string,
  ): Promise<({ ref: DatasetRef } & PutResult)[]>;
  /** Registers datasets that have no files (yet), in one transaction. Refs are in the order of the data IDs. */
  registerDatasets(
    datasetType: string | DatasetType,
    dataIds: readonly (DataId | DataCoordinate)[],
    run: string,
    options?: { idMode?: IngestOptions['idMode'] },
  ): Promise<DatasetRef[]>;
  /** Absolute path of a dataset's file. */
  getPath(ref: DatasetRef): Promise<string>;

  // --- bulk: files that exist, and outputs of a run
  /** Ingests files as datasets: transfers, then registers all in one transaction. */
  ingest(datasets: readonly IngestFile[], options: IngestOptions): Promise<IngestReport>;
  /** Registers datasets whose files a job has committed already. Idempotent by dataset id; registers nothing whose file is absent or of another size. */
  registerOutputs(
    outputs: readonly { ref: DatasetRef; record: FileRecord }[],
  ): Promise<{ registered: number; present: number }>;
  /** Removes datasets from registry and (trash first, then files) from disk: {@link pruneDatasets} with `purge`. */
  removeDatasets(refs: readonly DatasetRef[]): Promise<void>;
  /**
   * `disassociate`: out of the collections `tags` (of every TAGGED and CALIBRATION one when absent); `unstore`: files and their records
   * go, registry entries stay; `purge`: everything goes. Datasets that are gone already are passed over.
   */
  pruneDatasets(
    refs: readonly DatasetRef[],
    options: RemovalOptions & { mode: PruneMode; tags?: readonly string[] },
  ): Promise<RemovalReport>;
  /**
   * Deletes those of these files (paths relative to the datastore) that no dataset has, as a whole or a member of it, while nobody can
   * register one. Returns the paths of the deleted.
   */
  removeUnused(paths: readonly string[]): Promise<string[]>;
  exists(refs: readonly DatasetRef[], options?: { checkFiles?: boolean }): Promise<DatasetExistence[]>;
  /** URIs of the datasets' files (`file:///…`), with a `#fragment` for members of an archive. */
  getUris(refs: readonly DatasetRef[]): Promise<string[]>;
  /**
   * All registry writes in `body` commit together or not at all; files put in it are removed again on failure, and files removed in it go
   * when it has succeeded. One inside another is undone alone if it throws.
   */
  transaction<T>(body: () => Promise<T>): Promise<T>;

  /** The path (relative to the datastore root) and formatter that a new dataset would get. Pure: needs the records of the data ID, no database. */
  predictFile(ref: DatasetRef, records: Readonly<Record<string, DimensionRecord>>): { path: string; formatter: string };
  close(): Promise<void>;
}

export interface Universe {
  readonly version: number;
  readonly namespace: string;
  /** Closes a set of names under dependencies; throws with did-you-mean on an unknown name. */
  conform(names: Iterable<string>): DimensionGroup;
  /** A data ID checked against its group: unknown or missing keys and wrong types are errors naming them. */
  coordinate(dimensions: DimensionGroup, dataId: DataId): DataCoordinate;
  readonly dimensionNames: readonly string[];
  readonly elementNames: readonly string[];
  /** The sky pixels through which spatial elements are related. */
  readonly commonSkypix: { readonly name: string };
}

export interface IngestFile {
  /** Source file. */
  path: string;
  datasetType: DatasetType;
  /** One file may hold several datasets (all detectors of an exposure). */
  dataIds: readonly DataCoordinate[];
  formatter?: string;
  records?: Readonly<Record<string, DimensionRecord>>;
  /** Size of the file where it is known: it is not looked at again unless its bytes are wanted. */
  sizeBytes?: number;
}
export interface IngestOptions {
  run: string;
  /** Dimension records that the data IDs need, by element, needed ones first: they are written together with the datasets or not at all. */
  dimensionRecords?: ReadonlyMap<string, readonly DimensionRecord[]>;
  transfer: TransferMode;
  onConflict?: OnConflict; // fail (default) or skip
  /** For dimension records that are there with other values; default as `onConflict`. */
  recordsOnConflict?: OnConflict;
  idMode?: 'UNIQUE' | 'DATAID_TYPE' | 'DATAID_TYPE_RUN';
  checksum?: boolean;
  /** Keep sizes and checksums of the files in their records (default true): without, files may change under the repository. */
  trackFileAttributes?: boolean;
  onProgress?: (done: number, total: number) => void;
}
export interface IngestReport {
  ingested: DatasetRef[];
  skipped: { path: string; reason: string }[];
}

export interface RemovalOptions {
  /** Changes nothing; the report says what would be done. */
  dryRun?: boolean;
  /** Takes collections out of the chains that hold them; without it a member of a chain is refused, naming the chains. */
  unlink?: boolean;
  onProgress?: (done: number, total: number) => void;
}
export type PruneMode = 'disassociate' | 'unstore' | 'purge';
export interface RemovalReport {
  /** Datasets by type name. */
  datasets: Readonly<Record<string, number>>;
  /** Files that go: neither those which other datasets share nor those outside of the datastore. */
  files: number;
  sizeBytes: number;
  collections: readonly string[];
  /** Chains that lose a member. */
  unlinkedFrom: readonly string[];
  /** TAGGED and CALIBRATION collections that lose datasets. */
  disassociatedFrom: readonly string[];
}

/** A dataset in a collection; `timespan` in CALIBRATION collections. */
export interface DatasetAssociation {
  readonly ref: DatasetRef;
  readonly collection: string;
  readonly timespan?: Timespan;
}
export interface CollectionSummary {
  datasetTypes: string[];
  /** Values of instrument, skymap, … by dimension. */
  governors: Record<string, string[]>;
}
/** What is known of a dataset. */
export interface DatasetExistence {
  /** It is in the registry. */
  recorded: boolean;
  /** It has a file record. */
  stored: boolean;
  /** All its files are there with the recorded sizes; only with `checkFiles`. */
  artifact?: boolean;
}
