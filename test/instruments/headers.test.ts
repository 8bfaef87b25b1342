// SPDX-License-Identifier: BSD-3-Clause
import { describe, expect, test } from 'vitest';
import { builtInInstruments, loadInstrument, makeInstrument } from '../../src/instruments/index.ts';

const nickelHeader = {
  INSTRUME: 'Nickel Direct Camera',
  OBSNUM: 1047,
  OBJECT: 'PG1323-085        ',
  OBSTYPE: 'OBJECT',
  EXPTIME: 60,
  FILTNAM: 'V       ',
  RA: '13:25:39.63       ',
  DEC: '-8:49:28.5        ',
  'DATE-BEG': '2024-05-13T04:32:47.12',
  'DATE-END': '2024-05-13T04:33:47.12',
};

describe('header translation', () => {
  test('a Nickel science frame in standard terms', async () => {
    const nickel = await loadInstrument('nickel');
    expect(nickel.recognises([nickelHeader])).toBe(true);
    const info = nickel.translate([nickelHeader], 'd1047.fits');
    expect(info).toMatchObject({
      exposureId: 2024051301047,
      obsId: 'n20240513.1047'.replace('.1047', '.01047'),
      physicalFilter: 'V',
      observationType: 'science',
      exposureTimeSeconds: 60,
      dayObs: 20240512,
      targetName: 'PG1323-085',
      canSeeSky: true,
    });
    expect(info.raDeg).toBeCloseTo(201.415125, 9);
    expect(info.decDeg).toBeCloseTo(-(8 + 49 / 60 + 28.5 / 3600), 9);
    // TAI was 37 s ahead of UTC.
    expect(info.beginNs).toBe(BigInt(Date.UTC(2024, 4, 13, 4, 32, 47, 120) + 37_000) * 1_000_000n);
    expect(info.endNs - info.beginNs).toBe(60_000_000_000n);
  });

  test.each([
    [{ OBJECT: 'bias', EXPTIME: 0, OBSTYPE: 'DARK' }, 'bias', false],
    [{ OBJECT: 'sky flat', EXPTIME: 4 }, 'flat', true],
    [{ OBJECT: 'dark 300', OBSTYPE: 'DARK', EXPTIME: 300 }, 'dark', false],
  ])('cases decide the observation type: %o', async (cards, type, seesSky) => {
    const nickel = await loadInstrument('nickel');
    const info = nickel.translate([{ ...nickelHeader, ...cards }], 'x.fits');
    expect([info.observationType, info.canSeeSky]).toEqual([type, seesSky]);
  });

  test('SDSS: seconds of TAI, composed ids, filter to detector', async () => {
    const sdss = await loadInstrument('sdss');
    const info = sdss.translate(
      [
        {
          ORIGIN: 'SDSS',
          CAMCOL: 4,
          RUN: 4192,
          FRAME: 308,
          FILTER: 'g       ',
          TAI: 4573255701.31,
          EXPTIME: '53.907456',
          FLAVOR: 'science',
        },
      ],
      'fpC-004192-g4-0300.fit.gz',
    );
    expect(info).toMatchObject({ exposureId: 4192403084, detectors: [4], physicalFilter: 'g', dayObs: 20031018 });
    expect(info.obsId).toBe('004192-g4-0308');
    expect(Number(info.beginNs) / 1e9).toBeCloseTo(4573255701.31 - 40587 * 86400, 3);
  });

  test('a missing card names file, card, property, and the nearest one present', async () => {
    const nickel = await loadInstrument('nickel');
    const { OBSNUM: _gone, ...rest } = nickelHeader;
    expect(() => nickel.translate([{ ...rest, OBSNUN: 1047 }], 'd1047.fits')).toThrow(
      /d1047\.fits: header card OBSNUM.*OBSNUN.*is missing.*Nickel.*exposure/s,
    );
  });

  test('a filter the camera has not is refused by name', async () => {
    const nickel = await loadInstrument('nickel');
    expect(() => nickel.translate([{ ...nickelHeader, FILTNAM: 'Q' }], 'f.fits')).toThrow(/"Q".*B, V, R, I/);
  });
});

