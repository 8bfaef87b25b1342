// SPDX-License-Identifier: BSD-3-Clause
import { statSync } from 'node:fs';
import { crc32, inflateRawSync } from 'node:zlib';
import type { Entry, ZipFile } from 'yauzl';
import { butlerErrors } from '../../errors.ts';
import type { ByteStore } from '../byte-store.ts';
import { isGrowing, scanPath } from '../growing-archive/scan.ts';

/*
 * Zip archives (PKWARE APPNOTE 6.3) read by random access: the directory at the end once, then the bytes of the member asked for. The
 * format names a member in a file record by the fragment `#zip-path=NAME` behind the path of the archive.
 */

const memberKey = '#zip-path=';
const localHeaderBytes = 30;
const stored = 0;
const deflated = 8;
/** Directories kept, of the archives used last. */
const cacheLimit = 32;

/** Path of a file, and the member of it if it is an archive. */
export function splitMember(path: string): { file: string; member: string | undefined } {
  const at = path.indexOf('#');
  if (at < 0) return { file: path, member: undefined };
  const fragment = path.slice(at);
  if (!fragment.startsWith(memberKey)) throw butlerErrors.UNSUPPORTED({ what: `The fragment of ${path}` });
  return { file: path.slice(0, at), member: decode(fragment.slice(memberKey.length)) };
}

export function memberPath(file: string, member: string): string {
  return `${file}${memberKey}${member.replaceAll('%', '%25')}`;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // names may hold a bare percent sign
  }
}

export interface Member {
  readonly name: string;
  readonly sizeBytes: number;
  readonly compressedBytes: number;
  readonly method: number;
  readonly crc32: number;
  readonly headerOffset: number;
}
export type Directory = ReadonlyMap<string, Member>;

interface Cached {
  stamp: string;
  directory: Promise<Directory>;
}
const cache = new Map<string, Cached>();

/**
 * Members of an archive, by name. One that is being written, or whose writer was killed, is read through for want of a directory.
 * @throws BUTLER_BAD_FILE if it is no archive, or an incomplete one that was written elsewhere
 */
export function readDirectory(path: string): Promise<Directory> {
  const { mtimeMs, size, ino } = statSync(path);
  const stamp = `${ino} ${size} ${mtimeMs}`;
  const found = cache.get(path);
  cache.delete(path);
  const entry = found?.stamp === stamp ? found : { stamp, directory: membersOf(path) };
  cache.set(path, entry);
  for (const key of cache.keys()) {
    if (cache.size <= cacheLimit) break;
    cache.delete(key);
  }
  return entry.directory;
}

async function membersOf(path: string): Promise<Directory> {
  try {
    return await scan(path);
  } catch (error) {
    if (!(await isGrowing(path))) throw error;
    const members = new Map<string, Member>();
    for await (const { offset, ...member } of scanPath(path)) {
      members.set(member.name, { ...member, headerOffset: offset });
    }
    return members;
  }
}

async function scan(path: string): Promise<Directory> {
  const { open } = await import('yauzl');
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void =>
      reject(butlerErrors.BAD_FILE({ path, format: 'zip', reason: error.message }, { cause: error }));
    open(path, { lazyEntries: true, autoClose: true }, (error: Error | null, zip: ZipFile) => {
      if (error !== null) return fail(error);
      const members = new Map<string, Member>();
      zip.on('error', fail);
      zip.on('entry', (entry: Entry) => {
        members.set(entry.fileName, {
          name: entry.fileName,
          sizeBytes: entry.uncompressedSize,
          compressedBytes: entry.compressedSize,
          method: entry.isEncrypted() ? -1 : entry.compressionMethod,
          crc32: entry.crc32,
          headerOffset: entry.relativeOffsetOfLocalHeader,
        });
        zip.readEntry();
      });
      zip.on('end', () => resolve(members));
      zip.readEntry();
    });
  });
}

/** Where the bytes of a member stand in the archive: `[start, end)`. Compressed ones must be read whole. */
export async function locateMember(
  store: ByteStore,
  path: string,
  member: Member,
): Promise<{ start: number; end: number; isStored: boolean }> {
  const bad = (reason: string): Error => butlerErrors.BAD_FILE({ path, format: 'zip', reason });
  if (member.method !== stored && member.method !== deflated) {
    throw bad(`${member.name} is encrypted, or compressed in a way that is not supported`);
  }
  const at = member.headerOffset;
  const bytes = await store.read(path, { start: at, end: at + localHeaderBytes });
  const header = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < localHeaderBytes || header.getUint32(0, true) !== 0x04034b50) {
    throw bad(`${member.name} is not where the directory says`);
  }
  const start = at + localHeaderBytes + header.getUint16(26, true) + header.getUint16(28, true);
  return { start, end: start + member.compressedBytes, isStored: member.method === stored };
}

/** All bytes of a member, uncompressed and checked. */
export async function readMember(store: ByteStore, path: string, member: Member): Promise<Uint8Array> {
  const { start, end, isStored } = await locateMember(store, path, member);
  const bytes = await store.read(path, { start, end });
  const bad = (reason: string): Error => butlerErrors.BAD_FILE({ path, format: 'zip', reason });
  let content = bytes;
  if (!isStored) {
    try {
      content = inflateRawSync(bytes, { maxOutputLength: Math.max(member.sizeBytes, 1) });
    } catch (error) {
      throw bad(`${member.name}: ${(error as Error).message}`);
    }
  }
  if (content.length !== member.sizeBytes || crc32(content) !== member.crc32) throw bad(`${member.name} is damaged`);
  return content;
}
