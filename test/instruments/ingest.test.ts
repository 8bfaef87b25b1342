// SPDX-License-Identifier: BSD-3-Clause
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Butler } from '../../src/butler/index.ts';
import { type HduToWrite, writeFitsFile } from '../../src/fits/index.ts';
import {
  builtInInstruments,
  defineVisits,
  type IngestRawsOptions,
  ingestRaws,
  loadInstrument,
  registerInstrument,
  translateFile,
  writeCuratedCalibrations,
  writeIndex,
  writeSidecar,
} from '../../src/instruments/index.ts';
import { simulateSurvey } from '../../src/simulate/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'skymill-ingest-'));
let raws: string;
let definition: string;
let butler: Butler;
let work: string;
let files: string[];

beforeAll(async () => {
  const made = await simulateSurvey(
    join(folder, 'survey'),
    {
      detectorColumns: 2,
      detectorRows: 1,
      width: 64,
      height: 64,
      bands: ['r'],
      visitsPerBand: 2,
      nights: 1,
      biases: 1,
      darks: 0,
      flatsPerBand: 0,
    },
    { clobber: false },
  );
  raws = made.rawFolder;
  definition = made.instrumentFile;
});
afterAll(() => rmSync(folder, { recursive: true }));

let count = 0;
beforeEach(async () => {
  work = join(folder, `work${++count}`);
  mkdirSync(work);
  for (const name of readdirSync(raws, { recursive: true }) as string[]) {
    if (name.endsWith('.fits')) copyFileSync(join(raws, name), join(work, name.split('/').at(-1)!));
  }
  files = readdirSync(work)
    .sort()
    .map((name) => join(work, name));
  butler = await Butler.create(join(folder, `repo${count}`));
  await registerInstrument(butler, definition);
});

const ingest = (paths: readonly string[], options: Partial<IngestRawsOptions> = {}) =>
  ingestRaws(butler, paths, { transfer: 'direct', ...options });

async function exposures(): Promise<Record<string, unknown>[]> {
  const found: Record<string, unknown>[] = [];
  for await (const record of butler.query().where({ instrument: 'SimCam' }).dimensionRecords('exposure'))
    found.push({ ...record });
  return found.sort((a, b) => Number(a['id']) - Number(b['id']));
}

async function observations() {
  const instruments = [await loadInstrument(definition)];
  return Promise.all(files.map(async (path) => ({ path, observation: (await translateFile(path, instruments))[0] })));
}

