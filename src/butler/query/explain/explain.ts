// SPDX-License-Identifier: BSD-3-Clause
import type { DimensionGroup } from '../../types.ts';
import type { QueryContext } from '../context.ts';
import { hasRows } from '../execute.ts';
import { formatExpression } from '../expression/format.ts';
import { parseExpression } from '../expression/parser.ts';
import type { Expression } from '../expression/tree.ts';
import { fixedDimensions } from '../predicate/constraints.ts';
import { governorValues, prepare } from '../prepare.ts';
import type { QueryState, Target } from '../state.ts';
import { explainSearch, missingDatasets, unknownTypes } from './datasets.ts';
import { missingDay, timesThereAre } from './times.ts';
import { missingValues } from './values.ts';
import { listOf } from './words.ts';

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
  const unknown = await unknownTypes(context, state);
  if (unknown.length > 0) return unknown;
  if (await has(state)) return [];
  const query = await prepare(context, state, target);
  const reasons = [...(await missingValues(context, query)), ...(await missingDatasets(context, state, query))];
  if (reasons.length > 0) return reasons;

  for (const i of state.datasets.keys()) {
    if (await has({ ...state, datasets: state.datasets.toSpliced(i, 1) })) {
      reasons.push(await explainSearch(context, state, target, i));
    }
  }
  const terms = state.wheres.flatMap(({ text, bind }) => termsOf(text).map((term) => ({ text: term, bind })));
  for (const [i, { text, bind }] of terms.entries()) {
    if (!(await has({ ...state, wheres: terms.toSpliced(i, 1) }))) continue;
    const { written } = await prepare(context, { ...state, wheres: [{ text, bind }] }, target, {
      checkGovernors: false,
    });
    const days = fixedDimensions(written).get('day_obs');
    const given = [...(query.fixed.get('instrument') ?? [])].map((name) => ['instrument', name] as const);
    const day =
      days === undefined ? undefined : await missingDay(context, query, [...days], given.length === 1 ? given : []);
    if (day !== undefined) {
      reasons.push(day);
      continue;
    }
    const times = await timesThereAre(context, query, written);
    reasons.push(`Nothing fulfils ${text}: ${times === '' ? 'without it there are rows' : times}.`);
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
