// SPDX-License-Identifier: BSD-3-Clause
import {
  type DimensionRecord,
  type DimensionRecordValue,
  type DimensionUniverse,
  fromStoredTimespan,
  recordFields,
  type Timespan,
  toStoredTimespan,
} from '../../butler/index.ts';

/** Fields of a record in the order of a row: keys, implied keys, alternate keys, metadata, then region and timespan. */
function rowFields(universe: DimensionUniverse, name: string): string[] {
  const element = universe.element(name);
  const isSpatial = element.spatialFamily !== undefined;
  const isTemporal = element.temporalFamily !== undefined;
  return [...recordFields(element), ...(isSpatial ? ['region'] : []), ...(isTemporal ? ['timespan'] : [])];
}

/** Rows of an element as records. */
export function recordsOfRows(
  universe: DimensionUniverse,
  name: string,
  rows: readonly (readonly unknown[])[],
): DimensionRecord[] {
  const fields = rowFields(universe, name);
  const hashes = new Set(
    universe
      .element(name)
      .metadata.filter((field) => field.type === 'hash')
      .map((field) => field.name),
  );
  return rows.map((row) => {
    const record: Record<string, DimensionRecordValue> = {};
    for (const [k, field] of fields.entries()) {
      const value = row[k] ?? null;
      if (value === null) record[field] = null;
      else if (field === 'region' || hashes.has(field))
        record[field] = new Uint8Array(Buffer.from(String(value), 'hex'));
      else if (field === 'timespan') {
        const [begin, end] = value as (number | bigint)[];
        record[field] = fromStoredTimespan(BigInt(begin), BigInt(end));
      } else record[field] = value as DimensionRecordValue;
    }
    return record;
  });
}

/** A record as the JSON text of a row. */
export function rowOfRecord(universe: DimensionUniverse, name: string): (record: DimensionRecord) => string {
  const fields = rowFields(universe, name);
  return (record) => `[${fields.map((field) => jsonValue(field, record[field] ?? null)).join(',')}]`;
}

function jsonValue(field: string, value: DimensionRecordValue): string {
  if (value instanceof Uint8Array) return `"${Buffer.from(value).toString('hex')}"`;
  if (field !== 'timespan' || value === null) return JSON.stringify(value);
  const { beginNs, endNs } = toStoredTimespan(value as Timespan);
  return `[${beginNs},${endNs}]`;
}
