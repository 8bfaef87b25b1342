// SPDX-License-Identifier: BSD-3-Clause
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type AmplifierGeometry,
  type AmplifierPixels,
  growMask,
  maskBits,
  newMaskedImage,
  overscanLevels,
  type RemovalOptions,
  removeSignature,
} from '../../src/pixels/index.ts';

/** A raw array of 4 x 3 data columns plus 3 overscan columns, read at the left (or mirrored). */
const geometry: AmplifierGeometry = {
  name: 'A',
  rawData: { x0: 0, y0: 0, x1: 4, y1: 3 },
  rawOverscan: { x0: 4, y0: 0, x1: 7, y1: 3 },
  flipX: false,
  flipY: false,
  box: { x0: 0, y0: 0, x1: 4, y1: 3 },
  gain: 2,
  readNoise: 6,
  saturationAdu: 60000,
  linearity: [],
};

function rawOf(amplifier: AmplifierGeometry, value: (x: number, y: number) => number): AmplifierPixels {
  const data = new Float32Array(7 * 3);
  for (let y = 0; y < 3; y++) for (let x = 0; x < 7; x++) data[y * 7 + x] = x < 4 ? value(x, y) : 100 + 10 * y;
  return { amplifier, data, width: 7, height: 3 };
}

const plain: RemovalOptions = {
  width: 4,
  height: 3,
  amplifiers: [],
  overscan: 'median-per-row',
  parallelOverscan: false,
  pedestalAdu: 0,
  linearity: true,
  applyGain: false,
  darkTimeSeconds: 0,
  minimumFlat: 0.1,
  defects: [],
  growSaturationPx: 0,
};

describe('overscan', () => {
  test('follows the level row by row, robustly', () => {
    const pixels = rawOf(geometry, () => 0);
    pixels.data[4] = 65535; // trail of a saturated column in the first overscan column
    expect([...overscanLevels(pixels, 'median-per-row').perRow]).toEqual([100, 110, 120]);
    expect([...overscanLevels(pixels, 'median').perRow]).toEqual([110, 110, 110]);
    expect([...overscanLevels(pixels, 'none').perRow]).toEqual([0, 0, 0]);
  });

  test('names the section that does not fit the raw image', () => {
    const bad = { ...geometry, rawOverscan: { x0: 4, y0: 0, x1: 9, y1: 3 } };
    expect(() =>
      overscanLevels(
        rawOf(bad, () => 0),
        'median-per-row',
      ),
    ).toThrow(/amplifier A: overscan \[5:9,1:3\]/);
  });

  test('takes column levels from the parallel overscan', () => {
    const amplifier = {
      ...geometry,
      rawData: { x0: 0, y0: 0, x1: 4, y1: 2 },
      rawParallelOverscan: { x0: 0, y0: 2, x1: 4, y1: 3 },
    };
    const pixels = rawOf(amplifier, (x, y) => (y === 2 ? 110 + x : 500));
    const levels = overscanLevels(pixels, 'median-per-row', true);
    expect([...(levels.perColumn ?? [])]).toEqual([0, 1, 2, 3]);
  });
});

