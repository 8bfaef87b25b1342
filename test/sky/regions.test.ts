// SPDX-License-Identifier: BSD-3-Clause
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  angleBetween,
  boundingBox,
  boundingCircle,
  boxDeg,
  circleDeg,
  convexHullPolygon,
  decodeRegion,
  encodeRegion,
  invertRelation,
  lonLatDeg,
  makeEllipse,
  parseIvoaPos,
  polygonFromLonLat,
  type Region,
  Relation,
  regionContains,
  regionsOverlap,
  relate,
  toIvoaPos,
  type UnitVector,
  unitVector,
} from '../../src/sky/index.ts';
import { orientation } from '../../src/sky/regions/orientation.ts';

const cross = (a: UnitVector, b: UnitVector): UnitVector => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];
const dot = (a: UnitVector, b: UnitVector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const unit = (v: UnitVector): UnitVector => {
  const length = Math.hypot(...v);
  return [v[0] / length, v[1] / length, v[2] / length];
};

const direction: fc.Arbitrary<UnitVector> = fc
  .tuple(fc.double({ min: 0, max: 359.999, noNaN: true }), fc.double({ min: -1, max: 1, noNaN: true }))
  .map(([lon, z]) => unitVector(lon, (Math.asin(z) * 180) / Math.PI));

const circle: fc.Arbitrary<Region> = fc
  .tuple(direction, fc.double({ min: 0.01, max: 60, noNaN: true }))
  .map(([v, r]) => circleDeg(lonLatDeg(v).lonDeg, lonLatDeg(v).latDeg, r));
const box: fc.Arbitrary<Region> = fc
  .tuple(
    fc.double({ min: 0, max: 360, noNaN: true }),
    fc.double({ min: 0.1, max: 300, noNaN: true }),
    fc.double({ min: -90, max: 80, noNaN: true }),
    fc.double({ min: 0.1, max: 100, noNaN: true }),
  )
  .map(([lon, width, lat, height]) => boxDeg(lon, lon + width, lat, Math.min(90, lat + height)));
const polygon: fc.Arbitrary<Region> = fc
  .tuple(
    direction,
    fc.double({ min: 0.05, max: 40, noNaN: true }),
    fc.integer({ min: 3, max: 8 }),
    fc.double({ min: 0, max: 6.28, noNaN: true }),
  )
  .map(([center, radius, n, start]) => {
    const { lonDeg, latDeg } = lonLatDeg(center);
    const [l, b, r] = [lonDeg, latDeg, radius].map((a) => (a * Math.PI) / 180);
    const points = Array.from({ length: n }, (_, i): UnitVector => {
      const t = start + (2 * Math.PI * i) / n;
      const [north, east] = [Math.cos(t) * Math.sin(r), Math.sin(t) * Math.sin(r)];
      return [
        Math.cos(r) * center[0] - north * Math.sin(b) * Math.cos(l) - east * Math.sin(l),
        Math.cos(r) * center[1] - north * Math.sin(b) * Math.sin(l) + east * Math.cos(l),
        Math.cos(r) * center[2] + north * Math.cos(b),
      ];
    });
    return convexHullPolygon(points);
  });
const simple = fc.oneof(circle, box, polygon);
const region: fc.Arbitrary<Region> = fc.oneof(
  simple,
  fc.array(simple, { minLength: 1, maxLength: 3 }).map((operands) => ({ kind: 'union' as const, operands })),
  fc.array(simple, { minLength: 1, maxLength: 3 }).map((operands) => ({ kind: 'intersection' as const, operands })),
);

describe('regions', () => {
  test('bytes and back', () => {
    fc.assert(
      fc.property(region, (r) => {
        expect(decodeRegion(encodeRegion(r))).toEqual(r);
      }),
    );
    const ellipse = makeEllipse(unitVector(10, 20), unitVector(11, 21), 0.03);
    expect(decodeRegion(encodeRegion(ellipse))).toEqual(ellipse);
  });

  test('broken bytes are refused with what is wrong', () => {
    expect(() => decodeRegion(new Uint8Array(0))).toThrow(/no type byte/);
    expect(() => decodeRegion(Uint8Array.of(120, 1, 2))).toThrow(/type byte is none/);
    expect(() => decodeRegion(encodeRegion(circleDeg(1, 2, 3)).subarray(0, 30))).toThrow(/5 numbers/);
    expect(() => decodeRegion(Uint8Array.of(117, 255, 0, 0, 0, 0, 0, 0, 0, 1))).toThrow(/beyond the end/);
  });

  test('relations agree with the points: within means every point, disjoint means none', () => {
    fc.assert(
      fc.property(region, region, fc.array(direction, { minLength: 40, maxLength: 40 }), (a, b, points) => {
        const relation = relate(a, b);
        // Of two unions or intersections each way round may find what the other leaves open.
        const plain = [a, b].some((r) => r.kind !== 'union' && r.kind !== 'intersection');
        if (plain) expect(relate(b, a)).toBe(invertRelation(relation));
        expect(regionsOverlap(a, b)).toBe((relation & Relation.DISJOINT) === 0);
        for (const v of points) {
          const [inA, inB] = [regionContains(a, v), regionContains(b, v)];
          if (relation & Relation.DISJOINT) expect(inA && inB).toBe(false);
          if (relation & Relation.WITHIN && inA) expect(inB).toBe(true);
          if (relation & Relation.CONTAINS && inB) expect(inA).toBe(true);
        }
      }),
      { numRuns: 400 },
    );
  });

  test('circles and polygons that share a sampled point are never called disjoint, and are told apart when far', () => {
    fc.assert(
      fc.property(polygon, direction, fc.double({ min: 0.01, max: 40, noNaN: true }), (p, center, radius) => {
        const c = circleDeg(lonLatDeg(center).lonDeg, lonLatDeg(center).latDeg, radius);
        const outer = boundingCircle(p);
        const distance = (angleBetween(center, outer.center) * 180) / Math.PI;
        if (distance > radius + (outer.openingAngleRad * 180) / Math.PI + 1e-6)
          expect(relate(p, c) & Relation.DISJOINT).toBe(Relation.DISJOINT);
        if (regionContains(p, center)) expect(regionsOverlap(p, c)).toBe(true);
      }),
    );
  });

  test('bounding circles and boxes hold their region', () => {
    fc.assert(
      fc.property(region, fc.array(direction, { minLength: 30, maxLength: 30 }), (r, points) => {
        for (const v of points)
          if (regionContains(r, v)) {
            expect(regionContains(boundingCircle(r), v)).toBe(true);
            expect(regionContains(boundingBox(r), v)).toBe(true);
          }
      }),
      { numRuns: 400 },
    );
  });

  test('an ellipse holds the points whose distances to its foci sum to twice alpha at most', () => {
    fc.assert(
      fc.property(
        direction,
        direction,
        direction,
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        (f1, f2, v, extra) => {
          const apart = angleBetween(f1, f2);
          if (apart > 2.5) return;
          const alpha = apart / 2 + extra * (Math.PI / 2 - apart / 2);
          const sum = angleBetween(f1, v) + angleBetween(f2, v);
          if (Math.abs(sum - 2 * alpha) < 1e-9) return;
          expect(regionContains(makeEllipse(f1, f2, alpha), v)).toBe(sum < 2 * alpha);
        },
      ),
    );
  });

  test('a hull holds its points, keeps the first corner first, and refuses what is flat or too wide', () => {
    const hull = polygonFromLonLat([
      [10, 0],
      [12, 0],
      [11, 0.5],
      [12, 2],
      [10, 2],
    ]);
    expect(hull.vertices.length).toBe(4);
    expect(lonLatDeg(hull.vertices[0])).toEqual({ lonDeg: expect.closeTo(10, 12), latDeg: 0 });
    expect(regionContains(hull, unitVector(11, 1))).toBe(true);
    expect(() =>
      polygonFromLonLat([
        [0, 0],
        [1, 0],
        [2, 0],
      ]),
    ).toThrow(/great circle/);
    expect(() =>
      polygonFromLonLat([
        [0, 0],
        [120, 0],
        [240, 0],
      ]),
    ).toThrow(/hemisphere|great circle/);
  });

  test('the hull of a mosaic, whose detectors stand in rows, are its outermost corners, wherever it points', () => {
    const angle = fc.double({ min: -1, max: 1, noNaN: true });
    fc.assert(
      fc.property(direction, angle, fc.double({ min: 1e-5, max: 0.02, noNaN: true }), (center, turned, scale) => {
        const east = unit(cross([0.3, 0.5, 0.8], center));
        const north = cross(center, east);
        // Corners of 2 × 2 detectors with gaps: four in each row, of which the middle ones are within rounding of the line of the outer.
        const at = [-1, -0.02, 0.02, 1];
        const points = at.flatMap((y) =>
          at.map((x): UnitVector => {
            const [u, v] = [x * Math.cos(turned) - y * Math.sin(turned), x * Math.sin(turned) + y * Math.cos(turned)];
            return unit(center.map((c, i) => c + scale * (u * east[i] + v * north[i])) as unknown as UnitVector);
          }),
        );
        const hull = convexHullPolygon(points);
        for (const outer of [0, 3, 12, 15]) expect(hull.vertices).toContain(points[outer]);
        // Middle ones may stand out by their own rounding, no more: never one inside.
        for (const inner of [5, 6, 9, 10]) expect(hull.vertices).not.toContain(points[inner]);
      }),
      { numRuns: 2000 },
    );
  });

  test('the hull of a mosaic ends where rounding puts its first corner on the line of two others', () => {
    // Four detectors of the simulated camera.
    const points: UnitVector[] = [
      [-0.8666476666905087, 0.4974971472094974, 0.03766178883574917],
      [-0.8662474289773388, 0.49819306773715144, 0.03767040016772519],
      [-0.8662252242884457, 0.49817037051893337, 0.03847262329839776],
      [-0.8666254621327463, 0.49747444978212263, 0.03846401171456636],
      [-0.866261940096935, 0.4981678588240693, 0.03767008858678593],
      [-0.8658611642526831, 0.49886346987415736, 0.03767867651741161],
      [-0.8658389594506269, 0.4988407728711731, 0.03848089940147425],
      [-0.8662397354125494, 0.4981451615980212, 0.03847231171736172],
      [-0.8666262763988857, 0.49747527775146916, 0.03843494609207489],
      [-0.8662260385548379, 0.4981711984885375, 0.038443557666878264],
      [-0.8662032957525775, 0.49814819179857317, 0.039245756906763206],
      [-0.8666035334794557, 0.4974522712848578, 0.03923714508546895],
      [-0.8662405496789419, 0.4981459895676247, 0.03844324608584222],
      [-0.865839773716766, 0.49884160084052015, 0.03845183377898278],
      [-0.8658170310416302, 0.4988185939495176, 0.0392540327671314],
      [-0.8662178068721739, 0.49812298288549095, 0.03924544532582394],
    ];
    const { vertices } = convexHullPolygon(points);
    expect(vertices.length).toBeGreaterThanOrEqual(4);
    for (const p of points)
      vertices.forEach((a, i) => {
        const b = vertices[(i + 1) % vertices.length];
        // To the left of each side, but for rounding.
        expect(dot(cross(a, b), p)).toBeGreaterThan(-1e-17);
      });
  });

  test('orientation is exact: swapping turns it, and a point on the arc gives none', () => {
    fc.assert(
      fc.property(direction, direction, direction, (a, b, c) => {
        expect(orientation(a, b, c)).toBe(-orientation(b, a, c) || 0);
        expect(orientation(a, b, c)).toBe(orientation(b, c, a));
        expect(orientation(a, b, [...a])).toBe(0);
      }),
    );
    // Off the arc by one unit in the last place, far below what doubles can tell.
    const tiny = 2 ** -1060;
    expect(orientation([1, 0, 0], [0, 1, 0], [0.6, 0.8, tiny])).toBe(1);
    expect(orientation([1, 0, 0], [0, 1, 0], [0.6, 0.8, -tiny])).toBe(-1);
  });

  test('POS text and back', () => {
    for (const text of [
      'CIRCLE 12.0 34.0 0.5',
      'RANGE 350.0 10.0 -5.0 5.0',
      'POLYGON 12.0 34.0 14.0 35.0 14.0 36.0 12.0 35.0',
    ]) {
      const numbers = (t: string) => t.split(' ').slice(1).map(Number);
      numbers(toIvoaPos(parseIvoaPos(text))).forEach((value, i) => {
        expect(value).toBeCloseTo(numbers(text)[i], 10);
      });
    }
    expect(() => parseIvoaPos('CIRCLE 1 2')).toThrow(/three numbers/);
    expect(() => parseIvoaPos('CIRCLE 1 95 2')).toThrow(/latitude/);
    expect(() => parseIvoaPos('SQUARE 1 2 3 4')).toThrow(/CIRCLE, RANGE or POLYGON/);
  });
});
