// SPDX-License-Identifier: BSD-3-Clause
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { FaultRun } from '../../support/run/fault-run.ts';

const CELLS = 24;
const SEED = Number(process.env['SKYMILL_FAULT_SEED'] ?? 20_261_121);
const jumps = join(import.meta.dirname, '../../support/run/clock-jumps.ts');

describe(`a clock that jumps by days (seed ${SEED})`, () => {
  let run: FaultRun | undefined;
  afterEach(() => run?.remove());

  it('changes neither products nor elapsed times, and ends no attempt', async () => {
    const environment = { NODE_OPTIONS: `--import ${jumps}`, TEST_CLOCK_SEED: String(SEED) };
    const resources = { memoryBytes: 1e8, wallSeconds: 2 };
    run = await FaultRun.prepare({ cells: CELLS, resources, environment, options: { hangSeconds: 15 } });
    const from = performance.now();
    const first = run.start();
    expect(await first.over, first.stderr()).toBe(0);
    const tookSeconds = (performance.now() - from) / 1000;
    const attempts = run.attempts();
    expect(attempts).toHaveLength(CELLS * 2 + CELLS / 4);
    for (const { state, usage, startedUnixMs, endedUnixMs } of attempts) {
      expect(state).toBe('done');
      expect(usage.wallSeconds).toBeGreaterThan(0);
      expect(usage.wallSeconds).toBeLessThan(tookSeconds);
      expect(endedUnixMs - startedUnixMs).toBeGreaterThanOrEqual(0);
      expect((endedUnixMs - startedUnixMs) / 1000).toBeLessThan(tookSeconds);
    }
    expect(await run.again(await FaultRun.undisturbed(CELLS))).toEqual([]);
  });
});
