// SPDX-License-Identifier: BSD-3-Clause
import { type ButlerApi, butlerErrors } from '../butler/index.ts';
import { cliErrors } from './errors.ts';

/** The dataset types that `--datasets` names, with the collections of `--collections`. */
export async function joinedTypes(
  butler: ButlerApi,
  options: { datasets?: readonly string[]; collections?: readonly string[] },
): Promise<[type: string, collections: readonly string[]][]> {
  const { datasets, collections } = options;
  if (datasets === undefined) {
    if (collections !== undefined) throw cliErrors.USAGE({ message: '--collections needs --datasets here.' });
    return [];
  }
  for (const name of datasets) if (!/[*?[]/.test(name)) await butler.getDatasetType(name);
  const types = await butler.listDatasetTypes(datasets);
  if (types.length === 0) throw butlerErrors.NO_DATASET_TYPE({ name: datasets.join(', '), hint: '' });
  return types.map(({ name }) => [name, collections ?? ['*']]);
}
