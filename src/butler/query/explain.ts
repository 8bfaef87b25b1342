// SPDX-License-Identifier: BSD-3-Clause
import { nearest } from '../../base/index.ts';
import { keyColumn } from '../dimensions/element.ts';
import type { DataIdValue, DimensionGroup } from '../types.ts';
import type { QueryContext } from './context.ts';
import { hasRows } from './execute.ts';
import { formatExpression } from './expression/format.ts';
import { parseExpression } from './expression/parser.ts';
import type { Expression } from './expression/tree.ts';
import { governorValues, type PreparedQuery, prepare } from './prepare.ts';
import { datasetSearch } from './search.ts';
import { join, raw, sql, statement } from './sql/fragment.ts';
import type { QueryState, Target } from './state.ts';

/**
 * Why a query has no rows: one sentence for each cause found, the most telling first. Empty if the query has rows.
 * Causes looked for: values that do not exist, collections without the datasets, conditions of which one alone excludes
 * everything, and joins (on the sky, in time, with datasets) that nothing survives.
 */
export async function explainNoResults(
  context: QueryContext,
  state: QueryState,
  names: readonly string[],
): Promise<string[]> {
  const dimensions = context.universe.conform(names);
  const target: Target = { dimensions, names: dimensions.names, columns: [] };
  const has = async (changed: QueryState): Promise<boolean> => {
    // Taking a term away may leave a dimension without its governor, which here is no mistake of the user's.
    const free = { ...changed, order: [], limit: 1, offset: 0 };
    const query = await prepare(context, free, target, { checkGovernors: false });
    return hasRows(context, query);
  };
  if (state.limit === 0) return ['The limit is 0.'];
  if (await has(state)) return [];
  const query = await prepare(context, state, target);
  const reasons = [...(await missingValues(context, query)), ...(await missingDatasets(context, state))];
  if (reasons.length > 0) return reasons;

  const terms = state.wheres.flatMap(({ text, bind }) => termsOf(text).map((term) => ({ text: term, bind })));
  for (const [i, { text }] of terms.entries()) {
    if (await has({ ...state, wheres: terms.toSpliced(i, 1) })) {
      reasons.push(`Nothing fulfils ${text}: without it there are rows.`);
    }
  }
  for (const [i, { datasetType, collections }] of state.datasets.entries()) {
    if (await has({ ...state, datasets: state.datasets.toSpliced(i, 1) })) {
      reasons.push(
        `No "${datasetType}" in ${listOf(collections)} is for any of the data IDs: without asking for it there are rows.`,
      );
    }
  }
  if (state.tables.length > 0 && (await has({ ...state, tables: [] }))) {
    reasons.push('None of the given data IDs is among the rows: without that list there are rows.');
  }
  if (reasons.length > 0) return reasons;
  reasons.push(...(await emptyElements(context, query.dimensions)));
  if (reasons.length > 0) return reasons;
  for (const { left, right } of query.joins) {
    reasons.push(`No region of ${left} overlaps one of ${right} among what the other conditions leave.`);
  }
  const relations = query.dimensions.elements.filter((name) => context.universe.element(name).alwaysJoin);
  if (relations.length > 0) {
    reasons.push(`Nothing in ${listOf(relations)} relates the rows that the other conditions leave.`);
  }
  if (reasons.length === 0) reasons.push('Each condition can be fulfilled, but no row fulfils them all.');
  return reasons;
}

/** The terms of the outermost AND of an expression, as text. */
function termsOf(text: string): string[] {
  const split = (node: Expression): Expression[] => {
    if (node.kind === 'parens') return split(node.inner).length > 1 ? split(node.inner) : [node];
    return node.kind === 'binary' && node.operator === 'AND' ? [...split(node.left), ...split(node.right)] : [node];
  };
  const tree = parseExpression(text);
  return tree === undefined ? [] : split(tree).map(formatExpression);
}

