// SPDX-License-Identifier: BSD-3-Clause
import type { InsertOptions, SqlValue } from '../database.ts';
import { mariadbDialect } from './dialect.ts';
import { literal } from './literals.ts';

const { quote } = mariadbDialect;
const rowsPerStatement = 20_000;

/**
 * Rows are written out, some megabytes a statement. (LOAD DATA is a quarter faster, but many servers forbid it, and it knows no conflicts.)
 * `maxCharacters` bounds a statement: what the server takes.
 */
export function insertStatements(
  table: string,
  columns: readonly string[],
  rows: readonly (readonly SqlValue[])[],
  options: InsertOptions,
  maxCharacters: number,
): string[] {
  const head = `INSERT INTO ${quote(table)} (${columns.map(quote).join(', ')}) VALUES `;
  const tail = conflictSql(columns, options);
  const out: string[] = [];
  let parts: string[] = [];
  let size = 0;
  for (const row of rows) {
    let text = '(';
    for (let i = 0; i < row.length; i++) text += i === 0 ? literal(row[i]) : `,${literal(row[i])}`;
    text += ')';
    if (parts.length > 0 && (parts.length === rowsPerStatement || size + text.length > maxCharacters)) {
      out.push(head + parts.join(',') + tail);
      parts = [];
      size = 0;
    }
    parts.push(text);
    size += text.length + 1;
  }
  if (parts.length > 0) out.push(head + parts.join(',') + tail);
  return out;
}

/** Beyond the largest integer by one where the condition is false: then the server refuses the row. */
const orRefuse = (condition: string): string => `9223372036854775807 + (1 - (${condition})) > 0`;

/**
 * The server asks for no conflict target: any unique key will do. So where the row that is there does not have the keys of the
 * new one, it is refused, as other engines refuse it.
 */
function conflictSql(columns: readonly string[], { conflict, keys }: InsertOptions): string {
  if (conflict === undefined || conflict === 'fail') return '';
  const [first] = (keys ?? columns).map(quote);
  if (keys === undefined) return ` ON DUPLICATE KEY UPDATE ${first} = ${first}`;
  const same = keys.map((key) => `${quote(key)} <=> VALUES(${quote(key)})`).join(' AND ');
  const guard = `${first} = IF(${orRefuse(same)}, ${first}, NULL)`;
  const others = conflict === 'ignore' ? [] : columns.filter((column) => !keys.includes(column)).map(quote);
  return ` ON DUPLICATE KEY UPDATE ${[guard, ...others.map((name) => `${name} = VALUES(${name})`)].join(', ')}`;
}
