// SPDX-License-Identifier: BSD-3-Clause
import type { InsertOptions, SqlValue } from '../database.ts';
import { sequenceName } from './ddl.ts';
import { postgresDialect } from './dialect.ts';
import { jsonRows, storedRows } from './values.ts';

/** Up to so many rows are written out in the statement. */
const mostWritten = 16;
/** From so many on COPY wins. */
const fewestCopied = 500;
const rowsPerStatement = 20_000;

export type InsertStep =
  | { kind: 'copy'; into: string; rows: readonly (readonly SqlValue[])[] }
  | { kind: 'statement'; sql: string; params: () => readonly SqlValue[] };

/**
 * How rows are inserted: a few are written out, many go by COPY; where conflicts are to be handled or keys come from a sequence,
 * which COPY cannot, they go as one JSON parameter that the server takes apart by the types of the table (no temporary table).
 */
export function insertPlan(
  table: string,
  columns: readonly string[],
  rows: readonly (readonly SqlValue[])[],
  options: InsertOptions,
): InsertStep[] {
  const { quote } = postgresDialect;
  const stored = storedRows(columns, rows);
  const names = stored.columns.map(quote);
  const name = quote(table);
  const into = `${name} (${(options.serial === undefined ? names : [quote(options.serial), ...names]).join(', ')})`;
  const next = options.serial === undefined ? '' : `nextval('${quote(sequenceName(table, options.serial))}')`;
  const conflict = conflictSql(stored.columns, options);
  if (rows.length <= mostWritten) {
    let index = 0;
    const tuples = stored.rows.map(() => {
      const values = names.map(() => `$${++index}`);
      return `(${(next === '' ? values : [next, ...values]).join(',')})`;
    });
    const sql = `INSERT INTO ${into} VALUES ${tuples.join(',')}${conflict}`;
    return [{ kind: 'statement', sql, params: () => stored.rows.flat() }];
  }
  if (rows.length >= fewestCopied && conflict === '' && next === '') return [{ kind: 'copy', into, rows: stored.rows }];
  const list = (next === '' ? names : [next, ...names]).join(', ');
  const sql = `INSERT INTO ${into} SELECT ${list} FROM json_populate_recordset(NULL::${name}, $1::json)${conflict}`;
  const steps: InsertStep[] = [];
  for (let at = 0; at < rows.length; at += rowsPerStatement) {
    const chunk = stored.rows.slice(at, at + rowsPerStatement);
    steps.push({ kind: 'statement', sql, params: () => [jsonRows(stored.columns, chunk)] });
  }
  return steps;
}

function conflictSql(columns: readonly string[], { conflict, keys }: InsertOptions): string {
  const { quote } = postgresDialect;
  if (conflict === undefined || conflict === 'fail') return '';
  const target = keys === undefined ? '' : ` (${keys.map(quote).join(', ')})`;
  const others = columns.filter((column) => !keys?.includes(column));
  if (conflict === 'ignore' || others.length === 0) return ` ON CONFLICT${target} DO NOTHING`;
  return ` ON CONFLICT${target} DO UPDATE SET ${others.map((name) => `${quote(name)} = excluded.${quote(name)}`).join(', ')}`;
}
