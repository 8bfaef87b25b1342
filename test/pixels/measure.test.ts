// SPDX-License-Identifier: BSD-3-Clause
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  AnalyticPsf,
  adaptiveMoments,
  ellipseOf,
  fitPolynomial,
  kronFlux,
  newApertureSum,
  psfFlux,
  sumCircle,
  sumEllipse,
  windowedCentroid,
} from '../../src/pixels/index.ts';
import { randomSource, starField } from '../support/scene.ts';

const flat = (width: number, height: number) => ({
  width,
  height,
  image: new Float32Array(width * height).fill(1),
  variance: new Float32Array(width * height).fill(2),
  mask: new Int32Array(width * height),
});

describe('apertures', () => {
  test('a circle inside a flat image sums to its area, exactly', () => {
    const sum = newApertureSum();
    const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });
    fc.assert(
      fc.property(number(12, 28), number(12, 28), number(0.01, 11), (x, y, r) => {
        sumCircle(flat(41, 41), x, y, r, sum);
        expect(sum.flux).toBeCloseTo(Math.PI * r * r, 6);
        expect(sum.variance).toBeCloseTo(2 * Math.PI * r * r, 6);
        expect(sum.truncated).toBe(false);
      }),
    );
  });

  test('a circle over a corner keeps the part inside and says so', () => {
    const sum = newApertureSum();
    sumCircle(flat(20, 20), -0.5, -0.5, 6, sum);
    expect(sum.flux).toBeCloseTo((Math.PI * 36) / 4, 6);
    expect(sum.truncated).toBe(true);
  });

  test('an ellipse sums to its area within its sampling, at any angle', () => {
    const sum = newApertureSum();
    for (const angle of [0, 30, 77, 90, 140]) {
      sumEllipse(flat(61, 61), 30.2, 29.7, ellipseOf(4, 2, angle), 3, sum);
      expect(Math.abs(sum.flux / (Math.PI * 8 * 9) - 1)).toBeLessThan(0.01);
    }
  });
});

/** A noiseless elliptical Gaussian of unit flux. */
function gaussian(xx: number, yy: number, xy: number, x: number, y: number, size = 81) {
  const drawn = new AnalyticPsf({ xx, yy, xy }, { size }).imageAt(x, y);
  const planes = { ...flat(size, size), image: new Float32Array(size * size) };
  for (let j = 0; j < size; j++)
    for (let i = 0; i < size; i++) {
      const [u, v] = [i - drawn.x0, j - drawn.y0];
      if (u >= 0 && v >= 0 && u < size && v < size) planes.image[j * size + i] = drawn.data[v * size + u];
    }
  return planes;
}

describe('shapes and places', () => {
  test('adaptive moments and the matched flux of an elliptical Gaussian are its own', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1.2, max: 5, noNaN: true }),
        fc.double({ min: 0.5, max: 1, noNaN: true }),
        fc.double({ min: 0, max: Math.PI, noNaN: true }),
        fc.double({ min: -0.5, max: 0.5, noNaN: true }),
        (sigma, ratio, angle, offset) => {
          const [a, b] = [sigma * sigma, Math.max(1, sigma * ratio) ** 2];
          const [c, s] = [Math.cos(angle), Math.sin(angle)];
          const [xx, yy, xy] = [a * c * c + b * s * s, a * s * s + b * c * c, (a - b) * c * s];
          const m = adaptiveMoments(gaussian(xx, yy, xy, 40 + offset, 40 - offset), 40, 40, 2);
          expect(m.failed).toBe(false);
          expect(m.xx).toBeCloseTo(xx, 2);
          expect(m.yy).toBeCloseTo(yy, 2);
          expect(m.xy).toBeCloseTo(xy, 2);
          expect(m.x).toBeCloseTo(40 + offset, 3);
          expect(m.y).toBeCloseTo(40 - offset, 3);
          expect(Math.abs(m.flux - 1)).toBeLessThan(0.01);
        },
      ),
    );
  });

  test('moments of nothing fail instead of inventing a shape', () => {
    const planes = { ...flat(30, 30), image: new Float32Array(900) };
    expect(adaptiveMoments(planes, 15, 15, 2).failed).toBe(true);
    expect(windowedCentroid(planes, 15, 15, 2).failed).toBe(true);
  });

  test('windowed centroids scatter as their errors say, without bias', () => {
    const psf = AnalyticPsf.round(1.6);
    const random = randomSource(5);
    const pulls: number[] = [];
    for (let trial = 0; trial < 200; trial++) {
      const star = { x: 20 + random.uniform(), y: 20 + random.uniform(), flux: 6000 };
      const field = starField({ width: 41, height: 41, stars: [star], psfAt: () => psf, sky: 300, seed: trial });
      for (let i = 0; i < field.image.length; i++) field.image[i] -= 300;
      const found = windowedCentroid(field, 20.5, 20.5, 1.6);
      expect(found.failed).toBe(false);
      pulls.push((found.x - star.x) / found.xErr, (found.y - star.y) / found.yErr);
    }
    const mean = pulls.reduce((a, b) => a + b) / pulls.length;
    const rms = Math.sqrt(pulls.reduce((a, b) => a + b * b, 0) / pulls.length);
    expect(Math.abs(mean)).toBeLessThan(0.2);
    expect(rms).toBeGreaterThan(0.85);
    expect(rms).toBeLessThan(1.15);
  });
});

