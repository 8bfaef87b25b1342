// SPDX-License-Identifier: BSD-3-Clause
import type {
  DataId,
  DataIdColumns,
  DatasetColumns,
  DimensionRecord,
  FileRecord,
  Timespan,
  Universe,
} from '../../butler/index.ts';

/**
 * What the builder asks of a repository: a handful of questions, each answered in bulk as columns. The number of
 * questions depends on the pipeline (tasks, dataset types, dimensions), never on the number of quanta.
 */
export interface CandidateSource {
  readonly repositoryId: string;
  readonly universe: BuildUniverse;

  /** Data IDs over `dimensions` (implied ones too, as their own columns, unless they are not wanted), distinct, with exact spatial joins; in batches. */
  dataIds(request: DataIdRequest): AsyncIterable<DataIdColumns>;
  /** Why {@link dataIds} would be empty: a sentence for each cause found. */
  explain(request: DataIdRequest): Promise<string[]>;
  /** Find-first in the order of the collections, in batches. An unknown dataset type or collection has no datasets. */
  datasets(request: DatasetRequest): AsyncIterable<DatasetColumns>;
  /** Datasets of a calibration type with their validity; datasets in RUN and TAGGED collections are valid always. */
  calibrations(request: Omit<DatasetRequest, 'within'>): Promise<CalibrationColumns>;
  /** Records of a dimension for these values of its required dimensions. */
  records(element: string, within: DataIdColumns): Promise<readonly DimensionRecord[]>;
  /** Order follows the ids; the builder asks for {@link fileBatch} of them at a time. */
  files(ids: readonly string[]): Promise<readonly (readonly FileRecord[])[]>;
  /** Whether there is a RUN collection of this name. */
  hasRun(name: string): Promise<boolean>;
  /** How many data IDs {@link dataIds} would give at most; regions are compared by their sky pixels only. */
  count(request: DataIdRequest): Promise<number>;
  /** Names of the dataset types that the repository knows. */
  datasetTypeNames(): Promise<readonly string[]>;
  /** What a dataset type is registered as; undefined if the repository does not know it. */
  registered(name: string): Promise<RegisteredType | undefined>;
  /** Whether what is stored as one storage class can be read as another. */
  convertible(from: string, to: string): boolean;
}

export interface RegisteredType {
  readonly dimensions: readonly string[];
  readonly storageClass: string;
}

/** Of the dimensions, what a build needs. `commonSkypix`: the pixels by which regions are found in the repository. */
export type BuildUniverse = Pick<Universe, 'conform' | 'version'> & {
  readonly commonSkypix?: { readonly name: string };
};

/** File records are fetched in batches of this many datasets, so that one answer never has to hold a whole survey. */
export const fileBatch = 50_000;

export interface DataIdRequest {
  dimensions: readonly string[];
  /** False: columns of required dimensions are enough. */
  implied?: boolean;
  where?: string;
  bind?: Readonly<Record<string, unknown>>;
  dataId?: DataId;
  /** Data IDs must have these datasets. */
  having?: readonly { datasetType: string; collections: readonly string[] }[];
  /** Data IDs must be among these (over any subset of the dimensions). */
  within?: DataIdColumns;
  /** The same, of tables that a user gave: they may have dimensions that are not asked for. */
  tables?: readonly DataIdColumns[];
}

export interface DatasetRequest {
  datasetType: string;
  /** Required dimensions of the dataset type, in order. */
  dimensions: readonly string[];
  collections: readonly string[];
  /** Only datasets of these data IDs are wanted; others may come all the same. */
  within?: DataIdColumns;
  /** A dataset type that was asked for before, of which the collections hold about as many: whether to send data IDs is known from it. */
  alike?: string;
}

export interface CalibrationColumns extends DatasetColumns {
  readonly timespans: readonly (Timespan | null)[];
  /** Place of each row's collection in the search order: lower wins. */
  readonly order: Uint32Array;
}
