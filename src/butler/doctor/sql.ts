// SPDX-License-Identifier: BSD-3-Clause
import type { Database, SqlValue } from '../registry/database.ts';

/** Runs a statement that has one list of dataset ids (`IN (SELECT value FROM %LIST%)`) after its other parameters. */
export function runOnIds(
  db: Database,
  sql: string,
  ids: readonly string[],
  params: readonly SqlValue[] = [],
): Promise<number> {
  return db.run(
    sql.replace('%LIST%', () => db.dialect.listSource('?', 'uuid')),
    [...params, db.dialect.listParam(ids)],
  );
}
