// SPDX-License-Identifier: BSD-3-Clause
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { SkymillError } from '../../base/index.ts';
import { fitsErrors, placeOf } from '../errors.ts';
import { BLOCK_BYTES, findEnd, Header } from '../header/header.ts';
import { gunzipStart, isGzip } from '../io/compressed.ts';
import { layoutOf, padded } from './layout.ts';
import { assertFits } from './scan.ts';

/** Read at first: one block more than the shortest header, and all that is ever read in vain. */
const FIRST_READ_BYTES = 2 * BLOCK_BYTES;
/** Files are read one after the other, so all can use the same memory; it grows to the longest header seen. */
let shared = Buffer.allocUnsafe(16 * BLOCK_BYTES);

/**
 * The headers of the first HDUs of a file (default 1), as stored: made for reading very many files. A file is opened once; of a plain one the header
 * blocks are read and at most one block more, of a gzipped one as much as holds the headers.
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
    const window = new FileWindow(fd);
    return body(isGzip(window.bytes(0, FIRST_READ_BYTES)) ? new GzipWindow(fd, path) : window);
  } catch (error) {
    if (error instanceof SkymillError) throw error;
    const problem = (error as Error).message;
    throw fitsErrors.CANNOT_OPEN({ file: path, problem }, { ...placeOf({ file: path }), cause: error });
  } finally {
    closeSync(fd);
  }
}

/** Bytes of a file by range. */
interface Window {
  /** Up to `length` bytes from `offset`; fewer only where the file ends. Good until the next call. */
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
    const first = window.bytes(offset, BLOCK_BYTES);
    if (offset === 0) assertFits(first, file);
    else if (first.length < 80 || Buffer.from(first.subarray(0, 9)).toString('latin1') !== 'XTENSION=') {
      foreignBytes = first.length > 0;
      break;
    }
    const where = { file, hdu: headers.length, byteOffset: offset };
    const bytes = headerBytes(window, offset);
    if (bytes.end < 0) throw fitsErrors.TRUNCATED_HEADER({ ...where, sizeBytes: offset + bytes.read }, placeOf(where));
    const { end } = bytes;
    const header = Header.parse(window.bytes(offset, end));
    headers.push(header);
    if (headers.length === maxHdus) break;
    const { dataBytes } = layoutOf(header, where);
    dataEnd = offset + padded(end + 80) + dataBytes;
    offset += padded(end + 80) + padded(dataBytes);
  }
  return { headers, dataEnd, foreignBytes };
}

/** Where END is, counted from the header's begin, and how many bytes were looked at; -1 where the file ends first. */
function headerBytes(window: Window, offset: number): { end: number; read: number } {
  for (let read = 0; ; ) {
    const bytes = window.bytes(offset, read + BLOCK_BYTES);
    const end = findEnd(bytes, read);
    if (end >= 0 || bytes.length < read + BLOCK_BYTES) return { end, read: bytes.length };
    read += BLOCK_BYTES;
  }
}

/** A plain file: keeps the stretch read last, and reads on from its end block by block. */
class FileWindow implements Window {
  readonly #fd: number;
  #from = 0;
  #length = 0;
  #atEnd = false;

  constructor(fd: number) {
    this.#fd = fd;
    this.#fill(FIRST_READ_BYTES);
  }

  bytes(offset: number, length: number): Uint8Array {
    if (offset < this.#from || offset > this.#from + this.#length) {
      this.#from = offset;
      this.#length = 0;
      this.#atEnd = false;
    }
    const at = offset - this.#from;
    const missing = at + length - this.#length;
    if (missing > 0 && !this.#atEnd) this.#fill(Math.ceil(missing / BLOCK_BYTES) * BLOCK_BYTES);
    return shared.subarray(at, Math.min(at + length, this.#length));
  }

  #fill(more: number): void {
    const size = this.#length + more;
    if (size > shared.length) {
      const longer = Buffer.allocUnsafe(2 * size);
      shared.copy(longer, 0, 0, this.#length);
      shared = longer;
    }
    const got = readSync(this.#fd, shared, this.#length, more, this.#from + this.#length);
    this.#atEnd = got < more;
    this.#length += got;
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
