// SPDX-License-Identifier: BSD-3-Clause
import type { CollectionRow } from '../registry/collections.ts';
import type { QueryContext } from './context.ts';
import { queryErrors } from './errors.ts';
import type { DatasetSearch } from './sql/datasets.ts';

/**
 * The collections, in order, in which datasets of a type are to be searched: chains flattened, patterns (`*`, `?`) expanded,
 * collections which never had any of the type left out.
 * @throws BUTLER_NO_DATASET_TYPE, BUTLER_NO_COLLECTION with suggestions; QUERY_FIND_FIRST_WILDCARD
 */
export async function datasetSearch(
  context: QueryContext,
  datasetType: string,
  given: readonly string[] | undefined,
  findFirst: boolean,
): Promise<DatasetSearch> {
  const row = await context.types.get(datasetType);
  const names = given ?? context.defaults?.collections;
  // An empty list is an answer, no list and no default a mistake.
  if (names === undefined) throw queryErrors.NO_COLLECTIONS({ datasetType });
  const collections = await collectionsNamed(context, names, findFirst);
  const holders = await holdersOf(context, row.id);
  return {
    row,
    collections: collections.filter(
      (collection) => holders.has(collection.id) && searchable(collection, row.calibsTable),
    ),
  };
}

/** Names of the dataset types that the collections may hold, in order. One statement beside those that find the collections. */
export async function typesHeld(
  context: QueryContext,
  given: readonly string[] | undefined,
  findFirst: boolean,
): Promise<string[]> {
  const { db } = context;
  const names = given ?? context.defaults?.collections;
  if (names === undefined) throw queryErrors.NO_COLLECTIONS({ datasetType: '*' });
  const collections = await collectionsNamed(context, names, findFirst);
  const ids = db.dialect.listSource(db.dialect.placeholder(0), 'int');
  const rows = await db.rows(
    `SELECT DISTINCT t.name FROM collection_summary_dataset_type s JOIN dataset_type t ON t.id = s.dataset_type_id
     WHERE s.collection_id IN (SELECT value FROM ${ids}) ORDER BY t.name`,
    [db.dialect.listParam(collections.map(({ id }) => id))],
  );
  return rows.map(([name]) => name as string);
}

/** Collections by name or pattern, chains flattened, in order. */
async function collectionsNamed(
  context: QueryContext,
  names: readonly string[],
  findFirst: boolean,
): Promise<CollectionRow[]> {
  const expanded: string[] = [];
  for (const name of names) {
    if (!/[*?]/.test(name)) expanded.push(name);
    else if (findFirst) throw queryErrors.FIND_FIRST_WILDCARD({ pattern: name });
    else expanded.push(...(await context.collections.list([name])).map((found) => found.name));
  }
  return context.collections.resolve(expanded);
}

async function holdersOf(context: QueryContext, datasetTypeId: number): Promise<Set<number>> {
  const { db } = context;
  const text = `SELECT collection_id FROM collection_summary_dataset_type WHERE dataset_type_id = ${db.dialect.placeholder(0)}`;
  return new Set((await db.rows(text, [datasetTypeId])).map(([id]) => id as number));
}

function searchable(collection: CollectionRow, calibsTable: string | undefined): boolean {
  return collection.type !== 'CALIBRATION' || calibsTable !== undefined;
}
