// SPDX-License-Identifier: BSD-3-Clause
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Cards, makeTanWcs, separationArcsec, wcsFromCards, withSip } from '../../src/sky/index.ts';

const base: Cards = { CRPIX1: 50.5, CRPIX2: 60.5, CRVAL1: 120, CRVAL2: 33, CDELT1: -0.01, CDELT2: 0.01 };
const cards = (code: string, more: Cards = {}): Cards => ({
  CTYPE1: `RA---${code}`,
  CTYPE2: `DEC--${code}`,
  ...base,
  ...more,
});

const projections: [string, Cards][] = [
  ['TAN', {}],
  ['SIN', {}],
  ['SIN', { PV2_1: 0.1, PV2_2: -0.05 }],
  ['ARC', {}],
  ['STG', {}],
  ['ZEA', {}],
  ['ZPN', { PV2_1: 1, PV2_3: 0.2 }],
  ['AZP', { PV2_1: 2, PV2_2: 30 }],
  ['CAR', {}],
  ['MER', {}],
  ['CEA', { PV2_1: 0.8 }],
  ['CYP', { PV2_1: 1, PV2_2: 0.7 }],
  ['SFL', {}],
  ['PAR', {}],
  ['MOL', {}],
  ['AIT', {}],
  ['COP', { PV2_1: 40, PV2_2: 10 }],
  ['COE', { PV2_1: 40, PV2_2: 10 }],
  ['COD', { PV2_1: 40, PV2_2: 10 }],
  ['COO', { PV2_1: -40, PV2_2: 10, CRVAL2: -33 }],
  ['TSC', {}],
  ['HPX', {}],
];

