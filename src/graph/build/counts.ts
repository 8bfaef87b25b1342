// SPDX-License-Identifier: BSD-3-Clause
import type { BuildContext } from './candidates.ts';
import type { DataIdRequest } from './source.ts';

/** How many data IDs are left as one constraint is added after the other: dimensions alone, where, tables, each dataset type. */
export async function countJoins(
  { source }: BuildContext,
  request: DataIdRequest,
): Promise<{ what: string; rows: number }[]> {
  const counted: { what: string; rows: number }[] = [];
  let part: DataIdRequest = { dimensions: request.dimensions, dataId: request.dataId };
  const add = async (what: string, more: Partial<DataIdRequest>): Promise<void> => {
    part = { ...part, ...more };
    counted.push({ what, rows: await source.count(part) });
  };
  const { where = '', bind, tables = [], having = [] } = request;
  if (where.trim() !== '') await add(`where ${where}`, { where, bind });
  else await add('without datasets', {});
  if (tables.length > 0) await add('in the tables of data IDs', { tables });
  for (const [i, { datasetType, collections }] of having.entries()) {
    if (counted.at(-1)?.rows === 0) break;
    await add(`with ${datasetType} in ${collections.join(', ')}`, { having: having.slice(0, i + 1) });
  }
  return counted;
}
