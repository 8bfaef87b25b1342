// SPDX-License-Identifier: BSD-3-Clause
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildGraph, openGraph, writeGraph } from '../../src/graph/index.ts';
import { biases, raws, skyMap, surveyOptions, surveyPipeline, surveySource } from '../graph/survey.ts';
import { skymill } from '../support/commands.ts';
import { skySurvey } from '../support/sky-survey.ts';

const folder = mkdtempSync(join(tmpdir(), 'skymill-graph-'));
const file = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));
beforeAll(async () => {
  const datasets = [...raws(), ...biases(), skyMap()];
  for (const [name, given] of [
    ['a.qgraph', datasets],
    ['b.qgraph', datasets.slice(1)],
  ] as const)
    await writeGraph((await buildGraph(await surveyPipeline(), surveySource(given), surveyOptions)).graph, file(name));
});

function run(words: readonly string[], status = 0): string {
  const done = skymill(words);
  expect(done.stderr, words.join(' ')).not.toMatch(/\[GRAPH|at .*\.ts:/);
  expect(done.status, done.stderr).toBe(status);
  return done.stdout;
}

test('show: counts, pictures, one quantum, what is left', async () => {
  expect(run(['graph', 'show', file('a.qgraph')])).toContain('[12 quanta]');
  expect(run(['graph', 'show', file('a.qgraph'), '--format', 'svg'])).toMatch(/^<svg[\s\S]*<\/svg>\n$/);
  expect(run(['graph', 'show', file('a.qgraph'), '--format', 'dot'])).toMatch(/^digraph/);
  expect(run(['graph', 'show', file('a.qgraph'), '--quantum', 'isr exposure=2 detector=1'])).toContain(
    'exists in raws',
  );
  expect(run(['graph', 'show', file('a.qgraph'), '--by', 'visit'])).toMatch(/^visit +.*makeWarp/);
  const inputs = JSON.parse(run(['graph', 'show', file('a.qgraph'), '--inputs', '--json']));
  expect(inputs[0]).toMatchObject({ datasetType: 'raw', datasets: 12, pending: 0 });
  expect(JSON.parse(run(['graph', 'show', file('a.qgraph'), '--json']))).toMatchObject({ quanta: 48 });
});

test('diff and query', () => {
  expect(run(['graph', 'diff', file('a.qgraph'), file('a.qgraph')])).toContain('the same quanta');
  expect(run(['graph', 'diff', file('a.qgraph'), file('b.qgraph')], 3)).toContain('isr: 12 -> 11 quanta');
  expect(JSON.parse(run(['graph', 'diff', file('a.qgraph'), file('b.qgraph'), '--json'], 3)).same).toBe(false);
  const sql = "select label, count(*) as n from quanta where label like 'is%' group by label";
  expect(JSON.parse(run(['graph', 'query', file('a.qgraph'), sql, '--json']))).toEqual([{ label: 'isr', n: 12 }]);
  expect(run(['graph', 'query', file('a.qgraph'), '--tables'])).toContain('of_quantum');
  const wrong = skymill(['graph', 'query', file('a.qgraph'), 'select lable from quanta']);
  expect([wrong.status, wrong.stderr]).toEqual([2, expect.stringContaining('Did you mean "label"')]);
  run(['graph', 'query', file('a.qgraph'), "select 1 from quanta where label = 'x'"], 4);
});

test('split, merge, and another run', async () => {
  const parts = file('parts');
  expect(run(['graph', 'split', file('a.qgraph'), '--by', 'band', '--into', parts, '--dry-run'])).toContain('band=r');
  expect(readdirSync(folder)).not.toContain('parts');
  const written = JSON.parse(run(['graph', 'split', file('a.qgraph'), '--by', 'band', '--into', parts, '--json']));
  const files = written.map((part: { file: string }) => part.file);
  expect(readdirSync(parts).length).toBe(files.length);
  run(['graph', 'merge', ...files, '-g', file('again.qgraph')]);
  expect(run(['graph', 'diff', file('a.qgraph'), file('again.qgraph')])).toContain('the same quanta');
  run(['graph', 'update-run', file('a.qgraph'), 'out/2', '-g', file('other.qgraph')]);
  expect((await openGraph(file('other.qgraph'))).header.outputRun).toBe('out/2');
  const twice = skymill(['graph', 'merge', file('a.qgraph'), file('b.qgraph'), '-g', file('never.qgraph')]);
  expect([twice.status, twice.stderr]).toEqual([2, expect.stringContaining('both have the quantum')]);
  expect(readdirSync(folder)).not.toContain('never.qgraph');
});

describe('with a repository', () => {
  test('estimate, and what collections leave to do', async () => {
    const repo = file('repo');
    await (await skySurvey(repo, { visits: 6, detectors: 2, tracts: 1, patches: 2 })).close();
    const words = ['graph', 'estimate', 'pipelines/drp.yaml#isr', '-b', repo, '-i', 'Cam/raw,Cam/calib'];
    const estimate = JSON.parse(run([...words, '-d', "instrument='Cam'", '--json']));
    expect(estimate).toMatchObject({ quanta: 12, tasks: [{ label: 'isr', quanta: 12, error: 0 }] });
    expect(run([...words, '-d', "instrument='Cam'"])).toContain('12 quanta');
    const nothing = skymill([...words, '-d', "instrument='Cam' AND visit=77"]);
    expect([nothing.status, nothing.stderr]).toEqual([2, expect.stringContaining('no data ID matches')]);
    const left = run(['graph', 'show', file('a.qgraph'), '--rescue', 'Cam/raw', '--repo', repo]);
    expect(left).toContain('48 quanta would run, 0 are done.');
  });
});
