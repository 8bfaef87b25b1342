// SPDX-License-Identifier: BSD-3-Clause
import type { Dialect, SqlValue } from '../../registry/database.ts';
import { EMPTY, join, raw, type Sql, sql } from './fragment.ts';

/** What queries spell differently for each database. Siblings of one shape: {@link spellingOf} picks. */
export interface Spelling {
  /** A table of rows bound as one parameter; its columns are c0, c1, …. */
  rowSource(rows: readonly (readonly (string | number)[])[], types: readonly ('int' | 'string')[]): Sql;
  /** Whether text matches a pattern in which `*`, `?` are wild and a backslash makes the next character plain; case counts. */
  glob(value: Sql, pattern: string): Sql;
  /** Real division. */
  divide(left: Sql, right: Sql): Sql;
  /** The remainder of whole numbers (others lose their fraction first), with the sign of the dividend. */
  remainder(left: Sql, right: Sql): Sql;
  /** A 64-bit integer as text, to come back exactly. */
  integerText(value: Sql): Sql;
  /** A condition with the share of rows that fulfil it, for a database that keeps no statistics. */
  likely(condition: Sql, share: number): Sql;
  /** A column for a condition that no index is to be used for, for a database that keeps no statistics. */
  unindexed(column: Sql): Sql;
  uuid(value: string): SqlValue;
  /** How a common table expression is asked for that is worked out once, between AS and its parenthesis. */
  readonly materialized: Sql;
}

const sqlite: Spelling = {
  rowSource(rows, types) {
    const columns = types.map((_, i) => `json_extract(value, '$[${i}]') AS c${i}`).join(', ');
    return sql`(SELECT ${raw(columns)} FROM json_each(${JSON.stringify(rows)}))`;
  },
  glob: (value, pattern) =>
    sql`${value} GLOB ${globWords(pattern, { any: '*', one: '?', plain: (c) => ('*?['.includes(c) ? `[${c}]` : c) })}`,
  divide: (left, right) => sql`(CAST(${left} AS REAL) / ${right})`,
  remainder: (left, right) => sql`(${left} % ${right})`,
  integerText: (value) => sql`CAST(${value} AS TEXT)`,
  likely: (condition, share) => sql`likelihood(${condition}, ${raw(Math.min(0.99, Math.max(1e-6, share)).toFixed(6))})`,
  unindexed: (column) => sql`+${column}`,
  uuid: (value) => value.replaceAll('-', ''),
  materialized: raw('MATERIALIZED '),
};

const postgresql: Spelling = {
  // Arrays, a column each: of these the planner knows how many rows they make, and they are read faster than JSON.
  rowSource(rows, types) {
    const arrays = types.map((type, i) => sql`${arrayText(rows, i)}::${raw(type === 'int' ? 'bigint[]' : 'text[]')}`);
    return sql`(SELECT * FROM unnest(${join(arrays, ', ')}) AS t(${raw(types.map((_, i) => `c${i}`).join(', '))}))`;
  },
  glob: (value, pattern) =>
    sql`${value} LIKE ${globWords(pattern, { any: '%', one: '_', plain: (c) => ('%_\\'.includes(c) ? `\\${c}` : c) })}`,
  divide: (left, right) => sql`(CAST(${left} AS DOUBLE PRECISION) / ${right})`,
  remainder: (left, right) => sql`(TRUNC(CAST(${left} AS NUMERIC))::bigint % TRUNC(CAST(${right} AS NUMERIC))::bigint)`,
  integerText: (value) => sql`CAST(${value} AS TEXT)`,
  likely: (condition) => condition,
  unindexed: (column) => column,
  uuid: (value) => value,
  materialized: raw('MATERIALIZED '),
};

const mariadb: Spelling = {
  rowSource(rows, types) {
    const columns = types.map(
      (type, i) => `c${i} ${type === 'int' ? 'BIGINT' : 'VARCHAR(2048)'} PATH '$[${i}]' ERROR ON ERROR`,
    );
    return sql`(SELECT * FROM JSON_TABLE(${JSON.stringify(rows)}, '$[*]' COLUMNS (${raw(columns.join(', '))})) AS list)`;
  },
  glob: (value, pattern) => sql`${value} LIKE ${likePattern(pattern)} ESCAPE '|'`,
  divide: (left, right) => sql`(CAST(${left} AS DOUBLE) / ${right})`,
  remainder: (left, right) => sql`(CAST(TRUNCATE(${left}, 0) AS SIGNED) % CAST(TRUNCATE(${right}, 0) AS SIGNED))`,
  integerText: (value) => sql`CAST(${value} AS CHAR)`,
  likely: (condition) => condition,
  unindexed: (column) => column,
  uuid: (value) => value.replaceAll('-', ''),
  materialized: EMPTY,
};

const oracle: Spelling = {
  rowSource(rows, types) {
    const columns = types.map(
      (type, i) => `c${i} ${type === 'int' ? 'NUMBER(19)' : 'VARCHAR2(2000 CHAR)'} PATH '$[${i}]' ERROR ON ERROR`,
    );
    return sql`(SELECT * FROM JSON_TABLE(${JSON.stringify(rows)}, '$[*]' COLUMNS (${raw(columns.join(', '))})))`;
  },
  glob: (value, pattern) => sql`${value} LIKE ${likePattern(pattern)} ESCAPE '|'`,
  divide: (left, right) => sql`(CAST(${left} AS BINARY_DOUBLE) / ${right})`,
  // REMAINDER would round to the nearest; MOD has the sign of the dividend.
  remainder: (left, right) => sql`MOD(TRUNC(${left}), TRUNC(${right}))`,
  integerText: (value) => sql`TO_CHAR(${value})`,
  likely: (condition) => condition,
  unindexed: (column) => column,
  uuid: (value) => value.replaceAll('-', ''),
  // It decides by itself; a word for it there is only among hints.
  materialized: EMPTY,
};

const spellings: Readonly<Record<Dialect['name'], Spelling>> = { sqlite, postgresql, mariadb, oracle };

export function spellingOf(dialect: Dialect): Spelling {
  return spellings[dialect.name];
}

/** A pattern of LIKE in which a bar makes the next character plain: what a backslash means in a string depends on settings. */
function likePattern(pattern: string): string {
  return globWords(pattern, { any: '%', one: '_', plain: (c) => ('%_|'.includes(c) ? `|${c}` : c) });
}

function globWords(pattern: string, words: { any: string; one: string; plain: (c: string) => string }): string {
  let out = '';
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern[i];
    if (c === '\\' && i + 1 < pattern.length) out += words.plain(pattern[++i]);
    else out += c === '*' ? words.any : c === '?' ? words.one : words.plain(c);
  }
  return out;
}

/** One column of rows as an array literal. */
function arrayText(rows: readonly (readonly (string | number)[])[], column: number): string {
  const parts = rows.map((row) => {
    const value = row[column];
    return typeof value === 'string' ? `"${value.replaceAll(/["\\]/g, '\\$&')}"` : String(value);
  });
  return `{${parts.join(',')}}`;
}
