// SPDX-License-Identifier: BSD-3-Clause
import type { FileDatastore } from '../datastore/file-datastore.ts';
import { isGrowing } from '../datastore/growing-archive/scan.ts';
import { isRemote } from '../datastore/paths.ts';
import { isMissing } from '../datastore/posix/errors.ts';
import { memberPath, readDirectory } from '../datastore/zip/archive.ts';
import type { RecordedMembers } from '../registry/trash.ts';

/**
 * Of an archive that grew here, the directory tells all that can be recorded of it: their names need no quoting, which other programs do each
 * in its own way. One that is gone has no members.
 */
export function recordedMembers(datastore: FileDatastore): RecordedMembers {
  return async (archive) => {
    const absolute = datastore.absolute({ path: archive });
    if (isRemote(absolute)) return undefined;
    try {
      if (!(await isGrowing(absolute))) return undefined;
      return [...(await readDirectory(absolute)).keys()].map((name) => memberPath(archive, name));
    } catch (error) {
      return isMissing(error) ? [] : undefined;
    }
  };
}
