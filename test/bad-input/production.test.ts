// SPDX-License-Identifier: BSD-3-Clause
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { RunReport } from '../../src/run/index.ts';
import { skymill } from '../support/commands.ts';
import { type CountSite, countSite } from '../support/run/count-site.ts';
import { expectOneError } from './expect.ts';

// Each command is a process of its own, and machines may be busy.
vi.setConfig({ testTimeout: 120_000 });

let root: string;
let site: CountSite;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'skymill-production-'));
  site = await countSite(root);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const words = (pipeline: string, chain: string, ...more: string[]) => [
  ...['run', pipeline, '-b', site.repo, '-i', 'raws', '-o', chain, '-d', "instrument = 'Cam'", '-j', '2', ...more],
];

/** A command in the background, with what it has said on stderr. */
function start(command: string[]): { child: ChildProcess; over: Promise<number | null>; said: () => string } {
  const bin = resolve(import.meta.dirname, '../../bin/skymill.js');
  const child = spawn(process.execPath, [bin, ...command], { env: { ...process.env, CI: 'true' } });
  let text = '';
  child.stderr!.on('data', (chunk) => (text += chunk));
  const over = new Promise<number | null>((done) => child.on('close', done));
  return { child, over, said: () => text };
}

async function until(said: () => string, pattern: RegExp): Promise<void> {
  while (!pattern.test(said())) await sleep(50);
}

describe('a run that somebody executes', () => {
  test('is refused to a second controller, who is told by whom, since when and what to do; Ctrl-C leaves it to be continued', async () => {
    const command = words(site.pipeline, 'u/me/busy', '-c', 'measure:sleepMs=3000', '--json');
    const first = start(command);
    await until(first.said, /"type":"started"/);
    const again = skymill(words(site.pipeline, 'u/me/busy', '-c', 'measure:sleepMs=3000'));
    const who = `process ${first.child.pid} of ${userInfo().username} on ${hostname()} since 20`;
    expectOneError(again, 'RUN_LOCKED', /The run u\/me\/busy\/\w+ is being executed/, who, 'last sign of life 20');
    expect(again.stderr).toContain('--take-over');
    first.child.kill('SIGINT');
    expect(await first.over).toBe(5);
    const second = start(command);
    await until(second.said, /"type":"attempt"/);
    second.child.kill('SIGINT');
    await sleep(400); // as a finger would
    second.child.kill('SIGINT');
    expect(await second.over).toBe(130);
    const third = skymill(command);
    expect(third.status, third.stderr).toBe(0);
    expect(JSON.parse(third.stdout)).toMatchObject({ quanta: 8, counts: { failed: 0 } });
  });
});

test('a changed production may begin while its predecessor goes on, and is told that what that has not finished does not count', async () => {
  const first = start(words(site.pipeline, 'u/me/both', '-c', 'measure:sleepMs=5000', '--json'));
  await until(first.said, /"type":"attempt"/);
  // A dry run asks nothing of anybody.
  const other = skymill(words(site.pipeline, 'u/me/both', '-c', 'measure:factor=2', '--dry-run'));
  expect(other.status, other.stderr).toBe(0);
  const changed = skymill(words(site.pipeline, 'u/me/both', '-c', 'measure:sleepMs=5000', '-c', 'total:offset=1'));
  expect(changed.status, changed.stderr).toBe(0);
  expect(changed.stderr).toMatch(/is being executed by process \d+ .*what it has not finished yet does not count/);
  expect(changed.stdout).toMatch(/quanta are kept|can be kept/);
  expect(await first.over).toBe(0);
});

describe('a task that does not do as it says', () => {
  const task = (outputs: string, returned: string) => `
import { defineTask, input, output } from 'skymill/pipeline';
import { z } from 'zod';
const dimensions = ['exposure', 'detector'];
export default defineTask({
  name: 'wrong', dimensions, config: z.object({}),
  connections: { raw: input('rawCount', { dimensions, storage: 'StructuredDataDict' }), ${outputs} },
  run: () => (${returned}),
});
`;
  const one = "made: output('made', { dimensions, storage: 'StructuredDataDict' })";
  test('whose output is another kind of dataset than the repository has is refused, and no run is begun', () => {
    writeFileSync(
      join(site.site, 'plain.ts'),
      task("made: output('plain', { dimensions, storage: 'StructuredDataDict' })", '{ made: {} }'),
    );
    writeFileSync(
      join(site.site, 'table.ts'),
      task("made: output('plain', { dimensions, storage: 'ArrowAstropy' })", '{ made: {} }'),
    );
    for (const name of ['plain', 'table'])
      writeFileSync(join(site.site, `${name}.yaml`), `description: ${name}\ntasks:\n  wrong: ./${name}.ts\n`);
    expect(skymill(words(join(site.site, 'plain.yaml'), 'u/me/plain')).status).toBe(0);
    const runs = () => readdirSync(join(site.repo, '.skymill', 'runs')).sort();
    const before = runs();
    expectOneError(
      skymill(words(join(site.site, 'table.yaml'), 'u/me/table')),
      /^(GRAPH_STORAGE_DISAGREES|BUTLER_DATASET_TYPE_CONFLICT)$/,
      'plain',
      'ArrowAstropy',
    );
    expect(runs()).toEqual(before);
  });

  const cases: [what: string, outputs: string, returned: string, says: RegExp][] = [
    [
      'gives an output it did not declare',
      one,
      '{ made: {}, more: {} }',
      /returned "more", which is not one of its outputs/,
    ],
    ['leaves out one that it declared', one, '{}', /1 of 1 datasets too few for its output "made"/],
    ['gives what cannot be written', one, '{ made: () => 1 }', /made/],
    ['gives nothing at all', one, 'undefined', /./],
    [
      'gives a table where there is none',
      one.replace("'made'", "'madeTable'").replace('StructuredDataDict', 'ArrowAstropy'),
      '{ made: 7 }',
      /./,
    ],
  ];
  test.each(cases)('%s', (_what, outputs, returned, says) => {
    writeFileSync(join(site.site, 'wrong.ts'), task(outputs, returned));
    const pipeline = join(site.site, 'wrong.yaml');
    writeFileSync(pipeline, 'description: wrong\ntasks:\n  wrong: ./wrong.ts\n');
    const { status, stdout, stderr } = skymill(words(pipeline, 'u/me/wrong', '--new-run', '--json'));
    expect(status, stderr).toBe(3);
    const report = JSON.parse(stdout) as RunReport;
    expect(report.counts).toMatchObject({ failed: 6 });
    expect(report.failures).toHaveLength(1);
    expect(report.failures[0].examples[0].cause!.message).toMatch(says);
    expect(report.failures[0].kind).toBe('wrongOutput');
  });
});
