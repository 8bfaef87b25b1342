// SPDX-License-Identifier: BSD-3-Clause
import { closeSync, openSync, readSync } from 'node:fs';
import { crc32, zstdDecompressSync } from 'node:zlib';
import type { ZipFile } from 'yauzl';
import type { z } from 'zod';
import { SkymillError } from '../../base/index.ts';
import { graphErrors } from '../errors.ts';
import { problemOf } from './check.ts';
import { members } from './format.ts';

/** Bytes read at a time of a member that is walked through. */
const pageBytes = 4 << 20;

interface Member {
  start: number;
  sizeBytes: number;
  crc32: number;
}

/** A `.qg` file opened for reading. Members are checked against the sums in the archive as they are read. */
export class PeerArchive {
  readonly file: string;
  readonly #fd: number;
  readonly #members: ReadonlyMap<string, Member>;
  readonly #dictionary: Buffer | undefined;

  private constructor(file: string, fd: number, found: ReadonlyMap<string, Member>) {
    this.file = file;
    this.#fd = fd;
    this.#members = found;
    this.#dictionary = found.has(members.dictionary) ? this.#bytes(members.dictionary) : undefined;
  }

  /** @throws GRAPH_PEER_UNREADABLE, GRAPH_PEER_DAMAGED */
  static async open(file: string): Promise<PeerArchive> {
    let fd: number;
    try {
      fd = openSync(file, 'r');
    } catch (cause) {
      const reason =
        (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : (cause as Error).message;
      throw graphErrors.FILE_UNREADABLE({ file, reason }, { cause, place: { file } });
    }
    try {
      return new PeerArchive(file, fd, await directory(file));
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  close(): void {
    closeSync(this.#fd);
  }

  /** JSON of a member, which must be of that kind. Integers that a double cannot hold come as bigint. */
  json<T>(name: string, schema: z.ZodType): T {
    return this.#checked(name, schema, () => parseJson(this.#text(this.#bytes(name), name))) as T;
  }

  /** The blocks of the quanta in the order of the file, one after the other. All are checked first: frames have no sums of their own. */
  *blocks<T>(lengthBytes: number, schema: z.ZodType): Generator<T> {
    const member = this.#member(members.quanta);
    this.#check(member);
    let page: Buffer = Buffer.alloc(0);
    let read = 0;
    let count = 0;
    const fill = (wanted: number): void => {
      if (page.length >= wanted) return;
      const more = this.#read(member.start + read, Math.min(Math.max(pageBytes, wanted), member.sizeBytes - read));
      read += more.length;
      page = Buffer.concat([page, more]);
      if (page.length < wanted) throw this.#damaged(`${members.quanta} ends within a quantum`);
    };
    while (page.length > 0 || read < member.sizeBytes) {
      fill(lengthBytes);
      const length = page.readUIntBE(Math.max(0, lengthBytes - 6), Math.min(6, lengthBytes));
      fill(lengthBytes + length);
      const block = page.subarray(lengthBytes, lengthBytes + length);
      const what = `${members.quanta}, quantum ${count++}`;
      yield this.#checked(what, schema, () => JSON.parse(this.#text(block, what))) as T;
      page = page.subarray(lengthBytes + length);
    }
  }

  #checked(what: string, schema: z.ZodType, read: () => unknown): unknown {
    let value: unknown;
    try {
      value = read();
    } catch (cause) {
      if (cause instanceof SkymillError) throw cause;
      throw this.#damaged(`${what} is no JSON (${(cause as Error).message})`, cause);
    }
    const problem = problemOf(schema, value);
    if (problem !== undefined) throw this.#damaged(`${what} does not hold what it should (${problem})`);
    return value;
  }

  #check(member: Member): void {
    let sum = 0;
    for (let done = 0; done < member.sizeBytes; ) {
      const page = this.#read(member.start + done, Math.min(pageBytes, member.sizeBytes - done));
      if (page.length === 0) throw this.#damaged(`${members.quanta} is cut short`);
      sum = crc32(page, sum);
      done += page.length;
    }
    if (sum !== member.crc32) throw this.#damaged(`the checksum of ${members.quanta} does not match`);
  }

  #bytes(name: string): Buffer {
    const member = this.#member(name);
    const bytes = this.#read(member.start, member.sizeBytes);
    if (bytes.length < member.sizeBytes) throw this.#damaged(`${name} is cut short`);
    if (crc32(bytes) !== member.crc32) throw this.#damaged(`the checksum of ${name} does not match`);
    return bytes;
  }

  #text(frame: Buffer, name: string): string {
    try {
      return zstdDecompressSync(frame, { dictionary: this.#dictionary }).toString('utf8');
    } catch (cause) {
      throw this.#damaged(`${name} cannot be decompressed`, cause);
    }
  }

  #member(name: string): Member {
    const member = this.#members.get(name);
    if (member === undefined) throw graphErrors.PEER_NOT_GRAPH({ file: this.file, member: name });
    return member;
  }

  #read(position: number, length: number): Buffer {
    const buffer = Buffer.allocUnsafe(length);
    let done = 0;
    while (done < length) {
      const count = readSync(this.#fd, buffer, done, length - done, position + done);
      if (count === 0) break;
      done += count;
    }
    return buffer.subarray(0, done);
  }

  #damaged(problem: string, cause?: unknown) {
    return graphErrors.FILE_DAMAGED({ file: this.file, problem }, { place: { file: this.file }, cause });
  }
}

/** Where the members stand. */
async function directory(file: string): Promise<Map<string, Member>> {
  const { openPromise } = await import('yauzl');
  const damaged = (problem: string, cause?: unknown) =>
    graphErrors.FILE_DAMAGED({ file, problem }, { place: { file }, cause });
  let zip: ZipFile;
  try {
    zip = await openPromise(file, { lazyEntries: true, autoClose: false });
  } catch (cause) {
    throw graphErrors.PEER_NOT_GRAPH({ file, member: 'a directory of members' }, { cause });
  }
  const found = new Map<string, Member>();
  try {
    for await (const entry of zip.eachEntry()) {
      if (entry.compressionMethod !== 0) throw damaged(`${entry.fileName} is compressed by the archive`);
      const { fileDataStart } = await zip.readLocalFileHeaderPromise(entry, { minimal: true });
      found.set(entry.fileName, { start: fileDataStart, sizeBytes: entry.uncompressedSize, crc32: entry.crc32 });
    }
  } catch (cause) {
    if (cause instanceof SkymillError) throw cause;
    throw damaged(`its directory cannot be read (${(cause as Error).message})`, cause);
  } finally {
    zip.close();
  }
  return found;
}

/** Times in nanoseconds do not fit a double: such integers are taken from their digits. */
function parseJson(text: string): unknown {
  return JSON.parse(text, (_key, value, context?: { source?: string }) => {
    if (typeof value !== 'number' || Number.isSafeInteger(value) || !Number.isInteger(value)) return value;
    const source = context?.source ?? '';
    return /^-?\d+$/.test(source) ? BigInt(source) : value;
  });
}
