// SPDX-License-Identifier: BSD-3-Clause
import { closeSync, existsSync, fsync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { type FileSystemKind, fileSystemOf } from '../../../base/index.ts';

/**
 * Syncs wait for the disk, not for the processor: they run beside each other and beside what the process does meanwhile, and a
 * journalling file system serves many that are under way with one write of its journal.
 */
export const sync = promisify(fsync);

const kinds = new Map<string, FileSystemKind>();
const kindsLimit = 10_000;
const unknownKind: FileSystemKind = { name: 'unknown', local: false, ordered: false, oneJournal: false };

/** {@link fileSystemOf} of a folder, remembered: mounts under a running program are not foreseen to change their kind. */
export function fileSystemAt(folder: string): FileSystemKind {
  let kind = kinds.get(folder);
  if (kind === undefined) {
    if (!existsSync(folder)) return unknownKind;
    kind = fileSystemOf(folder);
    if (kinds.size >= kindsLimit) kinds.clear();
    kinds.set(folder, kind);
  }
  return kind;
}

/** Waits until what a file or folder holds is on the disk. */
export async function syncPath(path: string): Promise<void> {
  const fd = openSync(path, 'r');
  try {
    await sync(fd);
  } finally {
    closeSync(fd);
  }
}

/**
 * Waits until renames into these folders outlive a power cut. Given in the order of the renames: where the whole file system has one
 * journal, the last rename is not there without those before it, and one sync does for all.
 * @param recordedIn a folder in which a record of the renames will be written and synced: where it shares the journal, the record is not there
 *   without the renames, and nothing needs to be waited for
 */
export async function syncFolders(folders: Iterable<string>, recordedIn?: string): Promise<void> {
  const recorded = recordedIn === undefined ? undefined : journalOf(recordedIn);
  const last = new Map<number | string, string>();
  for (const folder of folders) {
    const journal = journalOf(folder);
    if (journal === undefined || journal !== recorded) last.set(journal ?? folder, folder);
  }
  await Promise.all([...last.values()].map(syncPath));
}

const journals = new Map<string, number | undefined>();

/** The device of a folder's file system if it has one journal for everything. */
function journalOf(folder: string): number | undefined {
  if (journals.has(folder)) return journals.get(folder);
  const journal = fileSystemAt(folder).oneJournal ? statSync(folder).dev : undefined;
  if (journals.size >= kindsLimit) journals.clear();
  journals.set(folder, journal);
  return journal;
}

/** `mkdir -p`; @returns the first folder it made. */
function makeAll(folder: string): string | undefined {
  try {
    return mkdirSync(folder, { recursive: true });
  } catch (error) {
    // Node says ENOENT where a read-only file system refused: making the first missing folder alone gives the reason.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    let missing = folder;
    while (!existsSync(dirname(missing))) missing = dirname(missing);
    mkdirSync(missing);
    mkdirSync(folder, { recursive: true });
    return missing;
  }
}

/**
 * Makes a folder and what is missing above it: they are there when this returns, and outlive a power cut when its promise resolves
 * (to be waited for before anything is put into place there).
 */
export function makeFolders(folder: string): Promise<unknown> {
  const first = makeAll(folder);
  if (first === undefined) return Promise.resolve();
  const above: string[] = [];
  for (let path = folder; path.length >= first.length; path = dirname(path)) above.push(dirname(path));
  const synced = Promise.all(above.map(syncPath));
  synced.catch(() => {}); // whoever waits hears of it, also when something else fails first
  return synced;
}
