// SPDX-License-Identifier: BSD-3-Clause
import { coordinateKey } from '../../dimensions/coordinate.ts';
import type { SqlValue } from '../../registry/database.ts';
import type { DataIdValue } from '../../types.ts';
import type { QueryContext } from '../context.ts';
import { type BoundedRegion, boundedOverlap, boundRegion } from './bounded.ts';
import { KeyTree } from './key-tree.ts';
import { regionsOf } from './regions.ts';

type Row = readonly SqlValue[];

/** An element and where the rows have its keys. */
export interface KeyColumns {
  readonly element: string;
  readonly columns: readonly number[];
}

/** The rows whose regions overlap, a batch at a time. Regions are fetched once for each batch and kept for the next ones. */
export async function* exactTests(
  context: QueryContext,
  tests: readonly { readonly left: KeyColumns; readonly right: KeyColumns }[],
  batches: AsyncIterable<readonly Row[]>,
): AsyncIterable<readonly Row[]> {
  const sides = new Map<string, RegionCache>();
  const cacheOf = (side: KeyColumns): RegionCache => {
    const cache = sides.get(side.element) ?? new RegionCache(context, side);
    sides.set(side.element, cache);
    return cache;
  };
  const pairs = tests.map(({ left, right }) => [cacheOf(left), cacheOf(right)] as const);
  for await (const batch of batches) {
    for (const cache of sides.values()) await cache.load(batch);
    const passing = batch.filter((row) =>
      pairs.every(([left, right]) => {
        const [a, b] = [left.get(row), right.get(row)];
        return a !== undefined && b !== undefined && boundedOverlap(a, b);
      }),
    );
    if (passing.length > 0) yield passing;
  }
}

/** This many regions are kept (some hundred bytes each); with more, those of earlier batches are forgotten. */
const mostRegions = 200_000;

class RegionCache {
  readonly #context: QueryContext;
  readonly #side: KeyColumns;
  #regions: KeyTree<BoundedRegion | undefined>;
  #count = 0;

  constructor(context: QueryContext, side: KeyColumns) {
    this.#context = context;
    this.#side = side;
    this.#regions = new KeyTree(side.columns);
  }

  get(row: Row): BoundedRegion | undefined {
    return this.#regions.get(row);
  }

  async load(batch: readonly Row[]): Promise<void> {
    const { element, columns } = this.#side;
    if (this.#count > mostRegions) {
      this.#regions = new KeyTree(columns);
      this.#count = 0;
    }
    const known = this.#regions;
    const asked = new KeyTree<true>(columns);
    const missing = batch.filter((row) => !known.has(row) && asked.add(row, true));
    if (missing.length === 0) return;
    const keys = missing.map((row) => columns.map((column) => plain(row[column])));
    const regions = await regionsOf(this.#context, element, keys);
    missing.forEach((row, i) => {
      known.add(row, () => boundRegion(regions.get(coordinateKey(keys[i]))));
    });
    this.#count += missing.length;
  }
}

function plain(value: SqlValue): DataIdValue {
  return typeof value === 'bigint' ? Number(value) : (value as DataIdValue);
}
