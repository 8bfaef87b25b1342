// SPDX-License-Identifier: BSD-3-Clause
import { closeSync, fdatasync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import { crc32, deflateRawSync } from 'node:zlib';
import { directoryEnd, directoryEntry, dosStamp, localHeader, nameAt, type ZipLimits } from './layout.ts';

const dataSync = promisify(fdatasync);

/** Shorter members are stored as they are: deflating costs ten microseconds whatever the length, and gains next to nothing on them. */
const deflateFrom = 512;

/**
 * One archive that grows: members are gathered in memory, {@link write} gives them to the system, {@link sync} waits for the disk. It is a
 * zip archive whenever its directory has been written behind them; the next members are written over the directory.
 */
export class ArchiveFile {
  readonly path: string;
  readonly #fd: number;
  readonly #limits: ZipLimits | undefined;
  #pending: Buffer[] = [];
  readonly #directory: Buffer[] = [];
  #directoryBytes = 0;
  /** Where the next member goes. */
  #end = 0;
  #written = 0;
  #synced = 0;
  #hasDirectory = false;
  #dirty = false;
  /** Why nothing more can be written to it. */
  failure: unknown;

  /** Makes the file, which must not be there. */
  constructor(path: string, limits?: ZipLimits) {
    this.path = path;
    this.#limits = limits;
    this.#fd = openSync(path, 'wx');
  }

  get members(): number {
    return this.#directory.length;
  }

  get sizeBytes(): number {
    return this.#end;
  }

  /** Members before this offset are on the disk. */
  get syncedBytes(): number {
    return this.#synced;
  }

  /** Whether it is a zip archive as it is now. */
  get isWhole(): boolean {
    return this.#hasDirectory && this.#written === this.#end;
  }

  /** @returns the name of the member, and what it takes in the file. */
  add(stem: string, extension: string, content: Uint8Array): { name: string; end: number; storedBytes: number } {
    const offset = this.#end;
    const deflated = content.length < deflateFrom ? undefined : deflateRawSync(content, { level: 1 });
    const isSmaller = deflated !== undefined && deflated.length < content.length;
    const bytes = isSmaller ? deflated : Buffer.from(content);
    const member = {
      name: nameAt(offset, stem, extension),
      method: isSmaller ? 8 : 0,
      crc32: crc32(content),
      compressedBytes: bytes.length,
      sizeBytes: content.length,
      stamp: dosStamp(new Date()),
    };
    const header = localHeader(member);
    this.#pending.push(header, bytes);
    this.#end += header.length + bytes.length;
    const entry = directoryEntry(member, offset, this.#limits);
    this.#directory.push(entry);
    this.#directoryBytes += entry.length;
    return { name: member.name, end: this.#end, storedBytes: this.#end - offset };
  }

  /** Gives what was added to the system; with `directory`, the file is a zip archive then. */
  write(directory: boolean): void {
    if (this.#written === this.#end && (this.#hasDirectory || !directory)) return;
    const parts = this.#pending;
    this.#pending = [];
    const end = this.#end;
    if (directory) {
      const { length } = this.#directory;
      parts.push(...this.#directory, directoryEnd(length, end, this.#directoryBytes, this.#limits));
    } else if (this.#hasDirectory) ftruncateSync(this.#fd, this.#written);
    this.#hasDirectory = false;
    const bytes = Buffer.concat(parts);
    this.#dirty = true;
    for (let at = 0; at < bytes.length; ) {
      at += writeSync(this.#fd, bytes, at, bytes.length - at, this.#written + at);
    }
    this.#written = end;
    this.#hasDirectory = directory;
  }

  /** Waits until what was written is on the disk. */
  async sync(): Promise<void> {
    if (!this.#dirty) return;
    this.#dirty = false;
    const written = this.#written;
    await dataSync(this.#fd);
    this.#synced = Math.max(this.#synced, written);
  }

  /** Drops what did not come to the disk, as far as the storage still lets it: members before that stay. */
  giveUp(failure: unknown): void {
    this.failure = failure;
    this.#pending = [];
    try {
      ftruncateSync(this.#fd, this.#synced);
      this.close();
    } catch {
      // Whoever finishes the archive later cuts what is torn.
    }
  }

  close(): void {
    closeSync(this.#fd);
  }
}
