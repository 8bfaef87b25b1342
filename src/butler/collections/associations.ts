// SPDX-License-Identifier: BSD-3-Clause
import { formatUuid, uuidHex } from '../../base/index.ts';
import type { DatasetAssociation } from '../contract.ts';
import { Coordinate } from '../dimensions/coordinate.ts';
import type { CollectionRow } from '../registry/collections.ts';
import type { SqlValue } from '../registry/database.ts';
import type { DatasetTypeRow } from '../registry/dataset-types.ts';
import { toDataIdValue } from '../registry/integers.ts';
import type { Registry } from '../registry/registry.ts';
import { fromStoredTimespan } from '../timespan.ts';
import type { CollectionType } from '../types.ts';

export interface AssociationOptions {
  collections: readonly string[];
  types?: readonly CollectionType[];
  flattenChains?: boolean;
}

const pageRows = 10_000;

/** See `ButlerApi.associations`. A page at a time by key, so any number of rows needs little memory. */
export async function* associations(
  registry: Registry,
  datasetType: string,
  options: AssociationOptions,
): AsyncGenerator<DatasetAssociation> {
  const type = await registry.types.get(datasetType);
  const { types, flattenChains = false } = options;
  const found = flattenChains
    ? await registry.collections.resolve(options.collections)
    : await registry.collections.getMany(options.collections);
  const members = found.filter((row) => row.type !== 'CHAINED' && (types === undefined || types.includes(row.type)));
  const calibrations = members.filter((row) => row.type === 'CALIBRATION');
  const others = members.filter((row) => row.type !== 'CALIBRATION');
  yield* pages(registry, type, type.tagsTable, others, 'dataset_id', false);
  if (type.calibsTable !== undefined) yield* pages(registry, type, type.calibsTable, calibrations, 'id', true);
}

/** `key`: what with the collection identifies a row. */
async function* pages(
  registry: Registry,
  type: DatasetTypeRow,
  table: string,
  members: readonly CollectionRow[],
  key: 'id' | 'dataset_id',
  timed: boolean,
): AsyncGenerator<DatasetAssociation> {
  if (members.length === 0) return;
  const { db } = registry;
  const { dialect } = db;
  const names = new Map(members.map((row) => [row.id, row.name]));
  const { required } = type.type.dimensions;
  const columns = ['collection_id', 'dataset_id', ...(timed ? ['timespan_begin', 'timespan_end'] : []), ...required];
  const selected = [`t.${key}`, 'c.name', ...columns.map((column) => dialect.column('t', column))];
  const list = dialect.listParam(members.map((row) => row.id));
  let after: SqlValue[] | undefined;
  for (;;) {
    const rows = await db.rows(
      `SELECT ${selected.join(', ')} FROM ${table} t JOIN dataset d ON d.id = t.dataset_id
       JOIN collection c ON c.collection_id = d.run_id
       WHERE t.dataset_type_id = ? AND t.collection_id IN (SELECT value FROM ${dialect.listSource('?', 'int')})
       ${after === undefined ? '' : `AND (t.collection_id, t.${key}) > (?, ?)`} ORDER BY t.collection_id, t.${key} LIMIT ${pageRows}`,
      [type.id, list, ...(after ?? [])],
      { bigints: true },
    );
    for (const [, run, collectionId, id, ...rest] of rows) {
      const values = (timed ? rest.slice(2) : rest).map((value, i) => toDataIdValue(value, required[i]));
      const dataId = new Coordinate(type.type.dimensions, values);
      const ref = { id: formatUuid(id as string), datasetType: type.type, dataId, run: run as string };
      const collection = names.get(Number(collectionId))!;
      if (!timed) yield { ref, collection };
      else yield { ref, collection, timespan: fromStoredTimespan(rest[0] as bigint, rest[1] as bigint) };
    }
    if (rows.length < pageRows) return;
    const [last, , collectionId] = rows.at(-1)!;
    after = [collectionId, key === 'dataset_id' ? uuidHex(String(last)) : last];
  }
}
