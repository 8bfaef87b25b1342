// SPDX-License-Identifier: BSD-3-Clause
import { appendFileSync, mkdtempSync, readdirSync, rmSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Butler } from '../../src/butler/index.ts';
import type { RerunPlan } from '../../src/run/index.ts';
import { skymill } from '../support/commands.ts';
import { type CountSite, countSite } from '../support/run/count-site.ts';

let root: string;
let site: CountSite;
let graph: string;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'skymill-graph-run-'));
  site = await countSite(root);
  graph = join(root, 'all.qgraph');
  build(graph, '-o', 'u/me/out');
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function ok(words: string[]): string {
  const { status, stdout, stderr } = skymill(words);
  expect(status, stderr).toBe(0);
  return stdout;
}
function build(file: string, ...more: string[]): void {
  ok(['graph', 'build', site.pipeline, '-b', site.repo, '-i', 'raws', '-d', "instrument = 'Cam'", '-g', file, ...more]);
}
const run = (file: string, ...more: string[]) => ['graph', 'run', file, '-b', site.repo, '-j', '2', ...more];
const plan = (...more: string[]) => JSON.parse(ok(run(graph, '--dry-run', '--json', ...more))) as RerunPlan;

async function totals(collection: string): Promise<number[]> {
  const butler = await Butler.open(site.repo);
  try {
    const found: number[] = [];
    for await (const ref of butler.query().datasets('total', { collections: [collection], findFirst: true }))
      found.push(((await butler.get(ref)) as { value: number }).value);
    return found.sort((a, b) => a - b);
  } finally {
    await butler.close();
  }
}

describe('a graph that stands in a file', () => {
  test('is executed, and the same command continues', async () => {
    expect(ok(run(graph, '--dry-run'))).toContain('Would run 8 quanta');
    ok(run(graph));
    expect(await totals('u/me/out')).toEqual([36, 43]);
    expect(plan()).toMatchObject({ kept: 8, rerun: 0 });
    const butler = await Butler.open(site.repo);
    const [{ children }] = await butler.listCollections(['u/me/out']);
    await butler.close();
    const totalsFolder = join(site.repo, children![0], 'total');
    const file = readdirSync(totalsFolder, { recursive: true, encoding: 'utf8' }).find((name) => /\.\w+$/.test(name))!;
    unlinkSync(join(totalsFolder, file));
    expect(plan()).toMatchObject({ kept: 7, tasks: [{}, { reasons: [{ reason: 'fileMissing', quanta: 1 }] }] });
    expect(ok(run(graph))).toContain('Continuing run');
    expect(await totals('u/me/out')).toEqual([36, 43]);
    expect(ok(['why', site.repo, 'u/me/out', 'total'])).toMatch(/made again at .*total.* was missing/);
  });

  test('is executed part by part, in the order in which they need each other', async () => {
    const whole = join(root, 'steps.qgraph');
    build(whole, '-o', 'u/me/steps');
    ok(['graph', 'split', whole, '--tasks', 'measure', '--tasks', 'T:total', '--into', join(root, 'steps')]);
    const [first, second] = readdirSync(join(root, 'steps')).sort();
    const early = skymill(run(join(root, 'steps', second), '--json'));
    expect(early.status).toBe(2);
    expect(JSON.parse(early.stderr).error).toMatchObject({ code: 'CLI_PART_FIRST' });
    ok(run(join(root, 'steps', first)));
    ok(run(join(root, 'steps', second)));
    expect(await totals('u/me/steps')).toEqual([36, 43]);
  });

  test('does not go on with other code unless told to', () => {
    appendFileSync(join(site.site, 'scale.ts'), '// edited\n');
    const { status, stderr } = skymill(run(graph, '--json'));
    expect(status).toBe(2);
    expect(JSON.parse(stderr).error).toMatchObject({ code: 'CLI_RUN_CODE', next: expect.stringMatching(/update-run/) });
    ok(run(graph, '--any-code'));
  });

  test('of another repository is refused, and so is one whose task is gone', async () => {
    const other = join(root, 'other');
    await (await Butler.create(other)).close();
    const { status, stderr } = skymill(['graph', 'run', graph, '-b', other, '--json']);
    expect(status).toBe(2);
    expect(JSON.parse(stderr).error.code).toBe('RUN_OTHER_REPOSITORY');
    const gone = join(root, 'gone.qgraph');
    ok(['graph', 'update-run', graph, 'u/me/gone', '-g', gone]);
    unlinkSync(join(site.site, 'total.ts'));
    const missing = skymill(run(gone, '--json'));
    expect(missing.status).toBe(2);
    expect(JSON.parse(missing.stderr).error).toMatchObject({
      code: 'TASKS_NO_MODULE',
      message: expect.stringMatching(/total\.ts/),
    });
  });
});
