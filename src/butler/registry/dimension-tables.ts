// SPDX-License-Identifier: BSD-3-Clause
import { type DimensionElement, keyColumn } from '../dimensions/element.ts';
import type { FieldSpec } from '../dimensions/spec.ts';
import type { DimensionUniverse } from '../dimensions/universe.ts';
import type { ColumnSpec, ForeignKeySpec, TableSpec } from './table-spec.ts';

/** Tables of the dimension elements and of the overlaps of their regions with sky pixels. */
export function dimensionTables(universe: DimensionUniverse): TableSpec[] {
  const stored = universe.elementNames
    .map((name) => universe.element(name))
    .filter((element) => element.hasTable && !element.skypix);
  const spatial = stored.filter((element) => element.spatialFamily !== undefined);
  return [
    ...stored.map((element) => elementTable(universe, element)),
    ...spatial.flatMap((element) => skypixOverlapTables(universe, element)),
    ...pairs(universe, spatial).flatMap(([a, b]) => overlapTables(universe, a, b)),
  ];
}

/** The column that holds the value of a dimension in any table. */
export function dimensionColumn(universe: DimensionUniverse, dimension: string): ColumnSpec {
  return { ...fieldColumn(universe.element(dimension).primaryKey!), name: dimension, nullable: false };
}

/** Foreign keys to the rows of each of these dimensions that has a table. */
export function dimensionForeignKeys(universe: DimensionUniverse, dimensions: readonly string[]): ForeignKeySpec[] {
  return dimensions
    .map((name) => universe.element(name))
    .filter((element) => element.hasTable && element.skypix === undefined)
    .map((element) => ({
      columns: [...element.required],
      table: element.name,
      target: element.required.map((name) => keyColumn(element, name)),
    }));
}

function fieldColumn(field: FieldSpec): ColumnSpec {
  const nullable = true;
  if (field.type === 'string') return { name: field.name, type: 'text', length: field.length, nullable };
  if (field.type === 'hash') return { name: field.name, type: 'text', nullable };
  return { name: field.name, type: field.type, nullable };
}

function elementTable(universe: DimensionUniverse, element: DimensionElement): TableSpec {
  const keys = element.required.map((name) => ({ ...dimensionColumn(universe, name), name: keyColumn(element, name) }));
  const parents = element.required.filter((name) => name !== element.name);
  return {
    name: element.name,
    columns: [
      ...keys,
      ...element.implied.map((name) => dimensionColumn(universe, name)),
      ...element.alternateKeys.map(fieldColumn),
      ...element.metadata.map(fieldColumn),
      ...(element.spatialFamily === undefined ? [] : [{ name: 'region', type: 'region', nullable: true } as const]),
      ...(element.temporalFamily === undefined
        ? []
        : [{ name: 'timespan', type: 'timespan', nullable: true } as const]),
    ],
    primaryKey: keys.map((key) => key.name),
    unique: element.alternateKeys.map((field) => [...parents, field.name]),
    foreignKeys: dimensionForeignKeys(universe, [...parents, ...element.implied]),
  };
}

function governorsOf(universe: DimensionUniverse, names: readonly string[]): string[] {
  return names.filter((name) => universe.element(name).governor);
}

/** Pixels that the region of each row overlaps; the summary says for which governors and levels this is filled in. */
function skypixOverlapTables(universe: DimensionUniverse, element: DimensionElement): TableSpec[] {
  const system: ColumnSpec[] = [
    { name: 'skypix_system', type: 'text', length: 16 },
    { name: 'skypix_level', type: 'smallint' },
  ];
  const governors = governorsOf(universe, element.required);
  const summary = `${element.name}_skypix_overlap_summary`;
  const summaryKey = ['skypix_system', 'skypix_level', ...governors];
  const keys = element.required.map((name) => dimensionColumn(universe, name));
  return [
    {
      name: summary,
      columns: [...system, ...governors.map((name) => dimensionColumn(universe, name))],
      primaryKey: summaryKey,
      foreignKeys: dimensionForeignKeys(universe, governors),
    },
    {
      name: `${element.name}_skypix_overlap`,
      columns: [...system, ...keys, { name: 'skypix_index', type: 'int' }],
      primaryKey: ['skypix_system', 'skypix_level', ...element.required, 'skypix_index'],
      indexes: [['skypix_system', 'skypix_level', 'skypix_index', ...element.required]],
      foreignKeys: [
        { columns: summaryKey, table: summary, target: summaryKey, onDelete: 'CASCADE' },
        ...dimensionForeignKeys(universe, element.required),
      ],
    },
  ];
}

/** Pairs of elements of different spatial families, in the order in which their tables are named. */
function pairs(
  universe: DimensionUniverse,
  spatial: readonly DimensionElement[],
): [DimensionElement, DimensionElement][] {
  const byName = [...spatial].sort((a, b) => (a.name < b.name ? -1 : 1));
  const position = (element: DimensionElement): number => universe.elementNames.indexOf(element.name);
  return byName
    .flatMap((a, i) => byName.slice(i + 1).map((b): [DimensionElement, DimensionElement] => [a, b]))
    .filter(([a, b]) => a.spatialFamily !== b.spatialFamily)
    .map(([a, b]) => (position(a) <= position(b) ? [a, b] : [b, a]));
}

/** Overlaps between elements of two families. The format has these tables; nobody fills them: pixels and exact tests are used instead. */
function overlapTables(universe: DimensionUniverse, a: DimensionElement, b: DimensionElement): TableSpec[] {
  const governors = [...governorsOf(universe, a.required), ...governorsOf(universe, b.required)];
  const rest = [...a.required, ...b.required].filter((name) => !governors.includes(name));
  const keys = [...governors, ...rest];
  return [
    {
      name: `${a.name}_${b.name}_overlap_summary`,
      columns: governors.map((name) => dimensionColumn(universe, name)),
      primaryKey: governors,
      foreignKeys: dimensionForeignKeys(universe, governors),
    },
    {
      name: `${a.name}_${b.name}_overlap`,
      columns: keys.map((name) => dimensionColumn(universe, name)),
      primaryKey: keys,
      foreignKeys: dimensionForeignKeys(universe, keys),
    },
  ];
}
