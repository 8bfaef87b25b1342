// SPDX-License-Identifier: BSD-3-Clause
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { SkymillError } from '../../src/base/index.ts';
import { DimensionUniverse } from '../../src/butler/index.ts';
import { defineTask, expandPipeline, input, output, type TaskDefinition } from '../../src/pipeline/index.ts';
import { resolver, surveyTasks } from './tasks.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pipeline-'));
});
afterAll(() => rm(dir, { recursive: true }));

async function write(name: string, text: string): Promise<string> {
  const path = join(dir, name);
  await writeFile(path, text);
  return path;
}

async function expand(text: string, options: Parameters<typeof expandPipeline>[2] = {}, fragment = '') {
  const path = await write('p.yaml', text);
  return expandPipeline(path + fragment, resolver, { knownTasks: Object.keys(surveyTasks), ...options });
}

async function failure(promise: Promise<unknown>): Promise<SkymillError> {
  const error = await promise.then(
    () => undefined,
    (thrown) => thrown,
  );
  expect(error).toBeInstanceOf(SkymillError);
  return error;
}

const survey = `description: raws to coadds
parameters: {name: good}
tasks:
  assemble: assemble
  makeWarp:
    class: makeWarp
    config:
      connections.coaddName: deep
  calibrate: {class: calibrate, config: {threshold: 4.5}}
  isr:
    class: isr
    config:
      overscan.order: 3
      overscan: {method: mean}
subsets:
  images: [isr, calibrate]
  coadds: {subset: [makeWarp, assemble], description: stacked}
contracts:
  - makeWarp.kernel == assemble.kernel
  - contract: makeWarp.connections.warp == assemble.connections.warps
    msg: one name for warps
  - makeWarp.connections.coaddName != calibrate.threshold
`;

describe('a pipeline made ready to run', () => {
  test('tasks come in the order of the data, configured, with templates filled and automatic outputs', async () => {
    const pipeline = await expand(survey);
    expect(pipeline.tasks.map((task) => task.declaration.label)).toEqual(['isr', 'calibrate', 'makeWarp', 'assemble']);
    const isr = pipeline.tasks[0].declaration;
    expect(isr.config).toEqual({ doBias: true, saturation: 65000, overscan: { order: 1, method: 'mean' } });
    expect(pipeline.tasks[2].declaration.connections.warp.datasetType).toBe('deepCoadd_warp');
    expect(pipeline.datasetTypes.get('isr_metadata')).toMatchObject({
      storageClass: 'TaskMetadata',
      dimensions: isr.dimensions,
    });
    expect(pipeline.datasetTypes.get('isr_config')).toMatchObject({ isInit: true, dimensions: [] });
    expect(pipeline.datasetTypes.get('packages')).toMatchObject({ isInit: true });
    expect(pipeline.datasetTypes.get('bias')).toMatchObject({ isCalibration: true, producer: undefined });
    expect(pipeline.subsets.get('images')?.labels).toEqual(['isr', 'calibrate']);
  });

  test('overrides by -c and -C hold over the YAML; subsets may be named', async () => {
    const file = await write('isr.yaml', 'saturation: 100\noverscan: {order: 7}\n');
    const pipeline = await expand(survey, {
      overrides: ['isr:overscan.order=2', 'coadds:kernel=lanczos5', 'coadds:connections.coaddName=good'],
      configFiles: [`isr:${file}`],
    });
    expect(pipeline.tasks[0].declaration.config).toMatchObject({ saturation: 100, overscan: { order: 2 } });
    expect(pipeline.tasks[3].declaration.config).toMatchObject({ kernel: 'lanczos5' });
    expect([...pipeline.datasetTypes.keys()]).toContain('goodCoadd_warp');
  });

  test('parameters and config files fill settings', async () => {
    await write('cfg.yaml', 'kernel: lanczos5\n');
    const pipeline = await expand(`description: d
parameters: {name: best}
tasks:
  makeWarp:
    class: makeWarp
    config:
      - file: cfg.yaml
      - connections.coaddName: parameters.name
`);
    expect(pipeline.tasks[0].declaration.config).toMatchObject({ kernel: 'lanczos5' });
    expect(pipeline.tasks[0].declaration.connections.warp.datasetType).toBe('bestCoadd_warp');
  });

  test.each([
    ['#isr,calibrate', ['isr', 'calibrate']],
    ['#images', ['isr', 'calibrate']],
    ['#calibrate..', ['calibrate', 'makeWarp', 'assemble']],
    ['#..makeWarp', ['isr', 'calibrate', 'makeWarp']],
    ['#calibrate..makeWarp', ['calibrate', 'makeWarp']],
    ['#>=makeWarp', ['makeWarp', 'assemble']],
    ['#~images & ~assemble', ['makeWarp']],
  ])('%s selects a part', async (fragment, labels) => {
    const pipeline = await expand(survey, {}, fragment);
    expect(pipeline.tasks.map((task) => task.declaration.label)).toEqual(labels);
  });

  test('imports: include, exclude, rename, parameters and merged settings', async () => {
    await write('base.yaml', survey);
    const pipeline = await expand(`description: d
imports:
  - location: base.yaml
    exclude: [assemble]
    labeledSubsetModifyMode: EDIT
    rename: {makeWarp: warpIt}
tasks:
  calibrate: {class: calibrate, config: {threshold: 9}}
`);
    expect(pipeline.tasks.map((task) => task.declaration.label)).toEqual(['isr', 'calibrate', 'warpIt']);
    expect(pipeline.tasks[1].declaration.config).toEqual({ threshold: 9 });
    expect(pipeline.subsets.get('coadds')?.labels).toEqual(['warpIt']);
  });
});

