// SPDX-License-Identifier: BSD-3-Clause
import { fileScope, insideScope } from '../datastore/scope.ts';
import type { Database, TransactionOptions } from '../registry/database.ts';

let savepoints = 0;

/** See `ButlerApi.transaction`. One inside another is a savepoint. `options` are for bodies of our own that may be run again. */
export async function transaction<T>(
  db: Database,
  body: () => Promise<T>,
  options: Pick<TransactionOptions, 'repeatable'> = {},
): Promise<T> {
  const nested = insideScope();
  return fileScope(() => db.transaction(() => (nested ? withSavepoint(db, body) : body()), options));
}

async function withSavepoint<T>(db: Database, body: () => Promise<T>): Promise<T> {
  const name = `nested_${++savepoints}`;
  await db.run(`SAVEPOINT ${name}`);
  try {
    const result = await body();
    await db.run(`RELEASE SAVEPOINT ${name}`);
    return result;
  } catch (error) {
    await db.run(`ROLLBACK TO SAVEPOINT ${name}`);
    throw error;
  }
}
