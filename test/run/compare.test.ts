// SPDX-License-Identifier: BSD-3-Clause
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Butler } from '../../src/butler/index.ts';
import { compareRuns, execute, formatComparison, RunFolder } from '../../src/run/index.ts';
import { type CampaignOptions, campaign, cell, testWorker } from '../support/run/campaign.ts';

let root: string;
let butler: Butler;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'skymill-compare-'));
  butler = await Butler.create(join(root, 'repo'));
});
afterEach(async () => {
  await butler.close();
  rmSync(root, { recursive: true });
});

async function run(options: CampaignOptions & { run: string }) {
  const graph = campaign(butler, { automatic: false, ...options });
  await execute(graph, butler, { worker: testWorker, jobs: 2, scratchRoot: root });
  return { graph, folder: RunFolder.open(butler.root, options.run) };
}

describe('two runs', () => {
  it('are compared in counts, costs, failures and quanta, though their graphs differ', async () => {
    const a = await run({ run: 'test/a', cells: 8, config: { make: { throw: [cell(1)], unprocessable: [cell(2)] } } });
    // Two cells more, so that rows are other rows; the first failure is mended, another is new.
    const b = await run({
      run: 'test/b',
      cells: 10,
      config: { make: { throw: [cell(5), cell(9)], unprocessable: [cell(2)] } },
    });
    const comparison = compareRuns(a, b);
    expect(comparison.a).toMatchObject({ run: 'test/a', quanta: 18 });
    expect(comparison.b).toMatchObject({ run: 'test/b', quanta: 23, counts: { failed: 3 } });
    expect(comparison.a.counts.failed).toBe(2);
    expect(comparison.b.wallSeconds).toBeGreaterThan(0);
    const named = (quanta: typeof comparison.newlyFailed) =>
      quanta.map((q) => `${q.label} ${Number(q.dataId.htm7) - cell(0)} ${q.a} -> ${q.b}`).sort();
    expect(named(comparison.newlyFailed)).toEqual([
      'double 5 done -> blocked',
      'double 9 absent -> blocked',
      'make 5 done -> failed',
      'make 9 absent -> failed',
      'sum 4 done -> blocked',
      'sum 8 absent -> blocked',
    ]);
    // Cell 2 still fails, so the sum of the first four is blocked in both.
    expect(named(comparison.newlySucceeded)).toEqual(['double 1 blocked -> done', 'make 1 failed -> done']);
    expect(comparison.newlyFailed.find((q) => q.label === 'make' && q.dataId.htm7 === cell(5))!.message).toBe(
      `cell ${cell(5)} is no good`,
    );
    expect(comparison.failures.map(({ kind, a: inA, b: inB }) => [kind, inA, inB])).toEqual([
      ['exception', 1, 2],
      ['unprocessable', 1, 1],
    ]);
    const make = comparison.tasks.find((t) => t.label === 'make')!;
    expect([make.a!.counts.done, make.b!.counts.done]).toEqual([6, 7]);
    const text = formatComparison(comparison);
    expect(text).toContain('Failed or blocked in B, but not in A: 6');
    expect(text).toMatch(/failed +2 +3 +1\.50/);
    expect(text).toContain(`make htm7=${cell(1)}: failed -> done`);
  });

  it('that ended alike have no quanta to list', async () => {
    const a = await run({ run: 'test/a', cells: 4 });
    const comparison = compareRuns(a, a);
    expect(comparison.newlyFailed).toEqual([]);
    expect(comparison.newlySucceeded).toEqual([]);
    const text = formatComparison(comparison);
    expect(text).toContain('No quantum failed in one and not in the other.');
    expect(text).not.toContain('failed  ');
  });
});
