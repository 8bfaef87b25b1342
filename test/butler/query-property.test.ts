// SPDX-License-Identifier: BSD-3-Clause
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { boxDeg, circleDeg as circle, regionsOverlap } from '../../src/sky/index.ts';
import {
  detectorRegion,
  hours,
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

/** Days of the clock of the fixture, TAI, as they are written in a literal. */
const mjd = (n: number): string => (40_587 + Number(hours(n) / 1_000_000n) / 86_400_000).toFixed(9);

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
  fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 8 })).map(([from, length]) => ({
    text: `visit.timespan OVERLAPS (T'mjd/${mjd(from)}/tai', T'mjd/${mjd(from + length + 0.5)}/tai')`,
    meaning: (r: Row) =>
      r.visit.startHours < from + length + 0.5 && r.visit.startHours + r.visit.exposureTime / 3600 > from,
  })),
  fc.integer({ min: 0, max: 9 }).map((n) => ({
    text: `GLOB(visit.name, 'v*${n}')`,
    meaning: (r: Row) => r.visit.id % 10 === n,
  })),
  fc.integer({ min: 100, max: 130 }).map((n) => ({
    text: `visit_detector_region.region OVERLAPS BOX(${n / 10}, 0, 1, 0.5)`,
    meaning: (r: Row) =>
      regionsOverlap(detectorRegion(r.visit, r.detector), boxDeg(n / 10 - 0.5, n / 10 + 0.5, -0.25, 0.25)),
  })),
  fc.integer({ min: 100, max: 130 }).map((n) => ({
    text: `patch OVERLAPS POINT(${n / 10}, 0.05)`,
    meaning: (r: Row) => regionsOverlap(patchRegion(r.tract, r.patch), circle(n / 10, 0.05, 0)),
  })),
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

/** Rows as text, each once; in order if they have one. */
async function keysOf(rows: AsyncIterable<Readonly<Record<string, unknown>>>, inOrder = false): Promise<string[]> {
  const out: string[] = [];
  for await (const row of rows) out.push(Object.values(row).join());
  expect(new Set(out).size, 'no row twice').toBe(out.length);
  return inOrder ? out : out.sort();
}

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
      const joined = query.joinDimensions(['detector', 'visit', 'patch']);
      const visitsAndPatches = expected((r) => [r.visit.id, r.tract.id, r.patch].join());
      expect(await joined.count(['visit', 'patch'], { exact: false })).toBeGreaterThanOrEqual(visitsAndPatches.length);
      expect(await joined.any(['visit'])).toBe(rows.length > 0);
      const kept = await joined.materialize(['visit', 'detector', 'patch']);
      expect(await keysOf(kept.general(['visit', 'tract', 'patch']))).toEqual(visitsAndPatches);
      expect(await keysOf(joined.general(['visit.exposure_time', 'band', 'patch.cell_x']))).toEqual(
        expected((r) => [r.visit.exposureTime, r.visit.filter.slice(2), r.patch % 2].join()),
      );
      const ordered = await keysOf(
        joined.orderBy('-visit', 'patch', 'tract').limit(5, 2).general(['visit', 'patch', 'tract']),
        true,
      );
      const sorted = [...new Map(rows.map((r) => [[r.visit.id, r.patch, r.tract.id].join(), r])).values()].sort(
        (a, b) => b.visit.id - a.visit.id || a.patch - b.patch || a.tract.id - b.tract.id,
      );
      expect(ordered).toEqual(sorted.slice(2, 7).map((r) => [r.visit.id, r.patch, r.tract.id].join()));
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

test('three families of regions overlap pairwise, and a stated join replaces the one that would be', async () => {
  await fc.assert(
    fc.asyncProperty(visits, tracts, async (visitList, tractList) => {
      const registry = await surveyRegistry(visitList, tractList);
      const pairs = visitList.flatMap((v) =>
        tractList.filter((t) => regionsOverlap(visitRegion(v), tractRegion(t))).map((t) => [v, t] as const),
      );
      for (const system of ['htm8', 'healpix7']) {
        const pixels = async (name: string) => {
          const { rows, columns } = await queryOf(registry).dataIdColumns([name, system]);
          return Array.from({ length: rows }, (_, i) => [columns[name][i], columns[system][i]] as const);
        };
        const [ofVisits, ofTracts] = [await pixels('visit'), await pixels('tract')];
        const expected = pairs.flatMap(([v, t]) =>
          ofVisits
            .filter(([visit, pixel]) => visit === v.id && ofTracts.some((one) => one[0] === t.id && one[1] === pixel))
            .map(([visit, pixel]) => [visit, t.id, pixel].join()),
        );
        expect(await keysOf(queryOf(registry).general(['visit', 'tract', system]))).toEqual(expected.sort());
      }
      // The visit's own region, where it would be that of the detector.
      const stated = queryOf(registry).where('visit OVERLAPS tract');
      expect(await keysOf(stated.general(['visit', 'detector', 'tract']))).toEqual(
        pairs.flatMap(([v, t]) => [0, 1].map((d) => [v.id, d, t.id].join())).sort(),
      );
      await registry.db.close();
    }),
    { numRuns: 15 },
  );
});
