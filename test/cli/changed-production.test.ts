// SPDX-License-Identifier: BSD-3-Clause
import { mkdtempSync, readdirSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Butler } from '../../src/butler/index.ts';
import type { RerunPlan, Story } from '../../src/run/index.ts';
import { skymill } from '../support/commands.ts';
import { countSite } from '../support/run/count-site.ts';

let root: string;
let repo: string;
let pipeline: string;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'skymill-changed-'));
  ({ repo, pipeline } = await countSite(root));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const command = (...more: string[]) => [
  'run',
  pipeline,
  ...['-b', repo, '-i', 'raws', '-o', 'u/me/out', '-d', "instrument = 'Cam'", '-j', '2'],
  ...more,
];

function run(...more: string[]): string {
  const { status, stdout, stderr } = skymill(command(...more));
  expect(status, stderr).toBe(0);
  return stdout;
}

function plan(...more: string[]): RerunPlan {
  const { status, stdout, stderr } = skymill([...command(...more), '--dry-run', '--json']);
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout) as RerunPlan;
}

/** `measure: 4 kept; 2 codeChanged`, in short. */
const inShort = ({ tasks }: RerunPlan): string[] =>
  tasks.map(({ label, kept, reasons }) =>
    [`${label}: ${kept} kept`, ...reasons.map((r) => `${r.quanta} ${r.reason}`)].join(', '),
  );

async function reading<T>(read: (butler: Butler) => Promise<T>): Promise<T> {
  const butler = await Butler.open(repo);
  try {
    return await read(butler);
  } finally {
    await butler.close();
  }
}

const chain = () => reading(async (butler) => (await butler.listCollections(['u/me/out']))[0].children!);

/** What the chain shows: by exposure the total and the run that made it. */
const totals = () =>
  reading(async (butler) => {
    const found: Record<string, unknown> = {};
    for await (const ref of butler.query().datasets('total', { collections: ['u/me/out'], findFirst: true }))
      found[String(ref.dataId.get('exposure'))] = [((await butler.get(ref)) as { value: number }).value, ref.run];
    return found;
  });

const runFiles = (name: string): string[] =>
  readdirSync(join(repo, name), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.\w+$/.test(path))
    .map((path) => `${path} ${readFileSync(join(repo, name, path), 'base64').slice(0, 4000)}`)
    .sort();