/** Fixed values of dimensions that no record has, with what comes near. */
async function missingValues(context: QueryContext, query: PreparedQuery): Promise<string[]> {
  const { universe } = context;
  const reasons: string[] = [];
  const unknown = new Set<string>();
  for (const name of query.dimensions.names) {
    const values = query.fixed.get(name);
    const element = universe.element(name);
    if (values === undefined || values.size > 100 || element.skypix !== undefined) continue;
    // If the instrument is unknown, so is everything in it: one reason is enough.
    if (element.required.some((key) => unknown.has(key))) continue;
    const parents = element.required.filter((key) => key !== name && (query.fixed.get(key)?.size ?? 0) === 1);
    const given = parents.map((key) => [key, [...query.fixed.get(key)!][0]] as const);
    const found = await presentValues(context, name, given);
    if ([...values].some((value) => found.has(value))) continue;
    unknown.add(name);
    const where =
      given.length === 0 ? '' : ` with ${given.map(([key, value]) => `${key} = ${show(value)}`).join(', ')}`;
    const wanted = [...values].map(show).join(' or ');
    reasons.push(`There is no ${name} ${wanted}${where}: ${near([...values][0], [...found])}.`);
  }
  return reasons;
}

async function presentValues(
  { universe, db }: QueryContext,
  dimension: string,
  given: readonly (readonly [string, DataIdValue])[],
): Promise<Set<DataIdValue>> {
  const element = universe.element(dimension);
  const quote = db.dialect.quote;
  const table = element.viewOf ?? dimension;
  const column = raw(quote(element.viewOf === undefined ? keyColumn(element, dimension) : dimension));
  const conditions = [sql`${column} IS NOT NULL`, ...given.map(([key, value]) => sql`${raw(quote(key))} = ${value}`)];
  const query = sql`SELECT DISTINCT ${column} FROM ${raw(quote(table))} WHERE ${join(conditions, ' AND ')}`;
  const { text, params } = statement(query, db.dialect);
  return new Set((await db.rows(text, params)).map(([value]) => value as DataIdValue));
}

/** What there is near a value that there is not. */
function near(value: DataIdValue, found: readonly DataIdValue[]): string {
  if (found.length === 0) return 'the repository has none at all';
  if (typeof value === 'string') {
    const suggestion = nearest(value, found as string[]);
    const some = (found as string[]).toSorted().slice(0, 5).map(show).join(', ');
    const list = `there ${found.length === 1 ? 'is' : 'are'} ${some}${found.length > 5 ? ` and ${found.length - 5} more` : ''}`;
    return suggestion === undefined ? list : `did you mean ${show(suggestion)}? (${list})`;
  }
  const numbers = (found as number[]).toSorted((a, b) => a - b);
  const closest = numbers
    .toSorted((a, b) => Math.abs(a - value) - Math.abs(b - value))
    .slice(0, 3)
    .toSorted((a, b) => a - b);
  return `the ${numbers.length} there are go from ${numbers[0]} to ${numbers[numbers.length - 1]}, nearest ${closest.join(', ')}`;
}

async function missingDatasets(context: QueryContext, state: QueryState): Promise<string[]> {
  const reasons: string[] = [];
  for (const { datasetType, collections } of state.datasets) {
    if (collections.length === 0) {
      reasons.push(`No collections were given to search for "${datasetType}".`);
      continue;
    }
    const search = await datasetSearch(context, datasetType, collections, false);
    if (search.collections.length > 0) continue;
    const everywhere = await datasetSearch(context, datasetType, ['*'], false);
    const holders = everywhere.collections.map(({ name }) => name).sort();
    const where = holders.length === 0 ? 'no collection has any' : `there are some in ${listOf(holders.slice(0, 5))}`;
    reasons.push(`There is no "${datasetType}" in ${listOf(collections)}; ${where}.`);
  }
  return reasons;
}

/** Elements of the query without any record. */
async function emptyElements(context: QueryContext, dimensions: DimensionGroup): Promise<string[]> {
  const reasons: string[] = [];
  for (const name of dimensions.elements) {
    const element = context.universe.element(name);
    if (!element.hasTable || element.skypix !== undefined) continue;
    if (!element.isDimension && !element.alwaysJoin) continue;
    if (element.governor && (await governorValues(context, name)).length > 0) continue;
    const { quote } = context.db.dialect;
    const rows = await context.db.rows(`SELECT 1 FROM ${quote(name)} LIMIT 1`);
    if (rows.length === 0) reasons.push(`The repository has no ${name} records.`);
  }
  return reasons;
}

const show = (value: DataIdValue): string => (typeof value === 'string' ? `'${value}'` : String(value));
const listOf = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ');
