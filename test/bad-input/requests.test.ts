// SPDX-License-Identifier: BSD-3-Clause
import { cpSync, existsSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { skymill } from '../support/commands.ts';
import { surveyCopy } from '../support/survey.ts';
import { errorsOf, expectOneError, pipelines, stateOf } from './expect.ts';

// Each command is a process of its own, and machines may be busy.
vi.setConfig({ testTimeout: 120_000 });

/** Requests that cannot be carried out: each is one error, and the repository stays as it was. */

const science = "instrument = 'SimCam' AND exposure.observation_type = 'science'";
const drp = join(pipelines, 'drp.yaml');
let place: ReturnType<typeof surveyCopy>;
let before: Awaited<ReturnType<typeof stateOf>>;
beforeAll(async () => {
  place = surveyCopy('raws');
  before = await stateOf(place.repo);
  expect(before.seen.wrong).toEqual([]);
}, 120_000);
afterAll(async () => {
  expect(await stateOf(place.repo)).toEqual(before);
  rmSync(place.folder, { recursive: true, force: true });
});

/** `skymill run` of some tasks on the science frames, with changes. */
const run = (pipeline: string, ...more: string[]) =>
  skymill(['run', pipeline, '-b', place.repo, '-i', 'SimCam/raw/all', '-o', 'u/x', '-d', science, ...more]);
const where = (expression: string) =>
  skymill(['run', `${drp}#isr`, '-b', place.repo, '-i', 'SimCam/raw/all', '-o', 'u/x', '-d', expression]);

function pipelineFile(name: string, ...lines: string[]): string {
  const file = join(place.folder, `${name}.yaml`);
  writeFileSync(file, `${['description: a test', ...lines].join('\n')}\n`);
  return file;
}

describe('pipelines', () => {
  test('an unknown task, with its place and what was meant', () => {
    const file = pipelineFile('unknown-task', 'tasks:', '  isr: isrr');
    expectOneError(
      run(file),
      'PIPELINE_UNKNOWN_TASK',
      '"isrr"',
      'Did you mean "isr"?',
      `${file}:3:`,
      /isr: isrr\n\s+\^/,
    );
  });

  test('an unknown config field, in a file and on the command line', () => {
    const file = pipelineFile('field', 'tasks:', '  isr:', '    class: isr', '    config:', '      doDarkk: true');
    const words = ['"doDarkk"', 'Did you mean "doDark"?'];
    expectOneError(run(file), 'PIPELINE_UNKNOWN_FIELD', ...words, `${file}:6:7`, /doDarkk: true\n {8}\^/);
    expectOneError(run(drp, '-c', 'isr:doDarkk=true'), 'PIPELINE_UNKNOWN_FIELD', ...words, /isr:doDarkk=true\n {6}\^/);
  });

  test('a config value of the wrong type, in a file and on the command line', () => {
    const file = pipelineFile('value', 'tasks:', '  isr:', '    class: isr', '    config:', '      doDark: perhaps');
    const words = ['"doDark"', '"perhaps"', 'expected boolean'];
    expectOneError(run(file), 'PIPELINE_BAD_VALUE', ...words, `${file}:6:15`, /doDark: perhaps\n\s+\^/);
    expectOneError(run(drp, '-c', 'isr:doDark=perhaps'), 'PIPELINE_BAD_VALUE', ...words);
  });

  test('an unknown label in an override, and one that is no override', () => {
    expectOneError(run(drp, '-c', 'isrr:doDark=false'), 'PIPELINE_UNKNOWN_LABEL', '"isrr"', 'Did you mean "isr"?');
    expectOneError(run(drp, '-c', 'isr.doDark'), 'PIPELINE_BAD_OVERRIDE', 'isr.doDark');
  });

  test('YAML that is none, and a pipeline that is not there', () => {
    const file = pipelineFile('syntax', 'tasks: [isr');
    expectOneError(run(file), /^PIPELINE_/, file);
    expectOneError(run(join(place.folder, 'nowhere.yaml')), 'PIPELINE_FILE_UNREADABLE', 'nowhere.yaml');
  });
});

describe('where-expressions', () => {
  test('that do not parse', () => {
    expectOneError(where(`(${science}`), 'QUERY_SYNTAX', /observation_type = 'science'\n\s+\^/);
    expectOneError(where("instrument == 'SimCam'"), 'QUERY_SYNTAX', /instrument ==.*\n\s+\^/);
  });

  test('with an unknown name', () => {
    const expression = science.replace('exposure.obs', 'exposre.obs');
    expectOneError(
      where(expression),
      'QUERY_UNKNOWN_NAME',
      'exposre.observation_type',
      'Did you mean "exposure.observation_type"?',
      /\n\s+\^/,
    );
    const query = skymill(['query-data-ids', place.repo, 'exposure', '--where', 'visitt = 1']);
    expectOneError(query, 'QUERY_UNKNOWN_NAME', '"visitt"', 'Did you mean "visit"?');
  });

  test('with a value that does not exist', () => {
    const camera = where(science.replace('SimCam', 'SimCamm'));
    expectOneError(camera, 'GRAPH_EMPTY', "no instrument 'SimCamm'", "did you mean 'SimCam'?");
    const kind = where(science.replace('science', 'sciense'));
    expectOneError(kind, 'GRAPH_EMPTY', "Nothing fulfils exposure.observation_type = 'sciense'");
  });

  test('with a value of the wrong type', () => {
    expectOneError(where("instrument = 'SimCam' AND detector = 'one'"), /^QUERY_/, "'one'");
  });
});

describe('names', () => {
  test('an unknown collection', () => {
    const result = skymill(['run', `${drp}#isr`, '-b', place.repo, '-i', 'SimCam/raw/al', '-o', 'u/x', '-d', science]);
    expectOneError(result, 'BUTLER_NO_COLLECTION', 'Did you mean "SimCam/raw/all"?');
    const query = skymill(['query-datasets', place.repo, 'raw', '--collections', 'SimCam/raw/al']);
    expectOneError(query, 'BUTLER_NO_COLLECTION', 'Did you mean "SimCam/raw/all"?');
  });

  test('an output name that means something else already', () => {
    const start = ['run', `${drp}#isr`, '-b', place.repo, '-i', 'SimCam/raw/all', '-d', science];
    const config = ['doBias', 'doDark', 'doFlat', 'doDefects'].flatMap((field) => ['-c', `isr:${field}=false`]);
    const words = ['"SimCam/raw/all" is of type RUN', 'CHAINED is needed'];
    expectOneError(skymill([...start, ...config, '-o', 'SimCam/raw/all']), 'BUTLER_COLLECTION_TYPE', ...words);
  });

  test('an unknown dataset type, dimension, run, instrument', () => {
    expectOneError(skymill(['query-datasets', place.repo, 'raww']), 'BUTLER_NO_DATASET_TYPE', 'Did you mean "raw"?');
    const records = skymill(['query-dimension-records', place.repo, 'visitt']);
    expectOneError(records, 'BUTLER_UNKNOWN_DIMENSION', 'Did you mean "visit"?');
    expectOneError(skymill(['report', place.repo, 'u/none']), 'RUN_NO_SUCH_RUN', 'u/none');
    expectOneError(skymill(['define-visits', place.repo, 'SimCan']), 'INSTRUMENT_UNKNOWN', 'SimCam');
    expectOneError(
      skymill(['register-instrument', place.repo, 'Nickle']),
      'INSTRUMENT_UNKNOWN',
      'Did you mean "nickel"',
    );
    const certify = ['certify-calibrations', place.repo, 'SimCam/raw/all', 'SimCam/calib', 'bias'];
    expectOneError(skymill([...certify, '--begin-date', '2026-01-01']), 'BUTLER_NO_DATASET_TYPE', 'bias');
  });

  test('a folder that is no repository', () => {
    expectOneError(skymill(['query-collections', place.survey]), 'BUTLER_NO_REPOSITORY', place.survey);
    const broken = join(place.folder, 'broken');
    cpSync(place.repo, broken, { recursive: true });
    const database = join(broken, 'gen3.sqlite3');
    truncateSync(database, 100_000);
    expectOneError(skymill(['query-collections', broken]), 'BUTLER_BAD_DATABASE', database);
    rmSync(database);
    expectOneError(skymill(['query-collections', broken]), 'BUTLER_FILE_UNREADABLE', database);
    rmSync(broken, { recursive: true });
    expectOneError(skymill(['create', place.repo]), 'BUTLER_REPOSITORY_EXISTS', place.repo);
  });
});

describe('options', () => {
  test('with a value that cannot be, before anything is made', () => {
    const folder = join(place.folder, 'new-survey');
    for (const [words, says] of [
      [['--size', 'large'], '"large" is not a whole number'],
      [['--detectors', '1x2x3'], '"1x2x3" is not of the form 2x3'],
      [['--detectors', '0x0'], 'detectorColumns'],
    ] as const) {
      const { status, stderr } = skymill(['simulate', folder, ...words]);
      expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining(says) });
    }
    expect(existsSync(folder)).toBe(false);
  });
});