describe('assembly', () => {
  test('puts two mirrored amplifiers side by side', () => {
    const right: AmplifierGeometry = { ...geometry, name: 'B', flipX: true, box: { x0: 4, y0: 0, x1: 8, y1: 3 } };
    const { image, amplifiers } = removeSignature({
      ...plain,
      width: 9,
      amplifiers: [rawOf(geometry, (x, y) => 100 + 10 * y + x), rawOf(right, (x, y) => 100 + 10 * y + 10 * x)],
    });
    for (let y = 0; y < 3; y++)
      expect([...image.image.subarray(y * 9, y * 9 + 8)]).toEqual([0, 1, 2, 3, 30, 20, 10, 0]);
    expect(image.mask[8]).toBe(maskBits('NO_DATA', 'BAD')); // no amplifier covers the last column
    expect(image.mask[7]).toBe(0);
    expect(amplifiers.map((a) => a.overscanLevelAdu)).toEqual([110, 110]);
  });

  test('corrects in the right order and carries the variance', () => {
    const linear = { ...geometry, linearity: [1e-6] };
    const plane = (v: number) => ({ width: 4, height: 3, image: new Float32Array(12).fill(v) });
    const { image } = removeSignature({
      ...plain,
      amplifiers: [rawOf(linear, (_x, y) => 100 + 10 * y + 1000)],
      bias: plane(11),
      dark: plane(0.5),
      darkTimeSeconds: 20,
      flat: plane(0.5),
      applyGain: true,
    });
    // 1000 + 1e-6 * 1000² = 1001; - 11 - 10 = 980 ADU; / 0.5 * 2 e/ADU
    expect(image.image[5]).toBeCloseTo(3920, 2);
    // (980 / 2 + (6 / 2)²) ADU², times (2 / 0.5)²
    expect(image.variance[5]).toBeCloseTo((490 + 9) * 16, 2);
  });

  test('marks saturated, suspect, defective, dead and missing pixels', () => {
    const amplifier = { ...geometry, suspectAdu: 50000 };
    const flat = { width: 4, height: 3, image: new Float32Array(12).fill(1), mask: new Int32Array(12) };
    flat.image[3] = 0.01;
    flat.mask[6] = maskBits('BAD', 'DETECTED');
    const bias = { width: 4, height: 3, image: new Float32Array(12) };
    bias.image[11] = Number.NaN;
    const { image } = removeSignature({
      ...plain,
      amplifiers: [rawOf(amplifier, (x, y) => (x === 0 && y === 0 ? 60000 : x === 1 && y === 0 ? 50000 : 1000))],
      flat,
      bias,
      defects: [{ x0: -3, y0: 2, x1: 1, y1: 9 }],
    });
    expect(image.mask[0]).toBe(maskBits('SAT'));
    expect(image.mask[1]).toBe(maskBits('SUSPECT'));
    expect(image.mask[3]).toBe(maskBits('BAD'));
    expect(image.image[3]).toBe(900); // left undivided
    expect(image.mask[6]).toBe(maskBits('BAD'));
    expect(image.mask[8]).toBe(maskBits('BAD'));
    expect(image.mask[11]).toBe(maskBits('UNMASKEDNAN', 'BAD'));
    expect(image.mask[5]).toBe(0);
  });

  test('refuses a calibration of another size', () => {
    const bias = { width: 8, height: 3, image: new Float32Array(24) };
    expect(() => removeSignature({ ...plain, amplifiers: [rawOf(geometry, () => 0)], bias })).toThrow(
      /the bias is 8 x 3 pixels but the assembled detector is 4 x 3/,
    );
  });
});

test('growing a mask equals looking at every neighbour', () => {
  const SAT = maskBits('SAT');
  const CR = maskBits('CR');
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 0, max: 3 }),
      fc.array(fc.tuple(fc.nat(143), fc.constantFrom(SAT, CR, SAT | CR, 1)), { maxLength: 12 }),
      (width, height, radius, spots) => {
        const image = newMaskedImage(width, height);
        for (const [place, bits] of spots) image.mask[place % (width * height)] |= bits;
        const before = image.mask.slice();
        growMask(image, SAT | CR, radius);
        for (let y = 0; y < height; y++) {
          for (let x = 0; x < width; x++) {
            let want = before[y * width + x];
            for (let v = Math.max(0, y - radius); v <= Math.min(height - 1, y + radius); v++) {
              for (let u = Math.max(0, x - radius); u <= Math.min(width - 1, x + radius); u++) {
                want |= before[v * width + u] & (SAT | CR);
              }
            }
            expect(image.mask[y * width + x]).toBe(want);
          }
        }
      },
    ),
  );
});
