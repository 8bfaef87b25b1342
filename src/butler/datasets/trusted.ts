// SPDX-License-Identifier: BSD-3-Clause
import type { FileDatastore } from '../datastore/file-datastore.ts';
import { expandDataIds } from '../registry/expand.ts';
import type { Registry } from '../registry/registry.ts';
import type { DatasetRef, FileRecord } from '../types.ts';

/** The file of a dataset without a record, where the templates would have put it: for repositories that trust their folders. */
export async function trustedRecords(
  { registry, datastore }: { registry: Registry; datastore: FileDatastore },
  ref: DatasetRef,
): Promise<FileRecord[]> {
  const { dimensions, storageClass } = ref.datasetType;
  const [{ values, records }] = await expandDataIds(
    registry.records,
    registry.universe,
    dimensions,
    [ref.dataId.toDataId()],
    true,
  );
  const where = datastore.predict(ref, values, records);
  const sizeBytes = await datastore.size(where);
  if (sizeBytes === undefined) return [];
  return [{ datasetId: ref.id, ...where, storageClass, component: null, sizeBytes, checksum: null }];
}
