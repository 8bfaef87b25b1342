// SPDX-License-Identifier: BSD-3-Clause
import type { Butler, DatasetRef, Selection } from '../butler/index.ts';
import { collectionsOption, orderByOption, whereOption } from './common-options.ts';
import type { Invocation, OptionSpec } from './verb.ts';

/** Options of verbs that work on chosen datasets, with one wording. */
export const selectionOptions: readonly OptionSpec[] = [
  { flags: '-d, --dataset-type <globs>', description: 'dataset types, names or globs (default: all)', list: true },
  { ...collectionsOption, description: 'collections to search, in order; names or globs (default: all)' },
  whereOption,
  { flags: '--find-first', description: 'of each data ID only the first found in the order of the collections' },
  { flags: '--no-find-first', description: 'all that are found (the default)' },
  orderByOption,
  {
    flags: '--limit <n>',
    description: 'stop after n datasets; a negative number warns when it stops; 0 is no limit',
    default: 0,
    parse: integer,
  },
];

function integer(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value)) throw new Error(`"${text}" is not a whole number`);
  return value;
}

/** The datasets that the options choose. */
export async function chosenDatasets(
  butler: Butler,
  options: Invocation['options'],
  out: Invocation['out'],
): Promise<DatasetRef[]> {
  const { selectDatasets } = await import('../butler/index.ts');
  const limit = options['limit'] as number;
  const selection: Selection = {
    datasetTypes: options['datasetType'],
    collections: options['collections'],
    where: options['where'],
    findFirst: options['findFirst'] === true,
    orderBy: options['orderBy'],
    limit: Math.abs(limit),
  };
  const refs: DatasetRef[] = [];
  for await (const ref of selectDatasets(butler, selection)) refs.push(ref);
  if (refs.length === 0) out.warn('no dataset matches');
  if (limit < 0 && refs.length >= -limit) out.warn(`stopped at ${refs.length} datasets; --limit 0 takes all`);
  return refs;
}
