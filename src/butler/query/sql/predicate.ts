// SPDX-License-Identifier: BSD-3-Clause
import type { DimensionUniverse } from '../../dimensions/universe.ts';
import { MAX_NS, MIN_NS, toStoredTimespan } from '../../timespan.ts';
import type { Column, Literal, Predicate, Value } from '../predicate/types.ts';
import { join, raw, type Sql, sql } from './fragment.ts';
import type { Spelling } from './spelling.ts';

/** Where a compiled query has its columns. */
export interface ColumnSource {
  readonly universe: DimensionUniverse;
  readonly spelling: Spelling;
  /** The SQL of a column that is one SQL value. */
  column(column: Column): Sql;
  /** The two SQL columns of a timespan. */
  timespan(column: Column): { begin: Sql; end: Sql };
  /** The key columns of an element that is part of the query. */
  keys(element: string): Sql[];
}

/** The SQL of a condition. `regions join` terms must have been taken out, and `region overlaps` been turned into `keys`. */
export function predicateSql(predicate: Predicate, source: ColumnSource): Sql {
  switch (predicate.op) {
    case 'and':
    case 'or': {
      if (predicate.terms.length === 0) return raw(predicate.op === 'and' ? '1=1' : '1=0');
      const terms = predicate.terms.map((term) => predicateSql(term, source));
      return sql`(${join(terms, predicate.op === 'and' ? ' AND ' : ' OR ')})`;
    }
    case 'not':
      return sql`NOT (${predicateSql(predicate.term, source)})`;
    case 'constant':
      return raw(predicate.value ? '1=1' : '1=0');
    case 'true':
      return valueSql(predicate.value, source);
    case 'null':
      return sql`${predicate.value.type === 'timespan' ? boundsSql(predicate.value, source).begin : valueSql(predicate.value, source)} IS NULL`;
    case 'compare':
      return compareSql(predicate, source);
    case 'in':
      return sql`${valueSql(predicate.value, source)} IN ${listSql(predicate.list, source)}`;
    case 'range': {
      const value = valueSql(predicate.value, source);
      const within = sql`${value} BETWEEN ${predicate.start} AND ${predicate.stop}`;
      return predicate.stride === 1
        ? sql`(${within})`
        : sql`(${within} AND (${value} - ${predicate.start}) % ${predicate.stride} = 0)`;
    }
    case 'glob':
      return source.spelling.glob(valueSql(predicate.value, source), predicate.pattern);
    case 'timespans overlap': {
      const left = boundsSql(predicate.left, source);
      const right = boundsSql(predicate.right, source);
      // Two intervals overlap if each begins before the other ends; the empty one (end at the start of time) then overlaps none.
      return sql`(${left.begin} < ${right.end} AND ${right.begin} < ${left.end})`;
    }
    case 'keys': {
      const keys = source.keys(predicate.element);
      const types = source.universe.element(predicate.element).required.map((name) => keyType(source.universe, name));
      const columns = keys.map((_, i) => raw(`c${i}`));
      return sql`(${join(keys, ', ')}) IN (SELECT ${join(columns, ', ')} FROM ${source.spelling.rowSource(predicate.keys, types)} AS k)`;
    }
    default:
      throw new TypeError(`a predicate "${predicate.op}" has no SQL of its own`);
  }
}

/** How values of a dimension travel in a bound table. */
export function keyType(universe: DimensionUniverse, dimension: string): 'int' | 'string' {
  return universe.element(dimension).primaryKey!.type === 'string' ? 'string' : 'int';
}

export function valueSql(value: Value, source: ColumnSource): Sql {
  switch (value.kind) {
    case 'literal':
      return literalSql(value, source);
    case 'arithmetic': {
      const [left, right] = [valueSql(value.left, source), valueSql(value.right, source)];
      if (value.operator === '/') return source.spelling.divide(left, right);
      if (value.operator === '%') return source.spelling.remainder(left, right);
      return sql`(${left} ${raw(value.operator)} ${right})`;
    }
    case 'bound':
      return source.timespan(value.of)[value.side];
    case 'interval':
      throw new TypeError('a timespan is two SQL values');
    default:
      return source.column(value);
  }
}

function compareSql({ operator, left, right }: Extract<Predicate, { op: 'compare' }>, source: ColumnSource): Sql {
  if (left.type !== 'timespan' && right.type !== 'timespan') {
    return sql`${valueSql(left, source)} ${raw(operator === '!=' ? '<>' : operator)} ${valueSql(right, source)}`;
  }
  const [a, b] = [boundsSql(left, source), boundsSql(right, source)];
  switch (operator) {
    case '=':
      return sql`(${a.begin} = ${b.begin} AND ${a.end} = ${b.end})`;
    case '!=':
      return sql`(${a.begin} <> ${b.begin} OR ${a.end} <> ${b.end})`;
    case '<':
      return sql`(${a.end} <= ${b.begin} AND ${a.begin} < ${a.end} AND ${b.begin} < ${b.end})`;
    default:
      return sql`(${b.end} <= ${a.begin} AND ${a.begin} < ${a.end} AND ${b.begin} < ${b.end})`;
  }
}

/** Begin and end of a timespan; a moment is one nanosecond long. */
export function boundsSql(value: Value, source: ColumnSource): { begin: Sql; end: Sql } {
  if (value.kind === 'literal' && value.type === 'timespan') {
    const { beginNs, endNs } = toStoredTimespan(value.value);
    return { begin: sql`${beginNs}`, end: sql`${endNs}` };
  }
  if (value.kind === 'interval') {
    const side = (part: Value, otherwise: bigint): Sql =>
      part.type === 'null' ? sql`${otherwise}` : valueSql(part, source);
    return { begin: side(value.begin, MIN_NS), end: side(value.end, MAX_NS) };
  }
  if (value.type === 'time') {
    const begin = valueSql(value, source);
    return { begin, end: sql`(${begin} + 1)` };
  }
  return source.timespan(value as Column);
}

function literalSql(literal: Literal, source: ColumnSource): Sql {
  switch (literal.type) {
    case 'uuid':
      return sql`${source.spelling.uuid(literal.value)}`;
    case 'bool':
      return raw(literal.value ? 'TRUE' : 'FALSE');
    case 'null':
      return raw('NULL');
    case 'timespan':
    case 'region':
      throw new TypeError(`a ${literal.type} is not one SQL value`);
    default:
      return sql`${literal.value}`;
  }
}

/** Up to this many members a list is written out; a longer one is bound as one table. */
const LONGEST_LIST = 100;

function listSql(list: readonly Literal[], source: ColumnSource): Sql {
  if (list.length <= LONGEST_LIST)
    return sql`(${join(
      list.map((literal) => literalSql(literal, source)),
      ', ',
    )})`;
  const values = list.map((literal) => [
    literal.type === 'uuid' ? (source.spelling.uuid(literal.value) as string) : (literal.value as string | number),
  ]);
  const type = typeof values[0][0] === 'number' ? 'int' : 'string';
  return sql`(SELECT c0 FROM ${source.spelling.rowSource(values, [type])} AS k)`;
}
