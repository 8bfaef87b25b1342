// SPDX-License-Identifier: BSD-3-Clause
import type { FileDatastore } from '../datastore/file-datastore.ts';
import { butlerErrors } from '../errors.ts';
import type { Registry } from '../registry/registry.ts';
import { recordedMembers } from './archive-members.ts';

/** Datasets whose files are deleted in one transaction: others wait that long to write on SQLite. */
const datasetsAtOnce = 2000;
/** Files deleted together. */
const parallelDeletes = 32;

/**
 * Deletes the files in the trash which no other dataset uses; those outside of the datastore (ingested in place) are left alone.
 * Their records go in the same transaction, so that a process killed here leaves trash for the next to empty, and a process that
 * writes a new file in the place of a deleted one comes before or after, never between. Returns the number of files deleted.
 * @throws BUTLER_FILES_NOT_DELETED: those files remain in the trash, all others are gone.
 */
export async function emptyTrash(
  registry: Registry,
  datastore: FileDatastore,
  onProgress?: (datasets: number) => void,
): Promise<number> {
  const { db, trash } = registry;
  const membersOf = recordedMembers(datastore);
  const failures: { path: string; reason: string }[] = [];
  let deleted = 0;
  let last: string | undefined;
  let datasets = 0;
  for (;;) {
    const ids = await trash.ids(last, datasetsAtOnce);
    if (ids.length === 0) break;
    last = ids.at(-1)!;
    const empty = async (): Promise<[files: number, failed: Map<string, string>]> => {
      const records = await trash.take(ids);
      const own = new Set(records.map(fileOf).filter(isOwn));
      for (const path of await trash.inUse([...own], { membersOf })) own.delete(path);
      const failed = await deleteAll(datastore, [...own]);
      const kept = records.filter((record) => failed.has(fileOf(record)));
      if (kept.length > 0) await trash.putBack(kept);
      return [own.size - failed.size, failed];
    };
    // Deleting again what is gone does no harm.
    const [files, failed] = await db.transaction(empty, { repeatable: true });
    deleted += files;
    for (const [path, reason] of failed) failures.push({ path, reason });
    datasets += ids.length;
    onProgress?.(datasets);
  }
  if (failures.length > 0) {
    const [{ path, reason }] = failures;
    throw butlerErrors.FILES_NOT_DELETED({ files: failures.length, first: path, reason });
  }
  return deleted;
}

/** The file of a record: members of an archive share theirs. */
export function fileOf(record: { path: string }): string {
  return record.path.split('#')[0];
}

/** Whether the datastore owns a recorded file: absolute paths and URIs are of files that were ingested where they are. */
export function isOwn(path: string): boolean {
  return !path.startsWith('/') && !/^[a-z][a-z0-9+.-]*:\/\//i.test(path);
}

async function deleteAll(datastore: FileDatastore, paths: readonly string[]): Promise<Map<string, string>> {
  const failed = new Map<string, string>();
  for (let at = 0; at < paths.length; at += parallelDeletes) {
    await Promise.all(
      paths.slice(at, at + parallelDeletes).map(async (path) => {
        try {
          await datastore.store.remove(datastore.absolute({ path }));
        } catch (error) {
          failed.set(path, (error as Error).message);
        }
      }),
    );
  }
  return failed;
}
