// SPDX-License-Identifier: BSD-3-Clause
import { fitsErrors } from '../errors.ts';
import { Card } from '../header/card.ts';
import { copyOf, type NumericArray } from '../image/numeric.ts';
import { applyOffset } from '../image/scaling.ts';
import { LOGICAL_NULL } from '../table/values.ts';
import { type Body, PIECE_BYTES } from './body.ts';
import { encodedPieces, type StoredType, storedTypeOf } from './image.ts';

/** A column to write. */
export interface ColumnToWrite {
  name: string;
  /**
   * One value (or `repeat` values) a row. Type letters follow from the array: `Uint8Array` B, `Int16Array` I, … `Float64Array` D, unsigned
   * and `Int8Array` through TZERO, `string[]` A. Arrays of typed arrays become variable-length columns (P, or Q beyond 2 GiB of heap).
   */
  data: NumericArray | readonly string[] | readonly NumericArray[];
  unit?: string;
  /** Elements a row of a numeric column; default 1 (2 values each for complex). */
  repeat?: number;
  /** Axis lengths of a row's elements (TDIM), first axis fastest. Sets `repeat`. */
  dims?: readonly number[];
  /** `logical`: `Uint8Array` of 0, 1 and 255 (no value). `bits`: `Uint8Array` of 0 and 1, packed. `complex`: real and imaginary alternate. */
  as?: 'logical' | 'bits' | 'complex';
  /** Characters of a string column; default the longest value. */
  widthChars?: number;
  /** TNULL: the integer that stands for no value. */
  nullValue?: number | bigint;
}

/** How a column is laid out in the rows. */
interface Field {
  form: string;
  rows: number;
  widthBytes: number;
  /** Puts `n` rows from `row` on into `bytes`, `stride` apart from `at`. */
  put(bytes: Buffer, row: number, n: number, at: number, stride: number): void;
  zero: number | bigint;
  dims: readonly number[] | undefined;
}

const LETTER: Readonly<Record<string, string>> = { '8': 'B', '16': 'I', '32': 'J', '64': 'K', '-32': 'E', '-64': 'D' };

export interface EncodedTable {
  rows: number;
  rowBytes: number;
  heapBytes: number;
  cards: Card[];
  body: Body;
}

export function encodeTable(columns: readonly ColumnToWrite[], rowCount?: number): EncodedTable {
  const heap = new HeapPlan(columns);
  const fields = columns.map((column) => fieldOf(column, heap));
  const rows = rowCount ?? fields[0]?.rows ?? 0;
  fields.forEach((field, k) => {
    if (field.rows !== rows) throw bad(columns[k], `it has ${field.rows} rows where the table has ${rows}`);
  });
  const rowBytes = fields.reduce((sum, field) => sum + field.widthBytes, 0);
  const cards = fields.flatMap((field, k) => columnCards(columns[k], field, k + 1));
  const body: Body = {
    sizeBytes: rows * rowBytes + heap.sizeBytes,
    fill: 0,
    *pieces() {
      // Rows a multiple of four keep each piece a whole number of words.
      const step = Math.max(4, Math.floor(PIECE_BYTES / Math.max(1, rowBytes) / 4) * 4);
      const buffer = Buffer.allocUnsafeSlow(Math.min(step, rows) * rowBytes);
      const carry = new WordCarry();
      for (let row = 0; row < rows; row += step) {
        const n = Math.min(step, rows - row);
        let at = 0;
        for (const field of fields) {
          field.put(buffer, row, n, at, rowBytes);
          at += field.widthBytes;
        }
        yield* carry.take(buffer.subarray(0, n * rowBytes));
      }
      for (const bytes of heap.pieces()) yield* carry.take(bytes);
      yield* carry.rest();
    },
  };
  return { rows, rowBytes, heapBytes: heap.sizeBytes, cards, body };
}

/** Turns pieces of any length into pieces of whole 4-byte words. */
class WordCarry {
  #kept = new Uint8Array(0);

