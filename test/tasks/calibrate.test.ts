// SPDX-License-Identifier: BSD-3-Clause
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { newMaskedImage, type Table } from '../../src/pixels/index.ts';
import { makeTanWcs, separationArcsec, type Wcs, withSip } from '../../src/sky/index.ts';
import { fitTanSip } from '../../src/tasks/calibrate/fit-tan-sip.ts';
import { calibrate } from '../../src/tasks/calibrate/index.ts';
import { leastSquares } from '../../src/tasks/calibrate/least-squares.ts';
import { lnPoissonTail, mutualMatches, thinned } from '../../src/tasks/calibrate/match.ts';
import { applyColorTerm, solveZeroPoint } from '../../src/tasks/calibrate/photometry.ts';
import { deferredOf, runTask } from '../support/run-task.ts';

/** A small deterministic generator (Park & Miller): tests must not change from run to run. */
function randomNumbers(seed: number) {
  let state = seed;
  const uniform = () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
  const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  return { uniform, normal };
}

const size = 1024;
/** A detector with barrel distortion of some pixels at its corners. */
function distorted(raDeg: number, decDeg: number): Wcs {
  const tan = makeTanWcs({ raDeg, decDeg, x: 500, y: 520, pixelScaleArcsec: 0.2, rotationDeg: 25 });
  return withSip(tan, {
    a: [
      { p: 2, q: 0, value: 3e-6 },
      { p: 3, q: 0, value: 8e-9 },
      { p: 1, q: 2, value: 8e-9 },
    ],
    b: [
      { p: 1, q: 1, value: -2e-6 },
      { p: 0, q: 3, value: 8e-9 },
      { p: 2, q: 1, value: 8e-9 },
    ],
  });
}

