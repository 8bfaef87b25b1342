// SPDX-License-Identifier: BSD-3-Clause
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import packageJson from '../../package.json' with { type: 'json' };
import { knownTasks } from './library.ts';

/**
 * Says which code a task is, so that two answers differ when its results may: for a task of this package its version; for a module by
 * path a digest of its text and of all it imports by relative paths. Undefined for classes of other kinds.
 */
export function taskCode(taskClass: string): string | undefined {
  if (knownTasks.includes(taskClass)) return `skymill ${packageJson.version}`;
  if (!/[/\\]/.test(taskClass)) return undefined;
  const file = resolve(taskClass.split('#')[0]);
  const hash = createHash('sha256');
  for (const path of modulesOf(file)) hash.update(`${relative(dirname(file), path)}\n`).update(readFileSync(path));
  return `sha256:${hash.digest('hex').slice(0, 16)}`;
}

/** The module and what it imports by relative paths, directly or not, in a fixed order. */
function modulesOf(file: string): string[] {
  const found = new Set<string>();
  const open = [file];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (found.has(path) || !existsSync(path)) continue;
    found.add(path);
    const text = readFileSync(path, 'utf8');
    for (const [, specifier] of text.matchAll(/\b(?:from|import)\s*\(?\s*['"](\.{1,2}\/[^'"]+)['"]/g))
      open.push(resolve(dirname(path), specifier));
  }
  return [...found].sort();
}
