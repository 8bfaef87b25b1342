// SPDX-License-Identifier: BSD-3-Clause
import type { Butler } from '../butler.ts';
import { globMatcher } from '../registry/glob.ts';
import type { DatasetRef, DatasetType } from '../types.ts';

export interface Selection {
  /** Names or globs; a name without wildcards must exist. Default: all. */
  readonly datasetTypes?: readonly string[];
  /** Names or globs; a name without wildcards must exist. Default: all. */
  readonly collections?: readonly string[];
  readonly where?: string;
  readonly bind?: Readonly<Record<string, unknown>>;
  /** Of each data ID the first in the order of the collections only. */
  readonly findFirst?: boolean;
  /** Most datasets in all; 0 or absent is no limit. */
  readonly limit?: number;
  readonly orderBy?: readonly string[];
}

const hasWildcard = (name: string): boolean => /[*?[]/.test(name);

/** Dataset types of a selection that some of its collections may hold, by name. */
async function typesOf(butler: Butler, selection: Selection, collections: readonly string[]): Promise<DatasetType[]> {
  for (const name of selection.datasetTypes ?? []) if (!hasWildcard(name)) await butler.getDatasetType(name);
  const { db } = butler.registry;
  const members = await butler.registry.collections.resolve(collections);
  const rows = await db.rows(
    `SELECT DISTINCT t.name FROM collection_summary_dataset_type s JOIN dataset_type t ON t.id = s.dataset_type_id
     WHERE s.collection_id IN (SELECT value FROM ${db.dialect.listSource(db.dialect.placeholder(0), 'int')})`,
    [db.dialect.listParam(members.map((row) => row.id))],
  );
  const present = new Set(rows.map(([name]) => name as string));
  return (await butler.listDatasetTypes(selection.datasetTypes)).filter((type) => present.has(type.name));
}

/** Collections of a selection, globs replaced by what they match (no chains, for their members are among the matches). */
export async function selectCollections(butler: Butler, names: readonly string[] | undefined): Promise<string[]> {
  const wanted = names === undefined || names.length === 0 ? ['*'] : names;
  if (!wanted.some(hasWildcard)) return [...wanted];
  const all = await butler.listCollections(undefined, ['RUN', 'TAGGED', 'CALIBRATION']);
  const out = new Set<string>();
  for (const name of wanted) {
    if (!hasWildcard(name)) out.add(name);
    else for (const one of all) if (globMatcher([name])(one.name)) out.add(one.name);
  }
  return [...out];
}

/** The datasets of a selection, each once, type by type. */
export async function* selectDatasets(butler: Butler, selection: Selection): AsyncGenerator<DatasetRef> {
  const collections = await selectCollections(butler, selection.collections);
  if (collections.length === 0) return;
  let left = selection.limit === undefined || selection.limit === 0 ? Number.POSITIVE_INFINITY : selection.limit;
  for (const type of await typesOf(butler, selection, collections)) {
    if (left <= 0) return;
    let query = butler.query();
    if (selection.where !== undefined && selection.where !== '') query = query.where(selection.where, selection.bind);
    if (selection.orderBy !== undefined && selection.orderBy.length > 0) query = query.orderBy(...selection.orderBy);
    if (Number.isFinite(left)) query = query.limit(left);
    // One dataset can be in several of the collections, or have several validity ranges.
    const seen = new Set<string>();
    for await (const ref of query.datasets(type.name, { collections, findFirst: selection.findFirst === true })) {
      if (seen.has(ref.id)) continue;
      seen.add(ref.id);
      yield ref;
      if (--left <= 0) return;
    }
  }
}
