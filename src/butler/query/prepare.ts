// SPDX-License-Identifier: BSD-3-Clause
import { didYouMean, SkymillError } from '../../base/index.ts';
import type { DataIdValue, DimensionGroup } from '../types.ts';
import type { QueryContext } from './context.ts';
import { queryErrors } from './errors.ts';
import { buildPredicate } from './predicate/build.ts';
import { checkGovernors, fixedDimensions } from './predicate/constraints.ts';
import { resolveName, type Scope } from './predicate/names.ts';
import { type Column, columnsOf, conjunction, conjuncts, type Predicate } from './predicate/types.ts';
import { datasetSearch } from './search.ts';
import { type SpatialJoin, spatialJoins } from './spatial/joins.ts';
import { keysOverlapping } from './spatial/regions.ts';
import type { DatasetSearch } from './sql/datasets.ts';
import type { QueryState, Target } from './state.ts';

export interface OrderTerm {
  readonly column: Column;
  readonly descending: boolean;
}

/** A query with everything settled that SQL cannot: names, types, collections, known regions. */
export interface PreparedQuery {
  readonly target: Target;
  /** All dimensions of the join, of which those of the target are a part. */
  readonly dimensions: DimensionGroup;
  /** The predicate as it was written, joins on the sky included. */
  readonly written: Predicate;
  readonly predicate: Predicate;
  /** Values to which the predicate restricts dimensions. */
  readonly fixed: ReadonlyMap<string, ReadonlySet<DataIdValue>>;
  readonly searches: readonly DatasetSearch[];
  readonly joins: readonly SpatialJoin[];
  readonly order: readonly OrderTerm[];
  /** Validity ranges do not matter. */
  readonly timeless?: boolean;
  readonly state: QueryState;
}

export async function prepare(
  context: QueryContext,
  state: QueryState,
  target: Target,
  options: { readonly checkGovernors?: boolean } = {},
): Promise<PreparedQuery> {
  const { universe } = context;
  const searches: DatasetSearch[] = target.search === undefined ? [] : [target.search];
  for (const { datasetType, collections } of state.datasets) {
    const search = await datasetSearch(context, datasetType, collections, datasetType === target.first);
    // Asked for and joined with the same collections, it is one search.
    if (!searches.some((other) => sameSearch(other, search))) searches.push(search);
  }
  const asked = universe.conform([
    ...target.dimensions.names,
    ...state.dimensions,
    ...state.dataIds.flatMap((dataId) => Object.keys(dataId)),
    ...searches.flatMap((search) => search.row.type.dimensions.names),
    ...state.tables.flatMap((table) => table.dimensions),
  ]);
  const scope: Scope = {
    universe,
    elements: asked.elements,
    datasetTypes: [...new Set(searches.map((search) => search.row.type.name))],
    element: target.record?.element,
    datasetType: target.search?.row.type.name,
  };
  const given = conjunction([
    ...state.dataIds.flatMap((dataId) => Object.entries(dataId).map(([name, value]) => equality(context, name, value))),
    ...state.wheres.map((where) => buildPredicate(where, scope)),
  ]);
  const written = conjunction([given, ...defaultValues(context, given, asked)]);
  if (options.checkGovernors !== false && state.checked) {
    await checkGovernors(written, universe, (governor) => governorValues(context, governor));
  }
  const order = state.order.map((term) => orderTerm(term, scope));
  const columns = [
    ...columnsOf(written),
    ...order.flatMap((term) => [...columnsOf(term.column)]),
    ...target.columns.flatMap((column) => [...columnsOf(column)]),
  ];
  const dimensions = universe.conform([...asked.names, ...columns.flatMap((column) => dimensionsOf(context, column))]);
  const stated: SpatialJoin[] = [];
  const terms: Predicate[] = [];
  for (const term of conjuncts(written)) {
    if (term.op === 'regions join') stated.push({ left: term.left, right: term.right });
    else terms.push(term);
  }
  const fixed = fixedDimensions(written);
  const predicate = await settleRegions(context, conjunction(terms), fixed);
  const groups = [
    ...searches.map((search) => search.row.type.dimensions),
    ...state.tables.map((table) => universe.conform(table.dimensions)),
  ];
  const joins = spatialJoins(dimensions, stated, universe, groups);
  return { target, dimensions, written, predicate, fixed, searches, joins, order, state };
}

