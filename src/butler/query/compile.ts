// SPDX-License-Identifier: BSD-3-Clause
import type { DataIdValue, DimensionGroup } from '../types.ts';
import type { QueryContext } from './context.ts';
import { type Column, columnsOf, conjuncts } from './predicate/types.ts';
import type { PreparedQuery } from './prepare.ts';
import { isPixels, type SpatialJoin } from './spatial/joins.ts';
import { pixelPairs } from './spatial/pixel-pairs.ts';
import { type DatasetSearch, datasetSource, firstOnly, type SearchColumns } from './sql/datasets.ts';
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
  /** Dimensions in the first columns of each row: those of the target, then any that only the exact tests need. */
  readonly dimensions: readonly string[];
  readonly targetDimensions: number;
  /** Extra columns after the dimensions (dataset fields, record fields), by name. */
  readonly extra: readonly string[];
  readonly tests: readonly ExactTest[];
  /** Whether rows may repeat once columns that are not asked for are gone, so that the reader must drop repetitions. */
  readonly mayRepeat: boolean;
  /** Whether the reader must count rows off itself, as the SQL could not. */
  readonly limitInReader: boolean;
}

/** The SQL of a query. Extra columns of `records` are given by `recordColumns`. */
export async function compile(
  context: QueryContext,
  query: PreparedQuery,
  recordColumns: readonly string[] = [],
): Promise<CompiledQuery> {
  const { universe, db } = context;
  const { target, dimensions } = query;
  const from = new FromClause(universe, db.dialect);
  const temporal = temporalElement(context, dimensions);
  const scope = findFirstScope(query, temporal);

  let repeats = false;
  for (const search of query.searches) repeats = addSearch(context, query, from, search, temporal, scope) || repeats;
  for (const table of query.state.tables) {
    const rows = Array.from({ length: table.rows }, (_, i) => table.dimensions.map((name) => table.columns[name][i]));
    from.addGiven(rows, table.dimensions);
    repeats = true;
  }
  const inner = conjuncts(query.predicate);
  for (const term of inner) if (term.op === 'keys') from.addGiven(term.keys, universe.element(term.element).required);
  const tests: SpatialJoin[] = [];
  for (const pair of query.joins) {
    if (await addSpatialJoin(context, query, from, pair)) {
      tests.push(pair);
      repeats = true;
    }
  }
  for (const column of usedColumns(query)) if (column.kind === 'field') addElementOf(context, from, column.element);
  if (target.kind === 'records') from.addElement(target.element);
  if (temporal !== undefined && query.searches.some(isCalibrationSearch)) from.addElement(temporal);
  from.addDimensions(dimensions);
  for (const [dimension, values] of query.fixed) {
    if (values.size === 1 && from.has(dimension)) from.fix(dimension, [...values][0]);
  }
  for (const term of inner) if (term.op !== 'keys') from.addCondition(predicateSql(term, from));
  addTemporalJoins(query, from, temporal);

  const own = [...target.dimensions.names];
  const forTests = tests.length === 0 ? [] : dimensions.names.filter((name) => !own.includes(name));
  const names = [...own, ...forTests];
  const extra = extraColumns(query, from, recordColumns);
  const order = query.order.flatMap(({ column, descending }) =>
    (column.type === 'timespan' ? Object.values(from.timespan(column)) : [from.column(column)]).map((value) => ({
      value,
      descending,
    })),
  );
  if (target.kind === 'datasets' && target.withTimespans) {
    order.push({ value: from.datasetColumn(target.search.row.type.name, 'rank'), descending: false });
  }
  const select = [
    ...names.map((name, i) => sql`${from.dimension(name)} AS ${raw(`d${i}`)}`),
    ...extra.map(({ value }, i) => sql`${value} AS ${raw(`x${i}`)}`),
    ...order.map(({ value }, i) => sql`${value} AS ${raw(`o${i}`)}`),
  ];
  const source = from.toSql(admittedValues(query));
  const projects = dimensions.names.some((name) => !names.includes(name));
  const distinct = repeats || projects;
  let body = sql`SELECT ${raw(distinct ? 'DISTINCT ' : '')}${select.length === 0 ? raw('1 AS one') : join(select, ', ')}${source}`;
  if (scope === 'query' && target.kind === 'datasets') {
    // Which dataset is first is settled for each data ID of the whole query: another visit may need another calibration.
    const by = join(
      dimensions.required.map((name) => from.dimension(name)),
      ', ',
    );
    const rank = from.datasetColumn(target.search.row.type.name, 'rank');
    const over = dimensions.required.length === 0 ? EMPTY : sql`PARTITION BY ${by} `;
    const ranked = sql`SELECT ${join(select, ', ')}, RANK() OVER (${over}ORDER BY ${rank}) AS place${source}`;
    const columns = raw(select.map((_, i) => aliasOf(i, names.length, extra.length)).join(', '));
    body = sql`SELECT DISTINCT ${columns} FROM (${ranked}) AS w WHERE place = 1`;
  }
  if (order.length > 0) {
    const terms = order.map(({ descending }, i) => raw(`o${i}${descending ? ' DESC' : ''}`));
    body = sql`${body} ORDER BY ${join(terms, ', ')}`;
  }
  const mayRepeat = (tests.length > 0 && forTests.length > 0) || (projects && order.length > 0);
  const limitInReader = tests.length > 0 || mayRepeat;
  if (query.state.limit !== undefined && !limitInReader) body = sql`${body} LIMIT ${query.state.limit}`;
  const columnsOfKeys = (element: string): number[] =>
    universe.element(element).required.map((name) => names.indexOf(name));
  return {
    sql: sql`${from.prefix()}${body}`,
    dimensions: names,
    targetDimensions: own.length,
    extra: extra.map(({ name }) => name),
    tests: tests.map(({ left, right }) => ({
      left: { element: left, columns: columnsOfKeys(left) },
      right: { element: right, columns: columnsOfKeys(right) },
    })),
    mayRepeat,
    limitInReader,
  };
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

function aliasOf(i: number, dimensions: number, extra: number): string {
  if (i < dimensions) return `d${i}`;
  return i < dimensions + extra ? `x${i - dimensions}` : `o${i - dimensions - extra}`;
}

function* usedColumns(query: PreparedQuery): Generator<Column> {
  yield* columnsOf(query.predicate);
  for (const term of query.order) yield* columnsOf(term.column);
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

function isCalibrationSearch(search: DatasetSearch): boolean {
  return search.collections.some((collection) => collection.type === 'CALIBRATION');
}

function findFirstScope({ target }: PreparedQuery, temporal: string | undefined): 'none' | 'search' | 'query' {
  if (target.kind !== 'datasets' || !target.findFirst || target.withTimespans) return 'none';
  if (target.search.collections.length < 2) return 'none';
  return isCalibrationSearch(target.search) && temporal !== undefined ? 'query' : 'search';
}

/** Joins the datasets of a search; returns whether one data ID may have several rows. */
function addSearch(
  context: QueryContext,
  query: PreparedQuery,
  from: FromClause,
  search: DatasetSearch,
  temporal: string | undefined,
  scope: 'none' | 'search' | 'query',
): boolean {
  const { dialect } = context.db;
  const { type } = search.row;
  const isTarget = query.target.kind === 'datasets' && search === query.target.search;
  const used = new Set(
    [...usedColumns(query)].flatMap((column) =>
      column.kind === 'dataset' && column.datasetType === type.name ? [column.field] : [],
    ),
  );
  const wantsTimespan = isTarget && query.target.kind === 'datasets' && query.target.withTimespans;
  const columns: SearchColumns = {
    rank: isTarget && (scope !== 'none' || wantsTimespan),
    timespan: used.has('timespan') || wantsTimespan || (isCalibrationSearch(search) && temporal !== undefined),
    run: isTarget || used.has('run'),
    collection: used.has('collection'),
    ingestDate: used.has('ingest_date'),
  };
  let source = datasetSource(search, columns, dialect);
  const keys = type.dimensions.required.map((name) => raw(`q.${dialect.quote(name)}`));
  if (isTarget && scope === 'search') source = firstOnly(source, keys);
  const names = ['dataset_id', 'rank', 'timespan_begin', 'timespan_end', 'run', 'collection', 'ingest_date'];
  from.addDataset(type.name, sql`(${source})`, type.dimensions, names);
  if (isTarget) return search.collections.length > 1 || isCalibrationSearch(search);
  return true;
}

/** Joins two elements by the pixels they touch; returns whether their regions must still be compared. */
async function addSpatialJoin(
  context: QueryContext,
  query: PreparedQuery,
  from: FromClause,
  { left, right }: SpatialJoin,
): Promise<boolean> {
  const { universe } = context;
  const pixel = [left, right].find((element) => isPixels(universe, element));
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

/** A calibration belongs to a data ID if it is valid at some time of it, unless the expression says otherwise. */
function addTemporalJoins(query: PreparedQuery, from: FromClause, temporal: string | undefined): void {
  if (temporal === undefined) return;
  for (const search of query.searches) {
    if (!isCalibrationSearch(search)) continue;
    const { name } = search.row.type;
    const stated = conjuncts(query.predicate).some(
      (term) =>
        term.op === 'timespans overlap' &&
        [...columnsOf(term)].some((column) => column.kind === 'dataset' && column.datasetType === name),
    );
    if (stated) continue;
    const left: Column = { kind: 'dataset', datasetType: name, field: 'timespan', type: 'timespan' };
    const right: Column = { kind: 'field', element: temporal, field: 'timespan', type: 'timespan' };
    from.addCondition(predicateSql({ op: 'timespans overlap', left, right }, from));
  }
}

function extraColumns(
  { target }: PreparedQuery,
  from: FromClause,
  recordColumns: readonly string[],
): { name: string; value: Sql }[] {
  if (target.kind === 'records') {
    const element = from.universe.element(target.element);
    return recordColumns.map((name) => ({ name, value: from.field(element, name) }));
  }
  if (target.kind !== 'datasets') return [];
  const { name: type } = target.search.row.type;
  const columns = ['dataset_id', 'run'].map((name) => ({ name, value: from.datasetColumn(type, name) }));
  if (!target.withTimespans) return columns;
  const side = (name: string) => ({ name, value: from.spelling.integerText(from.datasetColumn(type, name)) });
  return [...columns, side('timespan_begin'), side('timespan_end')];
}

/** A coordinate of the row, as the exact tests need it. */
export function keyOf(row: readonly unknown[], columns: readonly number[]): DataIdValue[] {
  return columns.map((column) => row[column] as DataIdValue);
}
