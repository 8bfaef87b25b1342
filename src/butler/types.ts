// SPDX-License-Identifier: BSD-3-Clause
/**
 * The words of the Gen3 data model as types. Everything below butler/ (graph, run, tasks, cli) speaks in these;
 * the classes in dimensions/, datasets/, registry/ and datastore/ implement them.
 */

/** Value of a dimension's primary key. Integers beyond 2^53-1 are refused with an error, never rounded. */
export type DataIdValue = string | number;
/** Dimension name -> value; what people and files write. */
export type DataId = Readonly<Record<string, DataIdValue>>;

/** A set of dimensions closed under required and implied dependencies. Instances are interned by the universe: equal groups are `===`. */
export interface DimensionGroup {
  /** All dimensions in universe order (required first within the peer's canonical order; see dimensions/). */
  readonly names: readonly string[];
  readonly required: readonly string[];
  readonly implied: readonly string[];
  /** Dimensions plus the dimension-combination elements (visit_detector_region, visit_definition, …) they span. */
  readonly elements: readonly string[];
  readonly governors: readonly string[];
  readonly skypix: readonly string[];
  has(name: string): boolean;
  isSubsetOf(other: DimensionGroup): boolean;
  union(...others: DimensionGroup[]): DimensionGroup;
}

/**
 * Values for the required dimensions of a group (and for the implied ones when `full`). Frozen. `Values` says which dimensions have
 * which type of value, where that is known to programs.
 */
export interface DataCoordinate<Values extends DataId = DataId> {
  readonly dimensions: DimensionGroup;
  readonly full: boolean;
  get<Name extends keyof Values & string>(name: Name): Values[Name];
  /** Plain required values, for printing and files. */
  toDataId(): DataId;
  /** Canonical text of the required values: equal coordinates of one group have equal keys. */
  readonly key: string;
}

export interface DatasetType {
  readonly name: string;
  readonly dimensions: DimensionGroup;
  readonly storageClass: string;
  readonly isCalibration: boolean;
}

export interface DatasetRef {
  readonly id: string; // canonical UUID text
  readonly datasetType: DatasetType;
  readonly dataId: DataCoordinate;
  readonly run: string;
}

export type CollectionType = 'RUN' | 'TAGGED' | 'CHAINED' | 'CALIBRATION';
export interface CollectionInfo {
  readonly name: string;
  readonly type: CollectionType;
  readonly doc: string;
  /** CHAINED only: members in search order. */
  readonly children?: readonly string[];
}

/** `[beginNs, endNs)` in TAI nanoseconds since 1970-01-01T00:00:00 TAI; undefined is unbounded. */
export interface Timespan {
  readonly beginNs: bigint | undefined;
  readonly endNs: bigint | undefined;
}

/** A row of a dimension element: its keys, implied keys, metadata, and for spatial or temporal elements `region` (encoded bytes) and `timespan`. */
export type DimensionRecord = Readonly<Record<string, DimensionRecordValue>>;
export type DimensionRecordValue = string | number | boolean | Uint8Array | Timespan | null;

/** Where a dataset's bytes are and how to read them: one row of `file_datastore_records`. */
export interface FileRecord {
  readonly datasetId: string;
  /** Relative to the datastore root, or an absolute URI for `direct` ingests. */
  readonly path: string;
  /** Formatter name as the Gen3 schema keeps it (a Python class path); ours and the peer's map to one name. */
  readonly formatter: string;
  readonly storageClass: string;
  readonly component: string | null;
  readonly sizeBytes: number;
  readonly checksum: string | null;
}

/** Columns of a query's answer: no object per row. Strings and numbers in plain arrays, one per dimension, all of length `rows`. */
export interface DataIdColumns {
  readonly rows: number;
  readonly dimensions: readonly string[];
  readonly columns: Readonly<Record<string, readonly DataIdValue[]>>;
}
export interface DatasetColumns extends DataIdColumns {
  readonly datasetType: string;
  readonly ids: readonly string[];
  readonly runs: readonly string[];
  /** Calibration look-ups: the validity range of each row. */
  readonly timespans?: readonly (Timespan | null)[];
}

export type TransferMode =
  | 'auto'
  | 'copy'
  | 'move'
  | 'link'
  | 'hardlink'
  | 'symlink'
  | 'relsymlink'
  | 'direct'
  | 'split';
export type OnConflict = 'fail' | 'skip' | 'replace';
