// SPDX-License-Identifier: BSD-3-Clause
import type { FileDatastore } from '../datastore/file-datastore.ts';
import { isGrowing, scanPath } from '../datastore/growing-archive/scan.ts';
import { isRemote } from '../datastore/paths.ts';
import { isMissing } from '../datastore/posix/errors.ts';
import { memberPath } from '../datastore/zip/archive.ts';
import type { RecordedMembers } from '../registry/trash.ts';

const firstMembers = 100;
const members = 20_000;

/**
 * Of an archive that grew here, its members tell all that can be recorded of it: their names need no quoting, which other programs do each
 * in its own way. One that is gone has no members.
 */
export function recordedMembers(datastore: FileDatastore): RecordedMembers {
  return async (archive) => {
    const absolute = datastore.absolute({ path: archive });
    if (isRemote(absolute)) return undefined;
    try {
      return (await isGrowing(absolute)) ? pathsIn(archive, absolute) : undefined;
    } catch (error) {
      return isMissing(error) ? none() : undefined;
    }
  };
}

async function* pathsIn(archive: string, absolute: string): AsyncGenerator<string[]> {
  let some: string[] = [];
  let size = firstMembers;
  for await (const { name } of scanPath(absolute)) {
    if (some.push(memberPath(archive, name)) < size) continue;
    yield some;
    some = [];
    size = members;
  }
  if (some.length > 0) yield some;
}

async function* none(): AsyncGenerator<string[]> {}
