// SPDX-License-Identifier: BSD-3-Clause
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ButlerApi } from '../../butler/index.ts';

/** A raw file of one detector. */
export interface RawOfExposure {
  detector: number;
  /** Absolute. */
  path: string;
}

/** Raw files by exposure: of each detector the first that the collections have. Two queries and the file records. */
export async function rawsByExposure(
  butler: ButlerApi,
  instrument: string,
  options: { collections?: readonly string[]; where?: string } = {},
): Promise<Map<number, RawOfExposure[]>> {
  let query = butler.query().where({ instrument });
  if (options.where !== undefined) query = query.where(options.where);
  const collections = options.collections ?? [`${instrument}/raw/all`];
  const columns = await query.datasetColumns('raw', { collections, findFirst: true });
  const files = await butler.getFileRecords(columns.ids);
  const byExposure = new Map<number, RawOfExposure[]>();
  for (let i = 0; i < columns.rows; i++) {
    const exposure = columns.columns['exposure'][i] as number;
    const path = files[i][0]?.path;
    if (path === undefined) continue;
    const raw = { detector: columns.columns['detector'][i] as number, path: absolute(butler.datastoreRoot, path) };
    const list = byExposure.get(exposure);
    if (list === undefined) byExposure.set(exposure, [raw]);
    else list.push(raw);
  }
  return byExposure;
}

function absolute(root: string, path: string): string {
  return path.startsWith('file://') ? fileURLToPath(path.split('#')[0]) : resolve(root, path);
}
