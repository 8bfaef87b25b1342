// SPDX-License-Identifier: BSD-3-Clause
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Verb } from './verb.ts';

const folder = join(import.meta.dirname, 'verbs');

/**
 * The verbs that a command line needs: the one it names, whose file is called like it, so that a start imports no other; all of them
 * where it names none (help, completion, a verb that does not exist).
 */
export async function verbsFor(words: readonly string[]): Promise<readonly Verb[]> {
  return (await oneVerb(words)) ?? (await import('./verbs/index.ts')).verbs;
}

async function oneVerb(words: readonly string[]): Promise<Verb[] | undefined> {
  for (const count of [2, 1]) {
    const name = words.slice(0, count);
    if (name.length < count || !name.every((word) => /^[a-z]+(-[a-z]+)*$/.test(word))) continue;
    const file = join(folder, `${name.join('-')}.ts`);
    if (!existsSync(file)) continue;
    const found = Object.values((await import(file)) as Record<string, Partial<Verb>>).find(
      (value) => value?.name === name.join(' ') && value.action !== undefined,
    );
    if (found !== undefined) return [found as Verb];
  }
  return undefined;
}
