// SPDX-License-Identifier: BSD-3-Clause
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const project = resolve(import.meta.dirname, '../..');
const bin = join(project, 'bin', 'skymill.js');

/** Runs the command line in a process of its own, as a user would. */
export function skymill(words: readonly string[], options: { env?: NodeJS.ProcessEnv; timeoutMs?: number } = {}) {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [bin, ...words], {
    cwd: project,
    encoding: 'utf8',
    env: { ...process.env, CI: 'true', ...options.env },
    timeout: options.timeoutMs ?? 600_000,
    maxBuffer: 1 << 28,
  });
  return { status, signal, stdout, stderr };
}

/** The shell blocks of a page under a heading (up to the next one of the same level), in order. */
export function shellBlocks(page: string, heading: string): string[] {
  const text = readFileSync(join(project, page), 'utf8');
  const section = text.split(/^## /m).find((part) => part.startsWith(heading));
  if (section === undefined) throw new Error(`${page} has no section "${heading}"`);
  return [...section.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map((m) => m[1]);
}

/** Runs shell text from the project folder with `skymill` on the path; stops at the first command that fails. */
export function runShell(script: string, env: Record<string, string>, folder: string) {
  const commands = join(folder, 'bin');
  mkdirSync(commands, { recursive: true });
  const wrapper = join(commands, 'skymill');
  writeFileSync(wrapper, `#!/bin/sh\nexec "${process.execPath}" "${bin}" "$@"\n`);
  chmodSync(wrapper, 0o755);
  return spawnSync('bash', ['-euo', 'pipefail', '-c', script], {
    cwd: project,
    encoding: 'utf8',
    env: { ...process.env, CI: 'true', PATH: `${commands}:${process.env['PATH']}`, ...env },
    maxBuffer: 1 << 28,
  });
}
