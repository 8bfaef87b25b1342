// SPDX-License-Identifier: BSD-3-Clause
import { PagedColumn } from './column.ts';
import type { PagePool } from './pool.ts';

const room = 16_384;

/** Bytes that are only added, four to a word of a column. */
export class ByteColumn {
  /** Bytes so far. */
  length = 0;
  readonly words: PagedColumn;
  readonly #block = Buffer.alloc(room);
  #filled = 0;

  constructor(pool: PagePool) {
    this.words = new PagedColumn(pool);
  }

  /** Adds the UTF-8 of a text. */
  append(text: string): void {
    const most = 3 * text.length;
    if (most > room) {
      this.#add(Buffer.from(text, 'utf8'));
      return;
    }
    if (this.#filled + most > room) this.#flush();
    const count = this.#block.write(text, this.#filled, 'utf8');
    this.#filled += count;
    this.length += count;
  }

  /** Writes what is left, with zeros up to a whole word: nothing may be added after it. */
  end(): void {
    while (this.#filled % 4 !== 0) this.#block[this.#filled++] = 0;
    this.#flush();
  }

  #add(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; ) {
      if (this.#filled === room) this.#flush();
      const count = bytes.copy(this.#block, this.#filled, at, at + room - this.#filled);
      this.#filled += count;
      this.length += count;
      at += count;
    }
  }

  /** Hands on whole words; up to three bytes stay. */
  #flush(): void {
    const whole = this.#filled - (this.#filled % 4);
    const words = new Uint32Array(whole / 4);
    new Uint8Array(words.buffer).set(this.#block.subarray(0, whole));
    this.words.append(words);
    this.#block.copyWithin(0, whole, this.#filled);
    this.#filled -= whole;
  }
}
