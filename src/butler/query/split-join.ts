// SPDX-License-Identifier: BSD-3-Clause
import type { SqlValue } from '../registry/database.ts';
import type { DimensionGroup } from '../types.ts';
import { type CompiledQuery, compile } from './compile.ts';
import type { QueryContext } from './context.ts';
import { outputWidth } from './outputs.ts';
import { type Column, columnsOf, conjunction, conjuncts, type Predicate } from './predicate/types.ts';
import type { PreparedQuery } from './prepare.ts';
import { readUntilOneEnds } from './read-two.ts';
import { type BoundedRegion, boundRegion } from './spatial/bounded.ts';
import { isPixels } from './spatial/joins.ts';
import { regionFromColumn } from './spatial/sky.ts';
import { SkyIndex } from './spatial/sky-index.ts';
import { statement } from './sql/fragment.ts';

type Row = readonly SqlValue[];

/** The side that is held in memory has at most this many rows. */
const mostHeld = 200_000;

export interface SplitRows {
  readonly width: number;
  readonly columnsAt: readonly number[];
  readonly recordAt: number;
  readonly mayRepeat: boolean;
  /** Reads both sides until one ends, which is held. Undefined if both are too large: then the database has to join them. */
  open(): Promise<AsyncIterable<readonly Row[]> | undefined>;
}

/**
 * The rows of a query whose only link between two sets of dimensions is one join on the sky (visits and detectors with patches, say):
 * the rows of each set are asked for by themselves, the smaller set is held by position on the sky, and the other is read past it.
 * The database then need not make each pair that shares a pixel, which are many times the pairs that overlap.
 * Undefined for any other query. Rows are as those of the compiled query.
 */
export async function splitJoin(context: QueryContext, query: PreparedQuery): Promise<SplitRows | undefined> {
  const { target, joins } = query;
  const { universe } = context;
  if (joins.length !== 1 || query.order.length > 0 || target.record !== undefined || target.first !== undefined)
    return undefined;
  if (isPixels(universe, joins[0].left) || isPixels(universe, joins[0].right)) return undefined;
  const sides = splitDimensions(context, query);
  if (sides === undefined) return undefined;
  const halves = [joins[0].left, joins[0].right].map((element, i) => half(context, query, sides[i], element));
  const compiled = await Promise.all(halves.map((one) => compile(context, one.query)));
  if (compiled.some(({ limitInReader }) => limitInReader)) return undefined;
  // Where each column of the target is: in which half, and at which position.
  const places: [half: number, at: number][] = [];
  for (const name of target.names) {
    const i = sides[0].has(name) ? 0 : 1;
    places.push([i, halves[i].query.target.names.indexOf(name)]);
  }
  const columnsAt: number[] = [];
  for (const column of target.columns) {
    const i = halves[0].columns.includes(column) ? 0 : 1;
    columnsAt.push(places.length);
    const at = compiled[i].columnsAt[halves[i].columns.indexOf(column)];
    for (let n = 0; n < outputWidth(column); n++) places.push([i, at + n]);
  }
  const rowsOf = ({ sql }: CompiledQuery): AsyncIterator<Row[]> => {
    const { text, params } = statement(sql, context.db.dialect);
    return context.db.stream(text, params)[Symbol.asyncIterator]();
  };
  const regionAt = (i: number): number => compiled[i].columnsAt[halves[i].columns.length];
  const keys = new Set(halves.flatMap(({ query: { dimensions } }) => dimensions.required));
  return {
    width: places.length,
    columnsAt,
    recordAt: places.length,
    mayRepeat: [...keys].some((name) => !target.names.includes(name)) && !repeatsNever(query),
    async open() {
      const sources = compiled.map(rowsOf);
      const read = await readUntilOneEnds(sources, mostHeld);
      if (read === undefined) return undefined;
      const { held } = read;
      const found = pairs(
        { rows: read.sides[held], regionAt: regionAt(held) },
        { rows: read.sides[1 - held], regionAt: regionAt(1 - held) },
        places.map(([half, at]) => [half === held, at]),
      );
      return endingWith(found, sources);
    },
  };
}

function repeatsNever(query: PreparedQuery): boolean {
  return query.dimensions.required.every((name) => query.target.names.includes(name));
}

/** Whatever happens, no statement stays open. */
async function* endingWith<T>(batches: AsyncIterable<T>, sources: readonly AsyncIterator<unknown>[]): AsyncIterable<T> {
  try {
    yield* batches;
  } finally {
    for (const source of sources) await source.return?.();
  }
}

