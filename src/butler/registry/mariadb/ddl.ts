// SPDX-License-Identifier: BSD-3-Clause
import { MAX_NS, MIN_NS } from '../../timespan.ts';
import { shorten } from '../shorten.ts';
import type { ColumnSpec, ForeignKeySpec, TableSpec } from '../table-spec.ts';
import { longestKeyText, mariadbDialect } from './dialect.ts';

const { quote, columnType } = mariadbDialect;
const list = (names: readonly string[]): string => names.map(quote).join(', ');
/** Texts are equal if they are the same characters to the last blank, and sorted by code point. */
export const textRules = 'CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin';

/**
 * The statement that makes a table with its indexes. Tables may refer to later ones, so this wants a session without `foreign_key_checks`.
 * The server makes no index for a foreign key that an index of ours begins with.
 */
export function createTableSql(table: TableSpec): string {
  const keyed = new Set([
    ...table.primaryKey,
    ...(table.unique ?? []).flat(),
    ...(table.foreignKeys ?? []).flatMap((key) => key.columns),
  ]);
  const parts = [
    ...table.columns.flatMap((column) => columnSql(column, keyed.has(column.name))),
    `PRIMARY KEY (${list(table.primaryKey)})`,
    ...(table.unique ?? []).map(
      (columns) => `CONSTRAINT ${named(table.name, 'unq', columns)} UNIQUE (${list(columns)})`,
    ),
    ...(table.indexes ?? []).map(
      (columns) => `INDEX ${named(table.name, 'idx', columns)} (${indexed(table, columns, keyed)})`,
    ),
    ...(table.foreignKeys ?? [])
      .filter((key) => key.index !== false)
      .map((key) => `INDEX ${named(table.name, 'fkidx', key.columns)} (${list(key.columns)})`),
    ...(table.foreignKeys ?? []).map((key) => foreignKeySql(table, key)),
  ];
  return `CREATE TABLE IF NOT EXISTS ${quote(table.name)} (\n\t${parts.join(',\n\t')}\n) ENGINE=InnoDB ROW_FORMAT=DYNAMIC ${textRules.replace('CHARACTER SET', 'DEFAULT CHARACTER SET')}`;
}

function columnSql(column: ColumnSpec, keyed: boolean): string[] {
  const length =
    keyed && column.type === 'text' ? Math.min(column.length ?? longestKeyText, longestKeyText) : column.length;
  const type = columnType(column.type, length);
  const required = column.nullable ? '' : ' NOT NULL';
  if (column.type === 'autoincrement') return [`${quote(column.name)} ${type}${required} AUTO_INCREMENT`];
  if (column.type !== 'timespan') return [`${quote(column.name)} ${type}${required}`];
  return bounds(column.name).map((name, i) => {
    const preset = column.default === undefined ? '' : ` DEFAULT ${i === 0 ? MIN_NS : MAX_NS}`;
    return `${quote(name)} ${type}${required}${preset}`;
  });
}

/** There are no ranges: a timespan is two columns. */
function bounds(name: string): [string, string] {
  return [`${name}_begin`, `${name}_end`];
}

/** Columns of an index; of long texts, which are in no key, their beginning. */
function indexed(table: TableSpec, names: readonly string[], keyed: ReadonlySet<string>): string {
  const parts = names.flatMap((name) => {
    const column = table.columns.find((other) => other.name === name)!;
    if (column.type === 'timespan') return bounds(name).map(quote);
    const isLong = column.type === 'text' && column.length === undefined && !keyed.has(name);
    return [isLong ? `${quote(name)}(${longestKeyText})` : quote(name)];
  });
  return parts.join(', ');
}

function named(table: string, kind: string, columns: readonly string[]): string {
  return quote(shorten(`${table}_${kind}_${columns.join('_')}`));
}

/**
 * The server checks each reference at once, not at the end of the statement, and goes through the references to a row in the order of
 * their names. A row must go before those it refers to: so names begin with a digit, lower the more a table refers to without cascading.
 */
function foreignKeySql(table: TableSpec, key: ForeignKeySpec): string {
  const holding = (table.foreignKeys ?? []).filter((other) => other.onDelete === undefined).length;
  const turn = 9 - Math.min(9, holding);
  const name = shorten([`fkey${turn}`, table.name, key.table, ...key.target, ...key.columns].join('_'));
  const onDelete = key.onDelete === undefined ? '' : ` ON DELETE ${key.onDelete}`;
  return `CONSTRAINT ${quote(name)} FOREIGN KEY (${list(key.columns)}) REFERENCES ${quote(key.table)} (${list(key.target)})${onDelete}`;
}
