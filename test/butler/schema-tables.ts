// SPDX-License-Identifier: BSD-3-Clause
import { DimensionUniverse } from '../../src/butler/dimensions/universe.ts';
import { calibsTable, tagsTable } from '../../src/butler/registry/dataset-tables.ts';
import { dimensionTables } from '../../src/butler/registry/dimension-tables.ts';
import { staticTables } from '../../src/butler/registry/static-tables.ts';
import type { TableSpec } from '../../src/butler/registry/table-spec.ts';

/** The tables of a new repository with a flat field, a bias and a type of the instrument alone. */
export function schemaOfTests(): TableSpec[] {
  const universe = new DimensionUniverse();
  const flat = universe.conform(['detector', 'physical_filter']);
  const bias = universe.conform(['detector']);
  return [
    ...staticTables(universe),
    ...dimensionTables(universe),
    tagsTable(universe, flat, 1),
    calibsTable(universe, flat, 1),
    tagsTable(universe, bias, 2),
    calibsTable(universe, bias, 2),
    tagsTable(universe, universe.conform(['instrument']), 3),
  ];
}
