// SPDX-License-Identifier: BSD-3-Clause
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { Butler } from '../../src/butler/index.ts';
import { commandDigest } from '../../src/cli/produce/graph-request.ts';
import type { ResolvedPipeline } from '../../src/pipeline/index.ts';
import type { RerunPlan, RunReport } from '../../src/run/index.ts';
import { skymill } from '../support/commands.ts';
import { type CountSite, countSite } from '../support/run/count-site.ts';

// Each command is a process of its own, and machines may be busy.
vi.setConfig({ testTimeout: 120_000 });

let root: string;
let site: CountSite;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'skymill-restart-'));
  site = await countSite(root);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const command = (chain: string, ...more: string[]) => [
  ...['run', site.pipeline, '-b', site.repo, '-i', 'raws', '-o', chain, '-d', "instrument = 'Cam'", '-j', '2', ...more],
];

function json<T>(words: string[], status = 0): T {
  const result = skymill([...words, '--json']);
  expect(result.status, result.stderr).toBe(status);
  return JSON.parse(result.stdout) as T;
}

async function totals(chain: string): Promise<Record<string, number>> {
  const butler = await Butler.open(site.repo);
  try {
    const found: Record<string, number> = {};
    for await (const ref of butler.query().datasets('total', { collections: [chain], findFirst: true }))
      found[String(ref.dataId.get('exposure'))] = ((await butler.get(ref)) as { value: number }).value;
    return found;
  } finally {
    await butler.close();
  }
}

describe('excluded data IDs', () => {
  const chain = 'u/me/excluded';

  test('are left out, and what depends on them does with the rest', () => {
    const words = command(chain, '--exclude', 'measure exposure=1, detector=2', '--exclude', 'exposure=2');
    const report = json<RunReport>(words);
    expect(report.counts).toMatchObject({ done: 3, excluded: 5, failed: 0, unfinished: 0 });
  });

  test('are told of by why and by the plan, and run when they are no longer excluded', async () => {
    expect(await totals(chain)).toEqual({ 1: 24 });
    const why = skymill(['why', site.repo, chain, 'measure', 'exposure=1', 'detector=2']);
    expect(why.stdout).toMatch(/was left out of the last execution: excluded by "measure exposure=1, detector=2"/);
    const table = join(root, 'bad.csv');
    writeFileSync(table, 'exposure,detector\n2,1\n2,2\n2,3\n');
    const plan = json<RerunPlan>([...command(chain, '--exclude-table', table), '--dry-run']);
    expect(plan).toMatchObject({ kept: 3, excluded: 3, rerun: 2 });
    expect(plan.tasks[0].reasons).toMatchObject([{ reason: 'excludedBefore', quanta: 1 }]);
    expect(json<RunReport>(command(chain)).counts).toMatchObject({ excluded: 0, failed: 0 });
    // The total of exposure 1 was done without detector 2, and what is done is not done again.
    expect(await totals(chain)).toEqual({ 1: 24, 2: 43 });
    const wrong = skymill(command(chain, '--exclude', 'detektor=2', '--json'));
    expect(wrong.status).toBe(2);
    expect(JSON.parse(wrong.stderr.split('\n').find((line) => line.includes('"error"'))!).error).toMatchObject({
      code: 'RUN_EXCLUSION',
      message: expect.stringContaining('Did you mean "detector"?'),
    });
  });
});

describe('a production that was killed', () => {
  test('and is given again with a change keeps what the dead one had recorded, registered or not', async () => {
    const chain = 'u/me/killed';
    const slow = ['-c', 'measure:sleepMs=400'];
    const bin = resolve(import.meta.dirname, '../../bin/skymill.js');
    const child = spawn(process.execPath, [bin, ...command(chain, ...slow, '--json')], { detached: true });
    let said = '';
    child.stderr.on('data', (chunk) => (said += chunk));
    const over = new Promise((done) => child.on('close', done));
    while ((said.match(/"type":"attempt"/g) ?? []).length < 3) await sleep(20);
    child.kill('SIGKILL');
    await over;

    const words = command(chain, ...slow, '-c', 'total:offset=5');
    const plan = json<RerunPlan>([...words, '--dry-run']);
    expect(plan.kept).toBeGreaterThanOrEqual(2); // the last record may not have been written any more
    expect(plan.tasks[1].reasons.map((one) => one.reason)).not.toContain('notRegistered');
    expect(json<RunReport>(words).counts).toMatchObject({ failed: 0, unfinished: 0 });
    expect(await totals(chain)).toEqual({ 1: 41, 2: 48 });
    const doctor = skymill(['doctor', site.repo]);
    expect(doctor.status, doctor.stdout + doctor.stderr).toBe(0);
    const runs = join(site.repo, '.skymill', 'runs');
    for (const run of readdirSync(runs).filter((name) => name.includes('killed')))
      expect(readdirSync(join(runs, run))).not.toContain('lock');
    // Not one quantum was done in both runs.
    const done = readdirSync(runs)
      .filter((name) => name.includes('killed'))
      .flatMap(
        (run) =>
          readFileSync(join(runs, run, 'outcomes.log'), 'utf8').match(/"label":"measure","dataId":\{[^}]*\}/g) ?? [],
      );
    expect(done).toHaveLength(6);
    expect(new Set(done).size).toBe(6);
  });
});

describe('what makes two commands the same', () => {
  const pipeline = (task: object) =>
    ({ tasks: [{ declaration: { label: 'a', config: {}, ...task } }] }) as unknown as ResolvedPipeline;

  test('is not what tasks may use or how they are described', () => {
    const options = { input: ['raws'], output: 'u/me/out' };
    const one = commandDigest(pipeline({ resources: { memoryBytes: 1e9 }, doc: 'one' }), {
      ...options,
      jobs: 2,
      memory: 4,
    });
    const other = commandDigest(pipeline({ resources: { memoryBytes: 8e9 } }), {
      ...options,
      jobs: 64,
      retryRules: 'x.yaml',
      exclude: ['visit=1'],
    });
    expect(other).toBe(one);
    expect(commandDigest(pipeline({ config: { a: 1 } }), options)).not.toBe(one);
    expect(commandDigest(pipeline({}), { ...options, where: 'visit = 1' })).not.toBe(one);
  });
});
