// SPDX-License-Identifier: BSD-3-Clause
import type { PagePool } from './pool.ts';

type Page = Uint32Array<ArrayBuffer>;

/** The first page begins with so many entries and grows: most columns of a small build stay below one page. */
const smallest = 64;

/**
 * A column of unsigned 32-bit numbers in pages of a {@link PagePool}. Entries are read and written by index, or copied in blocks;
 * whoever goes through columns in the order of their rows, or nearly so, reads each page from disk once at most.
 */
export class PagedColumn {
  readonly pool: PagePool;
  length = 0;
  readonly #shift: number;
  readonly #mask: number;
  #pages: (Page | undefined)[] = [];
  /** Where pages are in the file. */
  #slots: (number | undefined)[] = [];
  /** Pages that the file does not have as they are. */
  #changed: boolean[] = [];

  constructor(pool: PagePool) {
    this.pool = pool;
    this.#shift = pool.pageShift;
    this.#mask = (1 << pool.pageShift) - 1;
  }

  /** A column with these entries. */
  static of(pool: PagePool, values: ArrayLike<number>): PagedColumn {
    const column = new PagedColumn(pool);
    column.append(values instanceof Uint32Array ? values : Uint32Array.from(values));
    return column;
  }

  /** So many entries of one value. */
  static filled(pool: PagePool, length: number, value = 0): PagedColumn {
    const column = new PagedColumn(pool);
    const block = new Uint32Array(Math.min(length, column.#mask + 1)).fill(value);
    for (let at = 0; at < length; at += block.length)
      column.append(length - at < block.length ? block.subarray(0, length - at) : block);
    return column;
  }

  at(index: number): number {
    const page = this.#pages[index >>> this.#shift];
    return (page === undefined ? this.#load(index >>> this.#shift) : page)[index & this.#mask];
  }

  set(index: number, value: number): void {
    const at = index >>> this.#shift;
    const page = this.#pages[at] ?? this.#load(at);
    page[index & this.#mask] = value;
    this.#changed[at] = true;
  }

  push(value: number): void {
    const { length } = this;
    const offset = length & this.#mask;
    if (offset === 0 || length < this.#mask) this.#extend(length + 1);
    this.length++;
    this.set(length, value);
  }

  append(values: Uint32Array): void {
    for (let from = 0; from < values.length; ) {
      const offset = this.length & this.#mask;
      const count = Math.min(values.length - from, this.#mask + 1 - offset);
      this.#extend(this.length + count);
      const at = this.length >>> this.#shift;
      const page = this.#pages[at] ?? this.#load(at);
      page.set(from === 0 && count === values.length ? values : values.subarray(from, from + count), offset);
      this.#changed[at] = true;
      this.length += count;
      from += count;
    }
  }

  /** Copies entries from `begin` on until `into` is full or the column ends; returns how many. */
  read(begin: number, into: Uint32Array): number {
    const count = Math.min(into.length, this.length - begin);
    for (let done = 0; done < count; ) {
      const offset = (begin + done) & this.#mask;
      const at = (begin + done) >>> this.#shift;
      const page = this.#pages[at] ?? this.#load(at);
      const some = Math.min(count - done, this.#mask + 1 - offset);
      into.set(page.subarray(offset, offset + some), done);
      done += some;
    }
    return count;
  }

  /** All entries in one array: for what is known to be small. */
  flat(): Uint32Array<ArrayBuffer> {
    const all = new Uint32Array(this.length);
    this.read(0, all);
    return all;
  }

  /** Gives its memory and its places in the file back. It must not be used again. */
  free(): void {
    for (const [at, page] of this.#pages.entries()) {
      if (page !== undefined && page.length > this.#mask) this.pool.giveBack(page);
      else if (page !== undefined) this.pool.reserve(-page.byteLength);
      const slot = this.#slots[at];
      if (slot !== undefined) this.pool.forget(slot);
    }
    this.#pages = [];
    this.#slots = [];
    this.length = 0;
  }

  /** For the pool: the page leaves memory. Returns its frame; undefined if it is not here. */
  leave(at: number): Page | undefined {
    const page = this.#pages[at];
    if (page === undefined) return undefined;
    if (this.#changed[at]) this.#slots[at] = this.pool.write(page, this.#slots[at]);
    this.#changed[at] = false;
    this.#pages[at] = undefined;
    return page;
  }

  #load(at: number): Page {
    const slot = this.#slots[at];
    if (slot === undefined) throw new RangeError(`a column of ${this.length} entries has no page ${at}`);
    const page = this.pool.frame(this, at);
    this.pool.read(slot, page);
    this.#pages[at] = page;
    return page;
  }

  /** Makes room for so many entries; at most one page comes in addition. */
  #extend(length: number): void {
    const at = (length - 1) >>> this.#shift;
    if (at > 0) {
      if (at === this.#pages.length) {
        this.#changed.push(true);
        this.#slots.push(undefined);
        this.#pages.push(undefined);
        this.#pages[at] = this.pool.frame(this, at);
      }
      return;
    }
    const page = this.#pages[0];
    if (page !== undefined && page.length >= length) return;
    if (page === undefined && this.#slots[0] !== undefined) return;
    const wanted = Math.min(this.#mask + 1, Math.max(smallest, length, 4 * (page?.length ?? 0)));
    let larger: Page;
    if (wanted > this.#mask) larger = this.pool.frame(this, 0);
    else {
      larger = new Uint32Array(wanted);
      this.pool.reserve(larger.byteLength);
    }
    if (page !== undefined) {
      larger.set(page);
      this.pool.reserve(-page.byteLength);
    }
    this.#pages[0] = larger;
    this.#changed[0] = true;
  }
}
