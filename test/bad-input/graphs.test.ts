// SPDX-License-Identifier: BSD-3-Clause
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { openGraph } from '../../src/graph/index.ts';
import { skymill } from '../support/commands.ts';
import { skySurvey } from '../support/sky-survey.ts';
import { expectOneError, stateOf } from './expect.ts';

// Each command is a process of its own, and machines may be busy.
vi.setConfig({ testTimeout: 120_000 });

/** Graphs that cannot be built or read: each is one error with its place, the repository stays as it was and no file is made. */

const folder = mkdtempSync(join(tmpdir(), 'skymill-bad-graphs-'));
const repo = join(folder, 'repo');
const graph = join(folder, 'never.qgraph');
let before: Awaited<ReturnType<typeof stateOf>>;
beforeAll(async () => {
  const butler = await skySurvey(repo, { visits: 4, detectors: 2, tracts: 1, patches: 2 });
  await butler.registerDatasetTypes([butler.makeDatasetType('odd', ['exposure', 'detector'], 'ArrowAstropy')]);
  await butler.close();
  before = await stateOf(repo);
});
afterAll(async () => {
  expect(await stateOf(repo)).toEqual(before);
  expect(existsSync(graph)).toBe(false);
  rmSync(folder, { recursive: true });
});

function build(tasks: readonly string[], where = "instrument = 'Cam'") {
  const file = join(folder, 'pipeline.yaml');
  writeFileSync(file, `${['description: a test', 'tasks:', ...tasks.map((line) => `  ${line}`)].join('\n')}\n`);
  const words = ['graph', 'build', file, '-b', repo, '-i', 'Cam/raw,Cam/calib', '-o', 'u/x', '-d', where, '-g', graph];
  return skymill(words);
}
const task = (label: string, taskClass: string, settings: string) =>
  `${label}: {class: ${taskClass}, config: {${settings}}}`;

describe('pipelines', () => {
  test('tasks that wait for each other in a circle, named', () => {
    const one = 'connections.exposure: x, connections.calexp: y, connections.sources: s';
    const other = `connections.exposure: y, connections.calexp: x, connections.src: t, connections.srcMatch: m, connections.sources: s`;
    const result = build([task('a', 'calibrate', one), task('b', 'calibrate', other)]);
    expectOneError(result, 'PIPELINE_CYCLE', /a -> b -> a|b -> a -> b/, /pipeline\.yaml:[34]:3/);
  });

  test('two tasks that write one dataset type', () => {
    expectOneError(
      build(['isr: isr', 'again: isr']),
      'PIPELINE_TWO_PRODUCERS',
      '"postISRCCD"',
      'isr.outputExposure',
      'again.outputExposure',
      'pipeline.yaml:4:3',
    );
  });

  test('dimensions of producer and consumer that disagree', () => {
    const result = build(['isr: isr', task('summary', 'makeVisitSummary', 'connections.calexps: postISRCCD')]);
    expectOneError(result, 'PIPELINE_DIMENSIONS_DISAGREE', '"postISRCCD"', 'summary.calexps', 'pipeline.yaml:4:3');
  });

  test('storage classes that disagree, among tasks and with the repository', () => {
    const among = build([
      'char: characterizeImage',
      task('cal', 'calibrate', 'connections.sources: icExp, connections.exposure: other'),
    ]);
    expectOneError(
      among,
      'PIPELINE_STORAGE_CLASS_DISAGREES',
      '"icExp"',
      'ExposureF',
      'ArrowAstropy',
      'pipeline.yaml:4:3',
    );
    const there = build([task('char', 'characterizeImage', 'connections.exposure: odd')]);
    expectOneError(there, 'GRAPH_STORAGE_DISAGREES', '"odd"', 'ArrowAstropy', 'char.exposure', 'ExposureF');
  });

  test('a dataset type that nobody knows', () => {
    const result = build([task('isr', 'isr', 'connections.raw: rwa, doFlat: false')]);
    expectOneError(result, 'GRAPH_EMPTY', 'no dataset type "rwa"', 'Did you mean "raw"?');
  });

  test('a graph in the place of a pipeline', () => {
    const file = join(folder, 'graph.yaml');
    writeFileSync(file, Buffer.concat([Buffer.from('SKYGRAPH'), Buffer.alloc(64)]));
    const result = skymill(['graph', 'build', file, '-b', repo, '-i', 'Cam/raw', '-o', 'u/x']);
    expectOneError(result, 'PIPELINE_FILE_UNREADABLE', file, 'it is a quantum graph');
  });
});

test.each(['exposure > 2', 'detector = 1'])('a condition that lacks its governor: %s', (where) => {
  const name = where.split(' ')[0];
  expectOneError(build(['isr: isr'], where), 'QUERY_GOVERNOR_UNCONSTRAINED', `"${name}"`, '"instrument"', "'Cam'");
});

describe('graph files', () => {
  const good = join(folder, 'good.qgraph');
  beforeAll(() => {
    const words = ['graph', 'build', join(folder, 'isr.yaml'), '-b', repo, '-i', 'Cam/raw,Cam/calib', '-o', 'u/x'];
    writeFileSync(join(folder, 'isr.yaml'), `description: a test\ntasks:\n  ${task('isr', 'isr', 'doFlat: false')}\n`);
    expect(skymill([...words, '-d', "instrument = 'Cam'", '-g', good]).status).toBe(0);
  });

  test('cut short', () => {
    const file = join(folder, 'short.qgraph');
    writeFileSync(file, readFileSync(good).subarray(0, 2000));
    for (const words of [
      ['show', file],
      ['query', file, 'select 1'],
      ['update-run', file, 'u/y', '-g', graph],
    ])
      expectOneError(skymill(['graph', ...words]), 'GRAPH_FILE_DAMAGED', file, 'cut short');
  });

  test('altered anywhere', async () => {
    const bytes = readFileSync(good);
    const file = join(folder, 'altered.qgraph');
    const statement = 'select count(distinct uuid), count(distinct path), sum(exposure) from datasets';
    const right = skymill(['graph', 'query', good, statement]).stdout;
    for (const at of [0, 300, Math.floor(bytes.length / 2), bytes.length - 20]) {
      writeFileSync(file, bytes);
      const fd = openSync(file, 'r+');
      writeSync(fd, Buffer.from([bytes[at] ^ 0x55]), 0, 1, at);
      closeSync(fd);
      const result = skymill(['graph', 'query', file, statement]);
      // A byte that the question does not touch is no harm.
      if (result.status === 0) expect(result.stdout).toBe(right);
      else expectOneError(result, /GRAPH_FILE_(DAMAGED|NOT_GRAPH)/, file);
    }
    await expect(openGraph(good)).resolves.toMatchObject({ quantumCount: 8 });
  });
});