describe('fits', () => {
  test('least squares finds the coefficients it was made from, and refuses dependent columns', () => {
    const n = 50;
    const rows = Float64Array.from({ length: n * 3 }, (_, k) => (Math.floor(k / 3) / n) ** (k % 3));
    const right = Float64Array.from({ length: n }, (_, i) => 2 - 3 * (i / n) + 5 * (i / n) ** 2);
    const [found] = leastSquares(rows, n, 3, [right])!;
    [2, -3, 5].forEach((value, k) => {
      expect(found[k]).toBeCloseTo(value, 11);
    });
    const same = Float64Array.from({ length: n * 2 }, (_, k) => Math.floor(k / 2));
    expect(leastSquares(same, n, 2, [new Float64Array(n)])).toBeUndefined();
  });

  test('a TAN-SIP fit to exact pairs gives the WCS back, anywhere on the sky', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 359.99, noNaN: true }),
        fc.double({ min: -89.9, max: 89.9, noNaN: true }),
        (ra, dec) => {
          const truth = distorted(ra, dec);
          const n = 100;
          const [x, y, raDeg, decDeg] = [0, 1, 2, 3].map(() => new Float64Array(n));
          for (let i = 0; i < n; i++) [x[i], y[i]] = [(i % 10) * 113, Math.floor(i / 10) * 113];
          truth.pixelToSkyMany(n, x, y, raDeg, decDeg);
          const pairs = { n, x, y, raDeg, decDeg, weight: new Float64Array(n).fill(1) };
          const start = makeTanWcs({ raDeg: ra, decDeg: dec, x: 512, y: 512, pixelScaleArcsec: 0.2 });
          const fit = fitTanSip(pairs, 3, { x: 511.5, y: 511.5, scale: 512 }, start)!;
          for (let i = 0; i < n; i++) {
            const sky = fit.pixelToSky(x[i], y[i]);
            // The reference pixel moved, so a third-order polynomial is no longer exact: 10 microarcseconds.
            expect(separationArcsec(sky.raDeg, sky.decDeg, raDeg[i], decDeg[i])).toBeLessThan(1e-5);
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  test('the written inverse polynomials agree with the exact inverse to a thousandth of a pixel', () => {
    const truth = distorted(10, 20);
    const n = 400;
    const [x, y, raDeg, decDeg] = [0, 1, 2, 3].map(() => new Float64Array(n));
    for (let i = 0; i < n; i++) [x[i], y[i]] = [(i % 20) * 53, Math.floor(i / 20) * 53];
    truth.pixelToSkyMany(n, x, y, raDeg, decDeg);
    const fit = fitTanSip(
      { n, x, y, raDeg, decDeg, weight: new Float64Array(n).fill(1) },
      3,
      { x: 511.5, y: 511.5, scale: 512 },
      truth,
    )!;
    const cards = fit.toCards() as Record<string, number>;
    const evaluate = (name: string, u: number, v: number) => {
      let sum = 0;
      for (const [key, value] of Object.entries(cards)) {
        const match = new RegExp(`^${name}_(\\d)_(\\d)$`).exec(key);
        if (match !== null) sum += value * u ** Number(match[1]) * v ** Number(match[2]);
      }
      return sum;
    };
    for (let i = 0; i < n; i++) {
      const [u, v] = [x[i] - 511.5, y[i] - 511.5];
      const [fu, fv] = [u + evaluate('A', u, v), v + evaluate('B', u, v)];
      expect(Math.abs(fu + evaluate('AP', fu, fv) - u)).toBeLessThan(1e-3);
      expect(Math.abs(fv + evaluate('BP', fu, fv) - v)).toBeLessThan(1e-3);
    }
  });

  test('the zero point survives a quarter of wrong stars', () => {
    const { normal } = randomNumbers(11);
    const n = 60;
    const counts = Float64Array.from({ length: n }, (_, i) => 1000 * 1.1 ** i);
    const truth = 57.5;
    const reference = counts.map((c, i) => c * truth * 10 ** (0.4 * (0.02 * normal() + (i % 4 === 0 ? 0.7 : 0))));
    const unknown = new Float64Array(n).fill(Number.NaN);
    const result = solveZeroPoint(
      {
        n,
        counts,
        countsErr: counts.map((c) => c / 200),
        referenceNanojansky: reference,
        referenceNanojanskyErr: unknown,
      },
      { clipSigma: 3.5, floorMag: 0.01, minimumStars: 3 },
    );
    expect(Math.abs(result.photoCalib.nanojanskyPerCount / truth - 1)).toBeLessThan(0.012);
    expect(result.scatterMag).toBeGreaterThan(0.01);
    expect(result.scatterMag).toBeLessThan(0.03);
    expect([...result.used].filter((flag, i) => flag === 1 && i % 4 === 0)).toEqual([]);
    // The error tells the truth within a factor of a few.
    expect(result.zeroPointErrMag).toBeGreaterThan(0.001);
    expect(result.zeroPointErrMag).toBeLessThan(0.01);
  });

  test('a colour term moves a flux by magnitudes of the colour', () => {
    const red = applyColorTerm(1000, 1000 / 10 ** 0.4, { primary: 'g', secondary: 'r', c0: 0.1, c1: -0.05, c2: 0.01 });
    // Colour -1 mag: 0.1 + 0.05 + 0.01.
    expect(-2.5 * Math.log10(red / 1000)).toBeCloseTo(0.16, 10);
  });
});

describe('matching', () => {
  const points = fc
    .array(fc.tuple(fc.double({ min: 0, max: 300, noNaN: true }), fc.double({ min: 0, max: 300, noNaN: true })), {
      maxLength: 60,
    })
    .map((list) => ({
      n: list.length,
      x: Float64Array.from(list, (p) => p[0]),
      y: Float64Array.from(list, (p) => p[1]),
    }));

  test('mutual matches are those of the plain search over all pairs', () => {
    fc.assert(
      fc.property(points, points, fc.double({ min: 0.5, max: 50, noNaN: true }), (a, b, radius) => {
        const distance = (i: number, j: number) => Math.hypot(a.x[i] - b.x[j], a.y[i] - b.y[j]);
        for (const [i, j] of mutualMatches(a, b, radius)) {
          expect(distance(i, j)).toBeLessThanOrEqual(radius * (1 + 1e-12));
          for (let k = 0; k < b.n; k++)
            expect(distance(i, k)).toBeGreaterThanOrEqual(distance(i, j) * (1 - 1e-12) - 1e-9);
          for (let k = 0; k < a.n; k++)
            expect(distance(k, j)).toBeGreaterThanOrEqual(distance(i, j) * (1 - 1e-12) - 1e-9);
        }
      }),
    );
  });

  test('thinning keeps the best of every clump and leaves no two close', () => {
    fc.assert(
      fc.property(points, (p) => {
        const kept = thinned(p, [...p.x.keys()], 20);
        const near = (i: number, j: number) => Math.hypot(p.x[i] - p.x[j], p.y[i] - p.y[j]) < 20;
        kept.forEach((i, a) => {
          for (const j of kept.slice(0, a)) expect(near(i, j)).toBe(false);
        });
        for (let i = 0; i < p.n; i++) if (!kept.includes(i)) expect(kept.some((j) => j < i && near(i, j))).toBe(true);
      }),
    );
  });

  test('the chance of a vote bounds the Poisson tail', () => {
    // P(N >= 5 | 0.5) = 1.7212e-4, P(N >= 20 | 4) = 4.05e-9 (tables).
    expect(Math.exp(lnPoissonTail(5, 0.5)) / 1.7212e-4).toBeCloseTo(1, 1);
    expect(lnPoissonTail(20, 4)).toBeLessThan(Math.log(2e-8));
    expect(lnPoissonTail(20, 4)).toBeGreaterThan(Math.log(1e-9));
    expect(lnPoissonTail(3, 4)).toBe(0);
  });
});

/** Stars on a distorted detector, with measured positions and fluxes, and a deeper catalogue around it. */
function simulated(stars: number, seed: number) {
  const { uniform, normal } = randomNumbers(seed);
  const truth = distorted(359.98, 45);
  const zeroPoint = 20;
  const catalogue = stars * 4;
  const reference = { ra: [] as number[], dec: [] as number[], flux: [] as number[] };
  const source = { x: [] as number[], y: [] as number[], flux: [] as number[], err: [] as number[] };
  for (let i = 0; i < catalogue; i++) {
    const [x, y] = [(uniform() * 2 - 0.5) * size, (uniform() * 2 - 0.5) * size];
    const { raDeg, decDeg } = truth.pixelToSky(x, y);
    const flux = 2e4 * uniform() ** -1.2;
    reference.ra.push(raDeg);
    reference.dec.push(decDeg);
    reference.flux.push(flux);
    // A fifth of the stars is not seen, and some of what is seen is no star.
    if (x < 0 || y < 0 || x > size || y > size || uniform() < 0.2) continue;
    source.x.push(x + 0.03 * normal());
    source.y.push(y + 0.03 * normal());
    source.flux.push((flux / zeroPoint) * (1 + 0.01 * normal()));
    source.err.push(flux / zeroPoint / 100);
  }
  for (let i = 0; i < stars / 4; i++) {
    source.x.push(uniform() * size);
    source.y.push(uniform() * size);
    source.flux.push((2e4 / zeroPoint) * uniform() ** -1);
    source.err.push(20);
  }
  const n = source.x.length;
  const table: Table = {
    rows: n,
    columns: {
      id: BigInt64Array.from({ length: n }, (_, i) => 1000n + BigInt(i)),
      base_SdssCentroid_x: Float64Array.from(source.x),
      base_SdssCentroid_y: Float64Array.from(source.y),
      base_PsfFlux_instFlux: Float64Array.from(source.flux),
      base_PsfFlux_instFluxErr: Float64Array.from(source.err),
    },
  };
  const shard: Table = {
    rows: catalogue,
    columns: {
      id: BigInt64Array.from({ length: catalogue }, (_, i) => BigInt(i)),
      coord_ra: Float64Array.from(reference.ra),
      coord_dec: Float64Array.from(reference.dec),
      r_flux: Float64Array.from(reference.flux),
      r_fluxErr: Float64Array.from(reference.flux, (f) => f / 1000),
    },
  };
  return { truth, zeroPoint, table, shard };
}

describe('the task', () => {
  test.each([
    [400, 3],
    [120, 3],
    [40, 2],
    [16, 1],
  ])('%i stars, a wrong pointing over RA 0, order up to %i', async (stars, order) => {
    const { truth, zeroPoint, table, shard } = simulated(stars, stars);
    const centre = truth.pixelToSky(511.5, 511.5);
    const initial = makeTanWcs({
      raDeg: centre.raDeg + 0.012,
      decDeg: centre.decDeg - 0.009,
      x: 511.5,
      y: 511.5,
      pixelScaleArcsec: 0.2,
      rotationDeg: 25.3,
    });
    const exposure = { ...newMaskedImage(size, size), wcs: initial, band: 'r', metadata: { OBJECT: 'test' } };
    const { outputs, metrics } = await runTask(
      calibrate,
      { exposure, sources: table, references: [deferredOf(shard)] },
      { config: { maximumShiftArcsec: 100 } },
    );
    expect(metrics['astrometryOrder']).toBe(order);
    // Plain TAN cannot follow the distortion (a pixel or two at the corners); the others are limited by the noise.
    const limit = order === 1 ? 0.5 : order === 2 ? 0.25 : 0.02;
    for (const [x, y] of [
      [512, 512],
      [200, 300],
      [800, 700],
    ]) {
      const sky = truth.pixelToSky(x, y);
      const found = outputs.calexp.wcs.pixelToSky(x, y);
      expect(separationArcsec(sky.raDeg, sky.decDeg, found.raDeg, found.decDeg)).toBeLessThan(limit);
    }
    expect(Math.abs(outputs.calexp.photoCalib.nanojanskyPerCount / zeroPoint - 1)).toBeLessThan(0.01);
    expect(outputs.calexp.image).toBe(exposure.image);
    expect(outputs.calexp.metadata['OBJECT']).toBe('test');
    const src = outputs.src as Table;
    const sky = outputs.calexp.wcs.pixelToSky(
      (table.columns['base_SdssCentroid_x'] as Float64Array)[3],
      (table.columns['base_SdssCentroid_y'] as Float64Array)[3],
    );
    expect((src.columns['coord_ra'] as Float64Array)[3]).toBeCloseTo(sky.raDeg, 12);
    const matched = src.columns['calib_astrometry_matched'] as Uint8Array;
    expect(matched.reduce((sum, flag) => sum + flag, 0)).toBe((outputs.srcMatch as Table).rows);
  });

  test('sources that have nothing to do with the catalogue do not match', async () => {
    for (let seed = 1; seed <= 4; seed++) {
      const { shard, truth } = simulated(60, 100 + seed);
      const other = simulated(60, 900 + seed).table;
      const exposure = { ...newMaskedImage(size, size), wcs: truth, band: 'r', metadata: {} };
      await expect(runTask(calibrate, { exposure, sources: other, references: [deferredOf(shard)] })).rejects.toThrow(
        /do not match/,
      );
    }
  });

  test('no shard at all, no WCS, and no band are told apart', async () => {
    const { table, truth, shard } = simulated(40, 7);
    const exposure = { ...newMaskedImage(size, size), wcs: truth, band: 'r', metadata: {} };
    await expect(runTask(calibrate, { exposure, sources: table, references: [] })).rejects.toThrow(
      /no shard of the catalogue with stars overlaps the field \(0 looked at\)/,
    );
    await expect(
      runTask(calibrate, { exposure: { ...exposure, wcs: undefined }, sources: table, references: [] }),
    ).rejects.toThrow(/no initial WCS/);
    await expect(
      runTask(calibrate, { exposure: { ...exposure, band: 'y' }, sources: table, references: [deferredOf(shard)] }),
    ).rejects.toThrow(/no flux in band 'y'; it has r/);
  });
});
