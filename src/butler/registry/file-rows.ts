// SPDX-License-Identifier: BSD-3-Clause
import { formatUuid, uuidHex } from '../../base/index.ts';
import type { FileRecord } from '../types.ts';
import type { SqlValue } from './database.ts';

/** Primary keys cannot hold null: how the format writes "no component". */
const noComponent = '__NULL_STRING__';
export const fileRecordColumns = [
  'dataset_id',
  'path',
  'formatter',
  'storage_class',
  'component',
  'checksum',
  'file_size',
] as const;

export function toFileRow(record: FileRecord): SqlValue[] {
  return [
    uuidHex(record.datasetId),
    record.path,
    record.formatter,
    record.storageClass,
    record.component ?? noComponent,
    record.checksum,
    record.sizeBytes,
  ];
}

export function fromFileRow([
  id,
  path,
  formatter,
  storageClass,
  component,
  checksum,
  sizeBytes,
]: SqlValue[]): FileRecord {
  return {
    datasetId: formatUuid(id as string),
    path: path as string,
    formatter: formatter as string,
    storageClass: storageClass as string,
    component: component === noComponent ? null : (component as string),
    checksum: checksum as string | null,
    sizeBytes: sizeBytes as number,
  };
}
