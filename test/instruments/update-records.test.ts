// SPDX-License-Identifier: BSD-3-Clause
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Butler, type DimensionRecord } from '../../src/butler/index.ts';
import { updateExposures, updateRegions } from '../../src/instruments/index.ts';
import { decodeRegion, encodeRegion, polygonFromLonLat } from '../../src/sky/index.ts';
import { expectOneError } from '../bad-input/expect.ts';
import { skymill } from '../support/commands.ts';
import { surveyCopy } from '../support/survey.ts';

const instrument = 'SimCam';
let survey: ReturnType<typeof surveyCopy>;
let butler: Butler;

beforeAll(async () => {
  survey = surveyCopy('raws');
  butler = await Butler.open(survey.repo, { writeable: true });
}, 60_000);
afterAll(async () => {
  await butler.close();
  rmSync(survey.folder, { recursive: true });
});

async function records(element: string): Promise<DimensionRecord[]> {
  const out = [];
  for await (const record of butler.query().where({ instrument }).dimensionRecords(element)) out.push(record);
  return out;
}
const region = (record: DimensionRecord): string => Buffer.from(record['region'] as Uint8Array).toString('hex');

/** Replaces a card in the primary header of a raw, whose file stays as long as it was. */
async function setCard(exposure: number, key: string, value: string): Promise<void> {
  const { ids } = await butler
    .query()
    .where({ instrument, exposure })
    .datasetColumns('raw', { collections: [`${instrument}/raw/all`] });
  for (const [file] of await butler.getFileRecords(ids)) {
    const path = `${butler.datastoreRoot}/${file.path}`;
    const bytes = readFileSync(path, 'latin1');
    const card = bytes.match(new RegExp(`${key.padEnd(8)}= .{70}`))![0];
    writeFileSync(path, bytes.replace(card, `${key.padEnd(8)}= ${value.padEnd(70)}`), 'latin1');
  }
}

it('exposures follow their headers: what changes is shown first, and only that is written', async () => {
  const [first] = (await records('exposure')).filter((record) => record['can_see_sky']);
  const exposure = first['id'] as number;
  const where = `exposure = ${exposure}`;
  const options = { instrument, where };
  expect(await updateExposures(butler, options)).toEqual({ exposures: 1, changed: 0, changes: [], failed: [] });
  await setCard(exposure, 'OBJECT', "'M 33    '");
  const change = { exposure, field: 'target_name', old: first['target_name'], new: 'M 33' };
  expect(await updateExposures(butler, { ...options, dryRun: true })).toMatchObject({ changed: 1, changes: [change] });
  expect((await records('exposure')).find((record) => record['id'] === exposure)).toEqual(first);

  const words = ['update-exposures-from-raws', survey.repo, instrument, '--where', where];
  expect(skymill([...words, '--dry-run']).stdout).toMatch(/target_name .*M 33\n(.*\n)*1 of 1 exposures change\./);
  expectOneError(skymill(words), 'CLI_NOT_CONFIRMED', 'Replace the records of 1 exposures');
  expectOneError(skymill([...words.slice(0, 3), '--where', ' ']), 'CLI_OPTIONS', '--where');
  expect(skymill(words.slice(0, 3))).toMatchObject({ status: 2, stderr: expect.stringContaining('--where') });
  expect(skymill([...words.slice(0, 4), 'exposure = 1', '--dry-run']).status).toBe(4);
  expect(skymill([...words, '--no-confirm']).stdout).toContain('Replaced the records of 1 exposures.');
  const after = (await records('exposure')).find((record) => record['id'] === exposure);
  expect(after).toEqual({ ...first, target_name: 'M 33' });
  expect((await updateExposures(butler, options)).changed).toBe(0);
}, 30_000);

it('a raw whose header belongs to another exposure, or that is gone, is left out and named', async () => {
  const [a, b] = (await records('exposure')).map((record) => record['id'] as number);
  const { ids } = await butler
    .query()
    .where({ instrument, exposure: b })
    .datasetColumns('raw', { collections: [`${instrument}/raw/all`] });
  const files = (await butler.getFileRecords(ids)).map(([file]) => `${butler.datastoreRoot}/${file.path}`);
  const kept = files.map((path) => readFileSync(path));
  for (const path of files) rmSync(path);
  try {
    const report = await updateExposures(butler, { instrument, where: `exposure IN (${a}, ${b})` });
    expect(report).toMatchObject({ exposures: 1, failed: [{ path: expect.stringContaining(butler.datastoreRoot) }] });
    await expect(updateExposures(butler, { instrument, where: `exposure = ${b}`, failFast: true })).rejects.toThrow(
      files[0],
    );
  } finally {
    for (const [i, path] of files.entries()) writeFileSync(path, kept[i]);
  }
});

