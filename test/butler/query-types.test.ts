// SPDX-License-Identifier: BSD-3-Clause
import { Butler, type DataCoordinate, DimensionUniverse, type QueryApi } from 'skymill/butler';
import { describe, expect, expectTypeOf, test } from 'vitest';
import type { StandardDependencies, StandardDimensions } from '../../src/butler/index.ts';
import type { Timespan } from '../../src/butler/types.ts';

/** Never run: what the type system makes of queries. */
async function programs(query: QueryApi, names: string[]): Promise<void> {
  for await (const row of query.dataIdRows(['visit', 'detector'])) {
    expectTypeOf(row).toEqualTypeOf<{
      readonly instrument: string;
      readonly band: string;
      readonly physical_filter: string;
      readonly day_obs: number;
      readonly visit: number;
      readonly detector: number;
    }>();
  }
  for await (const id of query.dataIds(['tract', 'htm7'])) {
    expectTypeOf(id.get('tract')).toEqualTypeOf<number>();
    expectTypeOf(id.get('skymap')).toEqualTypeOf<string>();
    expectTypeOf(id.get('htm7')).toEqualTypeOf<number>();
    // @ts-expect-error the data ID has no visit
    id.get('visit');
    expectTypeOf(id).toExtend<DataCoordinate>();
  }
  for await (const row of query.dataIdRows(names)) {
    expectTypeOf(row).toEqualTypeOf<Readonly<Record<string, string | number>>>();
  }
  for await (const row of query.general(['visit', 'visit.timespan', 'bias.dataset_id', 'bias.ingest_date'])) {
    expectTypeOf(row.visit).toEqualTypeOf<number>();
    expectTypeOf(row['visit.timespan']).toEqualTypeOf<Timespan | null>();
    expectTypeOf(row['bias.dataset_id']).toEqualTypeOf<string>();
    expectTypeOf(row['bias.ingest_date']).toEqualTypeOf<bigint>();
    // @ts-expect-error it was not asked for
    row.detector;
  }
}

describe('row types', () => {
  test('are checked by the compiler', () => {
    expect(programs).toBeTypeOf('function');
    expectTypeOf(Butler.open).returns.resolves.toHaveProperty('query');
  });

  test('say of the standard dimensions what the universe says', () => {
    const universe = new DimensionUniverse();
    const kinds: Record<keyof StandardDimensions, 'string' | 'int'> = {
      instrument: 'string',
      band: 'string',
      physical_filter: 'string',
      subfilter: 'int',
      detector: 'int',
      group: 'string',
      day_obs: 'int',
      visit: 'int',
      exposure: 'int',
      visit_system: 'int',
      skymap: 'string',
      tract: 'int',
      patch: 'int',
      ssp_hypothesis_table: 'string',
      ssp_hypothesis_bundle: 'int',
      ssp_balanced_index: 'int',
    };
    const dependencies: { [Name in keyof StandardDependencies]: Record<StandardDependencies[Name], true> } = {
      physical_filter: { instrument: true, band: true },
      subfilter: { band: true },
      detector: { instrument: true },
      group: { instrument: true },
      day_obs: { instrument: true },
      visit: { instrument: true, physical_filter: true, band: true, day_obs: true },
      exposure: { instrument: true, physical_filter: true, band: true, group: true, day_obs: true },
      visit_system: { instrument: true },
      tract: { skymap: true },
      patch: { skymap: true, tract: true },
      ssp_hypothesis_bundle: { ssp_hypothesis_table: true },
      ssp_balanced_index: { ssp_hypothesis_table: true },
    };
    const plain = universe.dimensionNames.filter((name) => universe.element(name).skypix === undefined);
    expect(plain.toSorted()).toEqual(Object.keys(kinds).toSorted());
    for (const name of plain) {
      expect(universe.element(name).primaryKey!.type, name).toBe(kinds[name as keyof StandardDimensions]);
      const others = universe.conform([name]).names.filter((other) => other !== name);
      const known = dependencies[name as keyof StandardDependencies] ?? {};
      expect(others.toSorted(), name).toEqual(Object.keys(known).toSorted());
    }
  });
});
