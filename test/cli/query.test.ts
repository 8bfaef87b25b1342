// SPDX-License-Identifier: BSD-3-Clause
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Butler } from '../../src/butler/index.ts';

const bin = join(import.meta.dirname, '../../bin/skymill.js');
let folder: string;
let repo: string;

function skymill(...words: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [bin, ...words], { encoding: 'utf8', maxBuffer: 64e6 });
}
// biome-ignore lint/suspicious/noExplicitAny: JSON
function json(...words: string[]): any {
  const { stdout, stderr, status } = skymill(...words, '--json');
  expect(stderr, words.join(' ')).toBe('');
  expect(status).toBe(0);
  return JSON.parse(stdout);
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'query-verbs-'));
  repo = join(folder, 'repo');
  const butler = await Butler.create(repo);
  const { universe } = butler;
  await butler.insertRecords('instrument', [
    { name: 'Cam', class_name: 'x', detector_max: 8, exposure_max: 99, visit_max: 99, visit_system: 0 },
  ]);
  await butler.insertRecords(
    'detector',
    [0, 1, 2].map((id) => ({ instrument: 'Cam', id, full_name: `D${id}` })),
  );
  const types = [
    butler.makeDatasetType('bias', ['instrument', 'detector'], 'StructuredDataDict', { isCalibration: true }),
    butler.makeDatasetType('note', ['instrument'], 'StructuredDataDict'),
    butler.makeDatasetType('run_log', ['instrument'], 'StructuredDataDict'),
  ];
  await butler.registerDatasetTypes(types);
  for (const run of ['run/1', 'run/2']) await butler.registerCollection(run, 'RUN', `the ${run}`);
  for (const detector of [0, 1]) await butler.put({ detector }, 'bias', { instrument: 'Cam', detector }, 'run/1');
  await butler.put({ better: true }, 'bias', { instrument: 'Cam', detector: 1 }, 'run/2');
  await butler.put({ text: 'x' }, 'note', { instrument: 'Cam' }, 'run/2');
  await butler.put({ text: 'y' }, 'run_log', { instrument: 'Cam' }, 'run/2');
  await butler.registerCollection('chain', 'CHAINED');
  await butler.setChain('chain', ['run/2', 'run/1']);
  expect(universe.version).toBe(8);
  await butler.close();
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('query-datasets', () => {
  test('all types at once, as one array', () => {
    const rows = json('query-datasets', repo, '*');
    expect(rows.map((row: { type: string; run: string }) => `${row.type} ${row.run}`)).toEqual([
      'bias run/1',
      'bias run/1',
      'bias run/2',
      'note run/2',
      'run_log run/2',
    ]);
    expect(Object.keys(rows[0])).toEqual(['type', 'run', 'id', 'instrument', 'detector']);
  });
  test('--find-first in the order of a chain, with URIs', () => {
    const words = [repo, 'bias', '--collections', 'chain', '--find-first', '--order-by=-detector', '--show-uri'];
    const rows = json('query-datasets', ...words);
    expect(rows.map((row: { run: string; detector: number }) => [row.run, row.detector])).toEqual([
      ['run/2', 1],
      ['run/1', 0],
    ]);
    for (const { uri } of rows) expect(uri).toMatch(/^file:\/\/\/.*\/repo\/run\/\d\/bias\//);
    expect(skymill('query-datasets', ...words).stdout).toMatch(/^type +run +id +instrument +detector +uri\n/);
  });
  test('limits: above, and below 0 with a warning', () => {
    expect(json('query-datasets', repo, 'bias', '--limit', '2')).toHaveLength(2);
    expect(json('query-datasets', repo, '*', '--limit', '4')).toHaveLength(4);
    const capped = skymill('query-datasets', repo, 'bias', '--limit=-2');
    expect(capped.stdout.trim().split('\n')).toHaveLength(3);
    expect(capped.stderr).toContain('more than the 2 rows');
    expect(skymill('query-datasets', repo, 'bias', '--limit=-3').stderr).toBe('');
  });
  test('says why there is nothing', () => {
    const none = (...words: string[]) => {
      const { status, stdout, stderr } = skymill('query-datasets', repo, ...words, '--json');
      expect(JSON.parse(stdout)).toEqual([]);
      expect(status).toBe(4);
      return stderr;
    };
    expect(none('note', '--collections', 'run/1')).toContain('no "note" in "run/1"; there are some in "run/2"');
    expect(none('bias', '--where', "instrument = 'Cam' AND detector = 7")).toContain('no detector 7');
    expect(none('bias', '--where', "instrument = 'Cam' AND detector = 2")).toContain('nor in any other collection');
    expect(none('bias', '--where', "instrument = 'Cam' AND detector = 0", '--collections', 'run/2')).toContain(
      'but in "run/1"',
    );
    const wrong = skymill('query-datasets', repo, 'bais');
    expect([wrong.status, wrong.stderr]).toEqual([2, expect.stringContaining('Did you mean "bias"')]);
    expect(skymill('query-datasets', repo, 'bias', '--find-first').status).toBe(2);
  });
});

test('query-data-ids', () => {
  expect(json('query-data-ids', repo, 'detector', '--where', "instrument='Cam'")).toHaveLength(3);
  const held = json('query-data-ids', repo, 'detector', '--datasets', 'bias', '--collections', 'run/2');
  expect(held).toEqual([{ instrument: 'Cam', detector: 1 }]);
  const words = ['query-data-ids', repo, 'detector', '--order-by', 'detector', '--limit', '2', '--offset', '1'];
  expect(json(...words).map((row: { detector: number }) => row.detector)).toEqual([1, 2]);
  expect(skymill('query-data-ids', repo, 'detector', '--limit', '0', '--offset', '1').status).toBe(2);
  expect(skymill('query-data-ids', repo, 'detector', '--collections', 'run/1').status).toBe(2);
});

test('query-dimension-records', () => {
  const held = ['--datasets', 'bias', '--collections', 'run/1'];
  expect(json('query-dimension-records', repo, 'detector', ...held)).toMatchObject([
    { id: 0, full_name: 'D0' },
    { id: 1, full_name: 'D1' },
  ]);
  const strict = skymill('query-dimension-records', repo, 'detector', '--where', 'detector = 2');
  expect([strict.status, strict.stderr]).toEqual([2, expect.stringContaining('QUERY_GOVERNOR_UNCONSTRAINED')]);
  expect(json('query-dimension-records', repo, 'detector', '--where', 'detector = 2', '--no-check')).toHaveLength(1);
});

test('query-collections in every form', () => {
  const lines = (...words: string[]) =>
    skymill('query-collections', repo, ...words)
      .stdout.trimEnd()
      .split('\n')
      .slice(1);
  expect(lines('chain')).toEqual(['chain    CHAINED', '  run/2  RUN      the run/2', '  run/1  RUN      the run/1']);
  expect(lines('run/1', '--chains', 'inverse-tree')).toEqual(['run/1    RUN      the run/1', '  chain  CHAINED']);
  expect(lines('chain', '--chains', 'TABLE')).toEqual(['chain  CHAINED  run/2, run/1']);
  expect(lines('run/*', '--chains', 'INVERSE-TABLE')[0]).toMatch(/^run\/1 +RUN +chain +the run\/1$/);
  expect(lines('chain', '--chains', 'FLATTEN').map((line) => line.split(' ')[0])).toEqual(['run/2', 'run/1']);
  expect(lines('--chains', 'NO-CHILDREN', '--collection-type', 'chained')).toEqual(['chain  CHAINED']);
  expect(lines('run/2', '-t')[0]).toMatch(/ bias, note$/);
  expect(lines('run/2', '-t', '--exclude-dataset-types', 'n?te')[0]).toMatch(/ bias, run_log$/);
});

test('query-dataset-types of some collections', () => {
  const names = (...words: string[]) =>
    json('query-dataset-types', repo, ...words).map(({ name }: { name: string }) => name);
  expect(names()).toEqual(['bias', 'note', 'run_log']);
  expect(names('--collections', 'run/1')).toEqual(['bias']);
  expect(names('*o*', '--collections', 'chain')).toEqual(['note', 'run_log']);
});
