// SPDX-License-Identifier: BSD-3-Clause
import { butlerErrors } from '../../errors.ts';
import { searchPath } from './connect.ts';
import { isLocalCollision } from './errors.ts';
import type { Session } from './session.ts';

/**
 * Sees that the database is what it is opened for; with `create` makes the schema, and the extension that the Gen3 schema asks for.
 * Returns whether the session keeps the settings it was begun with, so that they need not be said again in each transaction.
 */
export async function prepareSchema(
  session: Session,
  options: { writeable: boolean; create?: boolean; namespace: string | undefined; location: string; preamble: string },
): Promise<boolean> {
  const { namespace, location } = options;
  const [[setting]] = (await session.query("SELECT current_setting('search_path')")).rows;
  const kept = namespace === undefined || setting === searchPath(namespace) || setting === namespace;
  if (options.create) await makeSchema(session, namespace, location);
  const results = await session.start(
    `${kept ? '' : options.preamble};SELECT to_regclass('butler_attributes') IS NOT NULL, ${forbidden(namespace)}, pg_is_in_recovery();
     SELECT has_table_privilege(to_regclass('dataset'), 'INSERT') AND has_table_privilege(to_regclass('dataset'), 'DELETE')`,
  );
  await session.rollback();
  const [present, hidden, standby] = results.at(-2)![0];
  const [insertable] = results.at(-1)![0];
  if (options.create) {
    if (present) throw butlerErrors.REGISTRY_EXISTS({ location });
    return kept;
  }
  if (!present) {
    if (hidden) throw butlerErrors.NO_PRIVILEGE({ location, reason: 'its schema may not be used' });
    throw butlerErrors.NO_REGISTRY({ location });
  }
  if (options.writeable && standby)
    throw butlerErrors.READ_ONLY({ root: location, action: 'write to a standby server' });
  if (options.writeable && insertable !== 1) {
    throw butlerErrors.NO_PRIVILEGE({ location, reason: 'its tables may be read, not written' });
  }
  return kept;
}

/** Whether the schema is there, but not for this user: its tables then look as if they were not there either. */
function forbidden(namespace: string | undefined): string {
  const name = namespace === undefined ? 'current_schema()' : `'${namespace.replaceAll("'", "''")}'`;
  return `EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = ${name} AND NOT has_schema_privilege(oid, 'USAGE'))`;
}

const extension = 'btree_gist';

async function makeSchema(session: Session, namespace: string | undefined, location: string): Promise<void> {
  if (namespace !== undefined) await unlessMade(session, `CREATE SCHEMA IF NOT EXISTS ${searchPath(namespace)}`);
  const [[there]] = (await session.query('SELECT count(*) FROM pg_extension WHERE extname = ?', [extension])).rows;
  if (there !== 0) return;
  try {
    await unlessMade(session, `CREATE EXTENSION IF NOT EXISTS ${extension} WITH SCHEMA public`);
  } catch (error) {
    throw butlerErrors.EXTENSION_MISSING({ location, extension, reason: (error as Error).message }, { cause: error });
  }
}

/** Makes something unless it is there, or another process makes it at this moment. */
async function unlessMade(session: Session, sql: string): Promise<void> {
  try {
    await session.script(sql);
  } catch (error) {
    if (!isLocalCollision(error)) throw error;
  }
}
