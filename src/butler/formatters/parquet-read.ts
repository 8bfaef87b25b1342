// SPDX-License-Identifier: BSD-3-Clause
import { zstdDecompressSync } from 'node:zlib';
import { type AsyncBuffer, type DecodedArray, type FileMetaData, parquetMetadataAsync, parquetRead } from 'hyparquet';
import { compressors as otherCompressors } from 'hyparquet-compressors';
import type { Column, Table } from '../../pixels/index.ts';
import { butlerErrors } from '../errors.ts';
import type { FormatterFile } from './formatter.ts';
import {
  type ColumnKind,
  type ParquetColumn,
  type ParquetSchema,
  schemaOf,
  type UnreadableColumn,
} from './parquet-schema.ts';

const compressors = { ...otherCompressors, ZSTD: (input: Uint8Array) => zstdDecompressSync(input) };
/** Time stamps as nanoseconds. */
const parsers = {
  timestampFromMilliseconds: (value: bigint) => scaled(value, 1_000_000n),
  timestampFromMicroseconds: (value: bigint) => scaled(value, 1000n),
  timestampFromNanoseconds: (value: bigint) => scaled(value, 1n),
  // The library's types expect dates; what it gets it hands on.
} as unknown as NonNullable<Parameters<typeof parquetRead>[0]['parsers']>;
/** Read of the end of a file at first: most footers are smaller, and of wide tables the rest follows. */
const footerBytes = 1 << 16;
/** What numpy writes for "not a time". */
const notATime = -(1n << 63n);

export interface OpenParquet {
  path: string;
  buffer: AsyncBuffer;
  metadata: FileMetaData;
  schema: ParquetSchema;
  unreadable: readonly UnreadableColumn[];
  notes: Table['meta'];
}

/** Reads the footer only. */
export async function openParquet(file: FormatterFile): Promise<OpenParquet> {
  const buffer: AsyncBuffer = {
    byteLength: file.sizeBytes,
    async slice(start, end = file.sizeBytes) {
      const bytes = await file.read({ start, end });
      return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
    },
  };
  try {
    const metadata = await parquetMetadataAsync(buffer, { initialFetchSize: footerBytes });
    return { path: file.path, buffer, metadata, ...schemaOf(metadata) };
  } catch (error) {
    throw badFile(file.path, error);
  }
}

/**
 * Reads the named columns and only their bytes; of a range of rows only the pages that have them. Missing texts are empty, missing
 * numbers NaN, missing times the least 64-bit integer.
 */
export async function readParquet(
  opened: OpenParquet,
  names: readonly string[],
  range: { start: number; end: number } = { start: 0, end: opened.schema.rows },
): Promise<Table> {
  const { schema, metadata, buffer, notes, path, unreadable } = opened;
  for (const { name, type } of unreadable) {
    if (names.includes(name)) throw butlerErrors.UNSUPPORTED({ what: `Column "${name}" of ${path} (Parquet ${type})` });
  }
  const wanted = schema.columns.filter((column) => names.includes(column.name));
  const rows = range.end - range.start;
  const readers = new Map(wanted.map((column) => [column.name, new ColumnReader(column, rows, path)]));
  if (rows > 0 && wanted.length > 0) {
    try {
      await parquetRead({
        file: buffer,
        metadata,
        columns: wanted.map((column) => column.name),
        rowStart: range.start,
        rowEnd: range.end,
        compressors,
        parsers,
        utf8: false,
        onChunk: ({ columnName, columnData, rowStart }) =>
          readers.get(columnName)!.take(columnData, rowStart - range.start),
      });
    } catch (error) {
      throw badFile(path, error);
    }
  }
  const columns: Record<string, Column> = {};
  const units: Record<string, string> = {};
  for (const column of wanted) {
    for (const [name, data] of readers.get(column.name)!.finish()) {
      columns[name] = data;
      if (column.unit !== undefined) units[name] = column.unit;
    }
  }
  const table: Table = { rows, columns };
  if (Object.keys(units).length > 0) table.units = units;
  if (notes !== undefined) table.meta = notes;
  return table;
}

