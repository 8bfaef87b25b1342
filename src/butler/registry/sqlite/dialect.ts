// SPDX-License-Identifier: BSD-3-Clause
import type { Dialect } from '../database.ts';
import type { ColumnType } from '../table-spec.ts';

const types: Record<ColumnType, string> = {
  autoincrement: 'INTEGER',
  int: 'BIGINT',
  smallint: 'SMALLINT',
  float: 'FLOAT',
  bool: 'BOOLEAN',
  text: 'TEXT',
  uuid: 'CHAR(32)',
  timestamp: 'BIGINT',
  timespan: 'BIGINT',
  region: 'TEXT',
};

/** Words that are names in the schema and must be quoted. */
const reserved = new Set(['group', 'order', 'table', 'index', 'select', 'from', 'where', 'values', 'limit']);

/** Texts up to this length are declared with it and checked; longer ones are plain TEXT. Part of the format. */
export const longestChecked = 32;

function quote(identifier: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(identifier) && !reserved.has(identifier)
    ? identifier
    : `"${identifier.replaceAll('"', '""')}"`;
}

export const sqliteDialect: Dialect = {
  name: 'sqlite',
  placeholder: () => '?',
  quote,
  column: (table, name) => `${table}.${quote(name)}`,
  columnType: (type, length) =>
    type === 'text' && length !== undefined && length <= longestChecked ? `VARCHAR(${length})` : types[type],
  listSource: (placeholder) => `json_each(${placeholder})`,
  listPlace: 'rowid',
  listParam: (values) => JSON.stringify(values),
  tuples: {
    // SQLite keeps the order of a cross join; left to itself it may read a whole collection for each tuple.
    join: 'CROSS JOIN',
    source: (placeholder, names) =>
      `(SELECT ${names.map((name, i) => `value ->> ${i} AS ${name}`).join(', ')} FROM json_each(${placeholder}))`,
    param: (tuples) => JSON.stringify(tuples),
  },
};
