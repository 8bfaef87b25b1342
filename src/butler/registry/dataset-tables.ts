// SPDX-License-Identifier: BSD-3-Clause
import type { DimensionUniverse } from '../dimensions/universe.ts';
import type { DimensionGroup } from '../types.ts';
import { dimensionColumn, dimensionForeignKeys } from './dimension-tables.ts';
import type { ColumnSpec, ForeignKeySpec, TableSpec } from './table-spec.ts';

/** `dataset_tags_00000042`, by the key under which the dimensions are stored. */
export function tagsTableName(dimensionsKey: number): string {
  return `dataset_tags_${String(dimensionsKey).padStart(8, '0')}`;
}
export function calibsTableName(dimensionsKey: number): string {
  return `dataset_calibs_${String(dimensionsKey).padStart(8, '0')}`;
}

/** Members of RUN and TAGGED collections: all dataset types of the same dimensions share one table. */
export function tagsTable(universe: DimensionUniverse, dimensions: DimensionGroup, key: number): TableSpec {
  const shared = common(universe, dimensions);
  return {
    name: tagsTableName(key),
    columns: [...shared.columns, ...shared.keys],
    primaryKey: ['dataset_id', 'collection_id'],
    unique: [['dataset_type_id', 'collection_id', ...dimensions.required]],
    foreignKeys: shared.foreignKeys,
  };
}

/** Members of CALIBRATION collections, with their validity ranges. */
export function calibsTable(universe: DimensionUniverse, dimensions: DimensionGroup, key: number): TableSpec {
  const shared = common(universe, dimensions);
  return {
    name: calibsTableName(key),
    columns: [
      { name: 'id', type: 'autoincrement' },
      ...shared.columns,
      ...shared.keys,
      { name: 'timespan', type: 'timespan', default: 'always' },
    ],
    primaryKey: ['id'],
    indexes: [['dataset_type_id', 'collection_id', ...dimensions.required, 'timespan']],
    foreignKeys: shared.foreignKeys,
  };
}

function common(
  universe: DimensionUniverse,
  dimensions: DimensionGroup,
): { columns: ColumnSpec[]; keys: ColumnSpec[]; foreignKeys: ForeignKeySpec[] } {
  const summaries = (name: string): ForeignKeySpec[] =>
    universe.element(name).governor
      ? [{ columns: ['collection_id', name], table: `collection_summary_${name}`, target: ['collection_id', name] }]
      : [];
  return {
    columns: [
      { name: 'dataset_type_id', type: 'int' },
      { name: 'dataset_id', type: 'uuid' },
      { name: 'collection_id', type: 'int' },
    ],
    keys: dimensions.required.map((name) => dimensionColumn(universe, name)),
    foreignKeys: [
      { columns: ['dataset_type_id'], table: 'dataset_type', target: ['id'] },
      { columns: ['dataset_id'], table: 'dataset', target: ['id'], onDelete: 'CASCADE' },
      { columns: ['collection_id'], table: 'collection', target: ['collection_id'], onDelete: 'CASCADE' },
      {
        columns: ['collection_id', 'dataset_type_id'],
        table: 'collection_summary_dataset_type',
        target: ['collection_id', 'dataset_type_id'],
      },
      ...dimensions.required.flatMap((name) => [...dimensionForeignKeys(universe, [name]), ...summaries(name)]),
    ],
  };
}
