// SPDX-License-Identifier: BSD-3-Clause
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  AnalyticPsf,
  decodeSpans,
  detectSources,
  encodeSpans,
  findFootprints,
  footprintArea,
  growFootprints,
  labelImage,
  splitBranches,
} from '../../src/pixels/index.ts';
import { medianValue, nearest, starField } from '../support/scene.ts';
import { compareExtraction, sdssSettings, sepSettings } from '../support/science/extraction.ts';
import { describeShared } from '../support/shared.ts';

/** Connected regions by flood fill, as sets of pixels in reading order of their first pixel. */
function floodFill(image: Float32Array, width: number, height: number): number[][] {
  const seen = new Uint8Array(image.length);
  const regions: number[][] = [];
  for (let start = 0; start < image.length; start++) {
    if (seen[start] || image[start] <= 0) continue;
    const region = [start];
    seen[start] = 1;
    for (const p of region) {
      const [x, y] = [p % width, Math.floor(p / width)];
      for (let dy = -1; dy <= 1; dy++)
        for (let dx = -1; dx <= 1; dx++) {
          const [u, v] = [x + dx, y + dy];
          const q = v * width + u;
          if (u < 0 || v < 0 || u >= width || v >= height || seen[q] || image[q] <= 0) continue;
          seen[q] = 1;
          region.push(q);
        }
    }
    regions.push(region.sort((a, b) => a - b));
  }
  return regions;
}

const smallImage = fc
  .record({ width: fc.integer({ min: 1, max: 14 }), height: fc.integer({ min: 1, max: 14 }) })
  .chain(({ width, height }) =>
    fc.record({
      width: fc.constant(width),
      height: fc.constant(height),
      image: fc
        .array(fc.constantFrom(0, 0, 1, 2, 5), { minLength: width * height, maxLength: width * height })
        .map((a) => Float32Array.from(a)),
    }),
  );