describe('standard observations', () => {
  const hsc = (cards: object) => ({ 'EXP-ID': 'HSCA00000000', FRAMEID: 'HSCB12345737', 'DET-ID': 37, ...cards });

  test.each([
    [{ 'EXP-ID': 'HSCA04090000' }, 40900],
    [{ 'EXP-ID': 'HSCC04090000' }, 2040900],
    [{ 'EXP-ID': 'HSCE01234567' }, 1234567],
    // EXP-ID says nothing: the frame's own number, rounded down to even.
    [{}, 1123456],
  ])('HSC exposure numbers: %o', async (cards, exposure) => {
    const [found] = (await loadInstrument('hsc')).standardObservations([hsc(cards)], 'x.fits');
    expect(found.exposureId).toBe(exposure);
    expect(found.detectorExposureId).toBe(exposure * 200 + 37);
    expect([found.detectorUniqueName, found.detectorGroup, found.detectorName]).toEqual(['1_07', '1', '07']);
  });

  test('focus CCDs of the second commissioning run of HSC have other numbers', async () => {
    const camera = await loadInstrument('hsc');
    const number = (MJD: number) => camera.standardObservations([hsc({ 'DET-ID': 112, MJD })], 'x')[0].detectorNum;
    expect([number(56317.9), number(56318), number(56331.9), number(56332)]).toEqual([112, 106, 106, 112]);
  });

  test('DECam: a value out of its range counts as absent, a closed shutter as no filter', async () => {
    const decam = await loadInstrument('decam');
    const [found] = decam.standardObservations(
      [{ INSTRUME: 'DECam', HUMIDITY: -5, PRESSURE: 779, OBSTYPE: 'zero', FILTER: 'g DECam SDSS c0001 4720.0 1520.0' }],
      'x.fits',
    );
    expect(found).toMatchObject({ relativeHumidityPercent: 40, pressureHpa: 779, temperatureCelsius: 10 });
    expect(found).toMatchObject({ physicalFilter: 'solid plate 0.0 0.0', observationType: 'zero', canSeeSky: false });
    expect(found.exposureId).toBeUndefined();
  });

  test('a file of many detectors: each HDU with the primary header, guide CCDs left out', async () => {
    const decam = await loadInstrument('decam');
    const primary = {
      INSTRUME: 'DECam',
      EXPNUM: 12,
      EXPTIME: 30,
      OBSTYPE: 'object',
      FILTER: 'g DECam SDSS c0001 4720.0 1520.0',
      'DATE-OBS': '2013-02-13T09:01:40.967',
    };
    const hdu = (CCDNUM: number, EXTNAME: string) => ({ CCDNUM, EXTNAME, CTYPE1: 'RA---TPV' });
    const headers = [primary, hdu(63, 'FS1'), hdu(25, 'S1'), hdu(32, 'N1')];
    expect(decam.translate(headers, 'x.fits')).toMatchObject({ detectors: [25, 32], exposureId: 12, dayObs: 20130212 });
    const each = decam.standardObservations(headers, 'x.fits');
    expect(each.map((o) => [o.detectorUniqueName, o.detectorExposureId])).toEqual([
      ['S1', 1225],
      ['N1', 1232],
    ]);
  });
});

describe('instrument files', () => {
  test('all built-in ones load', async () => {
    expect(builtInInstruments()).toEqual(['decam', 'hsc', 'megaprime', 'nickel', 'sdss', 'simcam', 'suprimecam']);
    for (const name of builtInInstruments()) expect((await loadInstrument(name)).detectors.length).toBeGreaterThan(0);
  });

  test('an unknown name suggests', async () => {
    await expect(loadInstrument('nikel')).rejects.toThrow(/no instrument "nikel".*"nickel"/);
  });

  test('a reversed DETSEC mirrors; sections of different size are refused', async () => {
    const simcam = await loadInstrument('simcam');
    const [a, b] = simcam.detectors[0].amplifiers;
    expect([a.flipX, b.flipX]).toEqual([false, true]);
    expect(b.box).toEqual({ x0: 256, y0: 0, x1: 512, y1: 512 });
    expect(b.rawOverscan).toEqual({ x0: 256, y0: 0, x1: 288, y1: 512 });
    const plain = {
      name: 'X',
      plateScaleArcsecPerMm: 1,
      match: {},
      filters: {},
      detectorTypes: {
        t: { size: [4, 4], pixelSizeMm: 1, amplifiers: [{ name: 'A', datasec: '[1:4,1:4]', detsec: '[1:3,1:4]' }] },
      },
      detectors: [{ id: 0, name: 'd', type: 't' }],
      translate: { exposure: 1, physicalFilter: 'r', observationType: 'science', exposureTimeSeconds: 1, begin: 'x' },
    };
    await expect(makeInstrument(plain, 'x.yaml')).rejects.toThrow(
      /Amplifier A: DATASEC is 4 x 4 pixels but DETSEC is 3 x 4/,
    );
    await expect(makeInstrument({ ...plain, plateScale: 3 }, 'x.yaml')).rejects.toThrow(/x\.yaml.*plateScale/);
  });
});