describe('WCS', () => {
  test.each(projections)('%s %o: there and back, and at the reference pixel the reference value', (code, more) => {
    const header = cards(code, more);
    const wcs = wcsFromCards(header);
    const at = wcs.pixelToSky(49.5, 59.5);
    expect(separationArcsec(at.raDeg, at.decDeg, 120, Number(header['CRVAL2']))).toBeLessThan(1e-6);
    for (let x = -400; x <= 500; x += 90)
      for (let y = -400; y <= 500; y += 90) {
        const { raDeg, decDeg } = wcs.pixelToSky(x, y);
        expect(raDeg).toBeGreaterThanOrEqual(0);
        const back = wcs.skyToPixel(raDeg, decDeg);
        expect(Math.hypot(back.x - x, back.y - y)).toBeLessThan(1e-7);
      }
  });

  test('a TAN WCS is what its parameters say: scale, rotation, handedness', () => {
    const wcs = makeTanWcs({ raDeg: 10, decDeg: -50, x: 100, y: 200, pixelScaleArcsec: 0.25, rotationDeg: 30 });
    expect(wcs.pixelScaleArcsec()).toBeCloseTo(0.25, 8);
    const [origin, up, left] = [wcs.pixelToSky(100, 200), wcs.pixelToSky(100, 300), wcs.pixelToSky(0, 200)];
    expect(origin.raDeg).toBeCloseTo(10, 12);
    const east = (p: { raDeg: number }) => (p.raDeg - 10) * Math.cos((50 * Math.PI) / 180) * 3600;
    const north = (p: { decDeg: number }) => (p.decDeg + 50) * 3600;
    // +y at position angle 30 degrees (north through east); -x, that is east, a quarter turn further.
    expect((Math.atan2(east(up), north(up)) * 180) / Math.PI).toBeCloseTo(30, 2);
    expect((Math.atan2(east(left), north(left)) * 180) / Math.PI).toBeCloseTo(120, 2);
  });

  test('the fast TAN agrees with the general pipeline, SIP inverts to rounding, batches equal single calls', () => {
    const position = fc.tuple(
      fc.double({ min: 0, max: 360, noNaN: true }),
      fc.double({ min: -90, max: 90, noNaN: true }),
      fc.double({ min: -180, max: 180, noNaN: true }),
    );
    fc.assert(
      fc.property(position, ([ra, dec, turn]) => {
        const tan = makeTanWcs({ raDeg: ra, decDeg: dec, x: 1000, y: 2000, pixelScaleArcsec: 0.2, rotationDeg: turn });
        const a = [
          { p: 2, q: 0, value: 2e-7 },
          { p: 0, q: 3, value: -4e-11 },
        ];
        const sip = withSip(tan, { a, b: [{ p: 1, q: 1, value: 3e-7 }] });
        const n = 25;
        const [x, y, ras, decs, bx, by] = [0, 1, 2, 3, 4, 5].map(() => new Float64Array(n));
        for (let i = 0; i < n; i++) [x[i], y[i]] = [(i % 5) * 1000, Math.floor(i / 5) * 1000];
        sip.pixelToSkyMany(n, x, y, ras, decs);
        sip.skyToPixelMany(n, ras, decs, bx, by);
        // The same pixels through a projection that is all but TAN: AZP from the centre of the sphere.
        const plain = tan.toCards() as Record<string, number | string>;
        const azp = wcsFromCards({ ...plain, CTYPE1: 'RA---AZP', CTYPE2: 'DEC--AZP', PV2_1: 0, PV2_2: 0 });
        for (let i = 0; i < n; i++) {
          expect(sip.pixelToSky(x[i], y[i])).toEqual({ raDeg: ras[i], decDeg: decs[i] });
          expect(Math.hypot(bx[i] - x[i], by[i] - y[i])).toBeLessThan(1e-6);
          const [p, q] = [tan.pixelToSky(x[i], y[i]), azp.pixelToSky(x[i], y[i])];
          expect(separationArcsec(p.raDeg, p.decDeg, q.raDeg, q.decDeg)).toBeLessThan(1e-8);
        }
      }),
      { numRuns: 40 },
    );
  });

  test('arrays may be their own output', () => {
    const wcs = makeTanWcs({ raDeg: 1, decDeg: 2, x: 0, y: 0, pixelScaleArcsec: 1 });
    const [x, y] = [Float64Array.of(10, 20), Float64Array.of(30, 40)];
    const first = wcs.pixelToSky(10, 30);
    wcs.pixelToSkyMany(2, x, y, x, y);
    expect([x[0], y[0]]).toEqual([first.raDeg, first.decDeg]);
  });

  test('the far side of the sky has no pixel', () => {
    const wcs = makeTanWcs({ raDeg: 10, decDeg: 20, x: 0, y: 0, pixelScaleArcsec: 1 });
    expect(wcs.skyToPixel(190, -20)).toEqual({ x: Number.NaN, y: Number.NaN });
    expect(wcsFromCards(cards('SIN')).pixelToSky(1e5, 0)).toEqual({ raDeg: Number.NaN, decDeg: Number.NaN });
  });

  test('swapped axes, galactic and ecliptic axes, FK5 of another equinox, PC, CROTA, units', () => {
    const swapped = wcsFromCards({
      CTYPE1: 'DEC--TAN',
      CTYPE2: 'RA---TAN',
      CRPIX1: 60.5,
      CRPIX2: 50.5,
      CRVAL1: 33,
      CRVAL2: 120,
      CD1_1: 0.01,
      CD2_2: -0.01,
    });
    const plain = wcsFromCards(cards('TAN'));
    expect(swapped.pixelToSky(70, 10).raDeg).toBeCloseTo(plain.pixelToSky(10, 70).raDeg, 11);
    // The galactic centre and the north ecliptic pole in ICRS.
    const at = (lon: string, lat: string, a: number, b: number) =>
      wcsFromCards({ ...base, CTYPE1: lon, CTYPE2: lat, CRVAL1: a, CRVAL2: b }).pixelToSky(49.5, 59.5);
    const centre = at('GLON-TAN', 'GLAT-TAN', 0, 0);
    expect(separationArcsec(centre.raDeg, centre.decDeg, 266.40499, -28.93617)).toBeLessThan(0.1);
    const pole = at('ELON-TAN', 'ELAT-TAN', 0, 90);
    expect(separationArcsec(pole.raDeg, pole.decDeg, 270, 66.5607)).toBeLessThan(0.2);
    // Half a century of precession at RA 0: 50.29" a year along the ecliptic, 3.0750 s in RA, 20.043" in Dec a year.
    const old = wcsFromCards(cards('TAN', { CRVAL1: 0, CRVAL2: 0, EQUINOX: 1950, RADESYS: 'FK5' })).pixelToSky(
      49.5,
      59.5,
    );
    expect(old.raDeg).toBeCloseTo(0.6407, 3);
    expect(old.decDeg).toBeCloseTo(0.2784, 3);
    const turned = wcsFromCards(cards('TAN', { CROTA2: 25 }));
    const [c, s] = [Math.cos((25 * Math.PI) / 180), Math.sin((25 * Math.PI) / 180)];
    const pc = wcsFromCards(cards('TAN', { PC1_1: c, PC1_2: s, PC2_1: -s, PC2_2: c, CDELT1: -0.01, CDELT2: 0.01 }));
    expect(turned.pixelToSky(0, 0).decDeg).toBeCloseTo(pc.pixelToSky(0, 0).decDeg, 11);
    const seconds = wcsFromCards({
      ...cards('TAN'),
      CUNIT1: 'arcsec',
      CUNIT2: 'arcsec',
      CRVAL1: 432000,
      CRVAL2: 118800,
      CDELT1: -36,
      CDELT2: 36,
    });
    expect(seconds.pixelToSky(3, 4).raDeg).toBeCloseTo(plain.pixelToSky(3, 4).raDeg, 11);
  });

  test('what is missing or wrong is named', () => {
    expect(() => wcsFromCards({})).toThrow(/no usable CTYPE1/);
    expect(() => wcsFromCards(cards('XYZ'))).toThrow(/'DEC--XYZ' names a projection/);
    expect(() => wcsFromCards({ ...cards('TAN'), CDELT1: 0 })).toThrow(/no inverse/);
    expect(() => wcsFromCards({ ...cards('TAN'), CRVAL1: 'north' })).toThrow(/CRVAL1 = north: must be a finite number/);
    expect(() => wcsFromCards({ ...cards('TAN'), A_ORDER: 2 })).toThrow(/no usable B_ORDER/);
    expect(() => wcsFromCards({ ...cards('TAN'), RADESYS: 'FK4', EQUINOX: 1950 })).toThrow(
      /'FK4 1950' cannot be converted/,
    );
    expect(() => wcsFromCards({ ...cards('TAN'), CTYPE2: 'DEC--SIN' })).toThrow(/one projection/);
    const { CDELT1: _a, CDELT2: _b, ...noScale } = cards('TAN') as Record<string, string | number>;
    expect(() => wcsFromCards(noScale)).toThrow(/neither CD nor PC nor CDELT/);
  });
});
