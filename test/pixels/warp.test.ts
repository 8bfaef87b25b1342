// SPDX-License-Identifier: BSD-3-Clause
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  CoaddPsf,
  coaddPsfFromPlain,
  emptyWarp,
  type MaskedImage,
  maskBits,
  newMaskedImage,
  type Psf,
  type PsfPlain,
  type WarpKernelName,
  warpInto,
} from '../../src/pixels/index.ts';
import { coordinateGrid } from '../../src/pixels/warp/grid.ts';
import { makeTanWcs, type Wcs, withSip } from '../../src/sky/index.ts';

const base = { raDeg: 150, decDeg: 2.2, x: 100, y: 90, pixelScaleArcsec: 0.2 };
const inWcs = makeTanWcs(base);

function imageOf(size: number, f: (x: number, y: number) => number): MaskedImage {
  const image = newMaskedImage(size, size);
  for (let y = 0; y < size; y++) for (let x = 0; x < size; x++) image.image[y * size + x] = f(x, y);
  image.variance.fill(4);
  return image;
}

const gaussian = (x0: number, y0: number, sigma: number) => (x: number, y: number) =>
  (1e5 / (2 * Math.PI * sigma * sigma)) * Math.exp(-((x - x0) ** 2 + (y - y0) ** 2) / (2 * sigma * sigma));