describe('ingest of raws', () => {
  test('a second ingest changes nothing, and says so', async () => {
    expect(await ingest(files)).toMatchObject({ ingested: 6, exposures: 3, failed: [] });
    await expect(ingest(files)).rejects.toThrow(/already|in the run|exists/i);
    expect(await ingest(files, { onConflict: 'skip' })).toMatchObject({ ingested: 0, failed: [] });
    expect((await butler.query().datasetColumns('raw', { collections: ['SimCam/raw/all'] })).rows).toBe(6);
  });

  test.each(['sidecar', 'index'])('a %s is read instead of the headers, and gives the same records', async (kind) => {
    await ingest(files);
    const wanted = await exposures();
    const each = await observations();
    if (kind === 'index') await writeIndex(work, each);
    else for (const { path, observation } of each) await writeSidecar(path, observation);
    // What headers say is not there any more: only what stands beside can have been read.
    for (const path of files) writeFileSync(path, 'no FITS file');
    await butler.close();
    butler = await Butler.create(join(folder, `again${count}`));
    await registerInstrument(butler, definition);
    expect(await ingest(files)).toMatchObject({ ingested: 6, failed: [] });
    expect(await exposures()).toEqual(wanted);
  });

  test('an index of headers is translated', async () => {
    const header = {
      INSTRUME: 'SimCam',
      DETECTOR: 1,
      EXPID: 77,
      OBSID: 'o77',
      GROUPID: 'g',
      FILTER: 'sim_r',
      IMGTYPE: 'bias',
      DAYOBS: 20260101,
      SEQNUM: 7,
      EXPTIME: 0,
      DARKTIME: 0,
      'DATE-BEG': '2026-01-01T00:00:00',
      'DATE-END': '2026-01-01T00:00:01',
    };
    const { DETECTOR, ...common } = header;
    const name = files[0].split('/').at(-1)!;
    writeFileSync(
      join(work, '_index.json'),
      JSON.stringify({ __CONTENT__: 'metadata', __COMMON__: common, [name]: { DETECTOR } }),
    );
    expect(await ingest([files[0]])).toMatchObject({ ingested: 1, failed: [] });
    expect(await exposures()).toMatchObject([{ id: 77, obs_id: 'o77', seq_num: 7 }]);
  });

  test('bad files are left out one by one, each with its reason; the rest goes in', async () => {
    writeFileSync(files[0], 'no FITS file');
    writeFileSync(files[1], readFileSync(files[1]).subarray(0, 4000));
    const gone = join(work, 'gone.fits');
    writeFileSync(
      join(work, 'gone.json'),
      readFileSync(
        await writeSidecar(files[2], (await translateFile(files[2], [await loadInstrument(definition)]))[0]),
      ),
    );
    writeFileSync(files[3].replace('.fits', '.json'), '[1, 2]');
    const report = await ingest([...files, gone]);
    expect(report.failed.map(({ path }) => path)).toEqual([files[0], files[1], files[3], gone]);
    expect(report.failed[2].error).toMatchObject({ code: 'INSTRUMENT_BAD_SIDECAR' });
    expect(report.failed.map(({ error }) => error.message).join('\n')).toMatch(/not a JSON object/);
    expect(report.ingested).toBe(3);
  });

  test('fail-fast writes nothing', async () => {
    writeFileSync(files[5], 'no FITS file');
    await expect(ingest(files, { failFast: true })).rejects.toThrow(files[5]);
    expect(await exposures()).toEqual([]);
  });

  test('two files of one exposure that say different things of it', async () => {
    const each = await observations();
    await writeIndex(
      work,
      each.map(({ path, observation }, i) => ({
        path,
        observation: i === 1 ? { ...observation, exposureTimeSeconds: 99 } : observation,
      })),
    );
    const report = await ingest(files);
    expect(report.failed).toMatchObject([{ path: files[1], error: { code: 'INSTRUMENT_EXPOSURE_DIFFERS' } }]);
    expect(report.ingested).toBe(5);
  });

  test('changed headers: refused, or with updateRecords taken; sizes are kept unless told otherwise', async () => {
    await ingest(files.slice(0, 2));
    const each = await observations();
    await writeIndex(
      work,
      each.map(({ path, observation }) => ({ path, observation: { ...observation, object: 'corrected' } })),
    );
    await expect(ingest(files.slice(0, 2), { run: 'other' })).rejects.toThrow(/exposure/);
    await ingest(files.slice(0, 2), { run: 'other', updateRecords: true, trackFileAttributes: false });
    expect(await exposures()).toMatchObject([{ target_name: 'corrected' }]);
    const sizes = async (run: string) => {
      const { ids } = await butler.query().datasetColumns('raw', { collections: [run] });
      return (await butler.getFileRecords(ids)).map(([record]) => record.sizeBytes);
    };
    expect(await sizes('other')).toEqual([-1, -1]);
    expect((await sizes('SimCam/raw/all')).every((size) => size > 5000)).toBe(true);
  });

  test('visits of files that were never opened', async () => {
    await writeIndex(work, await observations());
    await ingest(files);
    expect(await defineVisits(butler, { instrument: 'SimCam' })).toMatchObject({ visits: 2 });
  });
});

