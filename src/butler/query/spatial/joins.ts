// SPDX-License-Identifier: BSD-3-Clause
import type { DimensionUniverse } from '../../dimensions/universe.ts';
import type { DimensionGroup } from '../../types.ts';
import { queryErrors } from '../errors.ts';

/** How two elements of a query are related on the sky. */
export interface SpatialJoin {
  readonly left: string;
  readonly right: string;
}

/**
 * The joins on the sky that the dimensions of a query need: those stated, and those that relate families of regions (observations,
 * sky map, pixelisations) which nothing relates yet: each with each, by the finest members of the two. What datasets or given data IDs
 * hold together (a warp has a visit and a patch) is related by them.
 * @throws QUERY_NO_TABLE if there are only pixels and nothing lists them
 */
export function spatialJoins(
  group: DimensionGroup,
  stated: readonly SpatialJoin[],
  universe: DimensionUniverse,
  /** Dimensions of the datasets and tables of the query. */
  holders: readonly DimensionGroup[],
): SpatialJoin[] {
  const finest = new Map<string, string>();
  for (const name of group.elements) {
    const family = universe.element(name).spatialFamily;
    if (family !== undefined) finest.set(family, universe.finest(family, group)!.name);
  }
  const families = [...finest.keys()];
  const parents = new Map(families.map((family) => [family, family]));
  const root = (family: string): string => {
    const parent = parents.get(family)!;
    return parent === family ? family : root(parent);
  };
  const relate = (a: string, b: string): void => void parents.set(root(a), root(b));
  const familyOf = (element: string): string => universe.element(element).spatialFamily!;
  for (const { left, right } of stated) relate(familyOf(left), familyOf(right));
  for (const holder of holders) {
    const held = families.filter((family) => holder.elements.some((name) => familyOf(name) === family));
    for (const family of held) relate(family, held[0]);
  }
  const roots = new Map(families.map((family) => [family, root(family)]));
  const joins = [...stated];
  families.forEach((a, i) => {
    for (const b of families.slice(i + 1)) {
      if (roots.get(a) !== roots.get(b)) joins.push({ left: finest.get(a)!, right: finest.get(b)! });
    }
  });
  const listed = new Set(holders.flatMap((holder) => holder.names));
  const anyRegion = joins.find(({ left, right }) => isPixels(universe, left) !== isPixels(universe, right));
  for (const dimension of group.skypix) {
    if (joins.some(({ left, right }) => left === dimension || right === dimension) || listed.has(dimension)) continue;
    const regions = families.find((family) => !isPixels(universe, finest.get(family)!));
    if (anyRegion === undefined && regions === undefined) throw queryErrors.NO_TABLE({ dimension });
    const region = anyRegion === undefined ? finest.get(regions!)! : anyRegion.left;
    joins.push({ left: isPixels(universe, region) ? anyRegion!.right : region, right: dimension });
  }
  // Pixels of two systems are compared where a region lists at least one of them.
  const lists = (pixels: string): boolean =>
    listed.has(pixels) ||
    joins.some(
      ({ left, right }) => [left, right].includes(pixels) && !(isPixels(universe, left) && isPixels(universe, right)),
    );
  const unlisted = joins.find(
    ({ left, right }) => isPixels(universe, left) && isPixels(universe, right) && !(lists(left) && lists(right)),
  );
  if (unlisted !== undefined)
    throw queryErrors.NO_TABLE({ dimension: lists(unlisted.left) ? unlisted.right : unlisted.left });
  return joins;
}

export function isPixels(universe: DimensionUniverse, element: string): boolean {
  return universe.element(element).skypix !== undefined;
}
