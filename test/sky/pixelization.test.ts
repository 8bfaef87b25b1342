// SPDX-License-Identifier: BSD-3-Clause
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  circleDeg,
  intersectRanges,
  normalizeRanges,
  type PixelSystem,
  pixelization,
  pixelsOfRanges,
  polygonFromLonLat,
  rangesContain,
  rangesSize,
  regionContains,
  subtractRanges,
  type UnitVector,
  unionRanges,
  unitVector,
  xorRanges,
} from '../../src/sky/index.ts';
import {
  neighbor,
  nestedCell,
  nestedIndex,
  nestedToRing,
  ringToNested,
} from '../../src/sky/pixelization/healpix-grid.ts';

const systems: PixelSystem[] = ['htm', 'healpix', 'q3c', 'mq3c'];
const direction: fc.Arbitrary<UnitVector> = fc
  .tuple(fc.double({ min: 0, max: 360, noNaN: true }), fc.double({ min: -1, max: 1, noNaN: true }))
  .map(([lon, z]) => unitVector(lon, (Math.asin(z) * 180) / Math.PI));

describe.each(systems)('%s', (system) => {
  test('a direction lies in its pixel, and in the parent of that pixel one level up', () => {
    fc.assert(
      fc.property(direction, fc.integer({ min: 1, max: 20 }), (v, level) => {
        const fine = pixelization(system, level).index(v);
        expect(pixelization(system, level - 1).index(v)).toBe(Math.floor(fine / 4));
        expect(rangesContain(pixelization(system, level).universe(), fine)).toBe(true);
        // HEALPix sides are not great circles: the region of a pixel is a hull.
        if (system !== 'healpix') expect(regionContains(pixelization(system, level).pixel(fine), v)).toBe(true);
      }),
    );
  });

  test('numbers run to the finest level without repeats among neighbours', () => {
    const grid = pixelization(system, 24);
    const step = 2e-5;
    const seen = new Set<number>();
    for (let i = 0; i < 50; i++) seen.add(grid.index(unitVector(33 + i * step, 12.3)));
    expect(seen.size).toBe(50);
    for (const index of seen) expect(Number.isSafeInteger(index)).toBe(true);
    expect(() => pixelization(system, 25)).toThrow(/0 to 24/);
    expect(() => grid.pixel(-1)).toThrow(/no pixel -1/);
  });

  test('the envelope misses no point of a region, the interior holds none from outside', () => {
    const regions = [
      circleDeg(0.2, 89.5, 3),
      circleDeg(359.9, -41, 1.7),
      polygonFromLonLat([
        [44.7, 1],
        [45.4, 1.1],
        [45.3, -0.8],
      ]),
      { kind: 'union' as const, operands: [circleDeg(10, 10, 1), circleDeg(200, -30, 2)] },
    ];
    const grid = pixelization(system, 6);
    for (const region of regions) {
      const envelope = grid.envelope(region);
      const interior = grid.interior(region);
      expect(rangesSize(subtractRanges(interior, envelope))).toBe(0);
      fc.assert(
        fc.property(direction, (v) => {
          const index = grid.index(v);
          if (regionContains(region, v)) expect(rangesContain(envelope, index)).toBe(true);
          else expect(rangesContain(interior, index) && system !== 'healpix').toBe(false);
        }),
        { numRuns: 300 },
      );
      for (const index of pixelsOfRanges(envelope)) {
        const center = grid.pixel(index);
        if (center.kind !== 'polygon') throw new Error('pixels are polygons');
      }
    }
  });
});

describe('HEALPix grid', () => {
  test('neighbours are mutual, distinct, and as near as neighbours are', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 7 }),
        fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
        (order, at) => {
          const index = Math.floor(at * 12 * 4 ** order);
          const cell = nestedCell(order, index);
          const around = [-1, 0, 1].flatMap((dx) =>
            [-1, 0, 1].filter((dy) => dx !== 0 || dy !== 0).map((dy) => neighbor(order, cell, dx, dy)),
          );
          const found = around.filter((n) => n !== undefined).map((n) => nestedIndex(order, n));
          expect(found.length).toBeGreaterThanOrEqual(order === 0 ? 6 : 7);
          expect(new Set([...found, index]).size).toBe(found.length + 1);
          for (const n of found) {
            const back = [-1, 0, 1].flatMap((dx) =>
              [-1, 0, 1].map((dy) => neighbor(order, nestedCell(order, n), dx, dy)),
            );
            expect(back.some((b) => b !== undefined && nestedIndex(order, b) === index)).toBe(true);
          }
        },
      ),
    );
  });

  test('ring numbers and nested numbers are two orders of the same pixels', () => {
    for (let order = 0; order <= 4; order++) {
      const rings = Array.from({ length: 12 * 4 ** order }, (_, i) => nestedToRing(order, i));
      expect(new Set(rings).size).toBe(rings.length);
      rings.forEach((ring, nested) => {
        expect(ringToNested(order, ring)).toBe(nested);
      });
    }
    // The first pixels of order 1, from the definition paper's figure.
    expect([0, 1, 2, 3].map((i) => nestedToRing(1, i))).toEqual([13, 5, 4, 0]);
  });
});

describe('range sets', () => {
  const ranges = fc
    .array(fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 8 })), { maxLength: 10 })
    .map((list) => normalizeRanges(list.map(([begin, length]) => [begin, begin + length] as const)));

  test('are what sets of numbers are', () => {
    fc.assert(
      fc.property(ranges, ranges, (a, b) => {
        const [sa, sb] = [new Set(pixelsOfRanges(a)), new Set(pixelsOfRanges(b))];
        const numbers = (r: Iterable<number>) => [...r].sort((p, q) => p - q);
        expect(numbers(pixelsOfRanges(unionRanges(a, b)))).toEqual(numbers(sa.union(sb)));
        expect(numbers(pixelsOfRanges(intersectRanges(a, b)))).toEqual(numbers(sa.intersection(sb)));
        expect(numbers(pixelsOfRanges(subtractRanges(a, b)))).toEqual(numbers(sa.difference(sb)));
        expect(numbers(pixelsOfRanges(xorRanges(a, b)))).toEqual(numbers(sa.symmetricDifference(sb)));
        for (let i = 0; i < 70; i++) expect(rangesContain(a, i)).toBe(sa.has(i));
      }),
    );
  });
});
