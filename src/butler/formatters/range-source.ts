// SPDX-License-Identifier: BSD-3-Clause
import type { ByteSource } from '../../fits/index.ts';
import type { FormatterFile } from './formatter.ts';

/** Headers and tiles lie near each other: what is read of a distant file comes in blocks, which are kept while it is open. */
const blockBytes = 1 << 18;

/** A file that can only be read through {@link FormatterFile.read}, as a FITS reader takes it. */
export class RangeSource implements ByteSource {
  readonly name: string;
  readonly sizeBytes: number;
  /** Reading is counted by the file. */
  readonly bytesRead = 0;
  readonly #file: FormatterFile;
  readonly #blocks = new Map<number, Promise<Uint8Array>>();

  constructor(file: FormatterFile) {
    this.name = file.path;
    this.sizeBytes = file.sizeBytes;
    this.#file = file;
  }

  async read(offset: number, length: number, into?: Uint8Array): Promise<Uint8Array> {
    const end = Math.min(offset + length, this.sizeBytes);
    const wanted = Math.max(0, end - offset);
    const out = into?.subarray(0, wanted) ?? new Uint8Array(wanted);
    if (wanted >= 2 * blockBytes) {
      out.set(await this.#file.read({ start: offset, end }));
      return out;
    }
    for (let at = offset; at < end; ) {
      const index = Math.floor(at / blockBytes);
      const start = index * blockBytes;
      const block = await this.#block(index);
      const part = block.subarray(at - start, Math.min(end - start, block.length));
      if (part.length === 0) return out.subarray(0, at - offset);
      out.set(part, at - offset);
      at += part.length;
    }
    return out;
  }

  async close(): Promise<void> {
    this.#blocks.clear();
  }

  #block(index: number): Promise<Uint8Array> {
    let block = this.#blocks.get(index);
    if (block === undefined) {
      const start = index * blockBytes;
      block = this.#file.read({ start, end: Math.min(start + blockBytes, this.sizeBytes) });
      this.#blocks.set(index, block);
    }
    return block;
  }
}
