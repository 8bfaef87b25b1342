// SPDX-License-Identifier: BSD-3-Clause
import type { DimensionUniverse } from '../dimensions/universe.ts';
import { writeAttributes } from './attributes.ts';
import { CalibrationStore } from './calibrations.ts';
import { ChainedFileRecords, type ChainMember } from './chained-file-records.ts';
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

/** The datastore under its name in registry tables, and the further ones of its chain. */
export interface DatastoreTables {
  readonly name: string;
  readonly others: readonly ChainMember[];
}

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
  readonly #datastore: DatastoreTables;

  constructor(
    db: Database,
    universe: DimensionUniverse,
    datastore: string | DatastoreTables,
    defaults: Defaults = NO_DEFAULTS,
  ) {
    this.db = db;
    this.#datastore = typeof datastore === 'string' ? { name: datastore, others: [] } : datastore;
    const { name, others } = this.#datastore;
    this.defaults = defaults;
    this.universe = universe;
    this.collections = new CollectionStore(db);
    this.types = new DatasetTypeStore(db, universe);
    this.records = new DimensionRecordStore(db, universe);
    this.datasets = new DatasetStore(db, this.types);
    this.calibrations = new CalibrationStore(db, this.datasets);
    this.trash = new TrashStore(db, name);
    this.files =
      others.length === 0
        ? new FileRecordStore(db, name, this.trash)
        : new ChainedFileRecords(db, name, this.trash, others);
  }

  /** The same registry for programs with other defaults. */
  withDefaults(defaults: Defaults): Registry {
    return new Registry(this.db, this.universe, this.#datastore, defaults);
  }
}

/** Fills an empty database with the tables and attributes of a new repository. */
export async function createRegistry(db: Database, universe: DimensionUniverse, repositoryId: string): Promise<void> {
  await db.transaction(async () => {
    await db.createTables([...staticTables(universe), ...dimensionTables(universe)]);
    await writeAttributes(db, universe, repositoryId);
    await db.insert('opaque_meta', ['table_name'], [[fileRecords]]);
  });
}

const fileRecords = 'file_datastore_records';

/** Makes the table of file records where a repository has none yet: other programs make it with the first file. */
export async function completeRegistry(db: Database, universe: DimensionUniverse): Promise<void> {
  const present = await db.rows('SELECT 1 FROM opaque_meta WHERE table_name = ?', [fileRecords]);
  if (present.length > 0) return;
  const complete = async (): Promise<void> => {
    await db.createTables(staticTables(universe).filter((table) => table.name === fileRecords));
    await db.insert('opaque_meta', ['table_name'], [[fileRecords]], { conflict: 'ignore' });
  };
  await db.transaction(complete, { repeatable: true });
}
