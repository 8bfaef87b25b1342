// SPDX-License-Identifier: BSD-3-Clause
import { graphErrors } from '../errors.ts';
import type { PagedColumn } from './column.ts';
import { ResidentLimit } from './resident.ts';
import { SpillFile } from './spill-file.ts';

export interface PoolOptions {
  /** Bytes that columns and the tables of joins may take together; undefined: all that there is. */
  limitBytes?: number;
  /** Where columns go when the limit is reached. Default: the system's folder for temporary files. */
  folder?: string;
  /** Most memory of the process: columns make room where the rest of it needs more than was thought. */
  processBytes?: number;
  /** log2 of the entries of a page. */
  pageShift?: number;
}

/** 16 384 entries, 64 KiB: small enough that a hundred columns have their ends in memory, large enough to read from a disk. */
const defaultShift = 14;
/** Of the limit, what one step may take for tables of its own. */
const workShare = 0.35;
/** After so many pages that came, the memory of the process is looked at. */
const takenBetween = 128;
/** Fewer pages than this in memory, and pages would do nothing but come and go. */
const fewestPages = 64;

/**
 * The memory of the columns of a build. Without a limit pages are plain arrays. With one, there are only so many page frames: when all
 * are in use, the page that came in first goes to a temporary file, and comes back when it is asked for. What columns hold and the order
 * of rows do not depend on the limit.
 */
export class PagePool {
  readonly pageShift: number;
  readonly limitBytes: number | undefined;
  readonly #workBytes: number;
  readonly #pageBytes: number;
  readonly #processBytes: number | undefined;
  readonly #resident: ResidentLimit | undefined;
  #taken = 0;
  readonly #spill: SpillFile;
  readonly #free: Uint32Array<ArrayBuffer>[] = [];
  /** Pages in memory in the order in which they came. */
  readonly #queue: { column: PagedColumn; page: number }[] = [];
  #head = 0;
  #frames = 0;
  /** Bytes that are not in frames: first pages that are still small, flags, records. */
  #fixedBytes = 0;

  constructor({ limitBytes, folder, pageShift = defaultShift, processBytes }: PoolOptions = {}) {
    this.#processBytes = processBytes;
    this.#resident = processBytes === undefined ? undefined : new ResidentLimit(processBytes);
    this.pageShift = pageShift;
    this.#pageBytes = 4 << pageShift;
    this.limitBytes = limitBytes;
    this.#workBytes = limitBytes === undefined ? Number.POSITIVE_INFINITY : Math.floor(workShare * limitBytes);
    this.#spill = new SpillFile(this.#pageBytes, folder);
  }

  get bounded(): boolean {
    return this.limitBytes !== undefined;
  }
  /** Bytes written to the temporary file so far. */
  get spilledBytes(): number {
    return this.#spill.writtenBytes;
  }

  /** Size of the temporary file. */
  get fileBytes(): number {
    return this.#spill.sizeBytes;
  }

  /** How many entries of so many bytes one step may have in tables of its own. */
  room(entryBytes: number): number {
    this.#keepWithin();
    return Math.max(1 << this.pageShift, Math.floor(this.#workBytes / entryBytes));
  }

  /** Whether a column of so many entries can stay in memory as a whole while others are read in order. */
  holds(entries: number): boolean {
    return this.limitBytes === undefined || 4 * entries < (this.#frameLimit() * this.#pageBytes) / 2;
  }

  /** A frame for a page, of any content. */
  frame(column: PagedColumn, page: number): Uint32Array<ArrayBuffer> {
    if (this.limitBytes === undefined) return new Uint32Array(1 << this.pageShift);
    if (++this.#taken % takenBetween === 0) this.#keepWithin();
    this.#queue.push({ column, page });
    const free = this.#free.pop();
    if (free !== undefined) return free;
    if (this.#frames < this.#frameLimit()) {
      this.#frames++;
      return new Uint32Array(1 << this.pageShift);
    }
    return this.#evict();
  }

  /** Notes bytes that stay in memory until they are given back with a negative number. */
  reserve(bytes: number): void {
    this.#fixedBytes += bytes;
    if (this.limitBytes === undefined || bytes <= 0) return;
    const frames = this.#frameLimit();
    if (frames < fewestPages) {
      const needed = (this.#fixedBytes + fewestPages * this.#pageBytes) / (1 - workShare);
      const limit = this.#processBytes ?? this.limitBytes;
      throw graphErrors.MEMORY({
        limit: gigabytes(limit),
        needed: gigabytes(limit + 1.5 * (needed - this.limitBytes)),
      });
    }
    while (this.#frames > frames) {
      if (this.#free.pop() === undefined) this.#evict();
      this.#frames--;
    }
  }

  /** Takes back a frame that nobody uses any more. */
  giveBack(frame: Uint32Array<ArrayBuffer>): void {
    if (this.limitBytes === undefined) return;
    if (this.#frames > this.#frameLimit()) this.#frames--;
    else this.#free.push(frame);
  }

  write(page: Uint32Array<ArrayBuffer>, slot: number | undefined): number {
    return this.#spill.write(page, slot);
  }
  read(slot: number, into: Uint32Array<ArrayBuffer>): void {
    this.#spill.read(slot, into);
  }
  forget(slot: number): void {
    this.#spill.forget(slot);
  }

  /** Ends the pool: the temporary file goes, columns must not be asked any more. */
  close(): void {
    this.#spill.close();
    this.#free.length = 0;
    this.#queue.length = 0;
  }

  /** Gives frames up where the process is too large otherwise; not the last ones. */
  #keepWithin(): void {
    const excess = this.#resident?.excess() ?? 0;
    if (excess === 0) return;
    const spare = (this.#frameLimit() - fewestPages) * this.#pageBytes;
    this.reserve(Math.max(0, Math.min(excess, spare / 2)));
  }

  #frameLimit(): number {
    return Math.floor(((this.limitBytes as number) - this.#workBytes - this.#fixedBytes) / this.#pageBytes);
  }

  /** Sends the oldest page to the file; returns its frame. */
  #evict(): Uint32Array<ArrayBuffer> {
    for (;;) {
      const oldest = this.#queue[this.#head++];
      if (this.#head > 4096 && 2 * this.#head > this.#queue.length) {
        this.#queue.splice(0, this.#head);
        this.#head = 0;
      }
      const frame = oldest.column.leave(oldest.page);
      if (frame !== undefined) return frame;
    }
  }
}

function gigabytes(bytes: number): string {
  return `${(Math.ceil(bytes / 1e7) / 100).toFixed(2)} GB`;
}
