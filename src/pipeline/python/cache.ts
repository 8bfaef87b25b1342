// SPDX-License-Identifier: BSD-3-Clause
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { DescribeSources } from './protocol.ts';

/** Raised when what a description holds changes its meaning. */
const cacheVersion = 1;

interface Entry<T> {
  version: number;
  value: T;
  /** Of each file that the value depends on: size and time of change. Files of installed packages carry the version in their path. */
  stamps: [path: string, sizeBytes: number, mtimeMs: number][];
}

/** Where descriptions are kept unless another folder is given. */
export function descriptionFolder(): string {
  const base = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  return join(base, 'skymill', 'descriptions');
}

/**
 * Descriptions by what was asked, one JSON file each. An entry holds as long as the files it was made from have the size and the time of
 * change that they had: neither Python nor any package is looked at. A cache may be deleted at any time.
 */
export class DescriptionCache {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  static key(question: unknown): string {
    return createHash('sha256')
      .update(JSON.stringify([cacheVersion, question]))
      .digest('hex');
  }

  get<T>(key: string): T | undefined {
    let text: string;
    try {
      text = readFileSync(this.#path(key), 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
    let entry: Entry<T>;
    try {
      entry = JSON.parse(text) as Entry<T>;
    } catch {
      return undefined; // written by a program that was killed on a file system without atomic renames: asked again
    }
    if (entry.version !== cacheVersion) return undefined;
    return entry.stamps.every(([path, sizeBytes, mtimeMs]) => {
      const now = stamp(path);
      return now !== undefined && now[1] === sizeBytes && now[2] === mtimeMs;
    })
      ? entry.value
      : undefined;
  }

  put<T>(key: string, value: T, { files }: Pick<DescribeSources, 'files'>): void {
    const stamps = files.map(stamp).filter((one) => one !== undefined);
    const entry: Entry<T> = { version: cacheVersion, value, stamps };
    mkdirSync(this.#folder, { recursive: true });
    const temporary = `${this.#path(key)}.${process.pid}.tmp`;
    writeFileSync(temporary, JSON.stringify(entry));
    renameSync(temporary, this.#path(key));
  }

  #path(key: string): string {
    return join(this.#folder, `${key}.json`);
  }
}

function stamp(path: string): [string, number, number] | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined ? undefined : [path, found.size, found.mtimeMs];
}
