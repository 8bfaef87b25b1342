// SPDX-License-Identifier: BSD-3-Clause
/** Takes a lock at a given moment and says how that went: `node lock-taker.ts <path> <unix ms> <hold ms>`. */
import { setTimeout as sleep } from 'node:timers/promises';
import { SkymillError } from '../../../src/base/index.ts';
import { RunLock } from '../../../src/run/folder/lock.ts';

const [path, atUnixMs, holdMs] = process.argv.slice(2);
await sleep(Math.max(0, Number(atUnixMs) - Date.now() - 20));
while (Date.now() < Number(atUnixMs)); // all at the very same time
try {
  const lock = RunLock.acquire(path, 'some/run');
  process.stdout.write('taken');
  await sleep(Number(holdMs));
  lock.release();
} catch (error) {
  if (!(error instanceof SkymillError)) throw error;
  process.stdout.write(error.code);
}