describe('warp', () => {
  test('into the same frame changes nothing, for every kernel', () => {
    const image = imageOf(60, (x, y) => ((x * 7919 + y * 104729) % 1000) / 10);
    image.mask[30 * 60 + 31] = maskBits('CR');
    for (const kernel of ['bilinear', 'lanczos3', 'lanczos5'] satisfies WarpKernelName[]) {
      const out = emptyWarp({ x0: 10, y0: 12, width: 30, height: 28 });
      const result = warpInto(out, inWcs, image, inWcs, { kernel });
      expect(result.pixels).toBe(30 * 28);
      for (let y = 0; y < 28; y++) {
        for (let x = 0; x < 30; x++) {
          const from = (y + 12) * 60 + x + 10;
          expect(Math.abs(out.image[y * 30 + x] - image.image[from])).toBeLessThan(1e-4);
          expect(Math.abs(out.variance[y * 30 + x] - 4)).toBeLessThan(1e-5);
          expect(out.mask[y * 30 + x]).toBe(image.mask[from]);
        }
      }
    }
  });

  test('equals the direct double sum of Lanczos weights at exact positions', () => {
    const image = imageOf(80, (x, y) => 100 + 50 * Math.sin(x * 1.3) * Math.cos(y * 0.7) + ((x * 31 + y * 17) % 13));
    const outWcs = makeTanWcs({ ...base, x: 100.37, y: 90.81, rotationDeg: 12, pixelScaleArcsec: 0.23 });
    const out = emptyWarp({ x0: 60, y0: 60, width: 40, height: 40 });
    const cut = { ...image, x0: 60, y0: 50 };
    warpInto(out, outWcs, cut, inWcs, { area: 'none', centredKernel: false });
    const lanczos = (x: number): number => {
      if (x === 0) return 1;
      if (Math.abs(x) >= 3) return 0;
      return (Math.sin(Math.PI * x) * Math.sin((Math.PI * x) / 3) * 3) / (Math.PI * x) ** 2;
    };
    let checked = 0;
    for (let y = 0; y < 40; y += 3) {
      for (let x = 0; x < 40; x += 3) {
        const sky = outWcs.pixelToSky(x + 60, y + 60);
        const at = inWcs.skyToPixel(sky.raDeg, sky.decDeg);
        const px = at.x - 60;
        const py = at.y - 50;
        const ix = Math.floor(px);
        const iy = Math.floor(py);
        if (ix < 2 || iy < 2 || ix + 3 >= 80 || iy + 3 >= 80) continue;
        const taps = [-2, -1, 0, 1, 2, 3];
        const sumX = taps.reduce((sum, k) => sum + lanczos(ix + k - px), 0);
        const sumY = taps.reduce((sum, k) => sum + lanczos(iy + k - py), 0);
        let value = 0;
        let noise = 0;
        for (const j of taps) {
          for (const i of taps) {
            const w = (lanczos(ix + i - px) / sumX) * (lanczos(iy + j - py) / sumY);
            value += w * image.image[(iy + j) * 80 + ix + i];
            noise += w * w * 4;
          }
        }
        expect(Math.abs(out.image[y * 40 + x] - value)).toBeLessThan(5e-4);
        expect(Math.abs(out.variance[y * 40 + x] - noise)).toBeLessThan(1e-4);
        checked++;
      }
    }
    expect(checked).toBeGreaterThan(100);
  });

  test('conserves the flux of a star under scale, rotation and distortion', () => {
    const distorted = withSip(inWcs, {
      a: [{ p: 2, q: 0, value: 2e-5 }],
      b: [{ p: 0, q: 2, value: -1e-5 }],
    });
    const star = imageOf(201, gaussian(101.3, 95.8, 2));
    for (const [source, rotationDeg, scale] of [
      [inWcs, 0, 0.2],
      [inWcs, 33, 0.15],
      [distorted, 10, 0.2],
    ] as [Wcs, number, number][]) {
      const outWcs = makeTanWcs({ ...base, rotationDeg, pixelScaleArcsec: scale });
      const out = emptyWarp({ x0: 60, y0: 50, width: 81, height: 81 });
      warpInto(out, outWcs, star, source);
      const sum = out.image.reduce((a, b) => a + b, 0);
      expect(Math.abs(sum / 1e5 - 1)).toBeLessThan(5e-4);
    }
  });

  test('the centred kernel keeps position and shape of a star at every sub-pixel shift', () => {
    const star = imageOf(101, gaussian(50, 50, 2));
    for (const shift of [0.1, 0.25, 0.4, 0.5, 0.8]) {
      const out = emptyWarp({ x0: 20, y0: 20, width: 61, height: 61 });
      warpInto(out, makeTanWcs({ ...base, x: base.x + shift }), star, inWcs);
      const m = moments({ size: 61, data: out.image });
      expect(Math.abs(m.x - 30 - shift)).toBeLessThan(1e-3);
      expect(Math.abs(m.y - 30)).toBeLessThan(1e-3);
      expect(Math.abs(m.sigma - 2)).toBeLessThan(1e-3);
    }
  });

  test('keeps a constant constant and multiplies by the area', () => {
    const outWcs = makeTanWcs({ ...base, pixelScaleArcsec: 0.4, rotationDeg: 45 });
    const flat = imageOf(200, () => 7);
    const out = emptyWarp({ x0: 90, y0: 80, width: 20, height: 20 });
    warpInto(out, outWcs, flat, inWcs, { fluxScale: 3 });
    for (const v of out.image) expect(v).toBeCloseTo(84, 3);
    const brightness = emptyWarp({ x0: 90, y0: 80, width: 20, height: 20 });
    warpInto(brightness, outWcs, flat, inWcs, { area: 'none' });
    for (const v of brightness.image) expect(v).toBeCloseTo(7, 4);
  });

  test('leaves no value at the border, off the image, and near pixels without data', () => {
    const image = imageOf(50, () => 5);
    image.mask[25 * 50 + 25] = maskBits('NO_DATA');
    const out = emptyWarp({ x0: -5, y0: -5, width: 60, height: 60 });
    warpInto(out, makeTanWcs({ ...base, x: base.x + 0.5 }), image, inWcs);
    const at = (x: number, y: number): number => (y + 5) * 60 + x + 5;
    expect(out.mask[at(-3, 10)]).toBe(maskBits('NO_DATA'));
    expect(out.mask[at(1, 10)]).toBe(maskBits('NO_DATA', 'EDGE'));
    expect(out.image[at(1, 10)]).toBeNaN();
    expect(out.mask[at(10, 10)]).toBe(0);
    expect(out.mask[at(23, 25)]).toBe(maskBits('NO_DATA'));
    expect(out.mask[at(30, 25)]).toBe(0);
  });

  test('a second image fills only what the first left empty', () => {
    const out = emptyWarp({ x0: 0, y0: 0, width: 60, height: 20 });
    const left = { ...imageOf(40, () => 1) };
    const right = { ...imageOf(40, () => 2), x0: 30 };
    warpInto(out, inWcs, left, inWcs);
    warpInto(out, inWcs, right, inWcs);
    expect(out.image[10 * 60 + 20]).toBeCloseTo(1, 6);
    expect(out.image[10 * 60 + 35]).toBeCloseTo(1, 6);
    expect(out.image[10 * 60 + 38]).toBeCloseTo(2, 6);
    expect(out.image[10 * 60 + 45]).toBeCloseTo(2, 6);
  });

  test('a distorted image in the corner of a large output is what it is alone, to the tolerance of the grid', () => {
    const distorted = withSip(inWcs, {
      a: [
        { p: 2, q: 0, value: 6e-6 },
        { p: 0, q: 3, value: 4e-9 },
      ],
      b: [
        { p: 1, q: 1, value: 5e-6 },
        { p: 0, q: 3, value: -1e-8 },
      ],
    });
    const image = imageOf(120, gaussian(55.3, 60.8, 2.5));
    const outWcs = makeTanWcs({ ...base, x: 1800.4, y: 1700.7, rotationDeg: 7 });
    const small = emptyWarp({ x0: 1700, y0: 1610, width: 90, height: 90 });
    const large = emptyWarp({ x0: 0, y0: 0, width: 2000, height: 1900 });
    expect(warpInto(small, outWcs, image, distorted).pixels).toBeGreaterThan(6000);
    warpInto(large, outWcs, image, distorted);
    const peak = image.image.reduce((a, b) => Math.max(a, b));
    for (let y = 0; y < 90; y++) {
      for (let x = 0; x < 90; x++) {
        const [one, other] = [small.image[y * 90 + x], large.image[(1610 + y) * 2000 + 1700 + x]];
        expect(Number.isNaN(one)).toBe(Number.isNaN(other));
        if (!Number.isNaN(one)) expect(Math.abs(one - other)).toBeLessThan(2e-4 * peak);
      }
    }
    const elsewhere = emptyWarp({ x0: 100, y0: 100, width: 300, height: 300 });
    expect(warpInto(elsewhere, outWcs, image, distorted).pixels).toBe(0);
  });

  test('the coordinate grid keeps its tolerance', () => {
    const box = { x0: -200, y0: 100, width: 300, height: 250 };
    fc.assert(
      fc.property(
        fc.double({ min: -40, max: 40, noNaN: true }),
        fc.constantFrom(1e-3, 1e-6),
        (rotationDeg, tolerance) => {
          const outWcs = makeTanWcs({ ...base, raDeg: 150.4, rotationDeg });
          const grid = coordinateGrid(box, outWcs, inWcs, tolerance);
          expect(grid.errorPx).toBeLessThanOrEqual(tolerance);
        },
      ),
      { numRuns: 10 },
    );
  });
});

