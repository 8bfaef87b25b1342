// SPDX-License-Identifier: BSD-3-Clause

/**
 * The order in which sources are nested. Databases order joins by statistics, and registries have none (SQLite then takes the
 * constant columns that the keys of all overlap tables begin with for selective, and may scan millions of rows). What a query's
 * sources mean is known here, so rough sizes do better: the order with the fewest expected rows in all steps together.
 */
export interface JoinSource {
  /** Dimensions whose values the source gives. */
  readonly dimensions: readonly string[];
  /** Expected rows for each row of what comes before, which has given values to `bound`. */
  fanOut(bound: ReadonlySet<string>, sizeOf: (dimension: string) => number): number;
  /** Rows that must be looked at to find those, if that is more: where no index has the bound dimensions in front. */
  lookedAt?(bound: ReadonlySet<string>, sizeOf: (dimension: string) => number): number;
}

/** Beyond this many sources the exact search (2^n steps) gives way to taking the smallest next step. */
const EXACT_LIMIT = 12;

/** Positions of the sources in the best order. `known` dimensions have values before the first source. */
export function joinOrder(
  sources: readonly JoinSource[],
  known: ReadonlySet<string>,
  sizeOf: (dimension: string) => number,
): number[] {
  return sources.length <= EXACT_LIMIT ? exactOrder(sources, known, sizeOf) : greedyOrder(sources, known, sizeOf);
}

interface Step {
  readonly cost: number;
  readonly rows: number;
  readonly order: readonly number[];
}

/** Dynamic programming over the sets of sources joined so far (Selinger et al. 1979, left-deep plans). */
function exactOrder(
  sources: readonly JoinSource[],
  known: ReadonlySet<string>,
  sizeOf: (d: string) => number,
): number[] {
  const best = new Map<number, Step>([[0, { cost: 0, rows: 1, order: [] }]]);
  const all = 2 ** sources.length - 1;
  for (let set = 0; set < all; set++) {
    const step = best.get(set)!;
    const bound = boundBy(sources, step.order, known);
    for (let i = 0; i < sources.length; i++) {
      if (set & (1 << i)) continue;
      const rows = step.rows * sources[i].fanOut(bound, sizeOf);
      // Each row so far is one look-up, and each row looked at is one more step.
      const looked = step.rows * (sources[i].lookedAt?.(bound, sizeOf) ?? 0);
      const cost = step.cost + step.rows + Math.max(rows, looked);
      const next = set | (1 << i);
      const other = best.get(next);
      if (other === undefined || cost < other.cost) best.set(next, { cost, rows, order: [...step.order, i] });
    }
  }
  return [...best.get(all)!.order];
}

function greedyOrder(
  sources: readonly JoinSource[],
  known: ReadonlySet<string>,
  sizeOf: (d: string) => number,
): number[] {
  const order: number[] = [];
  while (order.length < sources.length) {
    const bound = boundBy(sources, order, known);
    let next = -1;
    let least = Number.POSITIVE_INFINITY;
    sources.forEach((source, i) => {
      const rows = order.includes(i) ? Number.NaN : source.fanOut(bound, sizeOf);
      if (rows < least) [next, least] = [i, rows];
    });
    order.push(next);
  }
  return order;
}

function boundBy(sources: readonly JoinSource[], order: readonly number[], known: ReadonlySet<string>): Set<string> {
  return new Set([...known, ...order.flatMap((i) => sources[i].dimensions)]);
}

/** Typical numbers of values, for want of statistics; only their proportions matter. */
const TYPICAL: Readonly<Record<string, number>> = {
  instrument: 3,
  skymap: 3,
  physical_filter: 10,
  band: 6,
  detector: 100,
  day_obs: 200,
  group: 10_000,
  exposure: 10_000,
  visit: 10_000,
  tract: 500,
  patch: 100,
};
const PIXELS_OF_A_REGION = 8;
const PIXELS_OF_A_SURVEY = 1000;

export function typicalSize(dimension: string): number {
  if (dimension.startsWith('pixel ')) return PIXELS_OF_A_SURVEY;
  return TYPICAL[dimension] ?? 50;
}

const product = (names: readonly string[], sizeOf: (name: string) => number): number =>
  names.reduce((n, name) => n * sizeOf(name), 1);

/** Records of an element: one row for each key. */
export function recordsSource(required: readonly string[], implied: readonly string[]): JoinSource {
  return {
    dimensions: [...required, ...implied],
    fanOut(bound, sizeOf) {
      const open = required.filter((name) => !bound.has(name));
      if (open.length === 0) return 1;
      const matched = implied.filter((name) => bound.has(name));
      return product(open, sizeOf) / product(matched, sizeOf);
    },
  };
}

/** Records that relate dimensions nearly one to one, such as exposures and visits. */
export function relationSource(required: readonly string[], governors: ReadonlySet<string>): JoinSource {
  return {
    dimensions: required,
    fanOut(bound, sizeOf) {
      const own = required.filter((name) => !governors.has(name));
      return own.some((name) => bound.has(name)) ? 1 : Math.max(1, ...own.map(sizeOf));
    },
  };
}

/**
 * Pixels that the regions of an element touch; `pixel` is the dimension of the pixel. One index leads with the pixel, others with one
 * dimension: what both know together is found by reading what either knows.
 */
export function overlapSource(required: readonly string[], pixel: string): JoinSource {
  const open = (bound: ReadonlySet<string>): string[] => required.filter((name) => !bound.has(name));
  return {
    dimensions: [...required, pixel],
    fanOut(bound, sizeOf) {
      const rows = PIXELS_OF_A_REGION * product(open(bound), sizeOf);
      return bound.has(pixel) ? rows / PIXELS_OF_A_SURVEY : rows;
    },
    lookedAt(bound, sizeOf) {
      const byKey = PIXELS_OF_A_REGION * product(open(bound), sizeOf);
      const byPixel = (PIXELS_OF_A_REGION * product(required, sizeOf)) / PIXELS_OF_A_SURVEY;
      return bound.has(pixel) ? Math.min(byKey, byPixel) : byKey;
    },
  };
}

/** Datasets: their index begins with type and collection, so they are found by the whole data ID or by reading all of them. */
export function datasetsSource(required: readonly string[]): JoinSource {
  return {
    ...recordsSource(required, []),
    lookedAt: (bound, sizeOf) => (required.every((name) => bound.has(name)) ? 1 : product(required, sizeOf)),
  };
}

/** Rows given with the query. They have no index: to come to them from other rows is to read them all. */
export function givenSource(dimensions: readonly string[], rows: number): JoinSource {
  return {
    dimensions,
    fanOut: (bound, sizeOf) =>
      rows /
      product(
        dimensions.filter((name) => bound.has(name)),
        sizeOf,
      ),
    lookedAt: () => rows,
  };
}