describe('a production that is changed and given again', () => {
  let first: string;
  let filesOfFirst: string[];

  test('runs as a whole at first, and has nothing to do the second time', async () => {
    run();
    [first] = await chain();
    expect(await totals()).toEqual({ 1: [36, first], 2: [43, first] });
    filesOfFirst = runFiles(first);
    expect(inShort(plan())).toEqual(['measure: 6 kept', 'total: 2 kept']);
    // What a production may use, and how it looks, does not make it another one.
    expect(inShort(plan('-j', '1', '--memory', '2', '-q'))).toEqual(['measure: 6 kept', 'total: 2 kept']);
    expect(await chain()).toEqual([first, 'raws']);
  });

  test('with another configuration, tells what runs before it does, and keeps the rest', async () => {
    const seen = plan('-c', 'total:offset=100');
    expect(inShort(seen)).toEqual(['measure: 6 kept', 'total: 0 kept, 2 configChanged']);
    expect(seen.tasks[1].reasons[0].text).toBe('config offset 0 → 100');
    expect(seen.tasks[0].keptIn).toEqual([{ run: first, quanta: 6 }]);
    expect(await chain()).toEqual([first, 'raws']); // a dry run changes nothing

    expect(run('-c', 'total:offset=100')).toMatch(
      /6 of 8 quanta are kept, 2 run:[\s\S]*total +2 to run: config offset/,
    );
    const [second, ...others] = await chain();
    expect(others).toEqual([first, 'raws']);
    expect(await totals()).toEqual({ 1: [136, second], 2: [143, second] });
    expect(runFiles(first)).toEqual(filesOfFirst);
    expect(runFiles(second).filter((name) => name.startsWith('measured/'))).toEqual([]);
    expect(inShort(plan('-c', 'total:offset=100'))).toEqual(['total: 2 kept']); // it goes on itself
  });

  test('tells of each quantum why it ran, and of others which run did it', async () => {
    const [second] = await chain();
    const why = (...words: string[]) => {
      const { status, stdout, stderr } = skymill(['why', repo, 'u/me/out', ...words, '--json']);
      expect(status, stderr).toBe(0);
      return JSON.parse(stdout) as (Story & { run: string })[];
    };
    const [total] = why('total', 'exposure=1');
    expect(total).toMatchObject({ run: second, state: 'done' });
    expect(total.lines.join('\n')).toMatch(/runs here because config offset 0 → 100/);
    const [measured] = why('measured', 'exposure=1', 'detector=2');
    expect(measured).toMatchObject({ run: first, label: 'measure', state: 'done' });
    expect(measured.lines.join('\n')).toContain(`${second} kept it`);
  });

  test('with the first configuration again, is not mistaken for the run that had it', async () => {
    // What the chain shows of totals is of another configuration, so the old run cannot simply be continued.
    expect(inShort(plan())).toEqual(['measure: 6 kept', 'total: 0 kept, 2 configChanged']);
    run();
    const [third] = await chain();
    expect(await totals()).toEqual({ 1: [36, third], 2: [43, third] });
  });

  test('with other code, runs what depends on it; unless any code will do', async () => {
    writeFileSync(join(root, 'site', 'scale.ts'), 'export const scale = (value: number): number => 2 * value;\n');
    const seen = plan();
    expect(inShort(seen)).toEqual(['measure: 0 kept, 6 codeChanged', 'total: 0 kept, 2 upstream']);
    expect(seen.tasks[0].reasons[0].text).toMatch(/^code sha256:[0-9a-f]+ → sha256:[0-9a-f]+$/);
    expect(seen.tasks[1].reasons[0].text).toContain('measure');
    expect(inShort(plan('--any-code'))).toEqual(['total: 2 kept']);
    run();
    expect(await totals()).toEqual({ 1: [72, expect.any(String)], 2: [86, expect.any(String)] });
  });

  test('with other inputs, runs what they reach', async () => {
    const butler = await Butler.open(repo, { writeable: true });
    const dataId = { instrument: 'Cam', exposure: 1, detector: 2 };
    const ref = (await butler.findDataset('rawCount', dataId, { collections: ['raws'] }))!;
    await butler.removeDatasets([ref]);
    await butler.put({ count: 20 }, 'rawCount', dataId, 'raws');
    await butler.close();
    // The command has the graph of its last run, where nothing is left to do; a part of the pipeline is another command.
    const seen = plan('--new-graph');
    expect(inShort(seen)).toEqual(['measure: 5 kept, 1 inputsChanged', 'total: 1 kept, 1 upstream']);
    expect(seen.tasks[0].reasons[0]).toMatchObject({ example: { exposure: 1, detector: 2 } });
    run('--new-graph');
    const [newest, before] = await chain();
    expect(await totals()).toEqual({ 1: [88, newest], 2: [86, before] });
  });

  test('does again what failed before, and makes again what is not as recorded', async () => {
    const { status } = skymill(command('-c', 'measure:fail=[2]'));
    expect(status).toBe(3);
    const [failing] = await chain();
    const seen = plan('-c', 'measure:fail=[1]');
    expect(inShort(seen)).toEqual(['measure: 0 kept, 6 configChanged', 'total: 0 kept, 2 upstream']);
    const same = plan('-c', 'measure:fail=[2]');
    expect(inShort(same)).toEqual(['measure: 3 kept, 3 failedBefore', 'total: 1 kept, 1 blockedBefore']);
    const [gone] = readdirSync(join(repo, failing, 'measured'), { recursive: true, encoding: 'utf8' }).filter((n) =>
      /\.\w+$/.test(n),
    );
    unlinkSync(join(repo, failing, 'measured', gone));
    expect(inShort(plan('-c', 'measure:fail=[2]'))[0]).toBe('measure: 2 kept, 3 failedBefore, 1 fileMissing');
  });

  test('begins from nothing when told to', () => {
    const { status, stdout, stderr } = skymill([...command('--new-run'), '--dry-run']);
    expect(status, stderr).toBe(0);
    expect(stdout).toContain('Would run 8 quanta');
  });
});
