// SPDX-License-Identifier: BSD-3-Clause
import type { DataCoordinate, DataId, DataIdColumns, DatasetColumns, DatasetRef, DimensionRecord } from '../types.ts';
import type { DataIdOf, GeneralRow } from './standard-types.ts';

export interface DatasetQueryOptions {
  /** Searched in this order, chains by their members. May be left out if the repository was opened with default collections. */
  readonly collections?: readonly string[];
  /** Only the first dataset found for each data ID (default), or all. */
  readonly findFirst?: boolean;
  /** Whether data IDs have their implied values (the band of a visit) too. Default true; reading is quicker without. */
  readonly implied?: boolean;
}

export interface DatasetColumnOptions {
  readonly collections: readonly string[];
  /** Only the first dataset found for each data ID (default), or all. */
  readonly findFirst?: boolean;
  /** Validity ranges too, and then nothing is left out: see {@link QueryApi.datasetColumns}. */
  readonly withTimespans?: boolean;
}

export interface CountOptions {
  /** False: what the database can count alone, which is too many if regions have to be compared. Default true. */
  readonly exact?: boolean;
  /** False: refuse to count if rows would have to be read and thrown away for it. Default true. */
  readonly discard?: boolean;
}

/**
 * A query of a repository. Immutable: each call gives a new one. Nothing touches the database before a terminal method, and the
 * iterables read rows as they are asked for: memory does not grow with the answer, and leaving the loop ends the query.
 */
export interface QueryApi {
  /** Expression of the Gen3 query language with `:name` binds, and/or fixed data-ID values. Several calls are ANDed. */
  where(expression: string, bind?: Readonly<Record<string, unknown>>): QueryApi;
  where(dataId: DataId): QueryApi;
  /** Data IDs must have a dataset of this type in these collections; its fields (`bias.timespan`) can then be used and asked for. */
  joinDatasets(datasetType: string, collections: readonly string[]): QueryApi;
  /** Dimensions to join besides those a terminal method asks for. */
  joinDimensions(dimensions: readonly string[]): QueryApi;
  /** Data IDs given as columns: the result is restricted to them. What they hold together is not compared on the sky again. */
  joinDataIds(table: DataIdColumns): QueryApi;
  /** Dimensions, fields, dataset fields, `timespan.begin`, `timespan.end`; `-` before a term for descending. */
  orderBy(...terms: string[]): QueryApi;
  /** At most `n` rows, after leaving out the first `offset`. */
  limit(n: number, offset?: number): QueryApi;

  /** Allows conditions on dimensions (visit) without a value of what they belong to (instrument). */
  unchecked(): QueryApi;

  // terminals
  /** Names of the dataset types of which these collections may have any, by their summaries. */
  datasetTypes(collections: readonly string[]): Promise<string[]>;
  dataIds<const Names extends readonly string[]>(
    dimensions: Names,
  ): AsyncIterable<DataCoordinate<DataIdOf<Names[number]>>>;
  /** Plain objects with all dimensions of the data ID. */
  dataIdRows<const Names extends readonly string[]>(dimensions: Names): AsyncIterable<DataIdOf<Names[number]>>;
  dimensionRecords(element: string): AsyncIterable<DimensionRecord>;
  datasets(datasetType: string, options: DatasetQueryOptions): AsyncIterable<DatasetRef>;
  /** Datasets of all types whose names match (globs; default all), type by type in the order of their names. */
  allDatasets(options: DatasetQueryOptions & { readonly types?: readonly string[] }): AsyncIterable<DatasetRef>;
  /**
   * Any columns in one row, each distinct combination once: dimensions (`visit`), fields (`visit.exposure_time`), fields of joined
   * datasets (`bias.dataset_id`, `bias.run`, `bias.collection`, `bias.ingest_date`, `bias.timespan`). `findFirst` names a joined dataset
   * type of which only the first dataset in the order of its collections counts.
   */
  general<const Names extends readonly string[]>(
    columns: Names,
    options?: { readonly findFirst?: string },
  ): AsyncIterable<GeneralRow<Names[number]>>;
  /** Columns for the graph builder: deduplicated, exact spatial joins done. */
  dataIdColumns(dimensions: readonly string[]): Promise<DataIdColumns>;
  datasetColumns(datasetType: string, options: DatasetColumnOptions): Promise<DatasetColumns>;
  /** As {@link dataIdColumns}, in batches as rows are read: memory does not grow with the answer. */
  dataIdColumnBatches(
    dimensions: readonly string[],
    options?: { /** Whether there are columns of implied dimensions too (default true). */ readonly implied?: boolean },
  ): AsyncIterable<DataIdColumns>;
  /** As {@link datasetColumns}, in batches as rows are read. */
  datasetColumnBatches(datasetType: string, options: DatasetColumnOptions): AsyncIterable<DatasetColumns>;
  count(dimensions: readonly string[], options?: CountOptions): Promise<number>;
  countDatasets(datasetType: string, options: DatasetQueryOptions & CountOptions): Promise<number>;
  /** Whether there is any row. */
  any(dimensions: readonly string[]): Promise<boolean>;
  anyDatasets(datasetType: string, options: DatasetQueryOptions): Promise<boolean>;
  /**
   * Runs the query for these dimensions now and keeps its data IDs; the query that is returned goes on from them, so that conditions and
   * joins are not evaluated again. `datasets` names joined types whose fields are still wanted.
   */
  materialize(dimensions: readonly string[], options?: { readonly datasets?: readonly string[] }): Promise<QueryApi>;
  /** Why there are no rows: one sentence per cause found; with `datasets`, also why no dataset of a type is found. */
  explainNoResults(
    dimensions: readonly string[],
    datasets?: { readonly datasetType: string; readonly collections: readonly string[] },
  ): Promise<string[]>;
}
