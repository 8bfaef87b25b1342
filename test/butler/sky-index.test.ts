// SPDX-License-Identifier: BSD-3-Clause
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { boundedOverlap, boundRegion } from '../../src/butler/query/spatial/bounded.ts';
import { SkyIndex } from '../../src/butler/query/spatial/sky-index.ts';
import { circleDeg } from '../../src/sky/index.ts';

const circle = fc
  .record({
    raDeg: fc.double({ min: 0, max: 360, noNaN: true }),
    decDeg: fc.oneof(fc.double({ min: -90, max: 90, noNaN: true }), fc.constantFrom(-90, -89.9, 0, 89.99, 90)),
    radiusDeg: fc.oneof(
      fc.double({ min: 0, max: 0.5, noNaN: true }),
      fc.double({ min: 0, max: 30, noNaN: true }),
      fc.constantFrom(0, 100, 180),
    ),
  })
  .map(({ raDeg, decDeg, radiusDeg }) => boundRegion(circleDeg(raDeg, decDeg, radiusDeg))!);

test('an index finds what comparing with each region finds', () => {
  fc.assert(
    fc.property(fc.array(circle, { maxLength: 40 }), fc.array(circle, { maxLength: 10 }), (held, asked) => {
      const index = new SkyIndex(held);
      for (const region of asked) {
        const expected = held.flatMap((other, i) => (boundedOverlap(region, other) ? [i] : []));
        expect(index.overlapping(region).toSorted((a, b) => a - b)).toEqual(expected);
      }
    }),
    { numRuns: 200 },
  );
});
