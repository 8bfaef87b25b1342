// SPDX-License-Identifier: BSD-3-Clause
import { formatUuid } from '../../base/index.ts';
import { withDefaultValues } from '../collections/defaults.ts';
import { Coordinate, formatDataId } from '../dimensions/coordinate.ts';
import { butlerErrors } from '../errors.ts';
import type { DataCoordinate, DataId, DatasetRef, DimensionRecord, Timespan } from '../types.ts';
import type { DatasetTypeRow } from './dataset-types.ts';
import { expandDataIds } from './expand.ts';
import type { Registry } from './registry.ts';

/**
 * The first dataset of a type and data ID in the order of the collections. The data ID may have more keys than the type: a
 * filter is found from the exposure, and validity ranges are looked up at the exposure's or visit's own time. Without any time, CALIBRATION collections hold nothing.
 */
export async function findDataset(
  registry: Registry,
  type: DatasetTypeRow,
  dataId: DataId,
  given: readonly string[] | undefined,
  timespan: Timespan | undefined,
): Promise<DatasetRef | undefined> {
  const { universe } = registry;
  const { dimensions } = type.type;
  const collections = given ?? registry.defaults.collections;
  if (collections === undefined) throw butlerErrors.NO_DEFAULT({ what: 'collection to search' });
  const members = await registry.collections.resolve(collections);
  const calibrations = members.filter((row) => row.type === 'CALIBRATION');
  let values = withDefaultValues(registry, dimensions, dataId);
  const needsMore = dimensions.required.some((name) => values[name] === undefined);
  const needsTime = calibrations.length > 0 && type.calibsTable !== undefined && timespan === undefined;
  let time = timespan;
  if (needsMore || needsTime) {
    const group = universe.conform(Object.keys(values));
    const [expanded] = await expandDataIds(registry.records, universe, group, [values], false);
    values = expanded.values;
    time ??= ownTimespan(registry, Object.keys(expanded.values), expanded.records);
  }
  const coordinate = universe.coordinate(dimensions, values);
  const rank = new Map(members.map((row, i) => [row.id, i]));
  // Without a time there is no saying which calibration is meant: those collections are passed over.
  const found =
    time === undefined
      ? []
      : await registry.calibrations.find(
          type,
          calibrations.map((row) => row.id),
          coordinate,
          time,
        );
  const others = members.filter((row) => row.type !== 'CALIBRATION').map((row) => row.id);
  const member = others.length === 0 ? undefined : await firstMember(registry, type, coordinate, others);
  if (
    member !== undefined &&
    found.every(({ collectionId }) => rank.get(member.collectionId)! < rank.get(collectionId)!)
  )
    return member.ref;
  if (found.length === 0) return undefined;
  found.sort((a, b) => rank.get(a.collectionId)! - rank.get(b.collectionId)!);
  const best = found.filter((one) => one.collectionId === found[0].collectionId);
  if (best.length > 1) {
    throw butlerErrors.AMBIGUOUS_CALIBRATION({
      datasetType: type.type.name,
      dataId: formatDataId(coordinate.toDataId()),
      collection: members[rank.get(found[0].collectionId)!].name,
    });
  }
  return (await registry.datasets.byIds([found[0].id]))[0];
}

/**
 * The member of the first of many RUN and TAGGED collections that has one. The unique index of the members is searched for one
 * collection after the other until there is one: as a join, the engine may prefer to read all that is there of an exposure or a detector.
 */
async function firstMember(
  { db }: Registry,
  { id: typeId, type, tagsTable }: DatasetTypeRow,
  coordinate: DataCoordinate,
  collections: readonly number[],
): Promise<{ collectionId: number; ref: DatasetRef } | undefined> {
  const { dialect } = db;
  const { required } = type.dimensions;
  const values = required.map((name) => coordinate.get(name));
  const conditions = required.map((name) => ` AND t.${dialect.quote(name)} = ?`).join('');
  const [row] = await db.rows(
    `SELECT d.id, f.value, c.name FROM (
       SELECT ${dialect.listPlace} AS place, value, (SELECT t.dataset_id FROM ${tagsTable} t
         WHERE t.dataset_type_id = ? AND t.collection_id = value${conditions}) AS id
       FROM ${dialect.listSource('?', 'int')}) f
     JOIN dataset d ON d.id = f.id JOIN collection c ON c.collection_id = d.run_id ORDER BY f.place LIMIT 1`,
    [typeId, ...values, dialect.listParam(collections)],
  );
  if (row === undefined) return undefined;
  const [id, collectionId, run] = row as [string, number, string];
  const dataId = new Coordinate(type.dimensions, values);
  return { collectionId, ref: { id: formatUuid(id), datasetType: type, dataId, run } };
}

/** The time of a data ID: that of its finest temporal element (exposure, then visit, then day). */
function ownTimespan(
  { universe }: Registry,
  names: readonly string[],
  records: Readonly<Record<string, DimensionRecord>>,
): Timespan | undefined {
  for (const element of universe.conform(names).finestTemporal()) {
    const span = records[element.name]?.['timespan'] as Timespan | null | undefined;
    if (span !== null && span !== undefined) return span;
  }
  return undefined;
}