/** Default values of governors that the query needs and does not mention. */
function defaultValues(context: QueryContext, given: Predicate, asked: DimensionGroup): Predicate[] {
  const dataId = context.defaults?.dataId ?? {};
  if (Object.keys(dataId).length === 0) return [];
  const columns = [...columnsOf(given)];
  const mentioned = new Set(columns.map((column) => (column.kind === 'dimension' ? column.dimension : undefined)));
  const needed = context.universe.conform([
    ...asked.names,
    ...columns.flatMap((column) => dimensionsOf(context, column)),
  ]).governors;
  return needed
    .filter((name) => dataId[name] !== undefined && !mentioned.has(name))
    .map((name) => equality(context, name, dataId[name]));
}

function sameSearch(a: DatasetSearch, b: DatasetSearch): boolean {
  const ids = (search: DatasetSearch) => search.collections.map(({ id }) => id).join();
  return a.row.id === b.row.id && ids(a) === ids(b);
}

/** Values of a governor that the repository has. */
export async function governorValues(context: QueryContext, governor: string): Promise<string[]> {
  const { quote } = context.db.dialect;
  const key = quote(context.universe.element(governor).primaryKey!.name);
  return (await context.db.rows(`SELECT ${key} FROM ${quote(governor)} ORDER BY ${key}`)).map(
    ([value]) => value as string,
  );
}

function equality({ universe }: QueryContext, name: string, value: DataIdValue): Predicate {
  // Conforming gives the error with a suggestion if there is no such dimension.
  universe.conform([name]);
  const checked = universe.checkValue(name, value);
  const type = typeof checked === 'string' ? 'string' : 'int';
  return {
    op: 'compare',
    operator: '=',
    left: { kind: 'dimension', dimension: name, type },
    right: { kind: 'literal', type, value: checked } as never,
  };
}

function orderTerm(term: string, scope: Scope): OrderTerm {
  const descending = term.startsWith('-');
  const name = term.replace(/^[-+]/, '');
  try {
    const column = resolveName(name, scope);
    if (column.type !== 'region' && column.type !== 'hash') return { column, descending };
  } catch (error) {
    if (!(error instanceof SkymillError)) throw error;
    const names = scope.elements.filter((element) => scope.universe.element(element).isDimension);
    const hint = /Did you mean/.test(error.message)
      ? ` ${/Did you mean.*$/.exec(error.message)![0]}`
      : didYouMean(name, names);
    throw queryErrors.UNKNOWN_ORDER({ term, hint }, { cause: error });
  }
  throw queryErrors.UNKNOWN_ORDER({ term, hint: ' It has no order.' });
}

function dimensionsOf({ universe }: QueryContext, column: Column): readonly string[] {
  if (column.kind === 'dimension') return [column.dimension];
  return column.kind === 'field' ? universe.element(column.element).required : [];
}

/** Tests of columns against known regions become lists of the keys that pass. */
async function settleRegions(
  context: QueryContext,
  predicate: Predicate,
  fixed: ReadonlyMap<string, ReadonlySet<DataIdValue>>,
): Promise<Predicate> {
  switch (predicate.op) {
    case 'and':
      return conjunction(await Promise.all(predicate.terms.map((term) => settleRegions(context, term, fixed))));
    case 'or':
      return { op: 'or', terms: await Promise.all(predicate.terms.map((term) => settleRegions(context, term, fixed))) };
    case 'not':
      return { op: 'not', term: await settleRegions(context, predicate.term, fixed) };
    case 'region overlaps': {
      const { element } = predicate;
      return { op: 'keys', element, keys: await keysOverlapping(context, element, predicate.region, fixed) };
    }
    case 'regions join':
      throw queryErrors.SPATIAL_IN_OR({ text: predicate.text });
    default:
      return predicate;
  }
}
