// SPDX-License-Identifier: BSD-3-Clause
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { BuiltOnce } from './build-once.ts';

/** Runs a script of this folder in a process of its own; what it prints is JSON. */
export async function runScript<T>(script: string, args: readonly string[]): Promise<T> {
  const { stdout } = await promisify(execFile)(process.execPath, [join(import.meta.dirname, script), ...args]);
  return JSON.parse(stdout) as T;
}

/** One build over a repository: the middle one of some, each in a new process. */
export async function buildOnce(
  root: string,
  pipeline: 'chain' | 'release',
  options: object,
  expected: number,
): Promise<BuiltOnce> {
  const runs: BuiltOnce[] = [];
  for (let i = 0; i < 3; i++)
    runs.push(
      await runScript<BuiltOnce>('build-once.ts', [root, pipeline, JSON.stringify(options), join(root, 'graph')]),
    );
  const [, middle] = runs.sort((a, b) => a.buildSeconds - b.buildSeconds);
  if (middle.quanta !== expected) throw new Error(`the graph has ${middle.quanta} quanta instead of ${expected}`);
  return middle;
}
