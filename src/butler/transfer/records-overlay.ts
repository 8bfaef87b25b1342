// SPDX-License-Identifier: BSD-3-Clause
import { coordinateKey } from '../dimensions/coordinate.ts';
import type { DimensionRecordStore } from '../registry/dimension-records.ts';
import type { DataIdValue, DimensionRecord } from '../types.ts';

export type RecordSource = Pick<DimensionRecordStore, 'fetch'>;

/** Records of a registry together with some that are about to come; what is in the registry goes before. */
export function overlay(
  store: DimensionRecordStore,
  coming: ReadonlyMap<string, readonly DimensionRecord[]>,
): RecordSource {
  const indexes = new Map<string, Map<string, DimensionRecord>>();
  const indexOf = (element: string): Map<string, DimensionRecord> => {
    let index = indexes.get(element);
    if (index === undefined) {
      const { keys } = store.codec(element);
      index = new Map(
        (coming.get(element) ?? []).map((record) => [
          coordinateKey(keys.map((key) => record[key] as DataIdValue)),
          record,
        ]),
      );
      indexes.set(element, index);
    }
    return index;
  };
  return {
    async fetch(element, keys) {
      const out = await store.fetch(element, keys);
      const index = indexOf(element);
      for (const key of index.size === 0 ? [] : keys.map((values) => coordinateKey(values))) {
        const record = index.get(key);
        if (record !== undefined && !out.has(key)) out.set(key, record);
      }
      return out;
    },
  };
}
