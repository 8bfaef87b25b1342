// SPDX-License-Identifier: BSD-3-Clause
import { formatUuid } from '../../base/index.ts';
import { withDefaultValues } from '../collections/defaults.ts';
import { formatDataId } from '../dimensions/coordinate.ts';
import { butlerErrors } from '../errors.ts';
import type { DataId, DatasetRef, DimensionRecord, Timespan } from '../types.ts';
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
  const { universe, db } = registry;
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
  if (others.length > 0) {
    const conditions = dimensions.required.map((name) => ` AND ${db.dialect.quote(name)} = ?`).join('');
    const rows = await db.rows(
      `SELECT dataset_id, collection_id FROM ${type.tagsTable} WHERE dataset_type_id = ?
       AND collection_id IN (SELECT value FROM ${db.dialect.listSource('?', 'int')})${conditions}`,
      [type.id, db.dialect.listParam(others), ...dimensions.required.map((name) => coordinate.get(name))],
    );
    for (const [id, collectionId] of rows)
      found.push({ id: formatUuid(id as string), collectionId: collectionId as number });
  }
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
