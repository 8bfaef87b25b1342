// SPDX-License-Identifier: BSD-3-Clause
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  expandPipeline,
  loadPipelineText,
  pythonDescriber,
  resolvePipeline,
  type TaskDescriber,
  type TaskDescription,
} from '../../src/pipeline/index.ts';
import { DescriptionCache } from '../../src/pipeline/python/cache.ts';

const survey = resolve(import.meta.dirname, '../support/python/survey.yaml');
/** What Python answered about the survey once (the heavy tests hold it to what Python answers today). */
const kept = JSON.parse(
  readFileSync(resolve(import.meta.dirname, 'described-survey.json'), 'utf8'),
) as TaskDescription[];
const scratch = mkdtempSync(join(tmpdir(), 'skymill-described-'));
afterAll(() => rmSync(scratch, { recursive: true }));

type Request = Parameters<TaskDescriber>[0];
type Answer = Awaited<ReturnType<TaskDescriber>>;

/** Answers from what is kept, as the cache does, with changes of the test. */
function replay(change: (answer: Answer, request: Request) => Answer = (answer) => answer): {
  describe: TaskDescriber;
  requests: Request[];
} {
  const requests: Request[] = [];
  const describeTasks: TaskDescriber = async (request) => {
    requests.push(request);
    const tasks = request.tasks.map(({ label }) => kept.find((task) => task.label === label) as TaskDescription);
    return change({ instrument: null, tasks, contracts: request.contracts.map(() => ({ holds: true })) }, request);
  };
  return { describe: describeTasks, requests };
}
const none = async () => undefined;

