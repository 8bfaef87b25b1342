// SPDX-License-Identifier: BSD-3-Clause
import type { ButlerApi, CollectionType, DatasetRef } from '../butler/index.ts';
import { cliErrors } from './errors.ts';

export interface DatasetSelection {
  /** Names or globs; all when empty. */
  types?: readonly string[] | undefined;
  /** Names or globs, in the order of the search; all when empty. */
  collections?: readonly string[] | undefined;
  where?: string | undefined;
  findFirst?: boolean;
  /** 0 or absent: no limit. */
  limit?: number;
}

/** Whether a name is a pattern. */
export function isGlob(name: string): boolean {
  return /[*?[]/.test(name);
}

/**
 * Datasets that verbs with `--collections`, `--where` and `--find-first` work on, type after type. Names without wildcards must exist, so
 * that a typing error is not an empty answer.
 */
export async function* selectDatasets(butler: ButlerApi, selection: DatasetSelection): AsyncGenerator<DatasetRef> {
  const { findFirst = false, where, limit = 0 } = selection;
  const collections = await resolveCollections(butler, selection.collections, findFirst);
  for (const name of selection.types ?? []) if (!isGlob(name)) await butler.getDatasetType(name);
  const types = await butler.listDatasetTypes(selection.types?.length ? selection.types : undefined);
  if (collections.length === 0) return;
  let given = 0;
  for (const type of types) {
    let query = butler.query();
    if (where !== undefined) query = query.where(where);
    // A dataset in several collections comes once for each.
    const seen = new Set<string>();
    for await (const ref of query.datasets(type.name, { collections, findFirst })) {
      if (seen.has(ref.id)) continue;
      if (limit > 0 && given === limit) return;
      seen.add(ref.id);
      given++;
      yield ref;
    }
  }
}

async function resolveCollections(
  butler: ButlerApi,
  names: readonly string[] | undefined,
  findFirst: boolean,
): Promise<string[]> {
  if (names === undefined || names.length === 0) {
    if (findFirst) throw cliErrors.OPTIONS({ problem: '--find-first needs collections to search in, in their order' });
    const searched: CollectionType[] = ['RUN', 'TAGGED', 'CALIBRATION'];
    return (await butler.listCollections(undefined, searched)).map((collection) => collection.name);
  }
  const out: string[] = [];
  for (const name of names) {
    if (!isGlob(name)) {
      await butler.getCollection(name);
      out.push(name);
      continue;
    }
    if (findFirst)
      throw cliErrors.OPTIONS({ problem: `"${name}" is a pattern, which has no order to find the first in` });
    out.push(...(await butler.listCollections([name])).map((collection) => collection.name));
  }
  return [...new Set(out)];
}
