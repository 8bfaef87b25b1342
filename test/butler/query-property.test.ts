// SPDX-License-Identifier: BSD-3-Clause
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { circleDeg as circle, regionsOverlap } from '../../src/sky/index.ts';
import {
  detectorRegion,
  patchRegion,
  queryOf,
  surveyRegistry,
  type TractSpec,
  tractRegion,
  type VisitSpec,
  visitRegion,
} from './query-fixture.ts';

const visits = fc.uniqueArray(
  fc.record<VisitSpec>({
    id: fc.integer({ min: 1, max: 40 }),
    filter: fc.constantFrom('f-g', 'f-r'),
    raDeg: fc.integer({ min: 100, max: 130 }).map((n) => n / 10),
    decDeg: fc.integer({ min: -15, max: 15 }).map((n) => n / 10),
    startHours: fc.integer({ min: 0, max: 20 }),
    exposureTime: fc.constantFrom(15, 30, 60),
  }),
  { selector: (visit) => visit.id, minLength: 1, maxLength: 8 },
);
const tracts = fc.uniqueArray(
  fc.record<TractSpec>({
    id: fc.integer({ min: 0, max: 9 }),
    raDeg: fc.integer({ min: 100, max: 130 }).map((n) => n / 10),
    decDeg: fc.integer({ min: -15, max: 15 }).map((n) => n / 10),
  }),
  { selector: (tract) => tract.id, minLength: 1, maxLength: 5 },
);

/** Conditions as text and as what they mean for a row. */
interface Row {
  visit: VisitSpec;
  detector: number;
  tract: TractSpec;
  patch: number;
}
const atom = fc.oneof(
  fc.integer({ min: 0, max: 41 }).map((n) => ({ text: `visit < ${n}`, meaning: (r: Row) => r.visit.id < n })),
  fc.constantFrom(0, 1).map((n) => ({ text: `detector = ${n}`, meaning: (r: Row) => r.detector === n })),
  fc.constantFrom('g', 'r').map((b) => ({ text: `band = '${b}'`, meaning: (r: Row) => r.visit.filter === `f-${b}` })),
  fc
    .constantFrom(15, 30, 60)
    .map((n) => ({ text: `visit.exposure_time >= ${n}`, meaning: (r: Row) => r.visit.exposureTime >= n })),
  fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 1, max: 3 })).map(([n, k]) => ({
    text: `tract IN (${n}..9:${k})`,
    meaning: (r: Row) => r.tract.id >= n && (r.tract.id - n) % k === 0,
  })),
  fc.integer({ min: 0, max: 3 }).map((n) => ({ text: `patch NOT IN (${n}, 7)`, meaning: (r: Row) => r.patch !== n })),
  fc.integer({ min: 100, max: 130 }).map((n) => {
    const [ra, dec] = [n / 10, 0.1];
    return {
      text: `visit.region OVERLAPS CIRCLE(${ra}, ${dec}, 0.7)`,
      meaning: (r: Row) => regionsOverlap(visitRegion(r.visit), circle(ra, dec, 0.7)),
    };
  }),
);
const { condition } = fc.letrec<{ condition: { text: string; meaning: (r: Row) => boolean } }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3 },
    atom,
    tie('condition').map((c) => ({ text: `NOT (${c.text})`, meaning: (r: Row) => !c.meaning(r) })),
    fc.tuple(tie('condition'), tie('condition')).map(([a, b]) => ({
      text: `(${a.text}) AND (${b.text})`,
      meaning: (r: Row) => a.meaning(r) && b.meaning(r),
    })),
    fc.tuple(tie('condition'), tie('condition')).map(([a, b]) => ({
      text: `((${a.text}) OR ${b.text})`,
      meaning: (r: Row) => a.meaning(r) || b.meaning(r),
    })),
  ),
}));

test('queries give what nested loops over the records give', async () => {
  let total = 0;
  await fc.assert(
    fc.asyncProperty(visits, tracts, condition, async (visitList, tractList, where) => {
      const registry = await surveyRegistry(visitList, tractList);
      const rows: Row[] = [];
      for (const visit of visitList) {
        for (const detector of [0, 1]) {
          for (const tract of tractList) {
            for (const patch of [0, 1, 2, 3]) {
              const row = { visit, detector, tract, patch };
              if (!regionsOverlap(detectorRegion(visit, detector), patchRegion(tract, patch))) continue;
              if (where.meaning(row)) rows.push(row);
            }
          }
        }
      }
      total += rows.length;
      const text = `instrument = 'Cam' AND skymap = 'sky' AND (${where.text})`;
      const query = queryOf(registry).where(text);
      const keys = async (dimensions: string[], wanted: readonly string[]) => {
        const { rows: n, columns } = await query
          .joinDimensions(['detector', 'visit', 'patch'])
          .dataIdColumns(dimensions);
        const found = Array.from({ length: n }, (_, i) => wanted.map((name) => columns[name][i]).join());
        expect(new Set(found).size, 'no row twice').toBe(found.length);
        return found.sort();
      };
      const expected = (key: (row: Row) => string) => [...new Set(rows.map(key))].sort();
      expect(await keys(['visit', 'detector', 'patch'], ['visit', 'detector', 'tract', 'patch'])).toEqual(
        expected((r) => [r.visit.id, r.detector, r.tract.id, r.patch].join()),
      );
      expect(await keys(['visit', 'tract'], ['visit', 'tract'])).toEqual(
        expected((r) => [r.visit.id, r.tract.id].join()),
      );
      expect(await query.joinDimensions(['detector', 'visit', 'patch']).count(['patch'])).toBe(
        expected((r) => [r.tract.id, r.patch].join()).length,
      );
      await registry.db.close();
    }),
    { numRuns: 60 },
  );
  expect(total, 'the cases were not all empty').toBeGreaterThan(50);
});

test('visits and tracts are joined by their own regions', async () => {
  await fc.assert(
    fc.asyncProperty(visits, tracts, async (visitList, tractList) => {
      const registry = await surveyRegistry(visitList, tractList);
      const { rows, columns } = await queryOf(registry).dataIdColumns(['visit', 'tract']);
      const found = Array.from({ length: rows }, (_, i) => `${columns['visit'][i]},${columns['tract'][i]}`).sort();
      const expected = visitList
        .flatMap((v) =>
          tractList.filter((t) => regionsOverlap(visitRegion(v), tractRegion(t))).map((t) => `${v.id},${t.id}`),
        )
        .sort();
      expect(found).toEqual(expected);
      await registry.db.close();
    }),
    { numRuns: 30 },
  );
});
