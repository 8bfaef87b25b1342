// SPDX-License-Identifier: BSD-3-Clause
import { existsSync, statSync } from 'node:fs';
import { glob, readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { cliErrors } from './errors.ts';

const fitsName = /\.(fits?|fts)(\.gz|\.fz)?$/i;

/**
 * Files, folders (searched for FITS files, or for what `pattern` says, all levels), globs, and `@list` (a file with one location a line) as a
 * sorted list of absolute paths without repeats.
 */
export async function expandPaths(locations: readonly string[], pattern: RegExp = fitsName): Promise<string[]> {
  const found = new Set<string>();
  for (const location of await withLists(locations)) {
    if (existsSync(location)) {
      if (!statSync(location).isDirectory()) found.add(resolve(location));
      else for (const path of await filesIn(location, pattern)) found.add(path);
      continue;
    }
    const before = found.size;
    for await (const path of glob(location)) found.add(resolve(path));
    if (found.size === before) throw cliErrors.NO_FILES({ location });
  }
  return [...found].sort();
}

async function withLists(locations: readonly string[]): Promise<string[]> {
  const all: string[] = [];
  for (const location of locations) {
    if (!location.startsWith('@') || existsSync(location)) all.push(location);
    else {
      const lines = (await readFile(location.slice(1), 'utf8')).split('\n').map((line) => line.trim());
      all.push(...lines.filter((line) => line !== '' && !line.startsWith('#')));
    }
  }
  return all;
}

async function filesIn(folder: string, pattern: RegExp): Promise<string[]> {
  const names = await readdir(folder, { recursive: true });
  const files = names.filter((name) => pattern.test(name)).map((name) => resolve(join(folder, name)));
  if (files.length === 0) throw cliErrors.NO_FILES({ location: folder });
  return files;
}
