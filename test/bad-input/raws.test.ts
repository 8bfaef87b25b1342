// SPDX-License-Identifier: BSD-3-Clause
import { copyFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { skymill } from '../support/commands.ts';
import { surveyCopy } from '../support/survey.ts';
import { damaged, errorsOf, expectOneError, stateOf } from './expect.ts';

// Each command is a process of its own, and machines may be busy.
vi.setConfig({ testTimeout: 120_000 });

let place: ReturnType<typeof surveyCopy>;
let frames: string[];
beforeAll(() => {
  place = surveyCopy('raws');
  const raw = join(place.survey, 'raw');
  frames = readdirSync(raw).map((name) => join(raw, name));
}, 120_000);
afterAll(() => rmSync(place.folder, { recursive: true, force: true }));

/** An empty repository that knows the camera. */
function freshRepo(name: string): string {
  const repo = join(place.folder, name);
  for (const words of [
    ['create', repo],
    ['register-instrument', repo, join(place.survey, 'instrument.yaml')],
  ])
    expect(skymill(words).status).toBe(0);
  return repo;
}

const exposures = (repo: string): number =>
  JSON.parse(skymill(['query-dimension-records', repo, 'exposure', '--json']).stdout).length;

describe('raw frames that cannot be understood', () => {
  test('are left out, each with its reason; the others go in, nothing else stays', async () => {
    const repo = freshRepo('some-bad');
    const night = join(place.folder, 'night');
    mkdirSync(night);
    for (const frame of frames.slice(0, 3)) copyFileSync(frame, join(night, basename(frame)));
    for (const [name, bytes] of Object.entries(damaged(frames[4]))) writeFileSync(join(night, `${name}.fits`), bytes);

    const result = skymill(['ingest-raws', repo, night]);
    expect(result.status, result.stderr).toBe(3);
    expect(result.stdout).toContain(
      'Ingested 3 of 9 files (3 exposures) into SimCam/raw/all; 0 there already, 6 left out.',
    );
    const errors = errorsOf(result);
    expect(errors.map(({ code }) => code)).toEqual([
      'INSTRUMENT_TRUNCATED',
      'FITS_NOT_FITS',
      'INSTRUMENT_MISSING_HDU',
      'INSTRUMENT_MISSING_CARD',
      'INSTRUMENT_NOT_RECOGNISED',
      'FITS_NOT_FITS',
    ]);
    ['cut', 'empty', 'half', 'noCard', 'other', 'text'].forEach((name, i) => {
      expect(errors[i].text).toContain(join(night, `${name}.fits`));
      expect(errors[i].next).not.toBe('');
    });
    expect(errors[3].text).toContain('EXPTIME');
    expect(errors[4].text).toMatch(/Nowhere.*registered: SimCam/);
    expect(errors[5].text).toContain('<html>');

    const { seen } = await stateOf(repo);
    expect(seen.wrong).toEqual([]);
    expect(seen.datasets.length).toBe(3);
    expect(Object.keys(seen.files).length).toBe(3);
    expect(exposures(repo)).toBe(3);
  });

  test('a batch of nothing but such frames changes nothing', async () => {
    const repo = freshRepo('all-bad');
    const before = await stateOf(repo);
    const bad = join(place.folder, 'page.fits');
    writeFileSync(bad, damaged(frames[0]).text);
    const result = skymill(['ingest-raws', repo, bad]);
    expect(result.status).toBe(3);
    expect(errorsOf(result).length).toBe(1);
    expect(await stateOf(repo)).toEqual(before);
  });

  test('a repository without any instrument says what to do', () => {
    const repo = join(place.folder, 'no-instrument');
    skymill(['create', repo]);
    const result = skymill(['ingest-raws', repo, frames[0]]);
    expect(result.status).toBe(3);
    const [error] = errorsOf(result);
    expect(error).toMatchObject({
      code: 'INSTRUMENT_NOT_RECOGNISED',
      next: expect.stringContaining('register-instrument'),
    });
  });

  test('a frame cut after its header was read when it was whole fails its own quantum only', async () => {
    const repo = freshRepo('cut-later');
    const night = join(place.folder, 'later');
    mkdirSync(night);
    const bias = frames.slice(0, 2).map((frame) => join(night, basename(frame)));
    for (const [i, to] of bias.entries()) copyFileSync(frames[i], to);
    expect(skymill(['ingest-raws', repo, night, '-t', 'direct']).status).toBe(0);
    writeFileSync(bias[1], damaged(frames[1]).cut);
    const words = ['run', 'pipelines/drp.yaml#isr', '-b', repo, '-i', 'SimCam/raw/all', '--output-run', 'u/isr'];
    const config = ['doBias', 'doDark', 'doFlat', 'doDefects'].flatMap((field) => ['-c', `isr:${field}=false`]);
    const result = skymill([...words, '-d', "instrument = 'SimCam'", ...config]);
    expect(result.status, result.stderr).toBe(3);
    expect(result.stdout).toContain(bias[1]);
    expect(result.stdout).not.toContain(`${bias[0]}:`);
    const { seen } = await stateOf(repo);
    // The frame itself is what is wrong with the repository now; nothing half-made is there.
    expect(seen.wrong.filter((text) => !text.includes(basename(bias[1])))).toEqual([]);
    expect(seen.datasets.filter((text) => text.startsWith('postISRCCD ')).length).toBe(1);
  });
});

describe('the same raw frames again', () => {
  test('are refused by name', async () => {
    const before = await stateOf(place.repo);
    const result = skymill(['ingest-raws', place.repo, ...frames]);
    expectOneError(result, /^BUTLER_DATASET_CONFLICT$/, frames[0], 'SimCam/raw/all', '--on-conflict skip');
    expect(await stateOf(place.repo)).toEqual(before);
  });

  test('among new ones: none goes in, and nothing of the new ones stays', async () => {
    const repo = freshRepo('mixed');
    expect(skymill(['ingest-raws', repo, frames[0]]).status).toBe(0);
    const before = await stateOf(repo);
    expectOneError(skymill(['ingest-raws', repo, ...frames.slice(0, 3)]), /^BUTLER_DATASET_CONFLICT$/, frames[0]);
    expect(await stateOf(repo)).toEqual(before);
    expect(exposures(repo)).toBe(1);
  });

  test('are skipped on demand, under another name too, and what is new goes in', async () => {
    const before = await stateOf(place.repo);
    const twin = join(place.folder, 'twin.fits');
    copyFileSync(frames[0], twin);
    const result = skymill(['ingest-raws', place.repo, twin, ...frames, '--on-conflict', 'skip']);
    expect(result.status, result.stderr).toBe(0);
    expect(result.stdout).toMatch(/Ingested 0 of (\d+) files .* \1 there already, 0 left out/);
    const after = await stateOf(place.repo);
    expect(after.seen).toEqual(before.seen);

    const repo = freshRepo('half');
    expect(skymill(['ingest-raws', repo, ...frames.slice(0, 2)]).status).toBe(0);
    const rest = skymill(['ingest-raws', repo, ...frames.slice(0, 4), '--on-conflict', 'skip']);
    expect(rest.stdout).toContain('Ingested 2 of 4 files');
    const twice = skymill(['ingest-raws', repo, frames[5], '--on-conflict', 'skip']);
    expect(twice.status).toBe(0);
    const { seen } = await stateOf(repo);
    expect(seen.wrong).toEqual([]);
    expect(seen.datasets.length).toBe(5);
  });

  test('twice in one batch is a conflict that names the file', () => {
    const repo = freshRepo('twice');
    const twin = join(place.folder, 'again.fits');
    copyFileSync(frames[0], twin);
    expectOneError(skymill(['ingest-raws', repo, frames[0], twin]), /^BUTLER_DATASET_CONFLICT$/, twin, frames[0]);
  });
});