describe('what a pipeline needs and does not find', () => {
  test('a calibration that nobody made', () => {
    const result = run(`${drp}#isr`);
    expectOneError(
      result,
      'GRAPH_EMPTY',
      /isr: 3 of 3 quanta left out because bias \(bias\) was not found/,
      'exposure=',
    );
  });
});

describe('a reference catalogue', () => {
  const refcat = (...more: string[]) => skymill(['ingest-refcat', place.repo, 'stars', ...more]);
  test('that is not there, or has no such column', () => {
    const file = join(place.survey, 'reference.fits');
    expectOneError(refcat(join(place.folder, 'none.fits'), '--mag', 'r=r'), /./, 'none.fits');
    expectOneError(refcat(file, '--mag', 'r=rr'), 'INSTRUMENT_NO_COLUMN', file, '"rr"', /It has: /);
    const frame = readdirSync(join(place.survey, 'raw'))[0];
    expectOneError(refcat(join(place.survey, 'raw', frame), '--mag', 'r=r'), 'INSTRUMENT_NO_COLUMN', frame);
  });
});

test('errors are for programs too', () => {
  const { stderr, status } = run(drp, '-c', 'isr:doDarkk=true', '--json');
  expect(status).toBe(2);
  expect(JSON.parse(stderr).error).toMatchObject({ code: 'PIPELINE_UNKNOWN_FIELD', next: expect.any(String) });
  expect(errorsOf({ stderr } as never)).toEqual([]);
});
