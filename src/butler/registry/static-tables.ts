// SPDX-License-Identifier: BSD-3-Clause
import type { DimensionUniverse } from '../dimensions/universe.ts';
import { dimensionColumn } from './dimension-tables.ts';
import type { TableSpec } from './table-spec.ts';

/** Tables that do not depend on the registered dataset types, but for those of the dimensions. */
export function staticTables(universe: DimensionUniverse): TableSpec[] {
  const governors = universe.dimensionNames.filter((name) => universe.element(name).governor);
  return [
    {
      name: 'butler_attributes',
      columns: [
        { name: 'name', type: 'text' },
        { name: 'value', type: 'text', long: true },
      ],
      primaryKey: ['name'],
    },
    {
      name: 'dimension_graph_key',
      columns: [{ name: 'id', type: 'autoincrement' }],
      primaryKey: ['id'],
    },
    {
      name: 'dimension_graph_definition',
      columns: [
        { name: 'dimension_graph_id', type: 'int' },
        { name: 'dimension_name', type: 'text' },
      ],
      primaryKey: ['dimension_graph_id', 'dimension_name'],
      foreignKeys: [
        { columns: ['dimension_graph_id'], table: 'dimension_graph_key', target: ['id'], onDelete: 'CASCADE' },
      ],
    },
    ...collectionTables(),
    {
      name: 'dataset_type',
      columns: [
        { name: 'id', type: 'autoincrement' },
        { name: 'name', type: 'text' },
        { name: 'storage_class', type: 'text' },
        { name: 'dimensions_key', type: 'int' },
        { name: 'tag_association_table', type: 'text' },
        { name: 'calibration_association_table', type: 'text', nullable: true },
      ],
      primaryKey: ['id'],
      unique: [['name']],
    },
    {
      name: 'dataset',
      columns: [
        { name: 'id', type: 'uuid' },
        { name: 'dataset_type_id', type: 'int' },
        { name: 'ingest_date', type: 'timestamp' },
        { name: 'run_id', type: 'int' },
      ],
      primaryKey: ['id'],
      foreignKeys: [
        { columns: ['dataset_type_id'], table: 'dataset_type', target: ['id'] },
        { columns: ['run_id'], table: 'run', target: ['collection_id'], onDelete: 'CASCADE' },
      ],
    },
    ...summaryTables(universe, governors),
    ...storageTables(),
  ];
}

function collectionTables(): TableSpec[] {
  const collection = { table: 'collection', target: ['collection_id'] };
  return [
    {
      name: 'collection',
      columns: [
        { name: 'collection_id', type: 'autoincrement' },
        { name: 'name', type: 'text' },
        { name: 'type', type: 'smallint' },
        { name: 'doc', type: 'text', nullable: true, long: true },
      ],
      primaryKey: ['collection_id'],
      unique: [['name']],
    },
    {
      name: 'run',
      columns: [
        { name: 'collection_id', type: 'int' },
        { name: 'host', type: 'text', nullable: true },
        { name: 'timespan', type: 'timespan', nullable: true },
      ],
      primaryKey: ['collection_id'],
      foreignKeys: [{ columns: ['collection_id'], ...collection, onDelete: 'CASCADE', index: false }],
    },
    {
      name: 'collection_chain',
      columns: [
        { name: 'parent', type: 'int' },
        { name: 'position', type: 'smallint' },
        { name: 'child', type: 'int' },
      ],
      primaryKey: ['parent', 'position'],
      foreignKeys: [
        { columns: ['parent'], ...collection, onDelete: 'CASCADE' },
        { columns: ['child'], ...collection },
      ],
    },
  ];
}

/** Which dataset types, instruments and sky maps a collection has: what lets a query skip a collection unseen. */
function summaryTables(universe: DimensionUniverse, governors: readonly string[]): TableSpec[] {
  const collection = {
    columns: ['collection_id'],
    table: 'collection',
    target: ['collection_id'],
    onDelete: 'CASCADE' as const,
  };
  return [
    {
      name: 'collection_summary_dataset_type',
      columns: [
        { name: 'collection_id', type: 'int' },
        { name: 'dataset_type_id', type: 'int' },
      ],
      primaryKey: ['collection_id', 'dataset_type_id'],
      foreignKeys: [
        collection,
        { columns: ['dataset_type_id'], table: 'dataset_type', target: ['id'], onDelete: 'CASCADE' },
      ],
    },
    ...governors.map(
      (governor): TableSpec => ({
        name: `collection_summary_${governor}`,
        columns: [{ name: 'collection_id', type: 'int' }, dimensionColumn(universe, governor)],
        primaryKey: ['collection_id', governor],
        foreignKeys: [
          collection,
          { columns: [governor], table: governor, target: [universe.element(governor).primaryKey!.name] },
        ],
      }),
    ),
  ];
}

/** Where files are, and what waits to be deleted. */
function storageTables(): TableSpec[] {
  return [
    {
      name: 'dataset_location',
      columns: [
        { name: 'datastore_name', type: 'text' },
        { name: 'dataset_id', type: 'uuid' },
      ],
      primaryKey: ['datastore_name', 'dataset_id'],
      foreignKeys: [{ columns: ['dataset_id'], table: 'dataset', target: ['id'] }],
    },
    {
      name: 'dataset_location_trash',
      columns: [
        { name: 'dataset_id', type: 'uuid' },
        { name: 'datastore_name', type: 'text' },
      ],
      primaryKey: ['dataset_id', 'datastore_name'],
    },
    { name: 'opaque_meta', columns: [{ name: 'table_name', type: 'text' }], primaryKey: ['table_name'] },
    {
      name: 'file_datastore_records',
      columns: [
        { name: 'dataset_id', type: 'uuid' },
        { name: 'path', type: 'text' },
        { name: 'formatter', type: 'text' },
        { name: 'storage_class', type: 'text' },
        { name: 'component', type: 'text', length: 32 },
        { name: 'checksum', type: 'text', nullable: true },
        { name: 'file_size', type: 'int', nullable: true },
      ],
      primaryKey: ['dataset_id', 'component'],
      indexes: [['path']],
    },
  ];
}
