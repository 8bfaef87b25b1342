// SPDX-License-Identifier: BSD-3-Clause
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Butler } from '../../src/butler/index.ts';
import {
  type AttemptRecord,
  type ExecuteOptions,
  execute,
  RunFolder,
  readAttemptLog,
  readOutcomeLog,
} from '../../src/run/index.ts';
import { campaign, cell, testWorker } from '../support/run/campaign.ts';
import { survivors } from '../support/run/processes.ts';

/** What a task does to its process ends one attempt of one quantum, says why, and leaves nothing behind. */
let root: string;
let butler: Butler;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'skymill-isolation-'));
  butler = await Butler.create(join(root, 'repo'));
});
afterEach(async () => {
  await butler.close();
  rmSync(root, { recursive: true });
});

async function run(make: object, options: Partial<ExecuteOptions> = {}): Promise<AttemptRecord[]> {
  const graph = campaign(butler, { cells: 4, config: { make: { markers: root, ...make } } });
  await execute(graph, butler, {
    worker: { ...testWorker, env: { TEST_MARK: root } },
    jobs: 2,
    scratchRoot: root,
    ...options,
  });
  const records = [...readOutcomeLog(RunFolder.open(butler.root, 'test/run').outcomesPath)];
  return records.filter((r) => r.type === 'attempt');
}

const ofCell = (attempts: AttemptRecord[], i: number) =>
  attempts.filter((a) => a.label === 'make' && a.dataId['htm7'] === cell(i));

describe.runIf(process.platform === 'linux')('an attempt that hangs', () => {
  it('is ended when it waits for nothing, with cause and story, and tried again', async () => {
    const attempts = await run({ waitOnce: [cell(1)] }, { hangSeconds: 1 });
    const [first, second] = ofCell(attempts, 1);
    expect(first).toMatchObject({ state: 'failed', decision: 'retry', rule: 'hang', cause: { kind: 'hang' } });
    expect(first.cause!.message).toMatch(/neither computed nor read or wrote anything \(for 1 s\)/);
    expect(first.cause!.signature).toBe(
      'hang: The attempt was killed because it neither computed nor read or wrote anything',
    );
    expect(first.usage.wallSeconds).toBeGreaterThan(0.9);
    expect(first.usage.cpuUserSeconds).toBeLessThan(0.5);
    expect(second).toMatchObject({ state: 'done' });
    expect(attempts.filter((a) => a.state === 'done')).toHaveLength(4 + 4 + 1);
  });

  it('is ended when its process is stopped, and the story says so', async () => {
    const [first, second] = ofCell(await run({ stopOnce: [cell(0)] }, { hangSeconds: 1 }), 0);
    expect(first.cause).toMatchObject({ kind: 'hang', message: expect.stringContaining('stopped by a signal') });
    expect(second).toMatchObject({ state: 'done' });
  });

  it('is not one that computes, or that waits for less than the limit', async () => {
    const attempts = await run({ busyMs: 2500, sleepMs: 700 }, { hangSeconds: 1 });
    expect(attempts.filter((a) => a.cause?.kind === 'hang')).toEqual([]);
  });
});

describe('a worker that hangs before it says anything', () => {
  it('is replaced, and the run gives up when the others do the same', async () => {
    const graph = campaign(butler, { cells: 1, config: { make: { markers: root } } });
    const worker = { file: process.execPath, args: ['-e', 'setInterval(() => {}, 1000)'] };
    const options = { worker, jobs: 1, scratchRoot: root, hangSeconds: 0.5 };
    await expect(execute(graph, butler, options)).rejects.toThrow(/ended 3 times in a row before they did any work/);
  });
});

describe.runIf(process.platform === 'linux')('processes that a task starts', () => {
  it('end with the attempt, whatever group, session or parent they have', async () => {
    const attempts = await run({ fork: [cell(1)] });
    expect(attempts.every((a) => a.state === 'done')).toBe(true);
    expect(await survivors(root)).toEqual([]);
  });

  it('are counted: their CPU time and their memory', async () => {
    const attempts = await run({ eat: [cell(1)] });
    const [eater] = ofCell(attempts, 1);
    const [other] = ofCell(attempts, 2);
    expect(eater.usage.cpuUserSeconds - other.usage.cpuUserSeconds).toBeGreaterThan(0.3);
    expect(eater.usage.peakMemoryBytes - other.usage.peakMemoryBytes).toBeGreaterThan(200e6);
  });

  it('end with the worker that dies under them', async () => {
    const attempts = await run({ forkAndDieOnce: [cell(1)] });
    expect(ofCell(attempts, 1).map((a) => a.cause?.kind)).toEqual(['signalled', undefined]);
    expect(await survivors(root)).toEqual([]);
  });
});

describe('a flood of output', () => {
  const logsOf = (folder: string) =>
    readdirSync(folder).map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));

  it('takes neither disk nor memory: beginning and end are kept, and how much is missing', async () => {
    const from = performance.now();
    const attempts = await run({ flood: [cell(1)], floodBytes: 50e6 });
    const wallSeconds = (performance.now() - from) / 1000;
    expect(attempts.every((a) => a.state === 'done')).toBe(true);
    const [attempt] = ofCell(attempts, 1);
    const folder = RunFolder.open(butler.root, 'test/run');
    expect(attempt.log!.length).toBeLessThan(10e6);
    const text = readAttemptLog(folder, attempt, 2 ** 25);
    expect(text).toContain('printed 0 ');
    expect(text).toMatch(/too much output; \d{5,} lines \(\d{7,} bytes\) of output are left out here/);
    expect(text).toContain('end of flood');
    expect(text).toMatch(/logged 99999 /);
    const logs = logsOf(folder.logFolder);
    expect(logs.filter(({ name }) => name.includes('.tail'))).toEqual([]);
    const bytes = logs.reduce((sum, log) => sum + log.text.length, 0);
    expect(bytes).toBeLessThan(40e6);
    const console = logs.find(({ name, text }) => name.endsWith('.console') && text.includes('end of child'))!;
    expect(console.text).toMatch(/--- \d{6,} bytes of output are left out here ---/);
    // The log dataset, which the butler keeps, is small too, and ends as the log does.
    const record = attempt.outputs.find(({ file }) => file.path.includes('make_log'))!;
    expect(record.file.sizeBytes).toBeLessThan(10e6);
    expect(attempt.usage.peakMemoryBytes).toBeLessThan(700e6);
    process.stderr.write(`flood of 50 MB: ${wallSeconds.toFixed(1)} s, ${(bytes / 1e6).toFixed(0)} MB kept\n`);
  }, 60_000);

  it('keeps its end when the worker dies of it', async () => {
    const attempts = await run({ flood: [cell(1)], floodBytes: 45e6, floodAndDie: true });
    const [first, second] = ofCell(attempts, 1);
    expect(first).toMatchObject({ state: 'failed', cause: { kind: 'signalled' } });
    expect(second.state).toBe('done');
    const text = readAttemptLog(RunFolder.open(butler.root, 'test/run'), first, 2 ** 25);
    expect(text).toMatch(/lines \(\d+ bytes\) of output are left out here/);
    expect(text).toContain('end of flood');
  }, 60_000);
});
