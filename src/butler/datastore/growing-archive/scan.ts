// SPDX-License-Identifier: BSD-3-Clause
import { type FileHandle, open } from 'node:fs/promises';
import { crc32, inflateRawSync } from 'node:zlib';
import { localFixedBytes, localSignature, type MemberHeader, parseLocalHeader } from './layout.ts';

export interface ScannedMember extends MemberHeader {
  /** Of its local header. */
  readonly offset: number;
  readonly headerBytes: number;
}

const windowBytes = 1 << 17;
/** Longer than any header: names of files are not that long. */
const headerRoom = 4096;
const magic = Buffer.alloc(4);
magic.writeUInt32LE(localSignature);

/** Whether the file begins with a member of an archive that was written here: it can be read without its directory. */
export async function isGrowing(path: string): Promise<boolean> {
  await using file = await open(path, 'r');
  const { buffer, bytesRead } = await file.read(Buffer.alloc(headerRoom), 0, headerRoom, 0);
  return parseLocalHeader(buffer.subarray(0, bytesRead)) !== undefined;
}

/**
 * The members that are whole, in order, by their headers and checksums: what a killed writer or a power cut left between or behind them is
 * passed over. Reads the file once, front to back. `checked: false` trusts headers for what follows them.
 */
export async function* scanMembers(
  file: FileHandle,
  { checked = true }: { checked?: boolean } = {},
): AsyncGenerator<ScannedMember> {
  const { size } = await file.stat();
  const reader = new Window(file, size);
  for (let at = 0; at + localFixedBytes <= size; ) {
    const member = parseLocalHeader(await reader.bytes(at, headerRoom));
    const begin = at + (member?.headerBytes ?? 0);
    const isWhole =
      member !== undefined &&
      begin + member.compressedBytes <= size &&
      (!checked || (await matches(reader, begin, member)));
    if (isWhole) {
      yield { ...member, offset: at };
      at = begin + member.compressedBytes;
    } else at = await reader.find(magic, at + 1);
  }
}

/** {@link scanMembers} of a file, by its headers alone. */
export async function* scanPath(path: string): AsyncGenerator<ScannedMember> {
  await using file = await open(path, 'r');
  yield* scanMembers(file, { checked: false });
}

/** Whether the bytes from `begin` are those of the member. */
async function matches(reader: Window, begin: number, { compressedBytes, ...member }: MemberHeader): Promise<boolean> {
  const bytes = await reader.bytes(begin, compressedBytes);
  try {
    const content = member.method === 0 ? bytes : inflateRawSync(bytes, { maxOutputLength: member.sizeBytes + 1 });
    return content.length === member.sizeBytes && crc32(content) === member.crc32;
  } catch {
    return false; // not what the deflater made
  }
}

/** A file seen through a buffer that moves forward. */
class Window {
  readonly #file: FileHandle;
  readonly #size: number;
  #buffer: Buffer = Buffer.alloc(0);
  #at = 0;

  constructor(file: FileHandle, size: number) {
    this.#file = file;
    this.#size = size;
  }

  /** So many bytes from a place, or those that there are. Good until the next call. */
  async bytes(at: number, length: number): Promise<Buffer> {
    const end = Math.min(this.#size, at + length);
    if (at < this.#at || end > this.#at + this.#buffer.length) {
      const buffer = Buffer.allocUnsafe(Math.min(this.#size - at, Math.max(windowBytes, length)));
      let filled = 0;
      while (filled < buffer.length) {
        const { bytesRead } = await this.#file.read(buffer, filled, buffer.length - filled, at + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      this.#buffer = buffer.subarray(0, filled);
      this.#at = at;
    }
    return this.#buffer.subarray(at - this.#at, end - this.#at);
  }

  /** Where the next such bytes begin, from a place on; the size of the file if nowhere. */
  async find(wanted: Buffer, from: number): Promise<number> {
    for (let at = from; at < this.#size; ) {
      const bytes = await this.bytes(at, windowBytes);
      const found = bytes.indexOf(wanted);
      if (found >= 0) return at + found;
      if (bytes.length < wanted.length) break;
      at += bytes.length - wanted.length + 1;
    }
    return this.#size;
  }
}
