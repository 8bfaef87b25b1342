// SPDX-License-Identifier: BSD-3-Clause
import { MAX_NS, MIN_NS } from '../../timespan.ts';
import type { ColumnSpec, ForeignKeySpec, TableSpec } from '../table-spec.ts';
import { longestChecked, sqliteDialect } from './dialect.ts';

const { quote, columnType } = sqliteDialect;
const list = (names: readonly string[]): string => names.map(quote).join(', ');

/**
 * The statements that make a table and its indexes. Names of constraints and indexes follow the Gen3 schema to the letter,
 * for migrations find them by name.
 */
export function createTableSql(table: TableSpec): string[] {
  const parts = [
    ...table.columns.flatMap(columnSql),
    `PRIMARY KEY (${list(table.primaryKey)})`,
    ...table.columns.filter(isChecked).map((column) => lengthCheckSql(table.name, column)),
    ...(table.unique ?? []).map(
      (columns) => `CONSTRAINT ${table.name}_unq_${columns.join('_')} UNIQUE (${list(columns)})`,
    ),
    ...(table.foreignKeys ?? []).map((key) => foreignKeySql(table.name, key)),
  ];
  return [
    `CREATE TABLE ${quote(table.name)} (\n\t${parts.join(', \n\t')}\n)`,
    ...(table.indexes ?? []).map((columns) => indexSql(table.name, 'idx', stored(table, columns))),
    ...(table.foreignKeys ?? [])
      .filter((key) => key.index !== false)
      .map((key) => indexSql(table.name, 'fkidx', key.columns)),
  ];
}

function columnSql(column: ColumnSpec): string[] {
  const type = columnType(column.type, column.length);
  const required = column.nullable ? '' : ' NOT NULL';
  if (column.type !== 'timespan') return [`${quote(column.name)} ${type}${required}`];
  return bounds(column.name).map((name, i) => {
    const preset = column.default === undefined ? '' : ` DEFAULT ${i === 0 ? MIN_NS : MAX_NS}`;
    return `${name} ${type}${preset}${required}`;
  });
}

/** SQLite has no ranges: a timespan is two columns. */
function bounds(name: string): [string, string] {
  return [`${name}_begin`, `${name}_end`];
}

function stored(table: TableSpec, columns: readonly string[]): string[] {
  const spans = new Set(table.columns.filter((column) => column.type === 'timespan').map((column) => column.name));
  return columns.flatMap((name) => (spans.has(name) ? bounds(name) : [name]));
}

function isChecked(column: ColumnSpec): boolean {
  return column.type === 'text' && column.length !== undefined && column.length <= longestChecked;
}

function lengthCheckSql(table: string, column: ColumnSpec): string {
  const measure = `length("${column.name}")`;
  return `CONSTRAINT ${table}_len_${column.name} CHECK (${measure}<=${column.length} AND ${measure}>=1)`;
}

function foreignKeySql(table: string, key: ForeignKeySpec): string {
  const name = ['fkey', table, key.table, ...key.target, ...key.columns].join('_');
  const onDelete = key.onDelete === undefined ? '' : ` ON DELETE ${key.onDelete}`;
  return `CONSTRAINT ${name} FOREIGN KEY(${list(key.columns)}) REFERENCES ${quote(key.table)} (${list(key.target)})${onDelete}`;
}

function indexSql(table: string, kind: string, columns: readonly string[]): string {
  return `CREATE INDEX ${table}_${kind}_${columns.join('_')} ON ${quote(table)} (${list(columns)})`;
}
