// SPDX-License-Identifier: BSD-3-Clause
import { closeSync, createReadStream, openSync, rmSync, writeSync } from 'node:fs';
import { constants, createZstdCompress } from 'node:zlib';

/** Characters gathered before a write. */
const bufferLength = 1 << 20;

/**
 * Text of any length, kept in a file until its size is known: a frame must tell its content size before its first byte, or readers
 * refuse it.
 */
export class Spool {
  readonly #path: string;
  readonly #fd: number;
  #text = '';
  #sizeBytes = 0;

  constructor(path: string) {
    this.#path = path;
    this.#fd = openSync(path, 'wx');
  }

  write(text: string): void {
    this.#text += text;
    if (this.#text.length >= bufferLength) this.#flush();
  }

  /** The text as one zstd frame. */
  frame(): NodeJS.ReadableStream {
    this.#flush();
    const compress = createZstdCompress({
      pledgedSrcSize: this.#sizeBytes,
      params: { [constants.ZSTD_c_compressionLevel]: 3 },
    });
    const source = createReadStream(this.#path);
    source.on('error', (error) => compress.destroy(error));
    return source.pipe(compress);
  }

  remove(): void {
    closeSync(this.#fd);
    rmSync(this.#path, { force: true });
  }

  #flush(): void {
    const bytes = Buffer.from(this.#text, 'utf8');
    for (let done = 0; done < bytes.length; ) done += writeSync(this.#fd, bytes, done);
    this.#sizeBytes += bytes.length;
    this.#text = '';
  }
}
