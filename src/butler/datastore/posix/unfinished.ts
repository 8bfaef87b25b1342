// SPDX-License-Identifier: BSD-3-Clause
import { readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing } from './errors.ts';
import { isScratchName } from './posix-store.ts';

/** Removes the unfinished files that a process which is dead now left in these folders (not below them). @returns how many. */
export async function removeUnfinished(folders: Iterable<string>, pid: number): Promise<number> {
  let removed = 0;
  for (const folder of new Set(folders)) {
    for (const name of await namesIn(folder)) {
      if (!isScratchName(name) || !new RegExp(`\\.${pid}-\\d+\\.part$`).test(name)) continue;
      await unlink(join(folder, name));
      removed++;
    }
  }
  return removed;
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
