// SPDX-License-Identifier: BSD-3-Clause
import type { DimensionUniverse } from '../dimensions/universe.ts';
import { writeAttributes } from './attributes.ts';
import { CalibrationStore } from './calibrations.ts';
import { CollectionStore } from './collections.ts';
import type { Database } from './database.ts';
import { DatasetTypeStore } from './dataset-types.ts';
import { DatasetStore } from './datasets.ts';
import { type Defaults, NO_DEFAULTS } from './defaults.ts';
import { DimensionRecordStore } from './dimension-records.ts';
import { dimensionTables } from './dimension-tables.ts';
import { FileRecordStore } from './file-records.ts';
import { staticTables } from './static-tables.ts';
import { TrashStore } from './trash.ts';

/** The SQL side of a repository: one store a subject, over one database. */
export class Registry {
  readonly db: Database;
  readonly universe: DimensionUniverse;
  readonly collections: CollectionStore;
  readonly types: DatasetTypeStore;
  readonly records: DimensionRecordStore;
  readonly datasets: DatasetStore;
  readonly calibrations: CalibrationStore;
  readonly files: FileRecordStore;
  readonly trash: TrashStore;
  readonly defaults: Defaults;
  readonly #datastoreName: string;

  constructor(db: Database, universe: DimensionUniverse, datastoreName: string, defaults: Defaults = NO_DEFAULTS) {
    this.db = db;
    this.#datastoreName = datastoreName;
    this.defaults = defaults;
    this.universe = universe;
    this.collections = new CollectionStore(db);
    this.types = new DatasetTypeStore(db, universe);
    this.records = new DimensionRecordStore(db, universe);
    this.datasets = new DatasetStore(db, this.types);
    this.calibrations = new CalibrationStore(db, this.datasets);
    this.trash = new TrashStore(db, datastoreName);
    this.files = new FileRecordStore(db, datastoreName, this.trash);
  }

  /** The same registry for programs with other defaults. */
  withDefaults(defaults: Defaults): Registry {
    return new Registry(this.db, this.universe, this.#datastoreName, defaults);
  }
}

/** Fills an empty database with the tables and attributes of a new repository. */
export async function createRegistry(db: Database, universe: DimensionUniverse, repositoryId: string): Promise<void> {
  await db.transaction(async () => {
    await db.createTables([...staticTables(universe), ...dimensionTables(universe)]);
    await writeAttributes(db, universe, repositoryId);
    await db.insert('opaque_meta', ['table_name'], [['file_datastore_records']]);
  });
}