describe('errors point', () => {
  const cases: [string, string, string, { line?: number; column?: number }, RegExp][] = [
    [
      'a bad field',
      survey.replace('overscan.order: 3', 'overscan.ordr: 3'),
      'PIPELINE_UNKNOWN_FIELD',
      { line: 13, column: 7 },
      /"order"/,
    ],
    [
      'a bad value',
      survey.replace('threshold: 4.5', 'threshold: high'),
      'PIPELINE_BAD_VALUE',
      { line: 9, column: 53 },
      /"high"/,
    ],
    [
      'an unknown task',
      survey.replace('isr:\n    class: isr', 'isr:\n    class: irs'),
      'PIPELINE_UNKNOWN_TASK',
      { line: 10, column: 3 },
      /Did you mean "isr"/,
    ],
    [
      'an unknown key',
      survey.replace('parameters:', 'paramters:'),
      'PIPELINE_UNKNOWN_KEY',
      { line: 2, column: 1 },
      /Did you mean "parameters"/,
    ],
    [
      'a bad subset',
      survey.replace('[isr, calibrate]', '[isr, calibrat]'),
      'PIPELINE_UNKNOWN_LABEL',
      { line: 16 },
      /Did you mean "calibrate"/,
    ],
    [
      'a bad template',
      survey.replace('connections.coaddName', 'connections.coadName'),
      'PIPELINE_UNKNOWN_CONNECTION',
      { line: 8 },
      /"coaddName"/,
    ],
    [
      'a broken contract',
      survey.replace('connections.coaddName: deep', 'connections.coaddName: wide'),
      'PIPELINE_CONTRACT_BROKEN',
      { line: 20 },
      /wideCoadd_warp.*one name for warps/,
    ],
    [
      'a contract typo',
      survey.replace('== assemble.kernel', '== assemble.kernl'),
      'PIPELINE_CONTRACT_FIELD',
      { line: 19 },
      /"kernel"/,
    ],
    [
      'a parameter',
      survey.replace('coaddName: deep', 'coaddName: parameters.nme'),
      'PIPELINE_UNKNOWN_PARAMETER',
      { line: 8 },
      /"name"/,
    ],
    [
      'a duplicate',
      survey.replace('  isr:\n', '  assemble: x\n  isr:\n'),
      'PIPELINE_DUPLICATE_KEY',
      { line: 10, column: 3 },
      /assemble/,
    ],
    ['bad YAML', survey.replace('[isr, calibrate]', '[isr, calibrate'), 'PIPELINE_YAML_SYNTAX', { line: 17 }, /YAML/],
    [
      'no description',
      survey.replace('description: raws to coadds', ''),
      'PIPELINE_NO_DESCRIPTION',
      { line: 1 },
      /description/,
    ],
  ];
  test.each(cases)('%s', async (_, text, code, place, message) => {
    const error = await failure(expand(text));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(error.place).toMatchObject({ file: join(dir, 'p.yaml'), ...place });
    expect(error.place?.excerpt).toMatch(/\n\s*\^$/);
  });

  test('a missing import names the importing line', async () => {
    const error = await failure(expand('description: d\nimports:\n  - location: nowhere.yaml\n'));
    expect(error).toMatchObject({ code: 'PIPELINE_FILE_UNREADABLE', place: { line: 3, column: 15 } });
  });

  test('an override with a typo points into the override', async () => {
    const error = await failure(expand(survey, { overrides: ['isr:saturtion=3'] }));
    expect(error).toMatchObject({ code: 'PIPELINE_UNKNOWN_FIELD', place: { file: '-c' } });
    expect(error.message).toContain('"saturation"');
    expect((await failure(expand(survey, { overrides: ['irs:saturation=3'] }))).message).toContain(
      'Did you mean "isr"',
    );
  });

  const t = (name: string, from: string, to: string, more: object = {}): TaskDefinition =>
    defineTask({
      name,
      dimensions: ['visit'],
      connections: {
        from: input(from, { dimensions: ['visit'], storage: 'A', ...more }),
        to: output(to, { dimensions: ['visit'], storage: 'A' }),
      },
      config: z.object({}),
      run: () => ({}),
    }) as TaskDefinition;
  const disagreements: [string, Record<string, TaskDefinition>, RegExp][] = [
    ['PIPELINE_TWO_PRODUCERS', { a: t('a', 'x', 'y'), b: t('b', 'x', 'y') }, /"y".*a\.to.*b\.to/],
    ['PIPELINE_CYCLE', { a: t('a', 'z', 'y'), b: t('b', 'y', 'z') }, /(a -> b -> a)|(b -> a -> b)/],
    ['PIPELINE_STORAGE_CLASS_DISAGREES', { a: t('a', 'x', 'y'), b: t('b', 'y', 'z', { storage: 'B' }) }, /a\.to/],
    [
      'PIPELINE_DIMENSIONS_DISAGREE',
      { a: t('a', 'x', 'y'), b: t('b', 'y', 'z', { dimensions: ['exposure'], multiple: true }) },
      /exposure/,
    ],
    ['PIPELINE_NEEDS_MULTIPLE', { a: t('a', 'x', 'y', { dimensions: ['visit', 'detector'] }) }, /detector/],
    ['PIPELINE_OWN_PREREQUISITE', { a: t('a', 'x', 'y'), b: t('b', 'y', 'z', { kind: 'prerequisite' }) }, /a\.to/],
  ];
  test.each(disagreements)('%s', async (code, tasks, message) => {
    const path = await write(
      'q.yaml',
      `description: d\ntasks: {${Object.keys(tasks)
        .map((name) => `${name}: ${name}`)
        .join(', ')}}\n`,
    );
    const error = await failure(expandPipeline(path, async (name) => tasks[name]));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });

  const wide = (name: string, from: string, to: string, dimensions: string[]): TaskDefinition =>
    ({
      ...t(name, from, to),
      dimensions,
      connections: {
        from: input(from, { dimensions, storage: 'A', multiple: true }),
        to: output(to, { dimensions, storage: 'A' }),
      },
    }) as TaskDefinition;
  const steps = async (text: string, tasks: Record<string, TaskDefinition>) => {
    const path = await write(
      'steps.yaml',
      `description: d\ntasks: {${Object.keys(tasks)
        .map((name) => `${name}: ${name}`)
        .join(', ')}}\n${text}`,
    );
    return expandPipeline(path, async (name) => tasks[name], { universe: new DimensionUniverse() });
  };
  test('a step is cut by dimensions that all of it has', async () => {
    const tasks = { a: wide('a', 'x', 'y', ['exposure', 'detector']), b: wide('b', 'u', 'v', ['band']) };
    const text = (dimensions: string) =>
      `subsets: {s: {subset: [a, b]}, only: {subset: [a]}}\nsteps:\n  - {label: ${dimensions}}\n`;
    // exposures belong to visits
    const pipeline = await steps(text('only, dimensions: [visit, detector]'), tasks);
    expect(pipeline.steps).toEqual([{ label: 'only', dimensions: ['visit', 'detector'] }]);
    const error = await failure(steps(text('s, dimensions: [visit]'), tasks));
    expect(error).toMatchObject({ code: 'PIPELINE_STEP_SHARDING', place: { line: 5 } });
    expect(error.message).toMatch(/task "b" has the dimensions \{band\}/);
  });
  test('a task is in one step', async () => {
    const tasks = { a: t('a', 'x', 'y'), b: t('b', 'y', 'z') };
    const text = 'subsets: {one: {subset: [a, b]}, two: {subset: [b]}}\nsteps:\n  - {label: one}\n  - {label: two}\n';
    const error = await failure(steps(text, tasks));
    expect(error).toMatchObject({ code: 'PIPELINE_STEP_SHARED', params: { label: 'b', first: 'one', second: 'two' } });
  });
});

describe('what is not kept', () => {
  test('is named by dataset type, also by imported files, and goes with the part that is selected', async () => {
    const types = (await expand(survey, { select: 'isr' })).datasetTypes;
    const [first] = [...types.keys()].filter((name) => types.get(name)!.producer?.label === 'isr');
    const kept = await expand(`${survey}inMemory: [${first}]\n`);
    expect(kept.inMemory).toEqual([first]);
    expect((await expand(survey)).inMemory).toBeUndefined();
    await write('imported.yaml', `${survey}inMemory: ${first}\n`);
    expect((await expand('description: all of it\nimports: [imported.yaml]\n')).inMemory).toEqual([first]);
    expect((await expand(`${survey}inMemory: [${first}]\n`, { select: 'assemble' })).inMemory).toBeUndefined();
    const error = await failure(expand(`${survey}inMemory:\n  - ${first}x\n`));
    expect(error).toMatchObject({ code: 'PIPELINE_IN_MEMORY_TYPE' });
    expect(error.message).toContain(`Did you mean "${first}"`);
    expect(error.place).toMatchObject({ line: survey.split('\n').length + 1 });
  });
});