it('regions from raws: the same again, and those that were lost', async () => {
  const visits = await records('visit');
  const detectors = await records('visit_detector_region');
  const options = { instrument, source: 'raws', paddingPx: 20 } as const;
  const unchanged = { changedVisits: 0, changedDetectors: 0, skipped: [] };
  expect(await updateRegions(butler, options)).toMatchObject({ visits: visits.length, ...unchanged });
  const wrong = encodeRegion(
    polygonFromLonLat([
      [1, 1],
      [2, 1],
      [2, 2],
    ]),
  );
  await butler.insertRecords('visit', [{ ...visits[0], region: wrong }], 'replace');
  await butler.insertRecords('visit_detector_region', [{ ...detectors[0], region: wrong }], 'replace');
  const preview = await updateRegions(butler, { ...options, dryRun: true });
  expect(preview).toMatchObject({ changedVisits: 1, changedDetectors: 1 });
  expect(preview.largestShiftArcsec).toBeGreaterThan(3600);
  await updateRegions(butler, options);
  expect((await records('visit')).map(region)).toEqual(visits.map(region));
  expect((await records('visit_detector_region')).map(region)).toEqual(detectors.map(region));
  // The index of the sky follows: the visit is found where it is, not where it was said to be.
  const where = `instrument = '${instrument}' AND visit.region OVERLAPS POINT(1.6, 1.3)`;
  expect(await butler.query().where(where).count(['visit'])).toBe(0);
}, 30_000);

it('regions and pointings from datasets of fitted geometry', async () => {
  const [visit] = await records('visit');
  const id = visit['id'] as number;
  const [detector] = (await records('visit_detector_region')).filter((record) => record['visit'] === id);
  const fitted = polygonFromLonLat([
    [10, 10],
    [10.2, 10],
    [10.2, 10.2],
    [10, 10.2],
  ]);
  const hex = Buffer.from(encodeRegion(fitted)).toString('hex');
  const geometry = {
    boresight_ra: 10.1,
    boresight_dec: 10.1,
    orientation: 3,
    visit_region: hex,
    detector_regions: { [String(detector['detector'])]: hex },
  };
  await butler.registerDatasetTypes([butler.makeDatasetType('visit_geometry', ['visit'], 'StructuredDataDict')]);
  for (const run of ['geometry', 'bad']) await butler.registerCollection(run, 'RUN');
  await butler.put(geometry, 'visit_geometry', { instrument, visit: id }, 'geometry');
  await butler.put({ ...geometry, visit_region: 'xyz' }, 'visit_geometry', { instrument, visit: id }, 'bad');

  const words = ['update-dimension-regions', survey.repo, instrument];
  const where = ['--where', `visit = ${id}`, '--json'];
  const done = skymill([...words, 'geometry', ...where, '--no-confirm']);
  expect(done.status, done.stderr).toBe(0);
  expect(JSON.parse(done.stdout)).toMatchObject({
    visits: 1,
    changedVisits: 1,
    changedDetectors: 1,
    changedExposures: 1,
  });
  const after = (await records('visit')).find((record) => record['id'] === id)!;
  expect(decodeRegion(after['region'] as Uint8Array)).toEqual(decodeRegion(encodeRegion(fitted)));
  const exposure = (await records('exposure')).find((record) => record['id'] === id)!;
  expect(exposure).toMatchObject({ tracking_ra: 10.1, tracking_dec: 10.1, sky_angle: 3 });
  const again = await updateRegions(butler, { instrument, source: 'datasets', collections: ['geometry'] });
  expect(again).toMatchObject({ visits: 1, changedVisits: 0, changedExposures: 0 });
  expect(again.skipped.length).toBe((await records('visit')).length - 1);

  expectOneError(skymill([...words, 'bad']), 'INSTRUMENT_BAD_GEOMETRY', 'visit_region', String(id));
  expectOneError(skymill(words), 'CLI_OPTIONS', '--from-raws');
  expectOneError(
    skymill([...words, 'geometry', '--dataset-type', 'visit_geometri']),
    'BUTLER_NO_DATASET_TYPE',
    'visit_geometry',
  );
}, 30_000);
