// SPDX-License-Identifier: BSD-3-Clause
import { didYouMean } from '../../../base/index.ts';
import { isCalibrationSearch } from '../compile-search.ts';
import type { QueryContext } from '../context.ts';
import { hasRows, openRows } from '../execute.ts';
import { type PreparedQuery, prepare } from '../prepare.ts';
import { datasetSearch } from '../search.ts';
import { sql, statement } from '../sql/fragment.ts';
import type { QueryState, Target } from '../state.ts';
import { validityRanges } from './times.ts';
import { listOf, show } from './words.ts';

/** Dataset types of a query that do not exist: without them nothing else can be asked. */
export async function unknownTypes(context: QueryContext, state: QueryState): Promise<string[]> {
  const reasons: string[] = [];
  for (const { datasetType } of state.datasets) {
    if ((await context.types.find(datasetType)) !== undefined) continue;
    const names = (await context.types.list()).map(({ name }) => name);
    reasons.push(`The dataset type "${datasetType}" does not exist.${didYouMean(datasetType, names)}`);
  }
  return reasons;
}

/** Searches in collections that hold nothing of the type, or nothing of the instrument or sky map that is asked for. */
export async function missingDatasets(
  context: QueryContext,
  state: QueryState,
  query: PreparedQuery,
): Promise<string[]> {
  const reasons: string[] = [];
  for (const { datasetType, collections } of state.datasets) {
    if (collections.length === 0) {
      reasons.push(`No collections were given to search for "${datasetType}".`);
      continue;
    }
    const search = await datasetSearch(context, datasetType, collections, false);
    if (search.collections.length === 0) {
      const everywhere = await datasetSearch(context, datasetType, ['*'], false);
      const holders = everywhere.collections.map(({ name }) => name).sort();
      const more = holders.length > 5 ? ` and ${holders.length - 5} more` : '';
      const where =
        holders.length === 0 ? 'no collection has any' : `there are some in ${listOf(holders.slice(0, 5))}${more}`;
      reasons.push(`There is no "${datasetType}" in ${listOf(collections)}; ${where}.`);
      continue;
    }
    for (const governor of search.row.type.dimensions.governors) {
      const wanted = query.fixed.get(governor);
      if (wanted === undefined) continue;
      const held = await governorsHeld(
        context,
        governor,
        search.collections.map(({ id }) => id),
      );
      if ([...wanted].some((value) => held.includes(String(value)))) continue;
      const what = held.length === 0 ? 'of none' : `only of ${held.map(show).join(', ')}`;
      const names = listOf(search.collections.slice(0, 5).map(({ name }) => name));
      reasons.push(`There is nothing of ${governor} ${[...wanted].map(show).join(' or ')} in ${names}, ${what}.`);
    }
  }
  return reasons;
}

/** Why no dataset of the i-th search goes with the data IDs, given that without the search there are rows. */
export async function explainSearch(
  context: QueryContext,
  state: QueryState,
  target: Target,
  i: number,
): Promise<string> {
  const { datasetType, collections } = state.datasets[i];
  const search = await datasetSearch(context, datasetType, collections, false);
  const free: QueryState = { ...state, order: [], limit: 1, offset: 0 };
  if (isCalibrationSearch(search)) {
    const query = await prepare(context, free, target, { checkGovernors: false });
    if (await hasRows(context, { ...query, timeless: true })) {
      const ranges = await validityRanges(context, search);
      return `No "${datasetType}" in ${listOf(collections)} is valid at the time of any of the data IDs: ${ranges}.`;
    }
  }
  const elsewhere = await collectionsWith(context, free, target, i);
  const where = elsewhere.length === 0 ? 'nor in any other collection' : `but in ${listOf(elsewhere)}`;
  return `No "${datasetType}" is for any of the data IDs in ${listOf(collections)}, ${where}.`;
}

/** Up to five collections in which the query would find a dataset. */
async function collectionsWith(context: QueryContext, state: QueryState, target: Target, i: number): Promise<string[]> {
  const { datasetType } = state.datasets[i];
  const datasets = state.datasets.with(i, { datasetType, collections: ['*'] });
  const asking: Target = {
    dimensions: target.dimensions,
    names: [],
    columns: [{ kind: 'dataset', datasetType, field: 'collection', type: 'string' }],
  };
  const query = await prepare(context, { ...state, datasets, limit: 5 }, asking, { checkGovernors: false });
  const { batches } = await openRows(context, query);
  const names: string[] = [];
  for await (const batch of batches) names.push(...batch.map(([name]) => name as string));
  return names.sort();
}

async function governorsHeld({ db }: QueryContext, governor: string, ids: readonly number[]): Promise<string[]> {
  const { dialect } = db;
  const column = dialect.quote(governor);
  const list = dialect.listSource('?', 'int');
  const { text, params } = statement(
    sql`SELECT DISTINCT ${{ text: column, params: [] }} FROM ${{ text: dialect.quote(`collection_summary_${governor}`), params: [] }} WHERE collection_id IN (SELECT value FROM ${{ text: list, params: [dialect.listParam(ids)] }}) ORDER BY 1`,
    dialect,
  );
  return (await db.rows(text, params)).map(([value]) => value as string);
}
