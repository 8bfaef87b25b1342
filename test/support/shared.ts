// SPDX-License-Identifier: BSD-3-Clause
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe } from 'vitest';

/** The folder of real data and conformance cases that stands beside the project, or where SKYMILL_SHARED says. */
const root = process.env.SKYMILL_SHARED ?? resolve(import.meta.dirname, '../../../shared');

/** Path of something in the shared folder, or undefined where it is absent. */
export function sharedPath(relative: string): string | undefined {
  const path = join(root, relative);
  return existsSync(path) ? path : undefined;
}

/** A suite on shared data. Where the data are absent it is skipped, says so on stderr, and counts as skipped. */
export function describeShared(relative: string, title: string, body: (dir: string) => void): void {
  const dir = sharedPath(relative);
  if (dir === undefined) {
    process.stderr.write(`\n*** SKIPPED: ${title}: there is no ${relative} beside the project (set SKYMILL_SHARED)\n`);
    describe.skip(`${title} (data absent)`, () => body(join(root, relative)));
    return;
  }
  describe(title, () => body(dir));
}
