// SPDX-License-Identifier: BSD-3-Clause
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { SkymillError } from '../../base/index.ts';
import { fitsErrors, placeOf } from '../errors.ts';
import { BLOCK_BYTES, findEnd, Header } from '../header/header.ts';
import { gunzipStart, isGzip } from '../io/compressed.ts';
import { layoutOf, padded } from './layout.ts';
import { assertFits } from './scan.ts';

const FIRST_READ_BYTES = 10 * BLOCK_BYTES;
const shared = Buffer.allocUnsafe(FIRST_READ_BYTES);

/**
 * The headers of the first HDUs of a file (default 1), as stored: made for reading very many files, with three system calls
 * (open, read, close) for a file whose headers are in its first 28,800 bytes. Gzipped files are inflated only as far as needed.
 */
export function readHeadersSync(path: string, options: { maxHdus?: number } = {}): Header[] {
  return withWindow(path, (window) => scan(window, path, options.maxHdus ?? 1).headers);
}

/** All headers of a file as stored, and whether the file is as long as they say. */
export interface HeaderScan {
  headers: Header[];
  /** Where the data of the last HDU end, without padding. */
  dataEnd: number;
  /** Size of the file; undefined for gzipped ones, whose plain size is not known without inflating all of it. */
  sizeBytes: number | undefined;
  /** The bytes behind the last HDU, if there are any, do not begin another one. */
  foreignBytes: boolean;
}

/** As {@link readHeadersSync}, for all HDUs, with one system call more for the size of the file. */
export function scanHeadersSync(path: string): HeaderScan {
  return withWindow(path, (window) => ({
    ...scan(window, path, Number.POSITIVE_INFINITY),
    sizeBytes: window.sizeBytes(),
  }));
}

function withWindow<T>(path: string, body: (window: Window) => T): T {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (cause) {
    const problem = (cause as Error).message;
    throw fitsErrors.CANNOT_OPEN({ file: path, problem }, { ...placeOf({ file: path }), cause });
  }
  try {
    const length = readSync(fd, shared, 0, FIRST_READ_BYTES, 0);
    const start = shared.subarray(0, length);
    return body(isGzip(start) ? new GzipWindow(fd, path) : new FileWindow(fd, start));
  } catch (error) {
    if (error instanceof SkymillError) throw error;
    const problem = (error as Error).message;
    throw fitsErrors.CANNOT_OPEN({ file: path, problem }, { ...placeOf({ file: path }), cause: error });
  } finally {
    closeSync(fd);
  }
}

/** Bytes of a file by range, the first of them at hand. */
interface Window {
  /** What is there from `offset` on without a further read. */
  atHand(offset: number): Uint8Array;
  /** Up to `length` bytes from `offset`; fewer only where the file ends. */
  bytes(offset: number, length: number): Uint8Array;
  /** Size of all, where it can be told at once. */
  sizeBytes(): number | undefined;
}

function scan(window: Window, file: string, maxHdus: number): Omit<HeaderScan, 'sizeBytes'> {
  const headers: Header[] = [];
  let offset = 0;
  let dataEnd = 0;
  let foreignBytes = false;
  while (headers.length < maxHdus) {
    let bytes = window.atHand(offset);
    if (bytes.length < 80) bytes = window.bytes(offset, FIRST_READ_BYTES);
    if (offset === 0) assertFits(bytes, file);
    else if (bytes.length < 80 || Buffer.from(bytes.subarray(0, 9)).toString('latin1') !== 'XTENSION=') {
      foreignBytes = bytes.length > 0;
      break;
    }
    let end = findEnd(bytes, 0);
    for (let length = FIRST_READ_BYTES; end < 0; length *= 4) {
      if (length <= bytes.length) continue;
      const more = window.bytes(offset, length);
      if (more.length === bytes.length) break;
      bytes = more;
      end = findEnd(bytes, 0);
    }
    const where = { file, hdu: headers.length, byteOffset: offset };
    if (end < 0) throw fitsErrors.TRUNCATED_HEADER({ ...where, sizeBytes: offset + bytes.length }, placeOf(where));
    const header = Header.parse(bytes.subarray(0, end));
    headers.push(header);
    if (headers.length === maxHdus) break;
    const { dataBytes } = layoutOf(header, where);
    dataEnd = offset + padded(end + 80) + dataBytes;
    offset += padded(end + 80) + padded(dataBytes);
  }
  return { headers, dataEnd, foreignBytes };
}

class FileWindow implements Window {
  readonly #fd: number;
  readonly #start: Uint8Array;

  constructor(fd: number, start: Uint8Array) {
    this.#fd = fd;
    this.#start = start;
  }

  atHand(offset: number): Uint8Array {
    return this.#start.subarray(offset);
  }

  bytes(offset: number, length: number): Uint8Array {
    const buffer = Buffer.allocUnsafe(length);
    return buffer.subarray(0, readSync(this.#fd, buffer, 0, length, offset));
  }

  sizeBytes(): number {
    return fstatSync(this.#fd).size;
  }
}

class GzipWindow implements Window {
  readonly #fd: number;
  readonly #file: string;
  readonly #sizeBytes: number;
  #packedBytes = 1 << 14;
  #plain: Uint8Array = new Uint8Array(0);
  #complete = false;

  constructor(fd: number, file: string) {
    this.#fd = fd;
    this.#file = file;
    this.#sizeBytes = fstatSync(fd).size;
  }

  atHand(offset: number): Uint8Array {
    return this.#plain.subarray(offset);
  }

  bytes(offset: number, length: number): Uint8Array {
    while (this.#plain.length < offset + length && !this.#complete) this.#inflateMore();
    return this.#plain.subarray(offset, offset + length);
  }

  sizeBytes(): undefined {}

  #inflateMore(): void {
    const buffer = Buffer.allocUnsafe(Math.min(this.#packedBytes, this.#sizeBytes));
    const length = readSync(this.#fd, buffer, 0, buffer.length, 0);
    this.#complete = length >= this.#sizeBytes;
    try {
      this.#plain = gunzipStart(buffer.subarray(0, length));
    } catch (cause) {
      const problem = (cause as Error).message;
      throw fitsErrors.BAD_COMPRESSION(
        { file: this.#file, format: 'gzip', problem },
        { ...placeOf({ file: this.#file }), cause },
      );
    }
    this.#packedBytes *= 4;
  }
}
