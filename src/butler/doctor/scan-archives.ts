// SPDX-License-Identifier: BSD-3-Clause
import { lstat } from 'node:fs/promises';
import type { Butler } from '../butler.ts';
import { isFinished } from '../datastore/growing-archive/finish.ts';
import { isGrowing } from '../datastore/growing-archive/scan.ts';
import { isRemote } from '../datastore/paths.ts';
import { isMissing } from '../datastore/posix/errors.ts';
import { findRecorded, isIntact } from '../datastore/zip/member-states.ts';
import type { ScanFile, ScanProblem } from './scan.ts';

type MemberRow = { path: string; datasetId: string; sizeBytes: number; checksum: string | null };

/** Whether a record is of a member of an archive that can be looked into. */
export function isLocalMember(butler: Butler, { path }: { path: string }): boolean {
  if (!path.includes('#')) return false;
  try {
    return !isRemote(butler.datastore.absolute({ path }));
  } catch {
    return false; // a path that leads out, or of other storage: a look at the record alone says so
  }
}

/** What is wrong with recorded members. Each archive is opened once for all of them; with `checksums` its members are read. */
export async function checkMembers(
  butler: Butler,
  rows: readonly MemberRow[],
  checksums: boolean,
): Promise<ScanProblem[]> {
  const problems: ScanProblem[] = [];
  const found = await findRecorded(butler.datastore.root, rows);
  for (const [i, { archive, member }] of found.entries()) {
    const { path, datasetId, sizeBytes, checksum } = rows[i];
    const add = (kind: ScanProblem['kind'], detail: string) => problems.push({ kind, datasetId, path, detail });
    if (member === undefined) add('missing', 'its archive, or its member of it, is gone');
    else if (sizeBytes >= 0 && member.sizeBytes !== sizeBytes)
      add('size', `${member.sizeBytes} bytes, ${sizeBytes} are recorded`);
    else if (checksums && !(await isIntact(archive, member, checksum)))
      add('checksum', 'its bytes are not those that were written');
  }
  return problems;
}

/** Archives of the datastore that grew here and have no directory: their writer was killed, or is at work. `seen` holds those looked at. */
export async function unfinishedArchives(
  butler: Butler,
  paths: Iterable<string>,
  seen: Set<string>,
): Promise<ScanFile[]> {
  const out: ScanFile[] = [];
  for (const path of paths) {
    if (seen.has(path)) continue;
    seen.add(path);
    const absolute = butler.datastore.absolute({ path });
    try {
      if (!(await isGrowing(absolute)) || (await isFinished(absolute))) continue;
      out.push({ path, absolute, changedMs: (await lstat(absolute)).mtimeMs });
    } catch (error) {
      // That it is gone, or cannot be read, is said of its members.
      if (!isMissing(error) && (error as NodeJS.ErrnoException).code !== 'EACCES') throw error;
    }
  }
  return out;
}
