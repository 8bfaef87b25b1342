// SPDX-License-Identifier: BSD-3-Clause
import type { FileRecord } from '../../types.ts';
import type { Held } from './held.ts';
import { PagedFile } from './paged-file.ts';

/** By how many quanta of the run datasets of a type are read: those read by one are not worth keeping after that. */
export type Readers = 'none' | 'one' | 'many';

interface Entry {
  sizeBytes: number;
  /** A dataset as it is handed out, or the parts of its file that were read. */
  readonly value: Held | PagedFile;
}

/**
 * What a process keeps of datasets it has read or written, so that the next reader need not go to the file: bounded by bytes, the least recently
 * used go first. Beside them it holds datasets that are only here; those go when they are dropped, never by themselves.
 */
export class DatasetMemory {
  readonly #readersOf: (datasetType: string) => Readers;
  readonly #kept = new Map<string, Entry>(); // least recently used first
  readonly #only = new Map<string, Held>();
  readonly #onChange: () => void;
  #limitBytes: number;
  #keptBytes = 0;
  #onlyBytes = 0;

  /** @param onChange called whenever what is in memory has become more or less */
  constructor(limitBytes: number, readersOf: (datasetType: string) => Readers, onChange: () => void = () => {}) {
    this.#limitBytes = limitBytes;
    this.#onChange = onChange;
    this.#readersOf = readersOf;
  }

  get limitBytes(): number {
    return this.#limitBytes;
  }
  /** What is more than that goes at once. */
  set limitBytes(bytes: number) {
    this.#limitBytes = bytes;
    this.shrink(bytes);
  }
  /** Bytes of what could be had from files too. */
  get keptBytes(): number {
    return this.#keptBytes;
  }
  /** Bytes of what is nowhere else. */
  get onlyBytes(): number {
    return this.#onlyBytes;
  }

  readersOf(datasetType: string): Readers {
    return this.#limitBytes > 0 ? this.#readersOf(datasetType) : 'none';
  }

  /** Large ones would drive out all others. */
  fits(sizeBytes: number): boolean {
    return sizeBytes <= this.#limitBytes / 2;
  }

  get(key: string): Held | undefined {
    const only = this.#only.get(key);
    if (only !== undefined) return only;
    const value = this.#touch(key)?.value;
    return value instanceof PagedFile ? undefined : value;
  }

  keep(key: string, held: Held): void {
    this.#forget(key);
    if (!this.fits(held.sizeBytes)) return;
    this.#kept.set(key, { sizeBytes: held.sizeBytes, value: held });
    this.#add(held.sizeBytes);
  }

  /** The pages of a file that were read, and those that will be. */
  pages(key: string, path: string, sizeBytes: number): PagedFile {
    const value = this.#touch(key)?.value;
    if (value instanceof PagedFile) return value;
    const entry: Entry = {
      sizeBytes: 0,
      value: new PagedFile(path, sizeBytes, (bytes) => {
        if (this.#kept.get(key) !== entry) return; // driven out meanwhile
        entry.sizeBytes += bytes;
        this.#add(bytes);
      }),
    };
    this.#kept.set(key, entry);
    return entry.value as PagedFile;
  }

  /** Holds what has no file. */
  hold(key: string, held: Held): void {
    this.drop(key);
    this.#only.set(key, held);
    this.#onlyBytes += held.sizeBytes;
    this.#onChange();
  }

  drop(key: string): void {
    this.#forget(key);
    this.#onlyBytes -= this.#only.get(key)?.sizeBytes ?? 0;
    this.#only.delete(key);
    this.#onChange();
  }

  /** Lets go of what files have, the least recently used first, until no more than this is kept. */
  shrink(toBytes: number): void {
    for (const key of this.#kept.keys()) {
      if (this.#keptBytes <= toBytes) break;
      this.#forget(key);
    }
    this.#onChange();
  }

  #touch(key: string): Entry | undefined {
    const entry = this.#kept.get(key);
    if (entry === undefined) return undefined;
    this.#kept.delete(key);
    this.#kept.set(key, entry);
    return entry;
  }

  #add(bytes: number): void {
    this.#keptBytes += bytes;
    this.shrink(this.#limitBytes);
  }

  #forget(key: string): void {
    this.#keptBytes -= this.#kept.get(key)?.sizeBytes ?? 0;
    this.#kept.delete(key);
  }
}

/** What is remembered of a file: the dataset or, of one written in parts, the component that the file has. */
export function memoryKey({ datasetId, component }: Pick<FileRecord, 'datasetId' | 'component'>): string {
  return component === null ? datasetId : `${datasetId}/${component}`;
}
