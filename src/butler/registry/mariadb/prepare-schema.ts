// SPDX-License-Identifier: BSD-3-Clause
import { butlerErrors } from '../../errors.ts';
import type { ServerAddress } from '../database-url.ts';
import type { Patience } from '../server/patience.ts';
import { connector } from './connect.ts';
import { textRules } from './ddl.ts';
import { mariadbDialect } from './dialect.ts';
import { Session } from './session.ts';

/** The database of the tables: on this server a schema is a database. */
export function databaseOf(address: ServerAddress): string {
  return address.namespace ?? address.database;
}

/** Makes the database unless it is there. Its own rules for texts do not matter: each table states them. */
export async function makeDatabase(address: ServerAddress, patience: Patience): Promise<void> {
  const { connect } = await connector(address, { readOnly: false });
  const session = new Session(await connect(patience));
  try {
    const name = databaseOf(address);
    const present = await session.query('SELECT 1 FROM information_schema.schemata WHERE schema_name = ?', [name]);
    if (present.rows.length === 0) {
      await session.command(`CREATE DATABASE IF NOT EXISTS ${mariadbDialect.quote(name)} ${textRules}`);
    }
  } finally {
    await session.end();
  }
}

/** JSON_TABLE came with this version. */
const oldest = [10, 6];

/** Sees that the server and the database are what they are opened for. Returns how long a statement the server takes, in bytes. */
export async function prepareSchema(
  session: Session,
  options: { writeable: boolean; create?: boolean; location: string },
): Promise<number> {
  const { location } = options;
  const { rows } = await session.query(
    `SELECT version(), @@max_allowed_packet, @@global.read_only,
     (SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = database() AND table_name = 'butler_attributes')`,
  );
  const [version, packetBytes, readOnly, tables] = rows[0];
  const numbers = /^(?:5\.5\.5-)?(\d+)\.(\d+).*mariadb/i.exec(String(version))?.slice(1).map(Number);
  if (numbers === undefined || numbers[0] * 1000 + numbers[1] < oldest[0] * 1000 + oldest[1]) {
    const reason = `it is version ${version}; a registry wants MariaDB ${oldest.join('.')} or later`;
    throw butlerErrors.DATABASE_UNREACHABLE({ location, reason });
  }
  // Tables alone are no registry: the server cannot undo them when making one has failed.
  const filled = tables === 0 ? [] : (await session.query('SELECT 1 FROM butler_attributes LIMIT 1')).rows;
  if (options.create) {
    if (filled.length > 0) throw butlerErrors.REGISTRY_EXISTS({ location });
  } else if (filled.length === 0) throw butlerErrors.NO_REGISTRY({ location });
  else if (options.writeable) {
    if (readOnly !== 0) throw butlerErrors.READ_ONLY({ root: location, action: 'write to a read-only server' });
    await assertWriteable(session, location);
  }
  return packetBytes as number;
}

/** Asks for the right to write by a statement that changes nothing. */
async function assertWriteable(session: Session, location: string): Promise<void> {
  try {
    await session.command('DELETE FROM dataset WHERE 1 = 0');
    await session.command('INSERT INTO dataset SELECT * FROM dataset WHERE 1 = 0');
  } catch (error) {
    const { errno, sqlMessage } = error as { errno?: number; sqlMessage?: string };
    if (errno !== 1142 && errno !== 1044) throw error;
    const reason = `its tables may be read, not written (${sqlMessage})`;
    throw butlerErrors.NO_PRIVILEGE({ location, reason }, { cause: error });
  }
}
