// SPDX-License-Identifier: BSD-3-Clause
import { newUuid } from '../../base/index.ts';
import type { FileDatastore } from '../datastore/file-datastore.ts';
import { onFailure } from '../datastore/scope.ts';
import { formatDataId } from '../dimensions/coordinate.ts';
import { butlerErrors } from '../errors.ts';
import type { PutResult } from '../limited.ts';
import { expandDataIds } from '../registry/expand.ts';
import type { Registry } from '../registry/registry.ts';
import type { DataId, DatasetRef } from '../types.ts';

/** See `ButlerApi.put`. The file is safe in scratch before the transaction, and gets its place inside it. */
export async function put(
  registry: Registry,
  datastore: FileDatastore,
  object: unknown,
  datasetType: string,
  dataId: DataId,
  runName: string,
): Promise<{ ref: DatasetRef } & PutResult> {
  const { universe } = registry;
  const type = await registry.types.get(datasetType);
  const run = await registry.collections.get(runName, ['RUN']);
  const { dimensions } = type.type;
  const [expanded] = await expandDataIds(registry.records, universe, dimensions, [dataId], true);
  const coordinate = universe.coordinate(dimensions, expanded.values);
  const ref: DatasetRef = { id: newUuid(), datasetType: type.type, dataId: coordinate, run: runName };
  const taken = await registry.datasets.idsByDataId(type, run, [coordinate]);
  for (const id of taken.values()) {
    const where = { datasetType, dataId: formatDataId(coordinate.toDataId()), collection: runName, id };
    throw butlerErrors.DATASET_CONFLICT(where);
  }
  const where = datastore.predict(ref, expanded.values, expanded.records);
  const { staged, record } = await datastore.stage(object, ref, where);
  try {
    await registry.db.transaction(async () => {
      await registry.datasets.insert(type, run, [ref]);
      await registry.files.insert([record]);
      await staged.commit();
    });
  } catch (error) {
    await staged.discard();
    throw error;
  }
  onFailure(() => datastore.store.remove(datastore.absolute(record)));
  return { ref, record, bytesWritten: record.sizeBytes };
}
