// SPDX-License-Identifier: BSD-3-Clause
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { cell } from '../../support/run/campaign.ts';
import { type FaultPlan, FaultRun } from '../../support/run/fault-run.ts';

/** What a task does once, and the cause its attempt has by then. The command ends, and given again it gives what an undisturbed run gives. */
const FAULTS: readonly (readonly [string, string | undefined, Omit<FaultPlan, 'cells'>])[] = [
  ['ends its process', 'crashed', { config: { make: { exit: [cell(3)] } } }],
  ['fills its heap', 'outOfMemory', { config: { make: { heapOnce: [cell(3)] } } }],
  ['leaks memory', 'outOfMemory', { config: { make: { leak: [cell(3)] } } }],
  ['waits for ever', 'hang', { config: { make: { wait: [cell(3)] } }, options: { hangSeconds: 1.5 } }],
  ['stops its process', 'hang', { config: { make: { stopOnce: [cell(3)] } }, options: { hangSeconds: 1.5 } }],
  [
    'ignores SIGTERM and computes for ever',
    'timeLimit',
    { config: { make: { deaf: [cell(3)] } }, resources: { memoryBytes: 1e8, wallSeconds: 0.2 } },
  ],
  ['starts processes and dies', 'signalled', { config: { make: { forkAndDieOnce: [cell(3)] } } }],
  ['starts processes and goes on', undefined, { config: { make: { fork: [cell(3)] } } }],
  ['prints 100 MB', undefined, { config: { make: { flood: [cell(3)], floodBytes: 100e6 } } }],
  ['gives another type', 'wrongOutput', { config: { make: { gives: { text: cell(3) } } } }],
  ['gives nothing', 'wrongOutput', { config: { make: { gives: { nothing: cell(3) } } } }],
  ['breaks off in the middle of its output', 'wrongOutput', { config: { make: { gives: { unwritable: cell(3) } } } }],
  ['has its output cut on the disk', 'wrongOutput', { config: { make: { gives: { cut: cell(3) } } } }],
];

const CELLS = 12;

describe('a task that', () => {
  let expected: Record<string, string>;
  beforeAll(async () => {
    expected = await FaultRun.undisturbed(CELLS);
  });

  let run: FaultRun | undefined;
  afterEach(() => {
    run?.remove();
    run = undefined;
  });

  for (const [title, cause, plan] of FAULTS)
    it(title, async () => {
      run = await FaultRun.prepare({ cells: CELLS, ...plan });
      const first = run.start();
      expect([0, 3], first.stderr()).toContain(await first.over);
      const failed = run.attempts().filter((a) => a.state === 'failed');
      expect(new Set(failed.map((a) => a.cause?.kind))).toEqual(new Set(cause === undefined ? [] : [cause]));
      expect(await run.again(expected)).toEqual([]);
    });
});
