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
  const maxHdus = options.maxHdus ?? 1;
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
    const window = isGzip(start) ? new GzipWindow(fd, path) : new FileWindow(fd, start);
    return scan(window, path, maxHdus);
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
}

function scan(window: Window, file: string, maxHdus: number): Header[] {
  const headers: Header[] = [];
  let offset = 0;
  while (headers.length < maxHdus) {
    let bytes = window.atHand(offset);
    if (bytes.length < 80) bytes = window.bytes(offset, FIRST_READ_BYTES);
    if (offset === 0) assertFits(bytes, file);
    else if (bytes.length < 80 || Buffer.from(bytes.subarray(0, 9)).toString('latin1') !== 'XTENSION=') break;
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
    if (headers.length < maxHdus) offset += padded(end + 80) + padded(layoutOf(header, where).dataBytes);
  }
  return headers;
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