/** A round Gaussian PSF with its own plain form. */
class Gaussian implements Psf {
  readonly sigma: number;
  constructor(sigma: number) {
    this.sigma = sigma;
  }
  kernelAt() {
    const data = new Float32Array(31 * 31);
    let sum = 0;
    for (let y = 0; y < 31; y++) {
      for (let x = 0; x < 31; x++) {
        sum += data[y * 31 + x] = Math.exp(-((x - 15) ** 2 + (y - 15) ** 2) / (2 * this.sigma ** 2));
      }
    }
    return { size: 31, data: data.map((v) => v / sum) };
  }
  imageAt(x: number, y: number) {
    return { ...this.kernelAt(), x0: Math.round(x) - 15, y0: Math.round(y) - 15 };
  }
  sigmaAt() {
    return this.sigma;
  }
  toPlain(): PsfPlain {
    return { type: 'test', sigma: this.sigma };
  }
}

function moments(stamp: { size: number; data: Float32Array }): { x: number; y: number; sigma: number; sum: number } {
  let sum = 0;
  let x = 0;
  let y = 0;
  let r2 = 0;
  for (let j = 0; j < stamp.size; j++) {
    for (let i = 0; i < stamp.size; i++) {
      const v = stamp.data[j * stamp.size + i];
      sum += v;
      x += v * i;
      y += v * j;
      r2 += v * (i * i + j * j);
    }
  }
  x /= sum;
  y /= sum;
  return { x, y, sum, sigma: Math.sqrt((r2 / sum - x * x - y * y) / 2) };
}

describe('coadd PSF', () => {
  const box = { x0: 0, y0: 0, x1: 200, y1: 200 };
  const half = makeTanWcs({ ...base, pixelScaleArcsec: 0.4, rotationDeg: 20 });
  const psf = new CoaddPsf(inWcs, [
    { psf: new Gaussian(2), wcs: inWcs, box, weight: 3 },
    { psf: new Gaussian(1.5), wcs: half, box, weight: 1 },
  ]);

  test('is the weighted mean of the inputs in the coadd’s frame', () => {
    const kernel = moments(psf.kernelAt(100, 90));
    expect(kernel.sum).toBeCloseTo(1, 5);
    // Second moments: 2² with weight 3, (1.5 * 2)² with weight 1.
    const want = Math.sqrt((3 * 4 + 9) / 4);
    expect(kernel.sigma).toBeCloseTo(want, 2);
    expect(psf.sigmaAt(100, 90)).toBeCloseTo(want, 3);
  });

  test('falls where the source is', () => {
    const image = psf.imageAt(100.3, 89.6);
    const m = moments(image);
    expect(image.x0 + m.x).toBeCloseTo(100.3, 2);
    expect(image.y0 + m.y).toBeCloseTo(89.6, 2);
  });

  test('counts only inputs that cover the position, or the nearest', () => {
    const one = new CoaddPsf(inWcs, [
      { psf: new Gaussian(2), wcs: inWcs, box, weight: 1 },
      { psf: new Gaussian(3), wcs: inWcs, box: { ...box, x0: 150 }, weight: 1 },
    ]);
    expect(one.sigmaAt(100, 100)).toBeCloseTo(2, 5);
    expect(one.sigmaAt(180, 100)).toBeCloseTo(Math.sqrt(6.5), 5);
    expect(one.sigmaAt(-50, 100)).toBeCloseTo(2, 5);
    expect(one.sigmaAt(500, 100)).toBeCloseTo(2, 0); // both equally far: the first
  });

  test('survives being written and read', () => {
    const again = coaddPsfFromPlain(psf.toPlain(), (plain) => new Gaussian(plain['sigma'] as number));
    expect(again.sigmaAt(90, 80)).toBeCloseTo(psf.sigmaAt(90, 80), 9);
    expect([...again.kernelAt(90, 80).data]).toEqual([...psf.kernelAt(90, 80).data]);
  });
});