describe('fluxes', () => {
  test('a PSF fit gives flux and error of a star, and leaves out masked pixels', () => {
    const psf = AnalyticPsf.round(1.6, { beta: 3.5 });
    const pulls: number[] = [];
    for (let trial = 0; trial < 200; trial++) {
      const star = { x: 30.3, y: 30.8, flux: 4000 };
      const field = starField({ width: 61, height: 61, stars: [star], psfAt: () => psf, sky: 300, seed: 7 + trial });
      for (let i = 0; i < field.image.length; i++) field.image[i] -= 300;
      field.image[29 * 61 + 30] = 1e6;
      field.mask[29 * 61 + 30] = 1;
      const fit = psfFlux(field, psf, { x0: 0, y0: 0 }, star.x, star.y, 1);
      pulls.push((fit.flux - star.flux) / Math.sqrt(fit.variance));
    }
    const mean = pulls.reduce((a, b) => a + b) / pulls.length;
    const rms = Math.sqrt(pulls.reduce((a, b) => a + b * b, 0) / pulls.length);
    expect(Math.abs(mean)).toBeLessThan(0.25);
    expect(rms).toBeGreaterThan(0.85);
    expect(rms).toBeLessThan(1.15);
  });

  test('the Kron flux of an exponential disc is over nine tenths of its light, whatever its size', () => {
    for (const scale of [2, 4, 6]) {
      const size = 241;
      const planes = { ...flat(size, size), image: new Float32Array(size * size) };
      for (let j = 0; j < size; j++)
        for (let i = 0; i < size; i++)
          planes.image[j * size + i] = Math.exp(-Math.hypot(i - 120, j - 120) / scale) / (2 * Math.PI * scale * scale);
      const m = adaptiveMoments(planes, 120, 120, 2);
      const kron = kronFlux(planes, 120, 120, Math.sqrt(m.xx), Math.sqrt(m.yy), 0, newApertureSum());
      expect(kron.badRadius).toBe(false);
      expect(kron.flux).toBeGreaterThan(0.9);
      expect(kron.flux).toBeLessThan(1.01);
    }
  });
});

test('a polynomial surface is recovered through outliers', () => {
  const { uniform, normal } = randomSource(9);
  const u = Array.from({ length: 60 }, () => 2 * uniform() - 1);
  const v = Array.from({ length: 60 }, () => 2 * uniform() - 1);
  const value = u.map(
    (a, i) => 1 + 0.1 * a - 0.2 * v[i] + 0.05 * a * v[i] + 0.001 * normal() + (i % 12 === 0 ? 0.5 : 0),
  );
  const fit = fitPolynomial(u, v, value, undefined, { degree: 2 })!;
  const expected = [1, 0.1, -0.2, 0, 0.05, 0];
  fit.coefficients.forEach((c, k) => {
    expect(Math.abs(c - expected[k])).toBeLessThan(0.003);
  });
  expect(fit.used.filter((used) => used === 0).length).toBeGreaterThanOrEqual(5);
  expect(fitPolynomial([0.1], [0.2], [3], undefined, { degree: 2 })!.degree).toBe(0);
  expect(fitPolynomial([], [], [], undefined, { degree: 2 })).toBeUndefined();
});
