// SPDX-License-Identifier: BSD-3-Clause
import type { DimensionUniverse } from '../dimensions/universe.ts';
import type { CollectionStore } from '../registry/collections.ts';
import type { Database } from '../registry/database.ts';
import type { DatasetTypeStore } from '../registry/dataset-types.ts';
import type { Defaults } from '../registry/defaults.ts';

/** What queries need of a registry; a Registry is one. */
export interface QueryContext {
  readonly universe: DimensionUniverse;
  readonly db: Database;
  readonly collections: CollectionStore;
  readonly types: DatasetTypeStore;
  /** Collections searched where none are named, and values of governors that a query does not mention. */
  readonly defaults?: Pick<Defaults, 'collections' | 'dataId'>;
}
