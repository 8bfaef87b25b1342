// SPDX-License-Identifier: BSD-3-Clause
import { createHash } from 'node:crypto';
import { basename, relative, sep } from 'node:path';
import type { ByteSink, StagedFile } from '../byte-store.ts';
import { extensionOf } from '../paths.ts';
import { memberPath } from '../zip/archive.ts';
import type { ArchiveSeries } from './archive-series.ts';

/**
 * Appends a dataset to an archive. As a staged file it comes into its place when the archive is synced, together with all else that was
 * appended: `commit` does so, after `sync` and `place` it is left to the caller. It cannot be taken back, for a member that no record names
 * is never read.
 * @param root of the datastore
 * @param named the path that the dataset would have as a file: the member gets its name
 */
export async function stagedMember(
  archive: ArchiveSeries,
  root: string,
  named: string,
  write: (sink: ByteSink) => Promise<void> | void,
): Promise<{ staged: StagedFile; path: string; storedBytes: number }> {
  const chunks: Buffer[] = [];
  await write({ write: (bytes) => void chunks.push(Buffer.from(bytes)) });
  const content = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
  const extension = extensionOf(named);
  // Names of members are parts of URIs: nothing in them needs quoting.
  const stem = basename(named, extension).replaceAll(/[^A-Za-z0-9_+-]/g, '_');
  const member = archive.append(stem, extension, content);
  const file = relative(root, member.archive).split(sep).join('/');
  const staged: StagedFile = {
    report: { sizeBytes: content.length, checksum: createHash('blake2b512').update(content).digest('hex') },
    async commit() {
      await archive.sync();
      archive.assertKept(member);
    },
    async sync() {},
    async place() {
      archive.assertKept(member);
      return [];
    },
    revert: async () => {},
    discard: async () => {},
  };
  return { staged, path: memberPath(file, member.member), storedBytes: member.storedBytes };
}
