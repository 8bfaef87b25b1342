// SPDX-License-Identifier: BSD-3-Clause
import { expect, test } from 'vitest';
import {
  AnalyticPsf,
  deblendFootprint,
  deblendSources,
  detectSources,
  maskBits,
  measureSources,
} from '../../src/pixels/index.ts';
import { nearest, randomSource, starField } from '../support/scene.ts';

const psf = AnalyticPsf.round(1.6);

function blend(separation: number, fluxes: readonly [number, number], seed = 1) {
  const stars = [
    { x: 40.2, y: 40.6, flux: fluxes[0] },
    { x: 40.2 + separation, y: 41.1, flux: fluxes[1] },
  ];
  const field = starField({ width: 100, height: 80, stars, psfAt: () => psf, sky: 300, seed });
  for (let i = 0; i < field.image.length; i++) field.image[i] -= 300;
  return { field, stars };
}

test('children share the light of their footprint and lose none of it', () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    const { field } = blend(7, [40_000, 25_000], seed);
    const found = detectSources(field, { psfSigma: 1.6 });
    const blended = [...Array(found.footprints.count).keys()].filter(
      (k) => found.peakStart[k + 1] - found.peakStart[k] > 1,
    );
    expect(blended.length).toBe(1);
    const k = blended[0];
    const peaks = (column: Float64Array) => column.subarray(found.peakStart[k], found.peakStart[k + 1]);
    const children = deblendFootprint(field, psf, field, found.footprints, k, peaks(found.peakX), peaks(found.peakY));
    const total = new Float64Array(field.image.length);
    for (const child of children)
      for (let y = 0; y < child.height; y++)
        for (let x = 0; x < child.width; x++)
          total[(y + child.y0) * 100 + child.x0 + x] += child.data[y * child.width + x];
    const { spanStart, spanY, spanX, spanEnd } = found.footprints;
    let outside = total.reduce((a, b) => a + Math.abs(b), 0);
    for (let s = spanStart[k]; s < spanStart[k + 1]; s++)
      for (let x = spanX[s]; x < spanEnd[s]; x++) {
        const p = spanY[s] * 100 + x;
        expect(Math.abs(total[p] - field.image[p])).toBeLessThan(1e-3 * Math.max(1, Math.abs(field.image[p])));
        outside -= Math.abs(total[p]);
      }
    expect(Math.abs(outside)).toBeLessThan(1);
  }
});

test('two blended stars come out with their own fluxes', () => {
  const { field, stars } = blend(7, [60_000, 30_000]);
  const sources = deblendSources(field, psf, field, detectSources(field, { psfSigma: 1.6 }));
  const table = measureSources(field, psf, sources);
  const column = (name: string) => table.columns[name] as Float64Array;
  for (const star of stars) {
    const { row, distance } = nearest(column('base_SdssCentroid_x'), column('base_SdssCentroid_y'), star);
    expect(distance).toBeLessThan(0.15);
    expect(Math.abs(column('base_PsfFlux_instFlux')[row] / star.flux - 1)).toBeLessThan(0.02);
    expect(column('deblend_parentNPeaks')[row]).toBe(2);
  }
});

test('a star on a galaxy is told apart from it', () => {
  const { field, stars } = blend(9, [0, 20_000]);
  const { normal } = randomSource(8);
  for (let y = 0; y < 80; y++)
    for (let x = 0; x < 100; x++) {
      const r = Math.hypot(x - 40.2, (y - 40.6) / 0.7);
      const light = (80_000 * Math.exp(-r / 3)) / (2 * Math.PI * 9 * 0.7);
      field.image[y * 100 + x] += light + normal() * Math.sqrt(light);
      field.variance[y * 100 + x] += light;
    }
  const sources = deblendSources(field, psf, field, detectSources(field, { psfSigma: 1.6 }));
  const table = measureSources(field, psf, sources);
  const column = (name: string) => table.columns[name] as Float64Array;
  const [x, y] = [column('base_SdssCentroid_x'), column('base_SdssCentroid_y')];
  const star = nearest(x, y, stars[1]).row;
  const galaxy = nearest(x, y, stars[0]).row;
  expect(star).not.toBe(galaxy);
  expect(Math.abs(column('base_PsfFlux_instFlux')[star] / 20_000 - 1)).toBeLessThan(0.08);
  expect(column('base_ClassificationExtendedness_value')[galaxy]).toBe(1);
  expect(Math.abs(column('ext_photometryKron_KronFlux_instFlux')[galaxy] / 80_000 - 1)).toBeLessThan(0.1);
});

test('pixels flagged in the mask flag their source, at the centre and in the footprint', () => {
  const { field } = blend(40, [40_000, 30_000]);
  field.mask[41 * 100 + 40] |= maskBits('SAT', 'INTRP');
  field.mask[41 * 100 + 84] |= maskBits('CR');
  const table = measureSources(field, psf, deblendSources(field, psf, field, detectSources(field, { psfSigma: 1.6 })));
  const flag = (name: string) => [...(table.columns[`base_PixelFlags_flag_${name}`] as Uint8Array)];
  const x = table.columns['base_SdssCentroid_x'] as Float64Array;
  const [left, right] = [x.findIndex((v) => Math.abs(v - 40.2) < 1), x.findIndex((v) => Math.abs(v - 80.2) < 1)];
  expect([flag('saturated')[left], flag('saturatedCenter')[left], flag('interpolatedCenter')[left]]).toEqual([1, 1, 1]);
  expect([flag('cr')[right], flag('crCenter')[right], flag('saturated')[right]]).toEqual([1, 0, 0]);
});
