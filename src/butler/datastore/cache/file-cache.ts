// SPDX-License-Identifier: BSD-3-Clause
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, readdir, stat, unlink, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DimensionUniverse } from '../../dimensions/universe.ts';
import type { DatasetType } from '../../types.ts';
import type { ByteSink } from '../byte-store.ts';
import { LookupTable } from '../lookup.ts';
import { isMissing } from '../posix/errors.ts';
import { isScratchName, PosixStore } from '../posix/posix-store.ts';
import type { CacheSettings } from './settings.ts';

/** A file of the cache in use: it stays until it is disposed of. */
export interface CachedFile extends AsyncDisposable {
  readonly path: string;
  readonly sizeBytes: number;
}

interface Entry {
  path: string;
  dataset: string;
  sizeBytes: number;
  usedMs: number;
}

/**
 * Copies of remote files on a local disk, named by dataset id so that processes may share the folder. A file is there whole or not at
 * all; its time of change is that of its last use. What the settings allow no more goes when something new comes, the longest unused
 * first, but nothing that this process is reading.
 */
export class FileCache {
  readonly #settings: CacheSettings;
  readonly #universe: DimensionUniverse;
  readonly #cacheable: LookupTable<boolean>;
  readonly #store = new PosixStore();
  readonly #used = new Map<string, number>();
  readonly #coming = new Map<string, Promise<void>>();
  #root: string | undefined;

  constructor(universe: DimensionUniverse, settings: CacheSettings) {
    this.#settings = settings;
    this.#universe = universe;
    this.#cacheable = new LookupTable(settings.cacheable, (value) => value === true);
    this.#root = settings.root;
  }

  /** Whether files of a dataset are kept. */
  keeps(type: DatasetType, instrument?: string | number): boolean {
    if (this.#settings.mode === 'disabled') return false;
    return this.#cacheable.find(this.#universe, type, undefined, instrument) ?? this.#settings.default;
  }

  /** The cached file of that name, if it has the size. */
  async find(name: string, sizeBytes: number): Promise<CachedFile | undefined> {
    const path = join(this.#folder(), name);
    this.#hold(path);
    const found = await this.#store.stat(path);
    if (found?.sizeBytes !== sizeBytes) {
      this.#release(path);
      return undefined;
    }
    const now = new Date();
    await utimes(path, now, now).catch(ignoreMissing);
    return this.#entry(path, sizeBytes);
  }

  /** As {@link find}; what is not there is fetched, once for all that wait for it. */
  async get(name: string, sizeBytes: number, fetch: (sink: ByteSink) => Promise<void>): Promise<CachedFile> {
    const found = await this.find(name, sizeBytes);
    if (found !== undefined) return found;
    const path = join(this.#folder(), name);
    this.#hold(path);
    try {
      let coming = this.#coming.get(path);
      if (coming === undefined) {
        coming = this.#store.writeAtomic(path, fetch).then(() => this.#expire());
        this.#coming.set(path, coming);
        void coming.catch(() => {}).finally(() => this.#coming.delete(path));
      }
      await coming;
    } catch (error) {
      this.#release(path);
      throw error;
    }
    return this.#entry(path, sizeBytes);
  }

  #entry(path: string, sizeBytes: number): CachedFile {
    return { path, sizeBytes, [Symbol.asyncDispose]: async () => this.#release(path) };
  }

  /** A folder of this process's own is made when it is first needed, and goes when the process ends. */
  #folder(): string {
    if (this.#root === undefined) {
      const folder = mkdtempSync(join(tmpdir(), 'skymill-cache-'));
      process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
      this.#root = folder;
    }
    return this.#root;
  }

  async #expire(): Promise<void> {
    const { mode, threshold } = this.#settings;
    if (mode === undefined) return;
    const entries = (await this.#entries()).sort((a, b) => b.usedMs - a.usedMs);
    const kept = { files: 0, datasets: new Set<string>(), sizeBytes: 0 };
    for (const entry of entries) {
      kept.files++;
      kept.datasets.add(entry.dataset);
      kept.sizeBytes += entry.sizeBytes;
      const ageSeconds = (Date.now() - entry.usedMs) / 1000;
      const measure = {
        files: kept.files,
        datasets: kept.datasets.size,
        size: kept.sizeBytes,
        age: ageSeconds,
        disabled: 0,
      };
      if (measure[mode] <= threshold || this.#used.has(entry.path)) continue;
      await unlink(entry.path).catch(ignoreMissing);
      kept.files--;
      kept.sizeBytes -= entry.sizeBytes;
    }
  }

  async #entries(): Promise<Entry[]> {
    const root = this.#folder();
    await mkdir(root, { recursive: true });
    const out: Entry[] = [];
    for (const name of await readdir(root)) {
      const path = join(root, name);
      if (isScratchName(name)) continue;
      // Another process may have removed it meanwhile.
      const found = await stat(path).catch(ignoreMissing);
      if (found?.isFile()) {
        out.push({ path, dataset: name.split(/[_.]/)[0], sizeBytes: found.size, usedMs: found.mtimeMs });
      }
    }
    return out;
  }

  #hold(path: string): void {
    this.#used.set(path, (this.#used.get(path) ?? 0) + 1);
  }

  #release(path: string): void {
    const left = this.#used.get(path)! - 1;
    if (left > 0) this.#used.set(path, left);
    else this.#used.delete(path);
  }
}

function ignoreMissing(error: unknown): undefined {
  if (!isMissing(error)) throw error;
}
