// SPDX-License-Identifier: BSD-3-Clause
import { coordinateKey, formatDataId } from '../dimensions/coordinate.ts';
import type { DimensionUniverse } from '../dimensions/universe.ts';
import { butlerErrors } from '../errors.ts';
import type { DataId, DataIdValue, DimensionGroup, DimensionRecord } from '../types.ts';
import type { DimensionRecordStore } from './dimension-records.ts';

/** A data ID with everything that its records say. */
export interface ExpandedDataId {
  /** Required and implied values. */
  values: Record<string, DataIdValue>;
  /** By element; elements without rows of their own (bands, sky pixels) are absent. */
  records: Record<string, DimensionRecord>;
}

/**
 * Looks up the records of many data IDs: one query for each element and few hundred distinct keys.
 * `strict`: a dimension without a record is an error; otherwise what depends on it stays unknown.
 */
export async function expandDataIds(
  store: Pick<DimensionRecordStore, 'fetch'>,
  universe: DimensionUniverse,
  dimensions: DimensionGroup,
  dataIds: readonly DataId[],
  strict: boolean,
): Promise<ExpandedDataId[]> {
  for (const dataId of dataIds) {
    for (const name of Object.keys(dataId)) if (dimensions.has(name)) universe.checkValue(name, dataId[name]);
  }
  const out = dataIds.map((dataId): ExpandedDataId => ({ values: { ...dataId }, records: {} }));
  for (const name of universe.conform(dimensions.names).lookupOrder) {
    const element = universe.element(name);
    if (!element.hasTable || element.skypix !== undefined) continue;
    const keys = new Map<string, DataIdValue[]>();
    const keyOf = out.map((one) => {
      const values = element.required.map((key) => one.values[key]);
      if (values.some((value) => value === undefined)) return undefined;
      const key = coordinateKey(values);
      keys.set(key, values);
      return key;
    });
    const records = await store.fetch(name, [...keys.values()]);
    out.forEach((one, i) => {
      const key = keyOf[i];
      const record = key === undefined ? undefined : records.get(key);
      if (record === undefined) {
        if (strict && element.isDimension) {
          throw butlerErrors.NO_RECORD({ element: name, key: formatDataId(dataIds[i]) });
        }
        // An element that relates dimensions to each other (exposures to visits) says that these do not belong together.
        if (strict && element.alwaysJoin && key !== undefined) {
          throw butlerErrors.UNRELATED({ element: name, dataId: formatDataId(dataIds[i]) });
        }
        return;
      }
      one.records[name] = record;
      for (const implied of element.implied) {
        const found = record[implied] as DataIdValue;
        const given = one.values[implied];
        if (given !== undefined && given !== found) {
          throw butlerErrors.INCONSISTENT_DATA_ID({
            dimension: implied,
            given: String(given),
            found: String(found),
            element: `${name} record`,
          });
        }
        one.values[implied] = found;
      }
    });
  }
  return out;
}
