// SPDX-License-Identifier: BSD-3-Clause
import type { Bitpix, NumericArray } from '../image/numeric.ts';
import { physicalArray, type Scaling, toPhysical, unsignedOffset } from '../image/scaling.ts';
import type { ColumnInfo, ColumnType } from './columns.ts';
import { LOGICAL_NULL, type TableColumn } from './values.ts';

const BITPIX: Partial<Record<ColumnType, Bitpix>> = { B: 8, I: 16, J: 32, K: 64, E: -32, D: -64, C: -32, M: -64 };

/** Array of stored values for `n` elements; complex elements take two places. */
function storedFor(type: ColumnType, n: number): NumericArray {
  switch (type) {
    case 'I':
      return new Int16Array(n);
    case 'J':
      return new Int32Array(n);
    case 'K':
      return new BigInt64Array(n);
    case 'E':
      return new Float32Array(n);
    case 'D':
      return new Float64Array(n);
    case 'C':
      return new Float32Array(2 * n);
    case 'M':
      return new Float64Array(2 * n);
    default:
      return new Uint8Array(n);
  }
}

/** Reads one fixed-width column out of chunks of rows. */
export class FixedColumn {
  readonly #column: ColumnInfo;
  readonly #stride: number;
  readonly #numbers: NumericArray | undefined;
  readonly #strings: string[] | undefined;
  /** Values a row: elements, or twice that for complex. */
  readonly #perRow: number;

  constructor(column: ColumnInfo, rows: number, stride: number) {
    this.#column = column;
    this.#stride = stride;
    this.#perRow = column.repeat * (column.type === 'C' || column.type === 'M' ? 2 : 1);
    if (column.type === 'A') this.#strings = new Array(rows * stringsPerRow(column));
    else this.#numbers = storedFor(column.type, rows * column.repeat);
  }

  /** `n` rows in `bytes`, the first of them row `row` of the result. */
  decode(bytes: Uint8Array, view: DataView, row: number, n: number): void {
    const column = this.#column;
    const start = column.byteOffset;
    if (this.#strings !== undefined) {
      const per = stringsPerRow(column);
      const width = per === 1 ? column.repeat : column.dims![0];
      for (let i = 0; i < n; i++)
        for (let k = 0; k < per; k++)
          this.#strings[(row + i) * per + k] = textOf(bytes, i * this.#stride + start + k * width, width);
      return;
    }
    const out = this.#numbers!;
    const per = this.#perRow;
    for (let i = 0; i < n; i++)
      decodeRun(column.type, bytes, view, i * this.#stride + start, per, out, (row + i) * per);
  }

  finish(nullsAsNaN: boolean): TableColumn {
    return this.#strings ?? finishNumbers(this.#column, this.#numbers!, nullsAsNaN);
  }
}

function stringsPerRow(column: ColumnInfo): number {
  const { dims } = column;
  return dims === undefined || dims.length < 2 ? 1 : dims.slice(1).reduce((a, b) => a * b, 1);
}

/** `n` elements of a variable-length array: a string for characters. */
export function decodeElements(column: ColumnInfo, bytes: Uint8Array, n: number): NumericArray | string {
  if (column.type === 'A') return textOf(bytes, 0, n);
  const out = storedFor(column.type, n);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  decodeRun(column.type, bytes, view, 0, out.length, out, 0);
  return out;
}

function decodeRun(
  type: ColumnType,
  bytes: Uint8Array,
  view: DataView,
  from: number,
  n: number,
  out: NumericArray,
  at: number,
): void {
  switch (type) {
    case 'B':
      for (let i = 0; i < n; i++) out[at + i] = bytes[from + i];
      return;
    case 'L':
      for (let i = 0; i < n; i++) {
        const byte = bytes[from + i];
        out[at + i] = byte === 84 ? 1 : byte === 70 ? 0 : LOGICAL_NULL;
      }
      return;
    case 'X':
      for (let i = 0; i < n; i++) out[at + i] = (bytes[from + (i >> 3)] >> (7 - (i & 7))) & 1;
      return;
    case 'I':
      for (let i = 0; i < n; i++) out[at + i] = view.getInt16(from + 2 * i);
      return;
    case 'J':
      for (let i = 0; i < n; i++) out[at + i] = view.getInt32(from + 4 * i);
      return;
    case 'K':
      for (let i = 0; i < n; i++) out[at + i] = view.getBigInt64(from + 8 * i);
      return;
    case 'E':
    case 'C':
      for (let i = 0; i < n; i++) out[at + i] = view.getFloat32(from + 4 * i);
      return;
    case 'D':
    case 'M':
      for (let i = 0; i < n; i++) out[at + i] = view.getFloat64(from + 8 * i);
  }
}

/** Text up to the first NUL, without trailing blanks. Bytes beyond ASCII are read as Latin-1. */
function textOf(bytes: Uint8Array, from: number, width: number): string {
  let end = from + width;
  for (let i = from; i < end; i++) if (bytes[i] === 0) end = i;
  while (end > from && bytes[end - 1] === 32) end--;
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, end - from).toString('latin1');
}

/** Applies TSCAL, TZERO and, when asked for or scaled, TNULL. */
export function finishNumbers(column: ColumnInfo, stored: NumericArray, nullsAsNaN: boolean): NumericArray {
  const bitpix = BITPIX[column.type];
  if (bitpix === undefined) return stored;
  const { scale, zero, nullValue } = column;
  const blank = typeof nullValue === 'string' || bitpix < 0 ? undefined : nullValue;
  const plain = scale === 1 && zero === 0;
  const toNaN = nullsAsNaN && blank !== undefined;
  if (plain && !toNaN) return stored;
  const offsetInteger = scale === 1 && zero !== 0 && zero === unsignedOffset(bitpix);
  const scaling: Scaling = { bitpix, scale, zero, blank, offsetInteger };
  const as = offsetInteger && !toNaN ? 'native' : 'float64';
  const out = physicalArray(scaling, as, stored.length);
  toPhysical(stored, scaling, out, 0);
  return out;
}
