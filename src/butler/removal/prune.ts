// SPDX-License-Identifier: BSD-3-Clause
import { collectionsHolding, removeMembers } from '../collections/members.ts';
import type { PruneMode, RemovalOptions, RemovalReport } from '../contract.ts';
import type { FileDatastore } from '../datastore/file-datastore.ts';
import { onSuccess } from '../datastore/scope.ts';
import type { CollectionRow } from '../registry/collections.ts';
import type { Registry } from '../registry/registry.ts';
import type { DatasetRef } from '../types.ts';
import { countByType, emptyReport, filesOf } from './plan.ts';
import { emptyTrash } from './trash.ts';

export interface PruneOptions extends RemovalOptions {
  mode: PruneMode;
  tags?: readonly string[];
}

/**
 * See `ButlerApi.pruneDatasets`. The registry changes in one transaction, in which the files become trash; then the trash is emptied,
 * together with what an interrupted removal left.
 */
export async function pruneDatasets(
  registry: Registry,
  datastore: FileDatastore,
  refs: readonly DatasetRef[],
  options: PruneOptions,
): Promise<RemovalReport> {
  const { mode, dryRun = false, onProgress } = options;
  const ids = [...new Set(refs.map((ref) => ref.id))];
  const known = (await registry.datasets.byIds(ids)).filter((ref) => ref !== undefined);
  const keep = mode === 'unstore';
  const collections = keep ? [] : await tagsOf(registry, options);
  const holders = await collectionsHolding(registry, collections, known);
  const report: RemovalReport = {
    ...emptyReport,
    datasets: countByType(known),
    disassociatedFrom: holders.map((row) => row.name).sort(),
    ...(mode === 'disassociate' ? {} : await filesOf(registry, datastore, ids)),
  };
  if (dryRun) return report;
  const remove = async (): Promise<void> => {
    if (mode === 'disassociate') {
      await removeMembers(registry, holders, known);
      return;
    }
    await registry.trash.addDatasets(ids);
    if (mode === 'purge') await registry.datasets.remove(ids);
  };
  await registry.db.transaction(remove, { repeatable: true });
  if (mode !== 'disassociate') {
    await onSuccess(() =>
      emptyTrash(registry, datastore, (done) => onProgress?.(Math.min(done, ids.length), ids.length)),
    );
  }
  return report;
}

/** Purging takes datasets out of every collection. */
async function tagsOf(registry: Registry, { mode, tags }: PruneOptions): Promise<CollectionRow[]> {
  if (mode === 'disassociate' && tags !== undefined) {
    const rows = await registry.collections.getMany(tags);
    for (const row of rows) await registry.collections.get(row.name, ['TAGGED', 'CALIBRATION']);
    return rows;
  }
  return (await registry.collections.all()).filter((row) => row.type === 'TAGGED' || row.type === 'CALIBRATION');
}
