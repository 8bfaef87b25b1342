// SPDX-License-Identifier: BSD-3-Clause
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { FormatterFile } from '../../formatters/formatter.ts';
import type { ByteStore } from '../byte-store.ts';
import { locateMember, readMember } from './archive.ts';
import { findMember } from './find-members.ts';

/**
 * A member of an archive as a file to read. One that is stored is read in place, range by range; a compressed one is unpacked in memory;
 * for a reader that wants a `whole` file into a temporary one, which goes when this is disposed of. The member must exist.
 */
export async function openMember(
  store: ByteStore,
  path: string,
  name: string,
  { whole, countRead }: { whole: boolean; countRead: (bytes: number) => void },
): Promise<FormatterFile & AsyncDisposable> {
  const member = (await findMember(path, name))!;
  const { start, end, isStored } = await locateMember(store, path, member);
  const { sizeBytes } = member;
  if (isStored && !whole) {
    return {
      path,
      sizeBytes,
      window: { start, end },
      async read(range = { start: 0, end: sizeBytes }) {
        const last = Math.min(end, start + range.end);
        const bytes = await store.read(path, { start: Math.min(last, start + range.start), end: last });
        countRead(bytes.length);
        return bytes;
      },
      countRead,
      async [Symbol.asyncDispose]() {},
    };
  }
  const content = await readMember(store, path, member);
  countRead(member.compressedBytes);
  const read: FormatterFile['read'] = async (range) =>
    range === undefined ? content : content.subarray(range.start, range.end);
  if (!whole) {
    const shown = `${path}#${name}`;
    return { path: shown, isRemote: true, sizeBytes, read, countRead() {}, async [Symbol.asyncDispose]() {} };
  }
  const folder = await mkdtemp(join(tmpdir(), 'skymill-member-'));
  const copy = join(folder, basename(name));
  await writeFile(copy, content);
  return {
    path: copy,
    sizeBytes,
    read,
    countRead() {},
    async [Symbol.asyncDispose]() {
      await rm(folder, { recursive: true, force: true });
    },
  };
}