  *take(bytes: Uint8Array): Generator<Uint8Array> {
    if (this.#kept.length === 0 && bytes.length % 4 === 0) {
      yield bytes;
      return;
    }
    const joined = Buffer.concat([this.#kept, bytes]);
    const whole = joined.length - (joined.length % 4);
    this.#kept = joined.subarray(whole);
    if (whole > 0) yield joined.subarray(0, whole);
  }

  *rest(): Generator<Uint8Array> {
    if (this.#kept.length > 0) yield this.#kept;
  }
}

function columnCards(column: ColumnToWrite, field: Field, n: number): Card[] {
  const cards = [Card.of(`TTYPE${n}`, column.name), Card.of(`TFORM${n}`, field.form)];
  if (column.unit !== undefined && column.unit !== '') cards.push(Card.of(`TUNIT${n}`, column.unit));
  if (field.zero !== 0) cards.push(Card.of(`TSCAL${n}`, 1), Card.of(`TZERO${n}`, field.zero));
  if (column.nullValue !== undefined) cards.push(Card.of(`TNULL${n}`, column.nullValue));
  if (field.dims !== undefined) cards.push(Card.of(`TDIM${n}`, `(${field.dims.join(',')})`));
  return cards;
}

function bad(column: ColumnToWrite, problem: string): Error {
  return fitsErrors.BAD_INPUT({ what: `column "${column.name}"`, problem });
}

function fieldOf(column: ColumnToWrite, heap: HeapPlan): Field {
  const { data } = column;
  if (!Array.isArray(data)) return numericField(column, data as NumericArray);
  if (data.length > 0 && typeof data[0] !== 'string') return variableField(column, data as NumericArray[], heap);
  return stringField(column, data as string[]);
}

function stringField(column: ColumnToWrite, data: readonly string[]): Field {
  let longest = 1;
  for (let i = 0; i < data.length; i++) {
    if (/[^\x20-\x7e]/.test(data[i]))
      throw bad(column, `row ${i} is ${JSON.stringify(data[i])}, which is not printable ASCII`);
    longest = Math.max(longest, data[i].length);
  }
  const width = column.widthChars ?? longest;
  if (longest > width) throw bad(column, `a value has ${longest} characters where ${width} fit`);
  return {
    form: `${width}A`,
    rows: data.length,
    widthBytes: width,
    zero: 0,
    dims: undefined,
    put(bytes, row, n, at, stride) {
      for (let i = 0; i < n; i++) {
        const start = at + i * stride;
        bytes.fill(32, start, start + width);
        bytes.write(data[row + i], start, 'latin1');
      }
    },
  };
}

function numericField(column: ColumnToWrite, data: NumericArray): Field {
  const { bitpix, zero } = storedTypeOf(data);
  const elements = column.dims?.reduce((a, b) => a * b, 1) ?? column.repeat ?? 1;
  const perRow = elements * (column.as === 'complex' ? 2 : 1);
  const rows = perRow === 0 ? 0 : data.length / perRow;
  if (!Number.isInteger(rows)) throw bad(column, `${data.length} values are no whole number of rows of ${perRow}`);
  const base = { rows, dims: column.dims };
  const count = elements === 1 ? '1' : String(elements);
  if (column.as === 'logical' || column.as === 'bits') {
    if (!(data instanceof Uint8Array)) throw bad(column, `${column.as} values must be a Uint8Array`);
    const widthBytes = column.as === 'bits' ? Math.ceil(elements / 8) : elements;
    const put = column.as === 'bits' ? putBits(data, elements) : putLogical(data, elements);
    return { ...base, form: `${count}${column.as === 'bits' ? 'X' : 'L'}`, widthBytes, zero: 0, put };
  }
  let letter = LETTER[String(bitpix)];
  if (column.as === 'complex') {
    if (bitpix > 0) throw bad(column, 'complex values must be floating-point');
    letter = bitpix === -32 ? 'C' : 'M';
  }
  const widthBytes = perRow * data.BYTES_PER_ELEMENT;
  return { ...base, form: `${count}${letter}`, widthBytes, zero, put: putNumbers(data, perRow) };
}

function putLogical(data: Uint8Array, perRow: number): Field['put'] {
  return (bytes, row, n, at, stride) => {
    for (let i = 0; i < n; i++)
      for (let k = 0; k < perRow; k++) {
        const value = data[(row + i) * perRow + k];
        bytes[at + i * stride + k] = value === LOGICAL_NULL ? 0 : value === 0 ? 70 : 84;
      }
  };
}

function putBits(data: Uint8Array, perRow: number): Field['put'] {
  const width = Math.ceil(perRow / 8);
  return (bytes, row, n, at, stride) => {
    for (let i = 0; i < n; i++) {
      const start = at + i * stride;
      bytes.fill(0, start, start + width);
      for (let k = 0; k < perRow; k++)
        if (data[(row + i) * perRow + k] !== 0) bytes[start + (k >> 3)] |= 128 >> (k & 7);
    }
  };
}

/** Copies the raw bytes of each value backwards: machine order to big-endian, whatever the type. */
function putNumbers(data: NumericArray, perRow: number): Field['put'] {
  return (bytes, row, n, at, stride) => {
    const part = copyOf(data, row * perRow, (row + n) * perRow);
    applyOffset(part);
    const width = part.BYTES_PER_ELEMENT;
    const raw = new Uint8Array(part.buffer, part.byteOffset, part.byteLength);
    if (width === 1) {
      for (let i = 0; i < n; i++) for (let k = 0; k < perRow; k++) bytes[at + i * stride + k] = raw[i * perRow + k];
      return;
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const words = width === 2 ? new Uint16Array(part.buffer) : new Uint32Array(part.buffer);
    for (let i = 0, from = 0; i < n; i++) {
      let to = at + i * stride;
      for (let k = 0; k < perRow; k++, to += width) {
        if (width === 2) view.setUint16(to, words[from++]);
        else if (width === 4) view.setUint32(to, words[from++]);
        else {
          view.setUint32(to + 4, words[from++]);
          view.setUint32(to, words[from++]);
        }
      }
    }
  };
}

function variableField(column: ColumnToWrite, data: readonly NumericArray[], heap: HeapPlan): Field {
  const { bitpix, zero } = storedTypeOf(data[0]);
  if (data.some((array) => !sameType(storedTypeOf(array), { bitpix, zero })))
    throw bad(column, 'its arrays are of different types');
  const letter = LETTER[String(bitpix)];
  const longest = data.reduce((max, array) => Math.max(max, array.length), 0);
  const start = heap.startOf(data);
  const half = heap.half;
  const size = data[0].BYTES_PER_ELEMENT;
  const offsets = new Float64Array(data.length);
  for (let i = 0, offset = start; i < data.length; i++) {
    offsets[i] = offset;
    offset += data[i].length * size;
  }
  return {
    form: `1${half === 4 ? 'P' : 'Q'}${letter}(${longest})`,
    rows: data.length,
    widthBytes: 2 * half,
    zero,
    dims: undefined,
    put(bytes, row, n, at, stride) {
      for (let i = 0; i < n; i++) {
        const to = at + i * stride;
        if (half === 4) {
          bytes.writeInt32BE(data[row + i].length, to);
          bytes.writeInt32BE(offsets[row + i], to + 4);
        } else {
          bytes.writeBigInt64BE(BigInt(data[row + i].length), to);
          bytes.writeBigInt64BE(BigInt(offsets[row + i]), to + 8);
        }
      }
    },
  };
}

function sameType(a: StoredType, b: StoredType): boolean {
  return a.bitpix === b.bitpix && a.zero === b.zero;
}

/** Where the arrays of the variable-length columns go: column after column, row after row. */
class HeapPlan {
  readonly sizeBytes: number;
  /** Bytes of half a descriptor. */
  readonly half: 4 | 8;
  readonly #columns: (readonly NumericArray[])[] = [];
  readonly #starts = new Map<readonly NumericArray[], number>();

  constructor(columns: readonly ColumnToWrite[]) {
    let size = 0;
    for (const { data } of columns) {
      if (!Array.isArray(data) || data.length === 0 || typeof data[0] === 'string') continue;
      const arrays = data as readonly NumericArray[];
      if (this.#starts.has(arrays)) continue;
      this.#columns.push(arrays);
      this.#starts.set(arrays, size);
      for (const array of arrays) size += array.byteLength;
    }
    this.sizeBytes = size;
    this.half = size < 2 ** 31 ? 4 : 8;
  }

  startOf(data: readonly NumericArray[]): number {
    return this.#starts.get(data) ?? 0;
  }

  *pieces(): Generator<Uint8Array> {
    for (const arrays of this.#columns) for (const array of arrays) yield* encodedPieces(array);
  }
}
