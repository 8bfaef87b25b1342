// SPDX-License-Identifier: BSD-3-Clause
import { createHash } from 'node:crypto';
import { formatUuid, newUuid, uuidHex } from '../../base/index.ts';
import type { DataId } from '../types.ts';

export type IdMode = 'UNIQUE' | 'DATAID_TYPE' | 'DATAID_TYPE_RUN';

/** The name space of reproducible dataset ids; a fact of the Gen3 format. */
const namespace = Buffer.from(uuidHex('840b31d9-05cd-5161-b2c8-00d32b280d0f'), 'hex');

/**
 * A dataset id: time-ordered and unique, or (for raw data) computed from what the dataset is, so that the same file has the
 * same id in every repository. Reproducible ids are UUIDs of version 5 (RFC 9562) over `dataset_type=…[,run=…],key=value,…`,
 * with the required keys of the data ID sorted by name.
 */
export function datasetId(mode: IdMode, datasetType: string, run: string, dataId: DataId): string {
  if (mode === 'UNIQUE') return newUuid();
  const items = [`dataset_type=${datasetType}`];
  if (mode === 'DATAID_TYPE_RUN') items.push(`run=${run}`);
  for (const key of Object.keys(dataId).sort()) items.push(`${key}=${dataId[key]}`);
  return nameId(items.join(','));
}

/** The UUID of version 5 of a text, in the name space of the format. */
export function nameId(text: string): string {
  const bytes = createHash('sha1').update(namespace).update(text).digest().subarray(0, 16);
  bytes[6] = (bytes[6] & 0x0f) | 0x50;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return formatUuid(bytes);
}