async function* pairs(
  held: { readonly rows: AsyncIterable<Row[]>; readonly regionAt: number },
  read: { readonly rows: AsyncIterable<Row[]>; readonly regionAt: number },
  /** Of each column whether the side that is held has it, and where. */
  places: readonly (readonly [boolean, number])[],
): AsyncIterable<readonly Row[]> {
  const width = places.length;
  const ofHeld = places.map(([isHeld]) => isHeld);
  const columns = places.map(([, at]) => at);
  const kept: Row[] = [];
  const regions: BoundedRegion[] = [];
  const heldRegion = regionReader(held.regionAt);
  for await (const batch of held.rows) {
    for (const row of batch) {
      const region = heldRegion(row);
      if (region === undefined) continue;
      kept.push(row);
      regions.push(region);
    }
  }
  const index = new SkyIndex(regions);
  const readRegion = regionReader(read.regionAt);
  for await (const batch of read.rows) {
    const out: Row[] = [];
    let last: BoundedRegion | undefined;
    let found: number[] = [];
    for (const row of batch) {
      const region = readRegion(row);
      if (region === undefined) continue;
      if (region !== last) found = index.overlapping(region);
      last = region;
      for (const i of found) {
        const other = kept[i];
        const pair: SqlValue[] = [];
        for (let k = 0; k < width; k++) pair.push((ofHeld[k] ? other : row)[columns[k]]);
        out.push(pair);
      }
    }
    if (out.length > 0) yield out;
  }
}

/** Reads regions; one that comes again in the next row is the same object. */
function regionReader(at: number): (row: Row) => BoundedRegion | undefined {
  let text: SqlValue = null;
  let region: BoundedRegion | undefined;
  return (row) => {
    if (row[at] !== text) {
      text = row[at];
      region = boundRegion(regionFromColumn(text));
    }
    return region;
  };
}

/** The part of a query that is about one set of dimensions; its rows have the region of `element` as last column. */
function half(
  context: QueryContext,
  query: PreparedQuery,
  side: DimensionGroup,
  element: string,
): { query: PreparedQuery; columns: readonly Column[] } {
  const { universe } = context;
  const { target } = query;
  const columns = target.columns.filter((column) =>
    dimensionsOf(query, universe, column).every((name) => side.has(name)),
  );
  const keys = side.required.filter((name) => universe.element(element).required.includes(name));
  const names = [...new Set([...target.names.filter((name) => side.has(name)), ...keys])];
  const region: Column = { kind: 'field', element, field: 'region', type: 'region' };
  const { search } = target;
  const own = search?.row.type.dimensions.isSubsetOf(side) ? { search } : {};
  const terms = conjuncts(query.predicate).filter((term) =>
    termDimensions(query, universe, term).every((name) => side.has(name)),
  );
  return {
    columns,
    query: {
      target: { dimensions: side, names, columns: [...columns, region], ...own },
      dimensions: side,
      written: query.written,
      predicate: conjunction(terms),
      fixed: new Map([...query.fixed].filter(([name]) => side.has(name))),
      searches: query.searches.filter((one) => one.row.type.dimensions.isSubsetOf(side)),
      joins: [],
      order: [],
      state: {
        ...query.state,
        tables: query.state.tables.filter((table) => table.dimensions.every((name) => side.has(name))),
        limit: undefined,
        offset: 0,
      },
    },
  };
}

/** The dimensions of each side of the one join, if nothing else of the query links them and there are no others. */
function splitDimensions(
  context: QueryContext,
  query: PreparedQuery,
): readonly [DimensionGroup, DimensionGroup] | undefined {
  const { universe } = context;
  const parents = new Map(query.dimensions.names.map((name) => [name, name]));
  const root = (name: string): string => (parents.get(name) === name ? name : root(parents.get(name)!));
  const link = (names: readonly string[]): void => {
    for (const name of names) parents.set(root(name), root(names[0]));
  };
  for (const name of query.dimensions.elements) {
    const element = universe.element(name);
    link([...element.required, ...element.implied]);
  }
  for (const { row } of query.searches) link(row.type.dimensions.names);
  for (const table of query.state.tables) link(table.dimensions);
  for (const term of conjuncts(query.predicate)) link(termDimensions(query, universe, term));
  for (const column of query.target.columns) link(dimensionsOf(query, universe, column));
  const [left, right] = [query.joins[0].left, query.joins[0].right].map((name) =>
    root(universe.element(name).required[0]),
  );
  if (left === right) return undefined;
  const members = (of: string): string[] => query.dimensions.names.filter((name) => root(name) === of);
  if (members(left).length + members(right).length !== query.dimensions.names.length) return undefined;
  return [universe.conform(members(left)), universe.conform(members(right))];
}

type Universe = QueryContext['universe'];

function termDimensions(query: PreparedQuery, universe: Universe, term: Predicate): string[] {
  if (term.op === 'keys') return [...universe.element(term.element).required];
  const keys = nestedKeys(term).flatMap((element) => universe.element(element).required);
  return [...keys, ...[...columnsOf(term)].flatMap((column) => dimensionsOf(query, universe, column))];
}

/** Elements of the lists of keys inside a condition, which are no columns. */
function nestedKeys(term: Predicate): string[] {
  if (term.op === 'keys') return [term.element];
  if (term.op === 'not') return nestedKeys(term.term);
  return term.op === 'and' || term.op === 'or' ? term.terms.flatMap(nestedKeys) : [];
}

function dimensionsOf(query: PreparedQuery, universe: Universe, column: Column): readonly string[] {
  switch (column.kind) {
    case 'dimension':
      return [column.dimension];
    case 'field':
      return universe.element(column.element).required;
    case 'dataset':
      return query.searches.find(({ row }) => row.type.name === column.datasetType)!.row.type.dimensions.names;
    case 'bound':
      return dimensionsOf(query, universe, column.of);
  }
}
