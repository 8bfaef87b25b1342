// SPDX-License-Identifier: BSD-3-Clause
import type { Database, SqlValue } from './database.ts';

/** Tuples per statement where each value is a parameter; beyond a few hundred there is no gain and SQLite's limits come near. */
const chunkSize = 400;
/** Tuples in one parameter. */
const listChunk = 20_000;

/**
 * Rows of a table whose key columns equal one of many tuples: `SELECT columns FROM table` joined to a list of values, a chunk at
 * a time, so that the index on the keys is used. Integers come back as bigint. `where` may add conditions on table `t`.
 */
export async function joinValues(
  db: Database,
  table: string,
  columns: readonly string[],
  keys: readonly string[],
  tuples: readonly (readonly SqlValue[])[],
  where: { sql: string; params: readonly SqlValue[] } = { sql: '', params: [] },
): Promise<SqlValue[][]> {
  const { quote, column: read } = db.dialect;
  const out: SqlValue[][] = [];
  const selected = columns.map((column) => read('t', column)).join(', ');
  const extra = where.sql === '' ? '' : ` AND ${where.sql}`;
  if (keys.length === 0) {
    if (tuples.length === 0) return [];
    const sql = `SELECT ${selected} FROM ${quote(table)} t${where.sql === '' ? '' : ` WHERE ${where.sql}`}`;
    return db.rows(sql, where.params, { bigints: true });
  }
  const names = keys.map((_, i) => `k${i}`);
  const on = keys.map((key, i) => `t.${quote(key)} = v.${names[i]}`).join(' AND ');
  const { tuples: lists } = db.dialect;
  const sample = tuples[0];
  if (lists !== undefined && tuples.length > 1 && tuples.every((tuple) => tuple.every(isListable))) {
    const sql = `SELECT ${selected} FROM ${lists.source('?', names, sample)} v ${lists.join} ${quote(table)} t ON ${on}${extra}`;
    for (let at = 0; at < tuples.length; at += listChunk) {
      const param = lists.param(tuples.slice(at, at + listChunk) as (string | number)[][]);
      for (const row of await db.rows(sql, [param, ...where.params], { bigints: true })) out.push(row);
    }
    return out;
  }
  for (let at = 0; at < tuples.length; at += chunkSize) {
    const chunk = tuples.slice(at, at + chunkSize);
    const tuple = `(${keys.map(() => '?').join(',')})`;
    const sql = `WITH v(${names.join(', ')}) AS (VALUES ${chunk.map(() => tuple).join(',')})
      SELECT ${selected} FROM v JOIN ${quote(table)} t ON ${on}${extra}`;
    for (const row of await db.rows(sql, [...chunk.flat(), ...where.params], { bigints: true })) out.push(row);
  }
  return out;
}

function isListable(value: SqlValue): boolean {
  return typeof value === 'string' || Number.isSafeInteger(value);
}
