// SPDX-License-Identifier: BSD-3-Clause
import type { Dialect } from '../database.ts';
import type { ColumnType } from '../table-spec.ts';

const types: Record<ColumnType, string> = {
  autoincrement: 'NUMBER(19)',
  int: 'NUMBER(19)',
  smallint: 'NUMBER(5)',
  float: 'BINARY_DOUBLE',
  bool: 'BOOLEAN',
  text: 'VARCHAR2(2000 CHAR)',
  uuid: 'CHAR(32)',
  timestamp: 'NUMBER(19)',
  timespan: 'NUMBER(19)',
  region: 'CLOB',
};

/** Texts that can be in keys. */
export const keyText = 'VARCHAR2(512 CHAR)';

/** Reserved words that are, or could be, names in the schema. */
const reserved = new Set(
  'access add all alter and any as asc audit between by char check cluster column comment compress connect create current date decimal default delete desc distinct drop else exclusive exists file float for from grant group having identified immediate in increment index initial insert integer intersect into is level like lock long maxextents minus mlslabel mode modify noaudit nocompress not nowait null number of offline on online option or order pctfree prior public raw rename resource revoke row rowid rownum rows select session set share size smallint start successful synonym sysdate table then to trigger uid union unique update user validate values varchar varchar2 view whenever where with'.split(
    ' ',
  ),
);

/** Names are folded to capitals, so what must be quoted is written in capitals too. */
function quote(identifier: string): string {
  if (/^[a-z][a-z0-9_]*$/.test(identifier) && !reserved.has(identifier)) return identifier;
  return `"${identifier.toUpperCase().replaceAll('"', '""')}"`;
}

function member(name: string, type: string, path: string): string {
  return `${name} ${type} PATH '${path}' ERROR ON ERROR`;
}

function jsonTable(placeholder: string, columns: readonly string[]): string {
  return `JSON_TABLE(${placeholder}, '$[*]' COLUMNS (${columns.join(', ')}))`;
}

/**
 * Oracle Database 23ai. Its SQL and its tables are made as for the other engines and compared with committed files; no server
 * has ever run them, and there is no connection to one. Timespans are two columns. Statements go through {@link oracleStatement}.
 */
export const oracleDialect: Dialect = {
  name: 'oracle',
  placeholder: () => '?',
  quote,
  column: (table, name) => `${table}.${quote(name)}`,
  columnType: (type, length) => (type === 'text' && length !== undefined ? `VARCHAR2(${length} CHAR)` : types[type]),
  listSource: (placeholder, type) =>
    `${jsonTable(placeholder, ['place FOR ORDINALITY', member('value', types[type], '$')])} AS list`,
  listPlace: 'place',
  listParam: (values) => JSON.stringify(values),
  tuples: {
    join: 'JOIN',
    source(placeholder, names, sample) {
      const columns = names.map((name, i) =>
        member(name, typeof sample[i] === 'string' ? types.text : types.int, `$[${i}]`),
      );
      return `(SELECT * FROM ${jsonTable(placeholder, columns)})`;
    },
    param: (tuples) => JSON.stringify(tuples),
  },
};

const tokens =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|\bCAST\s*\(|\bAS\s+(?=[a-z"])|\bLIMIT (\?|\d+)(?: OFFSET (\?|\d+))?|[?()]/gi;

/**
 * A statement of the registry as Oracle wants it: binds are `:1`, `:2`, …; no AS before an alias (it stays in CAST and WITH); LIMIT and
 * OFFSET are the clauses of the SQL standard.
 */
export function oracleStatement(sql: string): string {
  let bind = 0;
  /** What each open parenthesis belongs to. */
  const open: ('cast' | 'other')[] = [];
  const number = (text: string): string => (text === '?' ? `:${++bind}` : text);
  return sql.replaceAll(tokens, (match, limit: string | undefined, offset: string | undefined) => {
    if (match === '?') return number(match);
    if (match === '(') {
      open.push('other');
      return match;
    }
    if (match === ')') {
      open.pop();
      return match;
    }
    if (/^CAST/i.test(match)) {
      open.push('cast');
      return match;
    }
    if (/^AS\s/i.test(match)) return open.at(-1) === 'cast' ? match : '';
    if (limit === undefined) return match;
    const rows = number(limit);
    const skipped = offset === undefined ? '' : `OFFSET ${number(offset)} ROWS `;
    return `${skipped}FETCH NEXT ${rows} ROWS ONLY`;
  });
}
