// SPDX-License-Identifier: BSD-3-Clause
import { cpSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { skymill } from '../support/commands.ts';
import { fillDisk, readOnly, smallDisk } from '../support/mounts.ts';
import { surveyCopy } from '../support/survey.ts';
import { errorsOf, expectOneError, pipelines, stateOf } from './expect.ts';

// Each command is a process of its own, and machines may be busy.
vi.setConfig({ testTimeout: 120_000 });

let place: ReturnType<typeof surveyCopy>;
beforeAll(() => {
  place = surveyCopy('raws');
}, 120_000);
afterAll(() => rmSync(place.folder, { recursive: true, force: true }));

const isr = (repo: string) => [
  ...['run', `${join(pipelines, 'drp.yaml')}#isr`, '-b', repo, '-i', 'SimCam/raw/all', '-o', 'u/isr'],
  ...['-d', "instrument = 'SimCam' AND exposure.observation_type = 'science'"],
  ...['doBias', 'doDark', 'doFlat', 'doDefects'].flatMap((field) => ['-c', `isr:${field}=false`]),
];

const disk = smallDisk(8, 'bad input: a full disk');
describe.skipIf(disk === undefined)('a full disk', () => {
  const root = disk?.path ?? '';
  afterAll(() => disk?.release());

  test('refuses to take frames in, at whatever moment it is full; nothing of them stays', async () => {
    const repo = join(root, 'repo');
    const instrument = join(place.survey, 'instrument.yaml');
    expect(skymill(['create', repo]).status).toBe(0);
    expect(skymill(['register-instrument', repo, instrument]).status).toBe(0);
    const before = await stateOf(repo);
    // From not a byte for the database to all files but the last.
    for (const leaveBytes of [0, 40_000, 250_000, 1_000_000, 1_700_000]) {
      const free = fillDisk(root, leaveBytes);
      const result = skymill(['ingest-raws', repo, join(place.survey, 'raw')]);
      free();
      expectOneError(result, /^BUTLER_DISK_FULL$/, repo);
      const after = await stateOf(repo);
      expect(after.files, `${leaveBytes} bytes left`).toEqual(before.files);
      expect(after.seen.datasets, `${leaveBytes} bytes left`).toEqual([]);
      expect(after.seen.wrong, `${leaveBytes} bytes left`).toEqual([]);
      expect(skymill(['query-dimension-records', repo, 'exposure', '--json']).stdout.trim()).toBe('[]');
    }
    const result = skymill(['ingest-raws', repo, join(place.survey, 'raw'), '--on-conflict', 'skip']);
    expect(result.status, result.stderr).toBe(0);
    rmSync(repo, { recursive: true });
  }, 120_000);

  test('refuses to make a repository, and leaves none', () => {
    const repo = join(root, 'new');
    for (const leaveBytes of [0, 300_000]) {
      const free = fillDisk(root, leaveBytes);
      expectOneError(skymill(['create', repo]), /^BUTLER_DISK_FULL$/, repo);
      free();
    }
    expect(skymill(['create', repo]).status).toBe(0);
    rmSync(repo, { recursive: true });
  });

  test('ends a run with one reason; with space again the same command completes it', async () => {
    const repo = join(root, 'repo');
    cpSync(place.repo, repo, { recursive: true });
    for (const leaveBytes of [0, 60_000, 700_000]) {
      const free = fillDisk(root, leaveBytes);
      const result = skymill(isr(repo));
      free();
      expect(result.status, result.stderr).not.toBe(0);
      const said = `${result.stderr}\n${result.stdout}`;
      expect(said, `${leaveBytes} bytes left`).toMatch(/No space left|disk is full/i);
      expect(said).toMatch(/Free some space/);
      expect(result.stderr).not.toMatch(/node:internal|file:\/\//);
      // What the registry states is so.
      const { seen } = await stateOf(repo);
      expect(seen.wrong.filter((text) => /^(missing|size|checksum)/.test(text))).toEqual([]);
    }
    const result = skymill(isr(repo));
    expect(result.status, result.stderr).toBe(0);
    const { seen } = await stateOf(repo);
    expect(seen.wrong).toEqual([]);
    expect(seen.datasets.filter((text) => text.startsWith('postISRCCD ')).length).toBe(3);
    rmSync(repo, { recursive: true });
  }, 120_000);

  test('refuses to simulate, naming the file', () => {
    const free = fillDisk(root, 200_000);
    const words = ['--detectors', '1x1', '--size', '256x256', '--bands', 'r', '--visits', '2', '--biases', '1'];
    const result = skymill(['simulate', join(root, 'survey'), ...words]);
    free();
    expectOneError(result, /./, join(root, 'survey'));
    expect(readdirSync(join(root, 'survey')).includes('survey.json')).toBe(false);
  });
});

describe('a repository that cannot be written', () => {
  let copy: string;
  let closed: ReturnType<typeof readOnly>;
  beforeAll(() => {
    copy = mkdtempSync(join(tmpdir(), 'skymill-closed-'));
    cpSync(place.repo, copy, { recursive: true });
    closed = readOnly(copy, 'bad input: a read-only repository');
  });
  afterAll(() => {
    closed?.release();
    rmSync(copy, { recursive: true, force: true });
  });

  test('is read as ever, and each verb that writes says so at once', async (context) => {
    if (closed === undefined) return context.skip('this user may not mount');
    const repo = closed.path;
    const before = statSync(join(copy, 'gen3.sqlite3')).mtimeMs;
    expect(skymill(['query-datasets', repo, 'raw']).status).toBe(0);
    expect(skymill([...isr(repo), '--dry-run']).status).toBe(0);
    for (const words of [
      isr(repo),
      ['ingest-raws', repo, join(place.survey, 'raw'), '--output-run', 'u/raw'],
      ['define-visits', repo, 'SimCam'],
      ['register-instrument', repo, 'nickel'],
      ['ingest-refcat', repo, 'stars', join(place.survey, 'reference.fits'), '--mag', 'r=r'],
      ['register-skymap', repo, '-c', 'name=s', '-c', 'type=rings', '-c', 'numRings=3'],
      ['write-curated-calibrations', repo, 'SimCam'],
      ['create', join(repo, 'inner')],
    ])
      expectOneError(skymill(words), /^BUTLER_(NOT_WRITEABLE|READ_ONLY)$/, repo, /read-only|permission/);
    expect(statSync(join(copy, 'gen3.sqlite3')).mtimeMs).toBe(before);
    expect((await stateOf(repo)).seen.wrong).toEqual([]);
    expect(errorsOf(skymill(isr(repo)))[0].next).toMatch(/permissions|another repository/);
  });
});
