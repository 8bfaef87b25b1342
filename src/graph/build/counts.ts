// SPDX-License-Identifier: BSD-3-Clause
import { graphErrors } from '../errors.ts';
import type { BuildContext } from './candidates.ts';
import type { DataIdRequest } from './source.ts';

/**
 * What a row of the large join costs at the peak of a build, in bytes: its codes (4 a dimension, in parts that grow and are then put
 * together), and keys, groups and links of each set of dimensions. Fitted to a build of 57 million quanta from 15 million rows over 12
 * dimensions, which takes 3.5 GB.
 */
function rowBytes(dimensions: number): number {
  return 12 * dimensions + 90;
}

/** Counts before anything large is read; refuses what would not fit. Returns the count. */
export async function checkMemory(
  context: BuildContext,
  request: DataIdRequest,
  labels: readonly string[],
): Promise<number> {
  const { source, steps, memoryBytes } = context;
  const rows = await source.count(request);
  steps.done('count', `data IDs to come for ${labels.join(', ')}, at most`, rows);
  const needed = rows * rowBytes(request.dimensions.length);
  if (memoryBytes !== undefined && needed > memoryBytes) {
    throw graphErrors.MEMORY({
      labels: labels.join(', '),
      rows: String(rows),
      needed: gigabytes(needed),
      limit: gigabytes(memoryBytes),
    });
  }
  return rows;
}

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

function gigabytes(bytes: number): string {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.ceil(bytes / 1e6)} MB`;
}
