// SPDX-License-Identifier: BSD-3-Clause

import { shorten } from '../shorten.ts';
import type { ColumnSpec, ForeignKeySpec, TableSpec } from '../table-spec.ts';
import { postgresDialect } from './dialect.ts';

const { quote, columnType } = postgresDialect;
const list = (names: readonly string[]): string => names.map(quote).join(', ');

/**
 * The statements that make tables: sequences, tables, then foreign keys (tables may refer to later ones) and indexes. Names of
 * constraints, indexes and sequences follow the Gen3 schema to the letter, for migrations find them by name.
 */
export function createTablesSql(tables: readonly TableSpec[]): string[] {
  return [
    ...tables.flatMap(sequencesSql),
    ...tables.map(tableSql),
    ...tables.flatMap((table) => (table.foreignKeys ?? []).map((key) => foreignKeySql(table.name, key))),
    ...tables.flatMap(indexesSql),
  ];
}

/** The sequence from which writers take the values of a key column; the column itself has no default. */
export function sequenceName(table: string, column: string): string {
  return shorten(`${table}_seq_${column}`);
}

function sequencesSql(table: TableSpec): string[] {
  return table.columns
    .filter((column) => column.type === 'autoincrement')
    .map((column) => `CREATE SEQUENCE IF NOT EXISTS ${quote(sequenceName(table.name, column.name))}`);
}

function tableSql(table: TableSpec): string {
  const parts = [
    ...table.columns.map(columnSql),
    `PRIMARY KEY (${list(table.primaryKey)})`,
    ...(table.unique ?? []).map(
      (columns) => `CONSTRAINT ${quote(shorten(`${table.name}_unq_${columns.join('_')}`))} UNIQUE (${list(columns)})`,
    ),
  ];
  return `CREATE TABLE ${quote(table.name)} (\n\t${parts.join(',\n\t')}\n)`;
}

function columnSql(column: ColumnSpec): string {
  const preset = column.default === undefined ? '' : " DEFAULT '(,)'::int8range";
  return `${quote(column.name)} ${columnType(column.type, column.length)}${preset}${column.nullable ? '' : ' NOT NULL'}`;
}

function foreignKeySql(table: string, key: ForeignKeySpec): string {
  const name = shorten(['fkey', table, key.table, ...key.target, ...key.columns].join('_'));
  const onDelete = key.onDelete === undefined ? '' : ` ON DELETE ${key.onDelete}`;
  return `ALTER TABLE ${quote(table)} ADD CONSTRAINT ${quote(name)} FOREIGN KEY (${list(key.columns)}) REFERENCES ${quote(key.table)} (${list(key.target)})${onDelete}`;
}

function indexesSql(table: TableSpec): string[] {
  const sql = (kind: string, columns: readonly string[]): string =>
    `CREATE INDEX ${quote(shorten(`${table.name}_${kind}_${columns.join('_')}`))} ON ${quote(table.name)} (${list(columns)})`;
  return [
    ...(table.indexes ?? []).map((columns) => sql('idx', columns)),
    ...(table.foreignKeys ?? []).filter((key) => key.index !== false).map((key) => sql('fkidx', key.columns)),
  ];
}
