// SPDX-License-Identifier: BSD-3-Clause
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect } from 'vitest';
import type { skymill } from '../support/commands.ts';
import { filesBelow, type Snapshot, snapshot } from '../support/survey.ts';

export const pipelines = resolve(import.meta.dirname, '../../pipelines');

type Result = ReturnType<typeof skymill>;

/** The errors a command printed: code, sentence, and what to do next. */
export function errorsOf({ stderr }: Result): { code: string; text: string; next: string }[] {
  return stderr
    .split(/^error /m)
    .slice(1)
    .map((block) => {
      const [head, ...rest] = block.split('\n');
      const match = /^\[(\w+)\] (.*)$/.exec(head);
      const next = rest.find((line) => line.startsWith('next: '))?.slice(6) ?? '';
      return { code: match?.[1] ?? '', text: [match?.[2], ...rest].join('\n'), next };
    });
}

/** One error, bad input of the user's: its code, the words that name file or place, what to do next, and no stack trace. */
export function expectOneError(result: Result, code: string | RegExp, ...words: (string | RegExp)[]): void {
  const errors = errorsOf(result);
  const status = code === 'GRAPH_EMPTY' ? 4 : 2; // nothing matched
  expect({ errors: errors.length, status: result.status }, result.stderr).toEqual({ errors: 1, status });
  const [error] = errors;
  expect(error.code).toMatch(code);
  for (const word of words) expect(error.text).toMatch(word instanceof RegExp ? word : literal(word));
  expect(error.next).toMatch(/^[A-Z].{10,}/);
  expect(result.stderr).not.toMatch(/^\s+at .*(\(.*\)|file:\/\/.*|node:.*)$/m);
}

const literal = (text: string): RegExp => new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));

/** What a repository looks like from outside and inside: files by size, and the registry. */
export async function stateOf(
  repo: string,
): Promise<{ files: Record<string, number>; seen: Snapshot; runs: string[] }> {
  const seen = await snapshot(repo);
  const files = filesBelow(repo);
  for (const name of Object.keys(files)) if (name.startsWith('gen3.sqlite3')) delete files[name];
  return { files, seen, runs: runsOf(repo) };
}

function runsOf(repo: string): string[] {
  try {
    return readdirSync(join(repo, '.skymill/runs'));
  } catch {
    return [];
  }
}

/** Copies of a raw frame with something wrong, by name. */
export function damaged(frame: string): Record<'cut' | 'half' | 'text' | 'empty' | 'other' | 'noCard', Buffer> {
  const whole = readFileSync(frame);
  const card = (keyword: string, replacement: string): Buffer => {
    const bytes = Buffer.from(whole);
    const at = bytes.indexOf(keyword.padEnd(8));
    if (at < 0) throw new Error(`${frame} has no card ${keyword}`);
    bytes.write(replacement.padEnd(80), at, 'latin1');
    return bytes;
  };
  return {
    cut: whole.subarray(0, whole.length - 3000),
    half: whole.subarray(0, whole.length / 2),
    text: Buffer.from('<html><body>404 not found</body></html>\n'),
    empty: Buffer.alloc(0),
    other: card('INSTRUME', "INSTRUME= 'Nowhere'"),
    noCard: card('EXPTIME', 'COMMENT this card was lost'),
  };
}
