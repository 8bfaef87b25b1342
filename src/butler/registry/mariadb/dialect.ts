// SPDX-License-Identifier: BSD-3-Clause
import type { Dialect } from '../database.ts';
import type { ColumnType } from '../table-spec.ts';

const types: Record<ColumnType, string> = {
  autoincrement: 'BIGINT',
  int: 'BIGINT',
  smallint: 'SMALLINT',
  float: 'DOUBLE',
  bool: 'BOOLEAN',
  text: 'LONGTEXT',
  uuid: 'CHAR(32)',
  timestamp: 'BIGINT',
  timespan: 'BIGINT',
  region: 'LONGTEXT',
};

/** The longest text that can be in a key, whole: with a UUID beside it a key has 3072 bytes at most, and a character up to four. */
export const longestKeyText = 512;
/** Texts in lists and tuples that are sent as one parameter; a path may be long. */
const listedText = 'VARCHAR(2048)';

/** All of them are quoted: MariaDB has hundreds of reserved words, and more with each release. */
function quote(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}

function member(name: string, type: string, path: string): string {
  return `${name} ${type} PATH '${path}' ERROR ON ERROR`;
}

function jsonTable(placeholder: string, columns: readonly string[]): string {
  return `JSON_TABLE(${placeholder}, '$[*]' COLUMNS (${columns.join(', ')})) AS list`;
}

/**
 * MariaDB, in sessions with ANSI quotes and `||` for joining texts. Timespans are two columns, as in SQLite. A list is a JSON
 * table; where it is the whole right side of IN, its members are written out instead ({@link literalSql}).
 */
export const mariadbDialect: Dialect = {
  name: 'mariadb',
  placeholder: () => '?',
  quote,
  column: (table, name) => `${table}.${quote(name)}`,
  columnType: (type, length) => (type === 'text' && length !== undefined ? `VARCHAR(${length})` : types[type]),
  listSource: (placeholder, type) =>
    jsonTable(placeholder, ['place FOR ORDINALITY', member('value', type === 'text' ? listedText : types[type], '$')]),
  listPlace: 'place',
  listParam: (values) => JSON.stringify(values),
  tuples: {
    // In this order: of a list the server knows no size, and may go through the whole table instead.
    join: 'STRAIGHT_JOIN',
    source(placeholder, names, sample) {
      const columns = names.map((name, i) =>
        member(name, typeof sample[i] === 'string' ? listedText : 'BIGINT', `$[${i}]`),
      );
      return `(SELECT * FROM ${jsonTable(placeholder, columns)})`;
    },
    param: (tuples) => JSON.stringify(tuples),
  },
};
