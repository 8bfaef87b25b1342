// SPDX-License-Identifier: BSD-3-Clause
import type { FileDatastore } from '../datastore/file-datastore.ts';
import type { Registry } from '../registry/registry.ts';
import { recordedMembers } from './archive-members.ts';

/**
 * Deletes those of these files (relative to the datastore) that no dataset has, as a whole or a member of it, while nobody can register
 * one. @returns the paths of the deleted
 */
export async function removeUnused(
  registry: Registry,
  datastore: FileDatastore,
  paths: readonly string[],
): Promise<string[]> {
  if (paths.length === 0) return [];
  const remove = async (): Promise<string[]> => {
    const used = await registry.trash.inUse(paths, { membersOf: recordedMembers(datastore) });
    const unused = paths.filter((path) => !used.has(path));
    for (const path of unused) await datastore.store.remove(datastore.absolute({ path }));
    return unused;
  };
  // Deleting again what is gone does no harm.
  return registry.db.transaction(remove, { repeatable: true });
}
