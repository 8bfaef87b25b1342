// SPDX-License-Identifier: BSD-3-Clause
import { type FileHandle, open } from 'node:fs/promises';
import { fitsErrors, placeOf } from '../errors.ts';

/** Bytes that can be read by range. */
export interface ByteSource {
  /** For messages: a path or URL. */
  readonly name: string;
  readonly sizeBytes: number;
  /** The bytes `[offset, offset + length)`, fewer where the source ends; into `into` (and a view of it) when given. */
  read(offset: number, length: number, into?: Uint8Array): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** A source over bytes in memory. Reads are views, not copies, unless `into` is given. */
export class MemorySource implements ByteSource {
  readonly name: string;
  readonly sizeBytes: number;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array, name = '(memory)') {
    this.name = name;
    this.sizeBytes = bytes.byteLength;
    this.#bytes = bytes;
  }

  async read(offset: number, length: number, into?: Uint8Array): Promise<Uint8Array> {
    const view = this.#bytes.subarray(offset, Math.min(offset + length, this.sizeBytes));
    if (into === undefined) return view;
    into.set(view);
    return into.subarray(0, view.length);
  }

  async close(): Promise<void> {}
}

/** A POSIX file read at positions; counts what it reads. */
export class FileSource implements ByteSource {
  readonly name: string;
  readonly sizeBytes: number;
  readonly #handle: FileHandle;
  bytesRead = 0;
  reads = 0;

  /** Byte of the file that is byte 0 here. */
  readonly #start: number;

  private constructor(name: string, sizeBytes: number, handle: FileHandle, start: number) {
    this.name = name;
    this.sizeBytes = sizeBytes;
    this.#handle = handle;
    this.#start = start;
  }

  /** `window`: only the bytes `[start, end)` of the file, for one that stands inside of another. */
  static async open(path: string, window?: { readonly start: number; readonly end: number }): Promise<FileSource> {
    let handle: FileHandle | undefined;
    try {
      handle = await open(path, 'r');
      const stat = await handle.stat();
      if (stat.isDirectory()) throw new Error('it is a directory');
      const end = Math.min(window?.end ?? stat.size, stat.size);
      const start = window?.start ?? 0;
      return new FileSource(path, Math.max(0, end - start), handle, start);
    } catch (cause) {
      await handle?.close();
      throw fitsErrors.CANNOT_OPEN(
        { file: path, problem: (cause as Error).message },
        { ...placeOf({ file: path }), cause },
      );
    }
  }

  async read(offset: number, length: number, into?: Uint8Array): Promise<Uint8Array> {
    const wanted = Math.max(0, Math.min(length, this.sizeBytes - offset));
    const target = into === undefined ? new Uint8Array(wanted) : into.subarray(0, wanted);
    let done = 0;
    while (done < wanted) {
      const { bytesRead } = await this.#handle.read(target, done, wanted - done, this.#start + offset + done);
      if (bytesRead === 0) break;
      done += bytesRead;
      this.reads++;
      this.bytesRead += bytesRead;
    }
    return done === wanted ? target : target.subarray(0, done);
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}
