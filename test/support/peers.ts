// SPDX-License-Identifier: BSD-3-Clause
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe } from 'vitest';

const home = process.env.SKYMILL_PEERS ?? resolve(import.meta.dirname, '../../.venv');
/** The interpreter of the peers, for what starts Python by itself. */
export const peerPython = join(home, 'bin/python');

/** A suite that needs Python with the named modules (scripts/peers.sh makes it). Without, it is skipped, says so on stderr and counts as skipped. */
export function describePeer(
  module: string,
  title: string,
  body: (python: (code: string, ...args: string[]) => string) => void,
): void {
  const interpreter = peerPython;
  const usable = existsSync(interpreter) && spawnSync(interpreter, ['-c', `import ${module}`]).status === 0;
  if (!usable) {
    process.stderr.write(`\n*** SKIPPED: ${title}: no Python with ${module} in ${home} (run scripts/peers.sh)\n`);
    describe.skip(`${title} (${module} absent)`, () => body(() => ''));
    return;
  }
  describe(title, () =>
    body((code, ...args) => {
      const result = spawnSync(interpreter, ['-c', code, ...args], { encoding: 'utf8', maxBuffer: 1 << 28 });
      if (result.status !== 0) throw new Error(`Python failed (${result.status}):\n${result.stderr}`);
      return result.stdout;
    }),
  );
}
