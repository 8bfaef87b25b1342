// SPDX-License-Identifier: BSD-3-Clause
import type { DataId, DataIdColumns, DimensionGroup } from '../types.ts';
import type { Where } from './predicate/build.ts';
import type { Column } from './predicate/types.ts';
import type { DatasetSearch } from './sql/datasets.ts';

/** What a query has been told so far. Never changed: each step makes a new one. */
export interface QueryState {
  readonly wheres: readonly Where[];
  readonly dataIds: readonly DataId[];
  readonly dimensions: readonly string[];
  readonly datasets: readonly { readonly datasetType: string; readonly collections: readonly string[] }[];
  /** Data IDs given with the query. What they hold together is related by them: no join on the sky is added. */
  readonly tables: readonly DataIdColumns[];
  readonly order: readonly string[];
  readonly limit: number | undefined;
  readonly offset: number;
  /** Whether conditions on dimensions need a value of their governors. */
  readonly checked: boolean;
}

export const NEW_QUERY: QueryState = {
  wheres: [],
  dataIds: [],
  dimensions: [],
  datasets: [],
  tables: [],
  order: [],
  limit: undefined,
  offset: 0,
  checked: true,
};

/** What rows are asked for. */
export interface Target {
  /** All dimensions of what is asked for. */
  readonly dimensions: DimensionGroup;
  /** Dimensions that are columns of the rows. */
  readonly names: readonly string[];
  /** Columns that follow them. */
  readonly columns: readonly Column[];
  /** Records of an element: fields may be named without it, and its table's columns follow the others. */
  readonly record?: { readonly element: string; readonly columns: readonly string[] };
  /** Datasets that are asked for themselves, not only joined. */
  readonly search?: DatasetSearch;
  /** The dataset type of which only the first dataset in the order of the collections counts, for each data ID. */
  readonly first?: string;
  /** Rows of one data ID come in the order of the collections. */
  readonly ranked?: boolean;
}
