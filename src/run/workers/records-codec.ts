// SPDX-License-Identifier: BSD-3-Clause
import type { DimensionRecord, DimensionRecordValue, Timespan } from '../../butler/index.ts';

/**
 * Dimension records as JSON. Bytes become `{"$bytes": base64}`, timespans `{"$timespanTaiNs": [begin, end]}` with decimal strings
 * (null where unbounded), since neither fits into a JSON number or string as it is.
 */
type Records = Readonly<Record<string, DimensionRecord>>;

export function encodeRecords(records: Records): Record<string, Record<string, unknown>> {
  const result: Record<string, Record<string, unknown>> = {};
  for (const [element, record] of Object.entries(records)) {
    let known = encoded.get(record);
    if (known === undefined) {
      known = mapRecord(record, encodeValue);
      encoded.set(record, known);
    }
    result[element] = known;
  }
  return result;
}

/** The quanta of a graph share their records. */
const encoded = new WeakMap<DimensionRecord, Record<string, unknown>>();

function encodeValue(value: DimensionRecordValue): unknown {
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('base64') };
  if (isTimespan(value))
    return { $timespanTaiNs: [value.beginNs?.toString() ?? null, value.endNs?.toString() ?? null] };
  return value;
}

export function decodeRecords(encoded: Readonly<Record<string, unknown>>): Record<string, Record<string, unknown>> {
  return mapRecords(encoded as Records, (value) => {
    if (typeof value !== 'object' || value === null) return value;
    const { $bytes, $timespanTaiNs } = value as { $bytes?: string; $timespanTaiNs?: [string | null, string | null] };
    if ($bytes !== undefined) return new Uint8Array(Buffer.from($bytes, 'base64'));
    if ($timespanTaiNs === undefined) return value;
    const [begin, end] = $timespanTaiNs.map((text) => (text === null ? undefined : BigInt(text)));
    return { beginNs: begin, endNs: end };
  });
}

function mapRecords(
  records: Records,
  f: (value: DimensionRecordValue) => unknown,
): Record<string, Record<string, unknown>> {
  return Object.fromEntries(Object.entries(records).map(([element, record]) => [element, mapRecord(record, f)]));
}

function mapRecord(record: DimensionRecord, f: (value: DimensionRecordValue) => unknown): Record<string, unknown> {
  const mapped: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(record)) mapped[field] = f(value);
  return mapped;
}

function isTimespan(value: unknown): value is Timespan {
  return typeof value === 'object' && value !== null && 'beginNs' in value && 'endNs' in value;
}
