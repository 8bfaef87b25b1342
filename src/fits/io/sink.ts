// SPDX-License-Identifier: BSD-3-Clause
import { createHash, type Hash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { systemError } from '../../base/index.ts';

/** Where a file is written to, in one forward pass. */
export interface ByteSink {
  /** Takes the bytes before it returns (or its promise resolves): the caller reuses the buffer. */
  write(bytes: Uint8Array): void | Promise<void>;
}

export interface WrittenFile {
  sizeBytes: number;
  /** Hexadecimal. */
  sha256: string;
}

/** A POSIX file, with its SHA-256 taken as the bytes stream by. The path must not exist. */
export class FileSink implements ByteSink {
  readonly #path: string;
  readonly #fd: number;
  readonly #hash: Hash = createHash('sha256');
  #sizeBytes = 0;
  #open = true;

  constructor(path: string) {
    this.#path = path;
    this.#fd = openSync(path, 'wx');
  }

  write(bytes: Uint8Array): void {
    let done = 0;
    try {
      while (done < bytes.length) done += writeSync(this.#fd, bytes, done, bytes.length - done);
    } catch (error) {
      throw systemError(error, this.#path);
    }
    this.#hash.update(bytes);
    this.#sizeBytes += bytes.length;
  }

  /** Closes, after `fsync` unless told otherwise. */
  finish(options: { sync?: boolean } = {}): WrittenFile {
    try {
      if (options.sync ?? true) fsyncSync(this.#fd);
    } finally {
      this.#close();
    }
    return { sizeBytes: this.#sizeBytes, sha256: this.#hash.digest('hex') };
  }

  /** Closes after a failure; removing the file is the caller's. */
  abort(): void {
    this.#close();
  }

  #close(): void {
    if (this.#open) closeSync(this.#fd);
    this.#open = false;
  }
}

/** Collects in memory. */
export class MemorySink implements ByteSink {
  readonly #parts: Uint8Array[] = [];

  write(bytes: Uint8Array): void {
    this.#parts.push(new Uint8Array(bytes));
  }

  toBytes(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

const BUFFER_BYTES = 1 << 20;
const FIRST_BUFFER_BYTES = 1 << 16;

/** Gathers small writes into writes of 1 MiB. Small files never need the whole buffer, so it grows. */
export class BufferedSink {
  readonly #sink: ByteSink;
  #buffer = Buffer.allocUnsafeSlow(FIRST_BUFFER_BYTES);
  #used = 0;

  constructor(sink: ByteSink) {
    this.#sink = sink;
  }

  async write(bytes: Uint8Array): Promise<void> {
    let at = 0;
    while (at < bytes.length) {
      if (this.#used === this.#buffer.length) {
        if (this.#used < BUFFER_BYTES) this.#grow();
        else await this.flush();
      }
      const n = Math.min(this.#buffer.length - this.#used, bytes.length - at);
      this.#buffer.set(n === bytes.length ? bytes : bytes.subarray(at, at + n), this.#used);
      this.#used += n;
      at += n;
    }
  }

  async flush(): Promise<void> {
    if (this.#used > 0) await this.#sink.write(this.#buffer.subarray(0, this.#used));
    this.#used = 0;
  }

  #grow(): void {
    const larger = Buffer.allocUnsafeSlow(this.#buffer.length * 4);
    larger.set(this.#buffer);
    this.#buffer = larger;
  }
}
