// SPDX-License-Identifier: BSD-3-Clause
import { describe, expect, test } from 'vitest';
import { AnalyticPsf, adaptiveMoments, fitPsf, PolynomialPsf, type Psf, psfFromPlain } from '../../src/pixels/index.ts';
import { randomSource, scatter, starField } from '../support/scene.ts';

const size = 400;
/** Grows by 12 % across the field, elliptical, with Moffat wings. */
function truth(x: number, y: number): AnalyticPsf {
  const s = 1.5 * (1 + 0.08 * (x / size - 0.5) + 0.04 * (y / size - 0.5));
  return new AnalyticPsf({ xx: 1.08 * s * s, yy: s * s, xy: 0.05 }, { beta: 3.5, size: 61 });
}

function fittedField(count: number) {
  const random = randomSource(11);
  const stars = scatter(count, size, size, random, 30, 25).map((at) => ({
    ...at,
    flux: 10 ** (4.3 + random.uniform()),
  }));
  const field = starField({ width: size, height: size, stars, psfAt: (s) => truth(s.x, s.y), sky: 400 });
  for (let i = 0; i < field.image.length; i++) field.image[i] -= 400;
  const measured = stars.map((star) => {
    const m = adaptiveMoments(field, star.x, star.y, 1.6);
    return { x: m.x, y: m.y, flux: star.flux, xx: m.xx, yy: m.yy, xy: m.xy };
  });
  return { field, stars: measured };
}

/** Largest difference of two PSFs over the peak. */
function difference(a: Psf, b: Psf, x: number, y: number): number {
  const [one, two] = [a.imageAt(x, y), b.imageAt(x, y)];
  const at = (drawn: typeof one, i: number, j: number): number => {
    const [u, v] = [i - drawn.x0, j - drawn.y0];
    return u >= 0 && v >= 0 && u < drawn.size && v < drawn.size ? drawn.data[v * drawn.size + u] : 0;
  };
  let worst = 0;
  let peak = 0;
  for (let j = one.y0; j < one.y0 + one.size; j++)
    for (let i = one.x0; i < one.x0 + one.size; i++) {
      worst = Math.max(worst, Math.abs(at(one, i, j) - at(two, i, j)));
      peak = Math.max(peak, at(one, i, j));
    }
  return worst / peak;
}

describe('a PSF fitted to stars', () => {
  const { field, stars } = fittedField(70);
  const fit = fitPsf(field, stars)!;

  test('is the PSF all over the field to 2 % of its peak, at any sub-pixel phase', () => {
    expect(fit.model).toBe('polynomial');
    expect(fit.degree).toBe(2);
    for (const [x, y] of [
      [60.3, 70.9],
      [200.5, 200],
      [330.1, 320.6],
      [70, 330.25],
    ]) {
      expect(difference(fit.psf, truth(x, y), x, y)).toBeLessThan(0.02);
      expect(Math.abs(fit.psf.sigmaAt(x, y) / truthSigma(x, y) - 1)).toBeLessThan(0.01);
    }
  });

  test('has unit sum and a centred kernel of odd size', () => {
    const kernel = fit.psf.kernelAt(120, 250);
    expect(kernel.size % 2).toBe(1);
    expect(kernel.data.reduce((a, b) => a + b)).toBeCloseTo(1, 4);
    const half = (kernel.size - 1) / 2;
    const m = adaptiveMoments({ width: kernel.size, height: kernel.size, image: kernel.data }, half, half, 1.5);
    expect(Math.hypot(m.x - half, m.y - half)).toBeLessThan(0.02);
  });

  test('survives a trip through plain data', () => {
    const back = psfFromPlain(fit.psf.toPlain());
    expect(back).toBeInstanceOf(PolynomialPsf);
    expect(back.imageAt(33.3, 44.4)).toEqual(fit.psf.imageAt(33.3, 44.4));
    const gaussian = new AnalyticPsf({ xx: 2, yy: 3, xy: 0.1 }, { beta: 3 });
    expect(psfFromPlain(gaussian.toPlain()).imageAt(1.2, 3.4)).toEqual(gaussian.imageAt(1.2, 3.4));
    expect(() => psfFromPlain({ type: 'airy' })).toThrow(/no PSF model of type 'airy'; known are: .*gaussian/);
  });

  test('does not let a wrong star in', () => {
    const spoiled = stars.slice();
    const wrong = spoiled[10];
    const image = { ...field, image: field.image.slice() };
    for (let j = -1; j <= 1; j++)
      for (let i = -1; i <= 1; i++)
        image.image[(Math.round(wrong.y) + j) * size + Math.round(wrong.x) + i + 4] += 0.2 * wrong.flux;
    const refit = fitPsf(image, spoiled)!;
    expect(refit.used[10]).toBe(false);
    expect(difference(refit.psf, truth(200, 200), 200, 200)).toBeLessThan(0.02);
  });
});

function truthSigma(x: number, y: number): number {
  const drawn = truth(x, y).kernelAt(x, y);
  const half = (drawn.size - 1) / 2;
  const m = adaptiveMoments({ width: drawn.size, height: drawn.size, image: drawn.data }, half, half, 1.5, true);
  return (m.xx * m.yy - m.xy * m.xy) ** 0.25;
}

test('with few stars the variation is of lower degree, with two a Gaussian, with none nothing', () => {
  const { field, stars } = fittedField(16);
  expect(fitPsf(field, stars)!.degree).toBe(1);
  const two = fitPsf(field, stars.slice(0, 2))!;
  expect(two.model).toBe('gaussian');
  expect(Math.abs(two.psf.sigmaAt(0, 0) / truthSigma(200, 200) - 1)).toBeLessThan(0.1);
  expect(fitPsf(field, [])).toBeUndefined();
});
