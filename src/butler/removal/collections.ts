// SPDX-License-Identifier: BSD-3-Clause
import type { RemovalOptions, RemovalReport } from '../contract.ts';
import type { FileDatastore } from '../datastore/file-datastore.ts';
import { onSuccess } from '../datastore/scope.ts';
import { butlerErrors } from '../errors.ts';
import type { CollectionRow } from '../registry/collections.ts';
import type { Registry } from '../registry/registry.ts';
import { contentsOfRuns, emptyReport, holdersOfRuns } from './plan.ts';
import { emptyTrash } from './trash.ts';

/** See `ButlerApi.removeCollection`. */
export async function removeCollection(
  registry: Registry,
  name: string,
  options: RemovalOptions = {},
): Promise<RemovalReport> {
  const remove = async (): Promise<RemovalReport> => {
    const row = await registry.collections.get(name);
    if (row.type === 'RUN') await refuseContents(registry, row);
    const unlinkedFrom = await chainsToLeave(registry, [row], options);
    if (!options.dryRun) {
      await registry.collections.unlink([row]);
      await registry.collections.remove([row]);
    }
    return { ...emptyReport, collections: [name], unlinkedFrom };
  };
  return options.dryRun ? remove() : registry.db.transaction(remove, { repeatable: true });
}

/**
 * See `ButlerApi.removeRuns`. Collections, datasets and memberships go in one transaction of a few statements, in which the files become
 * trash; then the trash is emptied.
 */
export async function removeRuns(
  registry: Registry,
  datastore: FileDatastore,
  names: readonly string[],
  options: RemovalOptions = {},
): Promise<RemovalReport> {
  const runs = await registry.collections.getMany([...new Set(names)]);
  for (const { name, type } of runs) {
    if (type !== 'RUN') throw butlerErrors.COLLECTION_TYPE({ name, type, wanted: 'RUN' });
  }
  const { datasets, files, sizeBytes } = await contentsOfRuns(registry, runs);
  const unlinkedFrom = await chainsToLeave(registry, runs, options);
  const report: RemovalReport = {
    datasets,
    files,
    sizeBytes,
    collections: runs.map((run) => run.name),
    unlinkedFrom,
    disassociatedFrom: await holdersOfRuns(registry, runs),
  };
  if (options.dryRun || runs.length === 0) return report;
  await registry.db.transaction(
    async () => {
      if (!options.unlink) await chainsToLeave(registry, runs, options);
      await registry.trash.addRuns(runs.map((run) => run.id));
      await registry.datasets.removeRuns(runs.map((run) => run.id));
      await registry.collections.unlink(runs);
      await registry.collections.remove(runs);
    },
    { repeatable: true },
  );
  const total = Object.values(datasets).reduce((sum, count) => sum + count, 0);
  await onSuccess(() => emptyTrash(registry, datastore, (done) => options.onProgress?.(Math.min(done, total), total)));
  return report;
}

async function refuseContents(registry: Registry, run: CollectionRow): Promise<void> {
  const [[datasets]] = await registry.db.rows('SELECT count(*) FROM dataset WHERE run_id = ?', [run.id]);
  if (Number(datasets) > 0) throw butlerErrors.RUN_NOT_EMPTY({ name: run.name, datasets: Number(datasets) });
}

/** Names of the chains that hold the collections; refuses if there are any and unlinking is not allowed. */
async function chainsToLeave(
  registry: Registry,
  rows: readonly CollectionRow[],
  options: RemovalOptions,
): Promise<string[]> {
  const chains = await registry.collections.chainsOf(rows);
  if (chains.size > 0 && !options.unlink) {
    const [, [name]] = [...chains][0];
    const holders = [...chains].filter(([, members]) => members.includes(name)).map(([chain]) => `"${chain}"`);
    throw butlerErrors.COLLECTION_IN_CHAIN({ name, chains: holders.join(', ') });
  }
  return [...chains.keys()];
}
