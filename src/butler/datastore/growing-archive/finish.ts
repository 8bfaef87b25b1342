// SPDX-License-Identifier: BSD-3-Clause
import { type FileHandle, open, readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fileError, isMissing } from '../posix/errors.ts';
import { syncPath } from '../posix/folders.ts';
import { directoryEnd, directoryEntry, directoryTailBytes, endsWithDirectory, type ZipLimits } from './layout.ts';
import { scanMembers } from './scan.ts';

export interface FinishedArchive {
  readonly path: string;
  readonly members: number;
  /** `whole`: it had its directory; `finished`: it got one; `removed`: there was no whole member in it. */
  readonly how: 'whole' | 'finished' | 'removed';
  /** Bytes behind the last whole member that were cut. */
  readonly cutBytes: number;
}

/** The archives in a folder, by name; none if there is no such folder. */
export async function archivesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => name.endsWith('.zip')).sort();
  } catch (error) {
    if (isMissing(error)) return [];
    throw fileError(error, folder, 'read');
  }
}

/** Whether it ends with its directory. */
export async function isFinished(path: string): Promise<boolean> {
  await using file = await open(path, 'r');
  return await hasDirectory(file); // not returned at once: the file must stay open until then
}

async function hasDirectory(file: FileHandle): Promise<boolean> {
  const { size } = await file.stat();
  const length = Math.min(size, directoryTailBytes);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
  return endsWithDirectory(buffer.subarray(0, bytesRead), size);
}

/**
 * Makes an archive whole whose writer is gone: cuts what is torn behind its last whole member, and writes the directory. Whatever was synced
 * is kept. Repeating it changes nothing.
 */
export async function finishArchive(path: string, limits?: ZipLimits): Promise<FinishedArchive> {
  try {
    await using file = await open(path, 'r+');
    if (await hasDirectory(file)) return { path, members: 0, how: 'whole', cutBytes: 0 };
    const entries: Buffer[] = [];
    let end = 0;
    for await (const member of scanMembers(file)) {
      entries.push(directoryEntry(member, member.offset, limits));
      end = member.offset + member.headerBytes + member.compressedBytes;
    }
    const { size } = await file.stat();
    const found = { path, members: entries.length, cutBytes: size - end };
    if (entries.length === 0) {
      await unlink(path);
      return { ...found, how: 'removed' };
    }
    const directory = Buffer.concat(entries);
    const last = directoryEnd(entries.length, end, directory.length, limits);
    await file.truncate(end);
    await file.write(Buffer.concat([directory, last]), 0, directory.length + last.length, end);
    await file.sync();
    return { ...found, how: 'finished' };
  } catch (error) {
    throw fileError(error, path, 'write');
  }
}

/** {@link finishArchive} for all archives in a folder, or those whose names `which` picks. @returns those that were not whole. */
export async function finishArchives(
  folder: string,
  which: (name: string) => boolean = () => true,
): Promise<FinishedArchive[]> {
  const done: FinishedArchive[] = [];
  for (const name of (await archivesIn(folder)).filter(which)) {
    const finished = await finishArchive(join(folder, name));
    if (finished.how !== 'whole') done.push(finished);
  }
  if (done.some(({ how }) => how === 'removed')) await syncPath(folder);
  return done;
}
