// SPDX-License-Identifier: BSD-3-Clause
import { existsSync, statSync } from 'node:fs';
import { glob, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { cliErrors } from './errors.ts';

const fitsName = /\.(fits?|fts)(\.gz|\.fz)?$/i;

/** Files, folders (searched for FITS files, all levels) and globs as a sorted list of absolute paths without repeats. */
export async function expandPaths(locations: readonly string[]): Promise<string[]> {
  const found = new Set<string>();
  for (const location of locations) {
    if (existsSync(location)) {
      if (!statSync(location).isDirectory()) found.add(resolve(location));
      else for (const path of await fitsFilesIn(location)) found.add(path);
      continue;
    }
    const before = found.size;
    for await (const path of glob(location)) found.add(resolve(path));
    if (found.size === before) throw cliErrors.NO_FILES({ location });
  }
  return [...found].sort();
}

async function fitsFilesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true });
  const files = names.filter((name) => fitsName.test(name)).map((name) => resolve(join(folder, name)));
  if (files.length === 0) throw cliErrors.NO_FILES({ location: folder });
  return files;
}
