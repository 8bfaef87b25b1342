// SPDX-License-Identifier: BSD-3-Clause
import { describe, expect, test } from 'vitest';
import { compareWithTruth, encodePng, luptonRgb, matchNearest, robustRms } from '../../src/report/index.ts';

describe('matching', () => {
  test('finds the nearest within the radius, across RA cells at high declination', () => {
    const ra = [10, 10.001, 200];
    const dec = [75, 75.0005, -30];
    const shifted = ra.map((r, i) => r + 0.5 / 3600 / Math.cos((dec[i] * Math.PI) / 180));
    expect([...matchNearest(ra, dec, shifted, dec, 1)]).toEqual([0, 1, 2]);
    expect([...matchNearest(ra, dec, shifted, dec, 0.4)]).toEqual([-1, -1, -1]);
  });

  test('robust rms of a normal core ignores outliers', () => {
    const values = Array.from({ length: 1001 }, (_, i) => (i - 500) / 500);
    expect(robustRms([...values, 1e6, -1e6])).toBeCloseTo(1.4826 * 0.5, 2);
  });
});

describe('comparison with truth', () => {
  const n = 400;
  const grid = Array.from({ length: n }, (_, i) => ({
    ra: 150 + (i % 20) * 0.003,
    dec: 2 + Math.floor(i / 20) * 0.003,
  }));
  const truth = {
    raDeg: grid.map((g) => g.ra),
    decDeg: grid.map((g) => g.dec),
    fluxNjy: grid.map((_, i) => 1000 + i * 100),
    isGalaxy: grid.map(() => 0),
    fwhmArcsec: grid.map(() => 0),
  };
  const measured = (shiftMas: number, gain: number, lost: number) => ({
    raDeg: truth.raDeg.slice(lost),
    decDeg: truth.decDeg.slice(lost).map((d) => d + shiftMas / 3.6e6),
    fluxNjy: truth.fluxNjy.slice(lost).map((f) => f * gain),
    fluxErrNjy: truth.fluxNjy.slice(lost).map(() => 20),
    good: truth.fluxNjy.slice(lost).map(() => 1),
  });

  test('reports the shift, the flux bias and what is lost', () => {
    const found = compareWithTruth(truth, measured(7, 1.01, 40), () => 1, 1);
    expect(found.wanted).toBe(400);
    expect(found.completeness).toBeCloseTo(0.9, 6);
    expect(found.meanDecMas).toBeCloseTo(7, 3);
    expect(found.meanRaMas).toBeCloseTo(0, 3);
    expect(found.fluxBias).toBeCloseTo(0.01, 6);
  });

  test('a faint wide galaxy is not asked for, a compact one is', () => {
    const flux = 205;
    const one = (fwhm: number) => ({
      raDeg: [150],
      decDeg: [2],
      fluxNjy: [flux],
      isGalaxy: [1],
      fwhmArcsec: [fwhm],
    });
    const empty = { raDeg: [1], decDeg: [1], fluxNjy: [1], fluxErrNjy: [20], good: [1] };
    expect(compareWithTruth(one(0.1), empty, () => 1, 1).wanted).toBe(1);
    expect(compareWithTruth(one(1), empty, () => 1, 1).wanted).toBe(0);
  });

  test('half the images mean sqrt(2) more noise', () => {
    const one = { raDeg: [150.5], decDeg: [2], fluxNjy: [250], isGalaxy: [0], fwhmArcsec: [0] };
    const list = {
      raDeg: [1, 1.1, 1.2],
      decDeg: [1, 1, 1],
      fluxNjy: [1, 1, 1],
      fluxErrNjy: [20, 20, 20],
      good: [1, 1, 1],
    };
    expect(compareWithTruth(one, list, () => 4, 1).wanted).toBe(1);
    expect(compareWithTruth(one, list, (ra) => (ra > 100 ? 2 : 4), 1).wanted).toBe(0);
  });

  test('sources outside the covered area and close pairs are not asked for', () => {
    const half = compareWithTruth(truth, measured(0, 1, 0), (ra) => (ra < 150.0301 ? 1 : 0), 1);
    expect(half.wanted).toBe(220);
    const paired = {
      raDeg: [...truth.raDeg, truth.raDeg[0]],
      decDeg: [...truth.decDeg, truth.decDeg[0] + 1 / 3600],
      fluxNjy: [...truth.fluxNjy, 900],
      isGalaxy: [...truth.isGalaxy, 0],
      fwhmArcsec: [...truth.fwhmArcsec, 0],
    };
    expect(compareWithTruth(paired, measured(0, 1, 0), () => 1, 1).wanted).toBe(399);
  });
});

test('a PNG has the right frame', () => {
  const png = encodePng(3, 2, new Uint8Array(18).fill(7));
  expect(png.subarray(1, 4).toString()).toBe('PNG');
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([3, 2]);
});

test('asinh colour keeps ratios, turns north up, leaves uncovered pixels grey', () => {
  const plane = (values: number[]) => ({ data: Float32Array.from(values), scale: 1 });
  const [top, bottom] = [
    [10, Number.NaN],
    [0, 4],
  ];
  const rows = (f: number) => plane([...bottom.map((v) => v * f), ...top.map((v) => v * f)]);
  const { rgb } = luptonRgb(rows(1), rows(0.5), rows(0.5), 2, 2, { softening: 1, stretch: 20, bin: 1 });
  const at = (x: number, y: number) => [...rgb.subarray((y * 2 + x) * 3, (y * 2 + x) * 3 + 3)];
  expect(at(1, 0)).toEqual([40, 40, 40]);
  const [r, g, b] = at(0, 0);
  expect(g).toBe(b);
  expect((r - 12) / (g - 12)).toBeCloseTo(2, 1);
  expect(at(0, 1)).toEqual([12, 12, 12]);
});
