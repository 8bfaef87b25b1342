// SPDX-License-Identifier: BSD-3-Clause
import { pixelErrors } from './errors.ts';

/**
 * One column of a {@link Table}. Flags are `Uint8Array` of 0 and 1; identifiers are `BigInt64Array` (never rounded);
 * `Uint8Array[]` holds one byte string a row (footprints and other packed values, little-endian).
 */
export type Column = Float64Array | Float32Array | Int32Array | BigInt64Array | Uint8Array | string[] | Uint8Array[];

/** A catalogue as columns: no object per row. Every column has length `rows`. */
export interface Table {
  rows: number;
  columns: Record<string, Column>;
  /** Unit of a column as text (`deg`, `pixel`, `count`, `nJy`); dimensionless columns are left out. */
  units?: Record<string, string>;
  /** Table-level notes: plain values that travel with the table. */
  meta?: Record<string, string | number | boolean>;
}

/** The named column as numbers; throws when it is absent or not numeric. Integer columns are converted, `BigInt64Array` is refused. */
export function numberColumn(table: Table, name: string): Float64Array | Float32Array | Int32Array | Uint8Array {
  const column = table.columns[name];
  if (
    column instanceof Float64Array ||
    column instanceof Float32Array ||
    column instanceof Int32Array ||
    column instanceof Uint8Array
  )
    return column;
  throw pixelErrors.NO_COLUMN({ column: name, wanted: 'numeric', have: Object.keys(table.columns).join(', ') });
}

/** The named column as 64-bit integers. */
export function idColumn(table: Table, name = 'id'): BigInt64Array {
  const column = table.columns[name];
  if (column instanceof BigInt64Array) return column;
  throw pixelErrors.NO_COLUMN({ column: name, wanted: '64-bit integer', have: Object.keys(table.columns).join(', ') });
}

/** The named column as byte strings. */
export function bytesColumn(table: Table, name: string): Uint8Array[] {
  const column = table.columns[name];
  if (Array.isArray(column) && column.every((value) => value instanceof Uint8Array)) return column as Uint8Array[];
  throw pixelErrors.NO_COLUMN({ column: name, wanted: 'binary', have: Object.keys(table.columns).join(', ') });
}

/** A table of the given rows of another, in that order. */
export function selectRows(table: Table, rows: ArrayLike<number>): Table {
  const columns: Record<string, Column> = {};
  for (const [name, column] of Object.entries(table.columns)) columns[name] = pick(column, rows);
  return { ...table, rows: rows.length, columns };
}

function pick(column: Column, rows: ArrayLike<number>): Column {
  const n = rows.length;
  if (Array.isArray(column)) return Array.from(rows, (row) => column[row]) as Column;
  if (column instanceof BigInt64Array) {
    const out = new BigInt64Array(n);
    for (let i = 0; i < n; i++) out[i] = column[rows[i]];
    return out;
  }
  const out = new (column.constructor as new (length: number) => Float64Array)(n);
  for (let i = 0; i < n; i++) out[i] = column[rows[i]];
  return out;
}