/** Collects a column as its pages come by. */
class ColumnReader {
  readonly #column: ParquetColumn;
  readonly #rows: number;
  readonly #what: string;
  /** One, or of a list one for each place in it. */
  readonly #parts: { data: Column; missing: number[] }[] = [];

  #tooLarge: bigint | undefined;

  constructor(column: ParquetColumn, rows: number, path: string) {
    this.#column = column;
    this.#rows = rows;
    this.#what = `Column "${column.name}" of ${path}`;
    if (!column.list) this.#add();
  }

  /** Values that begin in row `at` of those wanted; pages may reach beyond them. */
  take(values: DecodedArray, at: number): void {
    for (let i = Math.max(0, -at); i < values.length && at + i < this.#rows; i++) {
      if (this.#column.list) this.#takeList(values[i], at + i);
      else this.#put(0, at + i, values[i]);
    }
  }

  finish(): [string, Column][] {
    const { name, list } = this.#column;
    if (this.#tooLarge !== undefined) {
      throw butlerErrors.UNSUPPORTED({ what: `${this.#what}: the unsigned integer ${this.#tooLarge}, beyond 2^63,` });
    }
    return this.#parts.map(({ data, missing }, i) => [
      list ? `${name}[${i}]` : name,
      missing.length === 0 || Array.isArray(data) ? data : withGaps(data, missing, this.#column, this.#what),
    ]);
  }

  #takeList(value: unknown, row: number): void {
    const items = value as ArrayLike<unknown> | null | undefined;
    const length = items?.length ?? 0;
    while (this.#parts.length < length) this.#add();
    for (let i = 0; i < this.#parts.length; i++) this.#put(i, row, i < length ? items![i] : undefined);
  }

  #add(): void {
    this.#parts.push({ data: allocate(this.#column.type, this.#rows), missing: [] });
  }

  #put(part: number, row: number, value: unknown): void {
    const { data, missing } = this.#parts[part];
    if (value === null || value === undefined) missing.push(row);
    else if (data instanceof BigInt64Array) data[row] = this.#integer(value as bigint | number);
    else (data as { [index: number]: unknown })[row] = typeof value === 'boolean' ? Number(value) : value;
  }

  /** What does not fit is told at the end: the library lets nothing thrown in a callback through. */
  #integer(value: bigint | number): bigint {
    const integer = BigInt(value);
    if (integer >= 1n << 63n) this.#tooLarge ??= integer;
    return BigInt.asIntN(64, integer);
  }
}

function badFile(path: string, error: unknown): unknown {
  if ((error as { code?: string }).code?.startsWith('BUTLER_')) return error;
  return butlerErrors.BAD_FILE({ path, format: 'Parquet', reason: (error as Error).message }, { cause: error });
}

function scaled(value: bigint, factor: bigint): bigint {
  return value === notATime ? value : value * factor;
}

function allocate(kind: ColumnKind, rows: number): Column {
  switch (kind) {
    case 'float64':
      return new Float64Array(rows).fill(Number.NaN);
    case 'float32':
      return new Float32Array(rows).fill(Number.NaN);
    case 'int32':
      return new Int32Array(rows);
    case 'int64':
      return new BigInt64Array(rows);
    case 'bool':
      return new Uint8Array(rows);
    case 'string':
      return new Array<string>(rows).fill('');
    case 'bytes':
      return new Array<Uint8Array>(rows).fill(new Uint8Array(0));
  }
}

/** Integers and flags have no value for "missing": a column with gaps becomes floating point with NaN, as numpy users know it. */
function withGaps(
  column: Exclude<Column, unknown[]>,
  missing: readonly number[],
  { type, unit }: ParquetColumn,
  what: string,
): Column {
  if (column instanceof Float64Array || column instanceof Float32Array) return column;
  if (column instanceof BigInt64Array && type === 'int64' && unit === 'ns') {
    for (const row of missing) column[row] = notATime;
    return column;
  }
  const out = Float64Array.from(column as ArrayLike<number | bigint>, Number);
  if (column instanceof BigInt64Array && out.some((value) => !Number.isSafeInteger(value))) {
    throw butlerErrors.UNSUPPORTED({ what: `${what}: 64-bit integers beyond 2^53 with missing values` });
  }
  for (const row of missing) out[row] = Number.NaN;
  return out;
}
