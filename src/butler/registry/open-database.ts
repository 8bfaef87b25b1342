// SPDX-License-Identifier: BSD-3-Clause
import type { Database } from './database.ts';
import type { DatabaseAddress } from './database-url.ts';

export interface OpenDatabaseOptions {
  writeable: boolean;
  /** The database is about to be filled by `createRegistry`: what it needs (a file, a schema) is made. */
  create?: boolean;
}

/** Opens a registry's database with the engine that its address names. Engines are loaded when they are needed. */
export async function openDatabase(address: DatabaseAddress, options: OpenDatabaseOptions): Promise<Database> {
  switch (address.engine) {
    case 'sqlite': {
      const { SqliteDatabase } = await import('./sqlite/database.ts');
      return SqliteDatabase.open(address.file, options);
    }
    case 'postgresql': {
      const { PostgresDatabase } = await import('./postgresql/database.ts');
      return PostgresDatabase.open(address, options);
    }
    case 'mariadb': {
      const { MariadbDatabase } = await import('./mariadb/database.ts');
      return MariadbDatabase.open(address, options);
    }
  }
}