describe('a pipeline of Python tasks', () => {
  it('is resolved from descriptions', async () => {
    const pipeline = await expandPipeline(survey, none, replay());
    expect(pipeline.tasks.map(({ declaration }) => [declaration.label, declaration.runner])).toEqual([
      ['calibrate', 'python'],
      ['warp', 'python'],
      ['coadd', 'python'],
    ]);
    const [calibrate, warp] = pipeline.tasks.map(({ declaration }) => declaration);
    expect(calibrate.config).toMatchObject({ threshold: 4, flags: ['BAD', 'SAT', 'CR'], measure: { radius: 4 } });
    expect(calibrate.connections['raw']).toMatchObject({ kind: 'input', datasetType: 'raw_plain', deferred: true });
    expect(calibrate.connections['defects']).toMatchObject({ kind: 'prerequisite', isCalibration: true, minimum: 0 });
    expect(calibrate.connections['schema']).toMatchObject({ kind: 'initOutput', datasetType: 'sources_schema' });
    // This one keeps no log.
    expect(Object.keys(calibrate.connections)).toEqual(expect.not.arrayContaining(['_log']));
    expect(warp.connections['_log']).toMatchObject({ datasetType: 'warp_log', dimensions: warp.dimensions });
    expect(pipeline.datasetTypes.get('calibrated')?.consumers).toMatchObject([{ label: 'warp', prerequisite: false }]);
    expect(pipeline.datasetTypes.get('deep')?.producer).toEqual({ label: 'coadd', connection: 'coadd' });
  });

  it('is asked about at once, with settings in the order in which they apply', async () => {
    const { describe: describeTasks, requests } = replay();
    await expandPipeline(survey, none, {
      describe: describeTasks,
      overrides: ['nightly:threshold=7'],
      configFiles: ['warp:/settings/warp.py'],
    });
    expect(requests).toHaveLength(1);
    const [{ tasks, contracts, parameters }] = requests;
    expect(parameters).toEqual({ kernel: 'lanczos5' });
    expect(contracts).toEqual(['warp.kernel == coadd.kernel', 'len(calibrate.flags) == 3']);
    const [calibrate, warp, coadd] = tasks.map(({ overrides }) => overrides);
    expect(calibrate).toEqual([
      { kind: 'python', source: expect.stringContaining('math.sqrt(16)') },
      { kind: 'value', key: 'threshold', value: 4.5 },
      { kind: 'file', path: resolve(survey, '../calibrate.py') },
      { kind: 'value', key: 'threshold', value: 7 },
    ]);
    expect(warp).toEqual([
      { kind: 'value', key: 'kernel', value: 'lanczos5' },
      { kind: 'file', path: '/settings/warp.py' },
    ]);
    expect(coadd).toContainEqual({ kind: 'value', key: 'connections.coadd', value: 'deep' });
  });

  it('is narrowed to a selection', async () => {
    const { describe: describeTasks, requests } = replay();
    const pipeline = await expandPipeline(`${survey}#warp..coadd`, none, { describe: describeTasks });
    expect(pipeline.tasks.map(({ declaration }) => declaration.label)).toEqual(['warp', 'coadd']);
    expect(requests.at(-1)?.tasks.map(({ label }) => label)).toEqual(['warp', 'coadd']);
  });

  it('points to the setting that Python refuses', async () => {
    const refuse = (error: { kind: string; message: string; override: number | null }) =>
      expandPipeline(
        survey,
        none,
        replay(
          (answer, { tasks }) =>
            ({ ...answer, tasks: [{ label: tasks[0].label, error }, ...answer.tasks.slice(1)] }) as Answer,
        ),
      ).catch((caught) => caught);
    const field = await refuse({ kind: 'field', message: 'AttributeError: no attribute', override: 1 });
    expect(field).toMatchObject({ code: 'PIPELINE_UNKNOWN_FIELD', params: { field: 'threshold' } });
    expect(field.place).toMatchObject({ file: survey, line: 9, column: 9 });
    const source = await refuse({ kind: 'config', message: 'NameError: x', override: 0 });
    expect(source).toMatchObject({ code: 'PIPELINE_PYTHON_CONFIG', place: { file: survey, line: 10 } });
    const whole = await refuse({ kind: 'validate', message: 'FieldValidationError: y', override: null });
    expect(whole).toMatchObject({ code: 'PIPELINE_PYTHON_CONFIG', place: { file: survey, line: 6 } });
  });

  it('keeps its contracts', async () => {
    const broken = await expandPipeline(
      survey,
      none,
      replay((answer) => ({ ...answer, contracts: [{ holds: false }, { holds: true }] })),
    ).catch((caught) => caught);
    expect(broken).toMatchObject({ code: 'PIPELINE_CONTRACT_BROKEN', place: { file: survey } });
    expect(broken.message).toContain('the kernels must agree');
  });

  it('has the instrument that its class names', async () => {
    const text = 'description: x\ninstrument: survey.Camera\ntasks:\n  warp: survey_tasks.WarpTask\n';
    const document = await loadPipelineText(text, 'memory.yaml');
    const pipeline = await resolvePipeline(
      document,
      none,
      replay((answer) => ({ ...answer, instrument: { name: 'Cam' } })),
    );
    expect(pipeline.instrument).toBe('Cam');
    const error = { kind: 'class' as const, message: 'there is no module survey', override: null };
    await expect(
      resolvePipeline(
        document,
        none,
        replay((answer) => ({ ...answer, instrument: { error } })),
      ),
    ).rejects.toMatchObject({
      code: 'PIPELINE_PYTHON_INSTRUMENT',
      place: { file: 'memory.yaml', line: 2 },
    });
  });

  it('is unknown without Python, and says which Python it tried', async () => {
    await expect(expandPipeline(survey, none)).rejects.toMatchObject({ code: 'PIPELINE_UNKNOWN_TASK' });
    const nowhere = pythonDescriber({ python: join(scratch, 'no-python'), folder: scratch });
    await expect(expandPipeline(survey, none, { describe: nowhere })).rejects.toMatchObject({
      code: 'PIPELINE_PYTHON_WORKER',
    });
  });
});

describe('kept descriptions', () => {
  it('hold as long as their files are what they were', () => {
    const cache = new DescriptionCache(join(scratch, 'cache'));
    const source = join(scratch, 'source.py');
    writeFileSync(source, 'x = 1\n');
    const key = DescriptionCache.key(['task', 'a.B', []]);
    expect(DescriptionCache.key(['task', 'a.B', [1]])).not.toBe(key);
    expect(cache.get(key)).toBeUndefined();
    cache.put(key, { a: 1 }, { files: [source] });
    expect(cache.get(key)).toEqual({ a: 1 });
    writeFileSync(source, 'x = 12\n');
    expect(cache.get(key)).toBeUndefined();
    cache.put(key, { a: 2 }, { files: [source] });
    rmSync(source);
    expect(cache.get(key)).toBeUndefined();
  });

  it('that were cut short are asked for again', () => {
    const folder = join(scratch, 'cut');
    const cache = new DescriptionCache(folder);
    const key = DescriptionCache.key('x');
    cache.put(key, { a: 1 }, { files: [] });
    writeFileSync(join(folder, `${key}.json`), '{"version":1,"val');
    expect(cache.get(key)).toBeUndefined();
  });
});
