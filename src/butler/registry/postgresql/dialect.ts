// SPDX-License-Identifier: BSD-3-Clause
import { MAX_NS, MIN_NS } from '../../timespan.ts';
import type { Dialect } from '../database.ts';
import type { ColumnType } from '../table-spec.ts';

const types: Record<ColumnType, string> = {
  autoincrement: 'BIGINT',
  int: 'BIGINT',
  smallint: 'SMALLINT',
  float: 'DOUBLE PRECISION',
  bool: 'BOOLEAN',
  text: 'TEXT',
  uuid: 'UUID',
  timestamp: 'BIGINT',
  timespan: 'INT8RANGE',
  region: 'TEXT',
};

/** Words of SQL that are, or could be, names in the schema and must be quoted. */
const reserved = new Set(
  'all and any array as asc between both case cast check collate column constraint create cross current_user default desc distinct do else end except false fetch for foreign from full grant group having in inner into is join leading left like limit natural not null offset on only or order outer placing position primary references right select some table then to true union unique user using when where window with'.split(
    ' ',
  ),
);

/** Texts up to this length are declared with it; longer ones are plain TEXT. Part of the format. */
const longestVarchar = 32;

function quote(identifier: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(identifier) && !reserved.has(identifier)
    ? identifier
    : `"${identifier.replaceAll('"', '""')}"`;
}

/**
 * PostgreSQL. Timespans are ranges of integers, in which an unbounded side has no value and the empty timespan is `empty`;
 * the registry reads them as begin and end, as it does where there are two columns.
 */
export const postgresDialect: Dialect = {
  name: 'postgresql',
  placeholder: () => '?',
  quote,
  column(table, name) {
    const part = /^(.*)_(begin|end)$/.exec(name);
    if (part === null || part[1] !== 'timespan') return `${table}.${quote(name)}`;
    const range = `${table}.${quote(part[1])}`;
    const [bound, open, empty] = part[2] === 'begin' ? ['lower', MIN_NS, MAX_NS] : ['upper', MAX_NS, MIN_NS];
    return `(CASE WHEN isempty(${range}) THEN ${empty} WHEN NOT isempty(${range}) THEN COALESCE(${bound}(${range}), ${open}) END)`;
  },
  columnType: (type, length) =>
    type === 'text' && length !== undefined && length <= longestVarchar ? `VARCHAR(${length})` : types[type],
  listSource: (placeholder, type) => `unnest(${placeholder}::${types[type]}[]) WITH ORDINALITY AS list(value, place)`,
  listPlace: 'place',
  tuples: {
    join: 'JOIN',
    source(placeholder, names, sample) {
      const columns = names.map((name, i) => {
        const text = `value ->> ${i}`;
        return `${typeof sample[i] === 'string' ? text : `(${text})::bigint`} AS ${name}`;
      });
      return `(SELECT ${columns.join(', ')} FROM json_array_elements(${placeholder}::json) AS list(value))`;
    },
    param: (tuples) => JSON.stringify(tuples),
  },
  listParam: (values) => `{${values.map((value) => (typeof value === 'string' ? element(value) : value)).join(',')}}`,
};

/** A text in an array literal. */
function element(value: string): string {
  return /^[\w.:/-]+$/.test(value) && value.toLowerCase() !== 'null'
    ? value
    : `"${value.replaceAll(/["\\]/g, '\\$&')}"`;
}
