// SPDX-License-Identifier: BSD-3-Clause
import type { Butler, DatasetRef, Selection } from '../butler/index.ts';
import { cliErrors } from './errors.ts';

/** Whether a name is a pattern. */
export function isGlob(name: string): boolean {
  return /[*?[]/.test(name);
}

/** The datasets that options such as `--collections`, `--where` and `--find-first` select; refuses find-first where there is no order to search in. */
export async function* selectDatasets(butler: Butler, selection: Selection): AsyncGenerator<DatasetRef> {
  const { selectDatasets: select } = await import('../butler/index.ts');
  const { collections = [], findFirst = false } = selection;
  const pattern = collections.find(isGlob);
  if (findFirst && collections.length === 0) {
    throw cliErrors.OPTIONS({ problem: 'finding the first needs collections to search in, in their order' });
  }
  if (findFirst && pattern !== undefined) {
    throw cliErrors.OPTIONS({ problem: `"${pattern}" is a pattern, which has no order to find the first in` });
  }
  for (const name of collections) if (!isGlob(name)) await butler.getCollection(name);
  yield* select(butler, selection);
}
