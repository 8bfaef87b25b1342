// SPDX-License-Identifier: BSD-3-Clause
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Butler } from '../../src/butler/index.ts';
import { type AttemptRecord, execute, RunFolder, readOutcomeLog } from '../../src/run/index.ts';
import type { DatasetSpec } from '../../src/run/workers/protocol.ts';
import { writeOutput } from '../../src/run/workers/typescript/wrong-output.ts';
import { campaign, cell, testWorker } from '../support/run/campaign.ts';
import { checkRun } from '../support/run/integrity.ts';
import { WRONG_GIFTS } from '../support/run/trouble.ts';

/** What a task gives that it should not: one attempt fails with one code that names the task and the output; the rest goes on. */
const EXPECTED: Record<(typeof WRONG_GIFTS)[number], RegExp | undefined> = {
  text: /^RUN_OUTPUT_TYPE .*"number".* number: Storage class StructuredDataDict takes/,
  function: /^RUN_OUTPUT_TYPE .*"number"/,
  nothing: /^RUN_MISSING_OUTPUT .*make gave 1 of 1 datasets too few for its output "number"/,
  undeclared: /^RUN_UNKNOWN_OUTPUT .*"numbr".*number/,
  promise: /^RUN_OUTPUT_TYPE .*"number".*a promise that was not awaited/,
  array: /^RUN_OUTPUT_TYPE .*not an array/,
  noObject: /^RUN_OUTPUT_TYPE .*not a string/,
  unwritable: /^RUN_OUTPUT_TYPE .*"number".*there is no value/,
  cut: /^BUTLER_TRUNCATED_WRITE .*the file has 1/,
  nan: undefined,
};

describe('wrong outputs', () => {
  let root: string;
  let attempts: AttemptRecord[];
  let wrong: string[];
  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'skymill-wrong-output-'));
    const butler = await Butler.create(join(root, 'repo'));
    const gives = Object.fromEntries(WRONG_GIFTS.map((gift, i) => [gift, cell(i)]));
    const graph = campaign(butler, { cells: 12, group: 1, config: { make: { gives, markers: root } } });
    await execute(graph, butler, { worker: testWorker, jobs: 2, scratchRoot: root });
    const records = [...readOutcomeLog(RunFolder.open(butler.root, 'test/run').outcomesPath)];
    attempts = records.filter((r) => r.type === 'attempt');
    await butler.close();
    wrong = (await checkRun(join(root, 'repo'), graph)).wrong;
  });
  afterAll(() => rmSync(root, { recursive: true }));

  const of = (gift: (typeof WRONG_GIFTS)[number]) =>
    attempts.filter((a) => a.label === 'make' && a.dataId['htm7'] === cell(WRONG_GIFTS.indexOf(gift)));

  for (const [gift, pattern] of Object.entries(EXPECTED) as [(typeof WRONG_GIFTS)[number], RegExp | undefined][])
    it(gift, () => {
      const [first, second] = of(gift);
      if (pattern === undefined) {
        expect(first.state).toBe('done');
        return;
      }
      expect(first).toMatchObject({ state: 'failed', cause: { kind: 'wrongOutput' }, outputs: [] });
      expect(`${first.cause!.code} ${first.cause!.message}`).toMatch(pattern);
      expect(first.cause!.next).toMatch(/\w/);
      // What the code does wrong it would do again; what the disk does wrong it may not.
      if (gift === 'cut') expect(second).toMatchObject({ state: 'done' });
      else expect(second).toBeUndefined();
    });

  it('leave nothing, and the rest goes on', () => {
    const failures = WRONG_GIFTS.length - 2; // cut is done at last, nan at once
    expect(attempts.filter((a) => a.label === 'sum' || a.label === 'double').every((a) => a.state === 'done')).toBe(
      true,
    );
    expect(attempts.filter((a) => a.label === 'double')).toHaveLength(12 - failures);
    expect(wrong.filter((text) => !/is not registered|has 0 files/.test(text))).toEqual([]);
  });

  it('an object that becomes a file of no bytes is one, unless it has none itself', async () => {
    const output = { connection: 'image', datasetType: 'calexp' } as DatasetSpec;
    const write = async () => ({ record: { sizeBytes: 0 } });
    await expect(writeOutput('isr', output, { pixels: 3 }, write)).rejects.toThrow(/isr.*"image".*empty file.*calexp/);
    await expect(writeOutput('isr', output, new Uint8Array(0), write)).resolves.toBeDefined();
  });
});
