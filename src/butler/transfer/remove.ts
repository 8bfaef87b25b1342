// SPDX-License-Identifier: BSD-3-Clause
import type { FileDatastore } from '../datastore/file-datastore.ts';
import { relativeTo } from '../datastore/paths.ts';
import type { Registry } from '../registry/registry.ts';
import type { DatasetRef } from '../types.ts';

/**
 * Removes datasets: first from the registry, with their files marked as trash in the same transaction, then the files. A crash in
 * between leaves trash, which the next removal empties.
 */
export async function removeDatasets(
  registry: Registry,
  datastore: FileDatastore,
  refs: readonly DatasetRef[],
): Promise<void> {
  const ids = refs.map((ref) => ref.id);
  await registry.db.transaction(async () => {
    await registry.files.trash(ids);
    await registry.datasets.remove(ids);
  });
  await emptyTrash(registry, datastore);
}

/** Deletes files in the trash which no other dataset uses; files outside of the datastore (`direct`) are never deleted. */
export async function emptyTrash(registry: Registry, datastore: FileDatastore): Promise<number> {
  const { all, deletable } = await registry.files.trashed();
  let removed = 0;
  for (const path of deletable) {
    const absolute = datastore.absolute({ path });
    if (relativeTo(datastore.root, absolute) !== undefined && (await datastore.store.remove(absolute))) removed++;
  }
  await registry.files.forget(all.map((record) => record.datasetId));
  return removed;
}
