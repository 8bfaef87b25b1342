// SPDX-License-Identifier: BSD-3-Clause
import type { DataId, DataIdColumns, DimensionGroup } from '../types.ts';
import type { Where } from './predicate/build.ts';
import type { DatasetSearch } from './sql/datasets.ts';

/** What a query has been told so far. Never changed: each step makes a new one. */
export interface QueryState {
  readonly wheres: readonly Where[];
  readonly dataIds: readonly DataId[];
  readonly dimensions: readonly string[];
  readonly datasets: readonly { readonly datasetType: string; readonly collections: readonly string[] }[];
  readonly tables: readonly DataIdColumns[];
  readonly order: readonly string[];
  readonly limit: number | undefined;
}

export const NEW_QUERY: QueryState = {
  wheres: [],
  dataIds: [],
  dimensions: [],
  datasets: [],
  tables: [],
  order: [],
  limit: undefined,
};

/** What rows are asked for. */
export type Target = { readonly dimensions: DimensionGroup } & (
  | { readonly kind: 'data ids' }
  | { readonly kind: 'records'; readonly element: string }
  | {
      readonly kind: 'datasets';
      readonly search: DatasetSearch;
      readonly findFirst: boolean;
      readonly withTimespans: boolean;
    }
);
