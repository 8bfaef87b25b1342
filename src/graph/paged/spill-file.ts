// SPDX-License-Identifier: BSD-3-Clause
import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { graphErrors } from '../errors.ts';

let made = 0;

/**
 * A temporary file of pages. It is made when the first page comes and has no name from then on, so that it is gone however the process
 * ends. Room of pages that are forgotten is used again.
 */
export class SpillFile {
  writtenBytes = 0;
  readonly #pageBytes: number;
  readonly #folder: string;
  #fd: number | undefined;
  #slots = 0;
  readonly #free: number[] = [];

  constructor(pageBytes: number, folder: string = tmpdir()) {
    this.#pageBytes = pageBytes;
    this.#folder = folder;
  }

  get sizeBytes(): number {
    return this.#slots * this.#pageBytes;
  }

  /** Writes a page to its place, or to a new one; returns the place. Throws GRAPH_SPILL with the folder if there is no room. */
  write(page: Uint32Array<ArrayBuffer>, slot: number = this.#free.pop() ?? this.#slots++): number {
    const bytes = new Uint8Array(page.buffer, page.byteOffset, page.byteLength);
    try {
      this.#fd ??= openUnnamed(this.#folder);
      for (let done = 0; done < bytes.length; )
        done += writeSync(this.#fd, bytes, done, bytes.length - done, slot * this.#pageBytes + done);
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException;
      const reason = code === 'ENOSPC' ? 'the disk is full' : message;
      const spilled = `${(this.#slots * this.#pageBytes) / 1e6} MB`;
      throw graphErrors.SPILL({ folder: this.#folder, reason, spilled }, { cause, place: { file: this.#folder } });
    }
    this.writtenBytes += bytes.length;
    return slot;
  }

  read(slot: number, into: Uint32Array<ArrayBuffer>): void {
    const bytes = new Uint8Array(into.buffer, into.byteOffset, into.byteLength);
    for (let done = 0; done < bytes.length; ) {
      const count = readSync(this.#fd as number, bytes, done, bytes.length - done, slot * this.#pageBytes + done);
      if (count === 0) throw new Error(`page ${slot} is beyond the end of the temporary file in ${this.#folder}`);
      done += count;
    }
  }

  forget(slot: number): void {
    this.#free.push(slot);
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }
}

function openUnnamed(folder: string): number {
  const path = join(folder, `.skymill-graph-${process.pid}-${made++}.tmp`);
  const fd = openSync(path, 'wx+', 0o600);
  unlinkSync(path);
  return fd;
}