describe('footprints', () => {
  test('are the connected regions of the image', () => {
    fc.assert(
      fc.property(smallImage, ({ width, height, image }) => {
        const found = findFootprints(image, width, height, { threshold: 0 });
        const labels = labelImage(found, width, height);
        const regions: number[][] = Array.from({ length: found.count }, () => []);
        labels.forEach((label, p) => {
          if (label > 0) regions[label - 1].push(p);
        });
        expect(regions).toEqual(floodFill(image, width, height));
        regions.forEach((region, k) => {
          expect(footprintArea(found, k)).toBe(region.length);
        });
      }),
      { numRuns: 300 },
    );
  });

  test('grow by a disc, and every old one is inside its new one', () => {
    fc.assert(
      fc.property(smallImage, fc.double({ min: 0, max: 4, noNaN: true }), ({ width, height, image }, radius) => {
        const found = findFootprints(image, width, height, { threshold: 0 });
        const { footprints, member } = growFootprints(found, radius, width, height);
        const grown = labelImage(footprints, width, height);
        const old = labelImage(found, width, height);
        for (let p = 0; p < grown.length; p++) {
          let near = false;
          for (let q = 0; q < old.length; q++)
            if (old[q] > 0) {
              const d2 = ((p % width) - (q % width)) ** 2 + (Math.floor(p / width) - Math.floor(q / width)) ** 2;
              if (d2 <= radius * radius) near = true;
            }
          expect(grown[p] > 0).toBe(near);
          if (old[p] > 0) expect(grown[p]).toBe(member[old[p] - 1] + 1);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('travel as bytes', () => {
    const image = Float32Array.from([1, 1, 0, 0, 1, 0, 0, 1, 1, 0, 1, 1]);
    const found = findFootprints(image, 4, 3, { threshold: 0 });
    const rows = Array.from({ length: found.count }, (_, k) => encodeSpans(found, k, 100, 200));
    expect(decodeSpans(rows, 100, 200)).toEqual(found);
    expect(() => decodeSpans([new Uint8Array(13)])).toThrow(/multiple of 12 bytes/);
  });
});

describe('branches', () => {
  test('every pixel has one owner, and each peak owns itself', () => {
    fc.assert(
      fc.property(smallImage, ({ width, height, image }) => {
        const found = findFootprints(image, width, height, { threshold: 0 });
        for (let k = 0; k < found.count; k++) {
          const { owner, peakX, peakY } = splitBranches(image, width, found, k, {});
          expect(owner.length).toBe(footprintArea(found, k));
          for (const o of owner) expect(o >= 0 && o < peakX.length).toBe(true);
          let i = 0;
          for (let s = found.spanStart[k]; s < found.spanStart[k + 1]; s++)
            for (let x = found.spanX[s]; x < found.spanEnd[s]; x++, i++)
              for (let p = 0; p < peakX.length; p++)
                if (peakX[p] === x && peakY[p] === found.spanY[s]) expect(owner[i]).toBe(p);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('two hills split where they stand out and stay one where they do not', () => {
    const hills = (depth: number): Float32Array => Float32Array.from([10, 10 - depth, 8, 1]);
    const f = findFootprints(hills(3), 4, 1, { threshold: 0 });
    expect(splitBranches(hills(3), 4, f, 0, { minProminence: 0.5, sigma: 1 }).peakX).toEqual([0, 2]);
    expect(splitBranches(hills(3), 4, f, 0, { minProminence: 2, sigma: 1 }).peakX).toEqual([0]);
    expect(splitBranches(hills(3), 4, f, 0, { minContrast: 0.5 }).peakX).toEqual([0]);
  });
});

describe('matched-filter detection', () => {
  test('finds what it should at its significance, and little else in pure noise', () => {
    const psf = AnalyticPsf.round(1.5);
    const stars = Array.from({ length: 25 }, (_, i) => ({
      x: 30.3 + 45 * (i % 5),
      y: 30.7 + 45 * Math.floor(i / 5),
      flux: 1500,
    }));
    const field = starField({ width: 250, height: 250, stars, psfAt: () => psf, sky: 500 });
    for (let i = 0; i < field.image.length; i++) field.image[i] -= 500;
    const found = detectSources(field, { psfSigma: 1.5, threshold: 5 });
    expect(found.peakX.length).toBeGreaterThanOrEqual(25);
    expect(found.peakX.length).toBeLessThanOrEqual(26);
    for (const star of stars) expect(nearest(found.peakX, found.peakY, star).distance).toBeLessThan(1);
    // S/N of a star on sky noise: flux / sqrt(4 pi sigma^2 variance).
    const expected = 1500 / Math.sqrt(4 * Math.PI * 1.5 ** 2 * 525);
    expect(Math.abs(medianValue([...found.peakSignificance]) / expected - 1)).toBeLessThan(0.15);
    expect(Math.abs(found.noiseScale - 1)).toBeLessThan(0.08);
  });
});

describeShared('data/sep-reference', 'extraction against Source Extractor', (dir) => {
  test('the same objects, moments, aperture fluxes', async () => {
    const { ours, theirs, pairs, aperture } = await compareExtraction(
      join(dir, 'image.fits'),
      join(dir, 'image.cat'),
      sepSettings,
    );
    for (const { row, k } of pairs) {
      expect(Math.abs(ours.xx[k] / row['X2_IMAGE'] - 1)).toBeLessThan(0.01);
      expect(Math.abs(ours.yy[k] / row['Y2_IMAGE'] - 1)).toBeLessThan(0.01);
      expect(Math.abs(ours.a[k] / row['A_IMAGE'] - 1)).toBeLessThan(0.01);
    }
    expect(pairs.length / theirs).toBeGreaterThanOrEqual(0.98);
    expect(ours.x.length).toBeLessThanOrEqual(1.05 * theirs);
    expect(medianValue(aperture)).toBeLessThan(0.005);
  });
});

describeShared('data/sdss-stripe82', 'extraction of real frames against Source Extractor', (dir) => {
  test.each([
    ['4192/40/corr/4/fpC-004192-r4-0300.fit.gz', '004192-r4-0300.cat'],
    ['6377/40/corr/4/fpC-006377-r4-0399.fit.gz', '006377-r4-0399.cat'],
  ])('%s: isophotal and aperture fluxes', async (image, catalogue) => {
    const { ours, theirs, aperture, isophotal } = await compareExtraction(
      join(dir, image),
      join(dir, 'reference/source-extractor', catalogue),
      sdssSettings,
    );
    expect(isophotal.length / theirs).toBeGreaterThanOrEqual(0.98);
    expect(ours.x.length).toBeLessThanOrEqual(1.03 * theirs);
    expect(medianValue(isophotal)).toBeLessThan(0.005);
    expect(medianValue(aperture)).toBeLessThan(0.005);
  });
});
