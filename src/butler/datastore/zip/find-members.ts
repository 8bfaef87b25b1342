// SPDX-License-Identifier: BSD-3-Clause
import { type FileHandle, open } from 'node:fs/promises';
import { headerBytesOf, offsetIn, parseLocalHeader } from '../growing-archive/layout.ts';
import { fileError, isMissing } from '../posix/errors.ts';
import { type Member, readDirectory } from './archive.ts';

/** Headers that stand this near to each other are read together. */
const gapBytes = 1 << 12;
const windowBytes = 1 << 20;

/** {@link findMembers} of one. */
export async function findMember(path: string, name: string): Promise<Member | undefined> {
  return (await findMembers(path, [name]))[0];
}

/**
 * Members of an archive by their names; undefined where there is no such member, or no such file. Members whose names say where they are
 * are found there, whether the archive has its directory or is being written; for others the directory is read.
 * @throws BUTLER_BAD_FILE if the directory is needed and cannot be read
 */
export async function findMembers(path: string, names: readonly string[]): Promise<(Member | undefined)[]> {
  const out: (Member | undefined)[] = new Array(names.length).fill(undefined);
  try {
    await readHeaders(path, names, out);
    if (!out.includes(undefined)) return out;
    const directory = await readDirectory(path);
    names.forEach((name, i) => {
      out[i] ??= directory.get(name);
    });
    return out;
  } catch (error) {
    if (isMissing(error)) return out;
    throw fileError(error, path, 'read');
  }
}

/** Fills in the members whose headers are where their names say. Reads forward, and nothing twice. */
async function readHeaders(path: string, names: readonly string[], out: (Member | undefined)[]): Promise<void> {
  const wanted = names
    .map((name, i) => ({ name, i, at: offsetIn(name) ?? -1 }))
    .filter(({ at }) => at >= 0)
    .sort((a, b) => a.at - b.at);
  if (wanted.length === 0) return;
  await using file = await open(path, 'r');
  const { size } = await file.stat();
  for (let from = 0; from < wanted.length; ) {
    const begin = wanted[from].at;
    let end = begin;
    let to = from;
    for (; to < wanted.length; to++) {
      const { at, name } = wanted[to];
      const next = at + headerBytesOf(name);
      if (to > from && (at > end + gapBytes || next > begin + windowBytes)) break;
      end = Math.max(end, next);
    }
    const bytes = await readRange(file, begin, Math.min(size, end));
    for (; from < to; from++) {
      const { name, i, at } = wanted[from];
      const header = parseLocalHeader(bytes.subarray(at - begin));
      if (header?.name !== name || at + header.headerBytes + header.compressedBytes > size) continue;
      const { sizeBytes, compressedBytes, method, crc32 } = header;
      out[i] = { name, sizeBytes, compressedBytes, method, crc32, headerOffset: at };
    }
  }
}

async function readRange(file: FileHandle, start: number, end: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(Math.max(0, end - start));
  let filled = 0;
  while (filled < bytes.length) {
    const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, start + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}
