// SPDX-License-Identifier: BSD-3-Clause
import { SkymillError } from '../../src/base/index.ts';
import type { UniverseSpec } from '../../src/butler/dimensions/spec.ts';
import { DimensionUniverse } from '../../src/butler/dimensions/universe.ts';

export interface DimensionsCase {
  universe: string;
  input: string[];
}

const universes = new Map<string, DimensionUniverse>();

/** The universe of a description as YAML or JSON gives it, built once for each name. */
export function universeOf(name: string, load: () => UniverseSpec): DimensionUniverse {
  let universe = universes.get(name);
  if (universe === undefined) {
    universe = new DimensionUniverse(load());
    universes.set(name, universe);
  }
  return universe;
}

/** Suite `dimensions`: the closed group of some names. */
export function answer(testCase: DimensionsCase, load: (universe: string) => UniverseSpec): unknown {
  const universe = universeOf(testCase.universe, () => load(testCase.universe));
  try {
    const group = universe.conform(testCase.input);
    const spatial = group.finestSpatial();
    const temporal = group.finestTemporal();
    return {
      names: group.names,
      required: group.required,
      implied: group.implied,
      elements: group.elements,
      governors: group.governors,
      skypix: group.skypix,
      lookupOrder: group.lookupOrder,
      dataCoordinateKeys: [...group.required, ...group.implied],
      spatial: group.spatial,
      temporal: group.temporal,
      regionDimension: spatial.length === 1 ? spatial[0].name : null,
      timespanDimension: temporal.length === 1 ? temporal[0].name : null,
    };
  } catch (error) {
    if (error instanceof SkymillError && error.code === 'BUTLER_UNKNOWN_DIMENSION') return { error: error.code };
    throw error;
  }
}
