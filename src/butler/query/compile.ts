// SPDX-License-Identifier: BSD-3-Clause
import type { DimensionGroup } from '../types.ts';
import { isAscending } from './columns.ts';
import { addSearch, addTemporalJoins, findFirstScope, isCalibrationSearch } from './compile-search.ts';
import type { QueryContext } from './context.ts';
import { outputSql, outputWidth } from './outputs.ts';
import { type Column, columnsOf, conjuncts, type Predicate } from './predicate/types.ts';
import type { PreparedQuery } from './prepare.ts';
import { isPixels, type SpatialJoin } from './spatial/joins.ts';
import { pixelPairs } from './spatial/pixel-pairs.ts';
import { EMPTY, join, raw, type Sql, sql } from './sql/fragment.ts';
import { FromClause } from './sql/from.ts';
import { predicateSql } from './sql/predicate.ts';

/** A pair of elements whose regions must be compared for every row. Columns are those of the keys in the rows. */
export interface ExactTest {
  readonly left: { readonly element: string; readonly columns: readonly number[] };
  readonly right: { readonly element: string; readonly columns: readonly number[] };
}

export interface CompiledQuery {
  readonly sql: Sql;
  /** Columns of the target: dimensions, then the others. What follows them only serves tests and order. */
  readonly width: number;
  /** Positions of the target's columns after its dimensions, and of its record's first column. */
  readonly columnsAt: readonly number[];
  readonly recordAt: number;
  readonly tests: readonly ExactTest[];
  /** Whether rows may repeat once columns that are not asked for are gone, so that the reader must drop repetitions. */
  readonly mayRepeat: boolean;
  /** Whether the reader must count rows off itself, as the SQL could not. */
  readonly limitInReader: boolean;
}

/** The SQL of a query. */
export async function compile(context: QueryContext, query: PreparedQuery): Promise<CompiledQuery> {
  const { universe, db } = context;
  const { target, dimensions } = query;
  const from = new FromClause(universe, db.dialect);
  const temporal = temporalElement(context, dimensions);
  const scope = findFirstScope(query, temporal);

  let repeats = false;
  const used = [...usedColumns(query)];
  for (const search of query.searches) {
    repeats = addSearch(context, query, from, search, { temporal, scope, used }) || repeats;
  }
  for (const table of query.state.tables) {
    const rows = Array.from({ length: table.rows }, (_, i) => table.dimensions.map((name) => table.columns[name][i]));
    from.addGiven(rows, table.dimensions);
    repeats ||= !isAscending(table);
  }
  const inner = conjuncts(query.predicate);
  for (const term of inner) if (term.op === 'keys') from.addGiven(term.keys, universe.element(term.element).required);
  const tests: SpatialJoin[] = [];
  let overlaps = false;
  for (const pair of query.joins) {
    const testing = await addSpatialJoin(context, query, from, pair);
    if (testing) tests.push(pair);
    // Two regions may share several pixels.
    overlaps ||= testing && !(isPixels(universe, pair.left) && isPixels(universe, pair.right));
  }
  for (const column of used) if (column.kind === 'field') addElementOf(context, from, column.element);
  if (target.record !== undefined) from.addElement(target.record.element);
  if (temporal !== undefined && query.searches.some(isCalibrationSearch)) from.addElement(temporal);
  const needed = used.flatMap((column) => (column.kind === 'dimension' ? [column.dimension] : []));
  from.addDimensions(dimensions, [...target.names, ...needed]);
  for (const [dimension, values] of query.fixed) {
    if (values.size === 1 && from.has(dimension)) from.fix(dimension, [...values][0]);
  }
  for (const term of inner) {
    if (term.op !== 'keys' && !isStated(term, query)) from.addCondition(predicateSql(term, from));
  }
  addTemporalJoins(query, from, temporal);

  const keys = tests.flatMap(({ left, right }) => [left, right].flatMap((name) => universe.element(name).required));
  const forTests = [...new Set(keys)].filter((name) => !target.names.includes(name));
  const columns = target.columns.flatMap((column) => outputSql(column, from));
  const record = target.record === undefined ? [] : recordSql(from, target.record);
  const order = query.order.flatMap(({ column, descending }) =>
    (column.type === 'timespan' ? Object.values(from.timespan(column)) : [from.column(column)]).map((value) => ({
      value,
      descending,
    })),
  );
  if (target.ranked === true && target.search !== undefined) {
    order.push({ value: from.datasetColumn(target.search.row.type.name, 'rank'), descending: false });
  }
  const own = [...target.names.map((name) => from.dimension(name)), ...columns, ...record];
  const values = [...own, ...forTests.map((name) => from.dimension(name)), ...order.map(({ value }) => value)];
  const alias = (i: number): Sql => raw(`c${i}`);
  const select =
    values.length === 0
      ? raw('1 AS one')
      : join(
          values.map((value, i) => sql`${value} AS ${alias(i)}`),
          ', ',
        );
  const source = from.toSql(admittedValues(query));
  // Fields are those of rows that the dimensions identify; searches account for the fields of datasets.
  const projects = dimensions.required.some((name) => !target.names.includes(name));
  // The reader drops the repetitions of what it has to test anyway: before that there would be many more rows to sort.
  const inReader = tests.length > 0 && (overlaps || repeats || projects);
  const distinct = (repeats || projects) && !inReader;
  let body = sql`SELECT ${raw(distinct ? 'DISTINCT ' : '')}${select}${source}`;
  if (scope === 'query') {
    body = firstOfQuery(
      from,
      query,
      select,
      source,
      values.map((_, i) => alias(i)),
    );
  }
  if (order.length > 0) {
    const first = own.length + forTests.length;
    const terms = order.map(({ descending }, i) => sql`${alias(first + i)}${raw(descending ? ' DESC' : '')}`);
    body = sql`${body} ORDER BY ${join(terms, ', ')}`;
  }
  const mayRepeat = inReader || (projects && order.length > 0);
  const limitInReader = tests.length > 0 || mayRepeat;
  const { limit, offset } = query.state;
  if (!limitInReader && (limit !== undefined || offset > 0)) {
    body = sql`${body} LIMIT ${limit ?? Number.MAX_SAFE_INTEGER}${offset > 0 ? sql` OFFSET ${offset}` : EMPTY}`;
  }
  const columnOf = (name: string): number => {
    const at = target.names.indexOf(name);
    return at >= 0 ? at : own.length + forTests.indexOf(name);
  };
  const columnsOfKeys = (element: string): number[] => universe.element(element).required.map(columnOf);
  let at = target.names.length;
  const columnsAt = target.columns.map((column) => {
    at += outputWidth(column);
    return at - outputWidth(column);
  });
  return {
    sql: sql`${from.prefix()}${body}`,
    width: own.length,
    columnsAt,
    recordAt: at,
    tests: tests.map(({ left, right }) => ({
      left: { element: left, columns: columnsOfKeys(left) },
      right: { element: right, columns: columnsOfKeys(right) },
    })),
    mayRepeat,
    limitInReader,
  };
}

