// SPDX-License-Identifier: BSD-3-Clause
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { describePeer, peerPython } from '../support/peers.ts';

describePeer('mypy, lsst.pipe.base', 'the Python worker', () => {
  it('is right in all its types', () => {
    const { status, stdout } = spawnSync(
      peerPython,
      ['-m', 'mypy', '--strict', '--cache-dir=/dev/null', 'skymill_worker'],
      {
        cwd: resolve(import.meta.dirname, '../../python'),
        encoding: 'utf8',
      },
    );
    expect(stdout).toMatch(/^Success: no issues found in \d+ source files/m);
    expect(status).toBe(0);
  });
});
