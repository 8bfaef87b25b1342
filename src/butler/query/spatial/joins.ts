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
 * The joins on the sky that the dimensions of a query need: those stated, and one more if they leave two families of
 * regions (observations, sky map, pixels) unrelated: between the finest members of the two.
 * @throws QUERY_TOO_MANY_JOINS if more than two are unrelated; QUERY_NO_TABLE if there are only pixels and nothing lists them
 */
export function spatialJoins(
  group: DimensionGroup,
  stated: readonly SpatialJoin[],
  universe: DimensionUniverse,
  /** Dimensions whose values come from datasets or tables of the query. */
  listed: ReadonlySet<string>,
): SpatialJoin[] {
  const families = new Map<string, string>();
  for (const name of group.elements) {
    const family = universe.element(name).spatialFamily;
    if (family !== undefined) families.set(family, universe.finest(family, group)!.name);
  }
  const component = new Map([...families.keys()].map((family) => [family, family]));
  const root = (family: string): string => {
    const parent = component.get(family)!;
    return parent === family ? family : root(parent);
  };
  const familyOf = (element: string): string => universe.element(element).spatialFamily!;
  for (const { left, right } of stated) component.set(root(familyOf(left)), root(familyOf(right)));
  const roots = [...families.keys()].filter((family) => root(family) === family);
  const joins = [...stated];
  if (roots.length > 2) {
    const list = roots.map((family) => families.get(family)!).join(', ');
    throw queryErrors.TOO_MANY_JOINS({ families: list });
  }
  if (roots.length === 2) {
    // Of a family that is joined already its finest member still stands for it.
    joins.push({ left: families.get(roots[0])!, right: families.get(roots[1])! });
  }
  const finest = joins.find(({ left, right }) => isPixels(universe, left) !== isPixels(universe, right));
  for (const dimension of group.skypix) {
    if (joins.some(({ left, right }) => left === dimension || right === dimension) || listed.has(dimension)) continue;
    if (finest === undefined) throw queryErrors.NO_TABLE({ dimension });
    const region = isPixels(universe, finest.left) ? finest.right : finest.left;
    joins.push({ left: region, right: dimension });
  }
  const unlistedPixels = joins.find(({ left, right }) => isPixels(universe, left) && isPixels(universe, right));
  if (unlistedPixels !== undefined) throw queryErrors.NO_TABLE({ dimension: unlistedPixels.left });
  return joins;
}

export function isPixels(universe: DimensionUniverse, element: string): boolean {
  return universe.element(element).skypix !== undefined;
}
