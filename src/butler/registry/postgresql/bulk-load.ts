// SPDX-License-Identifier: BSD-3-Clause
import { postgresDialect } from './dialect.ts';
import { sqlState } from './errors.ts';
import type { Session } from './session.ts';

/** How long others may keep the tables; then rows are loaded with everything in place. */
const patienceMs = 1000;
/** Somebody uses the tables, or they belong to another role. */
const refusals = new Set(['55P03', '40P01', '42501']);

/**
 * Makes empty tables ready for very many rows: takes away their plain indexes and foreign keys, which are cheaper to build and to
 * check once, over all rows, than with each row. Returns the script that puts them back, with the same names and definitions,
 * and that tells the planner what came; or undefined, and nothing has changed, where a table has rows, somebody uses it or it is
 * not ours to alter. Must be called in a transaction: until it ends others wait for these tables and those they refer to, so it is for
 * tables in which there is nothing to find yet.
 */
export async function prepareLoad(session: Session, tables: readonly string[]): Promise<string | undefined> {
  if (!(await areEmpty(session, tables))) return undefined;
  await session.script('SAVEPOINT load');
  try {
    const names = tables.map(postgresDialect.quote).join(', ');
    await session.script(
      `SET LOCAL lock_timeout TO ${patienceMs};LOCK TABLE ${names} IN ACCESS EXCLUSIVE MODE;SET LOCAL maintenance_work_mem TO '128MB'`,
    );
    if (!(await areEmpty(session, tables))) {
      await session.script('ROLLBACK TO SAVEPOINT load');
      return undefined;
    }
    const found = await session.statement(parts, [postgresDialect.listParam(tables)]);
    const away = found.rows.map(([remove]) => remove);
    const back = found.rows.map(([, restore]) => restore);
    await session.script([...away, 'SET LOCAL lock_timeout TO DEFAULT', 'RELEASE SAVEPOINT load'].join(';'));
    return [...back, `ANALYZE ${names}`].join(';');
  } catch (error) {
    if (!refusals.has(sqlState(error) ?? '')) throw error;
    await session.script('ROLLBACK TO SAVEPOINT load');
    return undefined;
  }
}

async function areEmpty(session: Session, tables: readonly string[]): Promise<boolean> {
  const used = tables.map((name) => `EXISTS (SELECT 1 FROM ${postgresDialect.quote(name)})`).join(' OR ');
  const { rows } = await session.statement(`SELECT ${used}`, []);
  return rows[0][0] === 0;
}

/** What can be taken away from tables and how it is put back: indexes that keep nothing unique, then foreign keys. */
const parts = `
  SELECT format('DROP INDEX %s', indexrelid::regclass), pg_get_indexdef(indexrelid), 1 AS turn
  FROM pg_index WHERE indrelid = ANY($1::regclass[]) AND NOT indisunique AND NOT indisexclusion
  UNION ALL
  SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname),
    format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)), 2
  FROM pg_constraint WHERE contype = 'f' AND conrelid = ANY($1::regclass[])
  ORDER BY turn`;
