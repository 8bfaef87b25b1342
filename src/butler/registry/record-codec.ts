// SPDX-License-Identifier: BSD-3-Clause
import { didYouMean } from '../../base/index.ts';
import { type DimensionElement, recordFields } from '../dimensions/element.ts';
import type { FieldSpec } from '../dimensions/spec.ts';
import type { DimensionUniverse } from '../dimensions/universe.ts';
import { butlerErrors } from '../errors.ts';
import { fromStoredTimespan, toStoredTimespan } from '../timespan.ts';
import type { DimensionRecord, DimensionRecordValue, Timespan } from '../types.ts';
import type { SqlValue } from './database.ts';
import { toDataIdValue } from './integers.ts';

interface RecordField {
  spec: FieldSpec;
  nullable: boolean;
}

/**
 * Dimension records as rows. Regions and hashes are base64 text in the database and bytes here; booleans are 0 and 1;
 * timespans are two columns of nanoseconds.
 */
export class RecordCodec {
  readonly element: DimensionElement;
  /** Columns of the element's table, in order. */
  readonly columns: readonly string[];
  /** Columns of the primary key. */
  readonly keys: readonly string[];
  readonly #fields: readonly RecordField[];
  readonly #allowed: ReadonlySet<string>;

  constructor(universe: DimensionUniverse, element: DimensionElement) {
    this.element = element;
    const own = new Map([element.primaryKey, ...element.alternateKeys, ...element.metadata].map((f) => [f?.name, f]));
    const keyCount = element.required.length + element.implied.length;
    this.#fields = recordFields(element).map((name, i) => {
      const isOwn = i >= keyCount || (element.isDimension && i === element.required.length - 1);
      const spec = isOwn ? own.get(name)! : { ...universe.element(name).primaryKey!, name };
      return { spec, nullable: i >= keyCount && spec.nullable !== false };
    });
    this.keys = this.#fields.slice(0, element.required.length).map((field) => field.spec.name);
    const columns = this.#fields.map((field) => field.spec.name);
    this.#allowed = new Set([...columns, 'region', 'timespan']);
    if (element.spatialFamily !== undefined) columns.push('region');
    else (this.#allowed as Set<string>).delete('region');
    if (element.temporalFamily !== undefined) columns.push('timespan_begin', 'timespan_end');
    else (this.#allowed as Set<string>).delete('timespan');
    this.columns = columns;
  }

  /**
   * The row of a record; unknown fields, missing keys and values of the wrong type are errors naming them. The key of a dimension may
   * also go by the dimension's name (`instrument` for the `name` of an instrument).
   */
  encode(given: DimensionRecord): SqlValue[] {
    const record = this.#withOwnKey(given);
    for (const name of Object.keys(record)) {
      if (!this.#allowed.has(name)) {
        throw butlerErrors.UNKNOWN_ELEMENT_FIELD({
          field: name,
          element: this.element.name,
          hint: didYouMean(name, this.#allowed),
        });
      }
    }
    const row = this.#fields.map((field) => this.#encodeField(field, record));
    if (this.element.spatialFamily !== undefined) row.push(encodeBytes(record.region));
    if (this.element.temporalFamily !== undefined) {
      const span = record.timespan as Timespan | null | undefined;
      const stored = span === null || span === undefined ? undefined : toStoredTimespan(span);
      row.push(stored?.beginNs ?? null, stored?.endNs ?? null);
    }
    return row;
  }

  /** The record of a row that was read with `bigints`. */
  decode(row: readonly SqlValue[]): DimensionRecord {
    const out: Record<string, DimensionRecordValue> = {};
    let i = 0;
    for (const { spec } of this.#fields) out[spec.name] = decodeField(spec, row[i++]);
    if (this.element.spatialFamily !== undefined) out['region'] = decodeBytes(row[i++]);
    if (this.element.temporalFamily !== undefined) {
      const [begin, end] = [row[i], row[i + 1]];
      out['timespan'] =
        begin === null || end === null ? null : fromStoredTimespan(BigInt(begin as bigint), BigInt(end as bigint));
    }
    return out;
  }

  #withOwnKey(record: DimensionRecord): DimensionRecord {
    const { name, isDimension, primaryKey } = this.element;
    if (!isDimension || !(name in record) || this.#allowed.has(name) || primaryKey!.name in record) return record;
    const { [name]: key, ...others } = record;
    return { [primaryKey!.name]: key, ...others };
  }

  #encodeField({ spec, nullable }: RecordField, record: DimensionRecord): SqlValue {
    const value = record[spec.name];
    if (value === undefined || value === null) {
      if (nullable) return null;
      throw butlerErrors.MISSING_RECORD_FIELD({
        field: spec.name,
        element: this.element.name,
        record: this.#describe(record),
      });
    }
    switch (spec.type) {
      case 'string':
        if (typeof value === 'string' && value !== '') return value;
        break;
      case 'int':
        if (Number.isSafeInteger(value)) return value as number;
        break;
      case 'float':
        // SQL has no NaN: a value that is not known is null.
        if (typeof value === 'number') return Number.isNaN(value) ? null : value;
        break;
      case 'bool':
        if (typeof value === 'boolean') return value ? 1 : 0;
        break;
      case 'hash':
        if (value instanceof Uint8Array) return encodeBytes(value);
        if (typeof value === 'string') return value;
        break;
    }
    throw butlerErrors.BAD_RECORD_FIELD({
      field: spec.name,
      element: this.element.name,
      value: JSON.stringify(value) ?? String(value),
      expected: {
        string: 'a text that is not empty',
        int: 'an integer',
        float: 'a number',
        bool: 'true or false',
        hash: 'bytes',
      }[spec.type],
    });
  }

  #describe(record: DimensionRecord): string {
    return this.keys.map((key) => `${key}: ${record[key] ?? '?'}`).join(', ');
  }
}

function decodeField(spec: FieldSpec, value: SqlValue): DimensionRecordValue {
  if (value === null) return null;
  if (spec.type === 'hash') return decodeBytes(value);
  if (spec.type === 'bool') return Boolean(value);
  return spec.type === 'float' ? Number(value) : toDataIdValue(value, spec.name);
}

export function encodeBytes(value: DimensionRecordValue | undefined): string | null {
  return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : null;
}

export function decodeBytes(value: SqlValue): Uint8Array | null {
  return typeof value === 'string' ? new Uint8Array(Buffer.from(value, 'base64')) : null;
}