describe('files of many detectors', () => {
  const primary = {
    INSTRUME: 'DECam',
    EXPNUM: 12,
    EXPTIME: 30,
    OBSTYPE: 'object',
    FILTER: 'g DECam SDSS c0001 4720.0 1520.0',
    'DATE-OBS': '2013-02-13T09:01:40.967',
  };
  const wcs = (ra: number) => ({
    CTYPE1: 'RA---TAN',
    CTYPE2: 'DEC--TAN',
    CRPIX1: 1024,
    CRPIX2: 2048,
    CRVAL1: ra,
    CRVAL2: -20,
    CD1_1: -7.3e-5,
    CD1_2: 0,
    CD2_1: 0,
    CD2_2: 7.3e-5,
  });
  const ccd = (CCDNUM: number, name: string, compressed: boolean): HduToWrite => ({
    kind: 'image',
    name,
    data: new Int16Array(64 * 64),
    shape: [64, 64],
    ...(compressed ? { compression: { algorithm: 'RICE_1' } } : {}),
    header: { CCDNUM, DETPOS: name, ...wcs(150 + CCDNUM) },
  });

  test.each(['fits', 'fits.gz', 'fits.fz'])(
    '.%s: one file, a raw of each detector, each with its own place',
    async (kind) => {
      await registerInstrument(butler, 'decam');
      const path = join(work, `decam.${kind}`);
      const hdus = [
        ccd(25, 'S1', kind === 'fits.fz'),
        ccd(32, 'N1', kind === 'fits.fz'),
        ccd(63, 'FS1', kind === 'fits.fz'),
      ];
      await writeFitsFile(path, [{ kind: 'image', header: primary }, ...hdus]);
      if (kind === 'fits.gz') writeFileSync(path, gzipSync(readFileSync(path)));
      expect(await ingest([path])).toMatchObject({ ingested: 2, exposures: 1, failed: [] });
      const { rows, ids, columns } = await butler.query().datasetColumns('raw', { collections: ['DECam/raw/all'] });
      expect(rows).toBe(2);
      expect([...columns['detector']].sort()).toEqual([25, 32]);
      const paths = (await butler.getFileRecords(ids)).flat().map((record) => record.path);
      expect(new Set(paths).size).toBe(1);
      expect(await defineVisits(butler, { instrument: 'DECam' })).toMatchObject({ visits: 1 });
      const regions: Uint8Array[] = [];
      for await (const record of butler
        .query()
        .where({ instrument: 'DECam' })
        .dimensionRecords('visit_detector_region')) {
        regions.push(record['region'] as Uint8Array);
      }
      expect(regions).toHaveLength(2);
      expect(regions[0]).not.toEqual(regions[1]);
    },
  );
});

test('curated calibrations: written once, and certified also when an earlier call could not', async () => {
  expect(await writeCuratedCalibrations(butler, 'SimCam')).toMatchObject({ written: 3, present: 0 });
  expect(await writeCuratedCalibrations(butler, 'SimCam')).toMatchObject({ written: 0, present: 3 });
  await butler.removeCollection('SimCam/calib');
  expect(await writeCuratedCalibrations(butler, 'SimCam')).toMatchObject({ written: 0, present: 3 });
  let certified = 0;
  for await (const _ of butler.associations('defects', { collections: ['SimCam/calib'] })) certified++;
  expect(certified).toBe(2);
  const labelled = await writeCuratedCalibrations(butler, 'SimCam', { label: ['DM-1', 'b'] });
  expect(labelled).toMatchObject({ collection: 'SimCam/calib/DM-1/b', written: 3 });
});

test('every built-in instrument can be registered', async () => {
  for (const name of builtInInstruments()) await registerInstrument(butler, name);
  const names: unknown[] = [];
  for await (const record of butler.query().dimensionRecords('instrument')) names.push(record['name']);
  expect(names).toEqual(expect.arrayContaining(['DECam', 'HSC', 'MegaPrime', 'SuprimeCam']));
});