/** Whether a condition is one of those that give a dimension its one value. */
function isStated(term: Predicate, { fixed }: PreparedQuery): boolean {
  if (term.op !== 'compare' || term.operator !== '=' || term.left.kind !== 'dimension') return false;
  return term.right.kind === 'literal' && fixed.get(term.left.dimension)?.size === 1;
}

/** Which dataset is first is settled for each data ID of the whole query: another visit may need another calibration. */
function firstOfQuery(from: FromClause, query: PreparedQuery, select: Sql, source: Sql, columns: readonly Sql[]): Sql {
  const { required } = query.dimensions;
  const by = required.map((name) => from.dimension(name));
  const rank = from.datasetColumn(query.target.first!, 'rank');
  const over = by.length === 0 ? EMPTY : sql`PARTITION BY ${join(by, ', ')} `;
  const ranked = sql`SELECT ${select}, RANK() OVER (${over}ORDER BY ${rank}) AS place${source}`;
  return sql`SELECT DISTINCT ${join(columns, ', ')} FROM (${ranked}) AS w WHERE place = 1`;
}

/** How many values of a dimension the conditions admit, where they say. */
function admittedValues(query: PreparedQuery): (dimension: string) => number | undefined {
  const ranges = new Map<string, number>();
  for (const term of conjuncts(query.predicate)) {
    if (term.op !== 'range' || term.value.kind !== 'dimension') continue;
    ranges.set(term.value.dimension, Math.max(0, Math.floor((term.stop - term.start) / term.stride)) + 1);
  }
  return (dimension) => query.fixed.get(dimension)?.size ?? ranges.get(dimension);
}

function* usedColumns(query: PreparedQuery): Generator<Column> {
  yield* columnsOf(query.predicate);
  for (const term of query.order) yield* columnsOf(term.column);
  for (const column of query.target.columns) yield* columnsOf(column);
}

/** Pixels have no table: their regions are computed. */
function addElementOf({ universe }: QueryContext, from: FromClause, element: string): void {
  if (universe.element(element).skypix === undefined) from.addElement(element);
}

/** The element whose timespans calibrations are to be valid for: the finest of the query that has any. */
function temporalElement({ universe }: QueryContext, dimensions: DimensionGroup): string | undefined {
  for (const name of dimensions.elements) {
    const family = universe.element(name).temporalFamily;
    if (family !== undefined) return universe.finest(family, dimensions)!.name;
  }
  return undefined;
}

/** Joins two elements by the pixels they touch; returns whether their regions must still be compared. */
async function addSpatialJoin(
  context: QueryContext,
  query: PreparedQuery,
  from: FromClause,
  { left, right }: SpatialJoin,
): Promise<boolean> {
  const { universe } = context;
  const pixels = [left, right].filter((element) => isPixels(universe, element));
  // Both are listed by something else.
  if (pixels.length === 2) return true;
  const [pixel] = pixels;
  if (pixel === undefined) {
    // An imaginary dimension, which no element is named after, carries the common pixel.
    const shared = `pixel of ${left} and ${right}`;
    from.addOverlap(left, shared);
    from.addOverlap(right, shared);
    return true;
  }
  const region = pixel === left ? right : left;
  if (pixel === universe.commonSkypix.name) {
    from.addOverlap(region, pixel);
    return false;
  }
  const { required } = universe.element(region);
  from.addGiven(await pixelPairs(context, query, region, pixel), [...required, pixel]);
  return false;
}

function recordSql(from: FromClause, record: { element: string; columns: readonly string[] }): Sql[] {
  const element = from.universe.element(record.element);
  return record.columns.map((name) => from.field(element, name));
}
