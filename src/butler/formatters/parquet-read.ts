// SPDX-License-Identifier: BSD-3-Clause
import { zstdDecompressSync } from 'node:zlib';
import {
  type AsyncBuffer,
  type DecodedArray,
  type FileMetaData,
  parquetMetadataAsync,
  parquetRead,
  type SchemaElement,
} from 'hyparquet';
import { compressors as otherCompressors } from 'hyparquet-compressors';
import { parse } from 'yaml';
import type { Column, Table } from '../../pixels/index.ts';
import { butlerErrors } from '../errors.ts';
import type { FormatterFile } from './formatter.ts';

const compressors = { ...otherCompressors, ZSTD: (input: Uint8Array) => zstdDecompressSync(input) };

export interface ParquetSchema {
  rows: number;
  columns: { name: string; type: ColumnKind; unit?: string }[];
}
type ColumnKind = 'float64' | 'float32' | 'int32' | 'int64' | 'bool' | 'string' | 'bytes';

interface Opened {
  buffer: AsyncBuffer;
  metadata: FileMetaData;
  schema: ParquetSchema;
  notes: Table['meta'];
}

/** Reads the footer only. */
export async function openParquet(file: FormatterFile): Promise<Opened> {
  const buffer: AsyncBuffer = {
    byteLength: file.sizeBytes,
    async slice(start, end = file.sizeBytes) {
      const bytes = await file.read({ start, end });
      return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
    },
  };
  try {
    const metadata = await parquetMetadataAsync(buffer);
    const { units, notes } = readTableMeta(metadata);
    const columns = metadata.schema.slice(1).map((element) => {
      const unit = units.get(element.name);
      return { name: element.name, type: kindOf(file.path, element), ...(unit === undefined ? {} : { unit }) };
    });
    return { buffer, metadata, notes, schema: { rows: Number(metadata.num_rows), columns } };
  } catch (error) {
    throw badFile(file, error);
  }
}

/** Reads the named columns and only their bytes. Missing texts are empty, missing numbers NaN. */
export async function readParquet(file: FormatterFile, opened: Opened, names: readonly string[]): Promise<Table> {
  const { schema, metadata, buffer, notes } = opened;
  const wanted = schema.columns.filter((column) => names.includes(column.name));
  const target = new Map(wanted.map(({ name, type }) => [name, allocate(type, schema.rows)]));
  const nulls = new Map<string, number[]>();
  try {
    if (schema.rows > 0 && wanted.length > 0) {
      await parquetRead({
        file: buffer,
        metadata,
        columns: wanted.map((column) => column.name),
        compressors,
        utf8: false,
        onChunk: ({ columnName, columnData, rowStart }) => {
          const missing = fill(target.get(columnName)!, columnData, rowStart);
          if (missing.length > 0) nulls.set(columnName, [...(nulls.get(columnName) ?? []), ...missing]);
        },
      });
    }
  } catch (error) {
    throw badFile(file, error);
  }
  for (const name of nulls.keys()) {
    const column = target.get(name)!;
    if (!Array.isArray(column))
      target.set(name, withGaps(column, nulls.get(name)!, `Column "${name}" of ${file.path}`));
  }
  const units = Object.fromEntries(wanted.filter((c) => c.unit !== undefined).map((c) => [c.name, c.unit!]));
  const table: Table = { rows: schema.rows, columns: Object.fromEntries(target) };
  if (Object.keys(units).length > 0) table.units = units;
  if (notes !== undefined) table.meta = notes;
  return table;
}

function badFile(file: FormatterFile, error: unknown): unknown {
  if ((error as { code?: string }).code?.startsWith('BUTLER_')) return error;
  return butlerErrors.BAD_FILE(
    { path: file.path, format: 'Parquet', reason: (error as Error).message },
    { cause: error },
  );
}

function kindOf(
  path: string,
  { name, type, converted_type, logical_type, num_children, repetition_type }: SchemaElement,
): ColumnKind {
  const logical = logical_type?.type;
  if (num_children === undefined && repetition_type !== 'REPEATED') {
    if (type === 'DOUBLE') return 'float64';
    if (type === 'FLOAT') return 'float32';
    if (type === 'BOOLEAN') return 'bool';
    if (type === 'INT32' && (logical === undefined || logical === 'INTEGER')) return 'int32';
    if (type === 'INT64' && (logical === undefined || logical === 'INTEGER') && !converted_type?.startsWith('TIME'))
      return 'int64';
    if (type === 'BYTE_ARRAY') return converted_type === 'UTF8' || logical === 'STRING' ? 'string' : 'bytes';
  }
  throw butlerErrors.UNSUPPORTED({
    what: `Column "${name}" of ${path} (Parquet ${logical ?? converted_type ?? type ?? 'group'})`,
  });
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

/** Copies values into a column; returns the rows that have none. */
function fill(target: Column, data: DecodedArray, at: number): number[] {
  const missing: number[] = [];
  for (let i = 0; i < data.length && at + i < target.length; i++) {
    const value = data[i];
    if (value === null || value === undefined) missing.push(at + i);
    else (target as { [index: number]: unknown })[at + i] = typeof value === 'boolean' ? Number(value) : value;
  }
  return missing;
}

/** Integers and flags have no value for "missing": a column with gaps becomes floating point with NaN, as numpy users know it. */
function withGaps(column: Exclude<Column, unknown[]>, missing: readonly number[], what: string): Column {
  if (column instanceof Float64Array || column instanceof Float32Array) return column;
  const out = Float64Array.from(column as ArrayLike<number | bigint>, Number);
  if (column instanceof BigInt64Array && out.some((value) => !Number.isSafeInteger(value))) {
    throw butlerErrors.UNSUPPORTED({ what: `${what}: 64-bit integers beyond 2^53 with missing values` });
  }
  for (const row of missing) out[row] = Number.NaN;
  return out;
}

/** Units and notes as astropy writes them. */
function readTableMeta(metadata: FileMetaData): { units: Map<string, string>; notes: Table['meta'] } {
  const units = new Map<string, string>();
  const text = metadata.key_value_metadata?.find(({ key }) => key === 'table_meta_yaml')?.value;
  if (text === undefined) return { units, notes: undefined };
  const header = parse(text, { version: '1.1', logLevel: 'error' }) as {
    datatype?: { name: string; unit?: string }[];
    meta?: Map<string, unknown> | Record<string, unknown>;
  };
  for (const { name, unit } of header.datatype ?? []) if (unit !== undefined) units.set(name, String(unit));
  const entries = header.meta instanceof Map ? [...header.meta] : Object.entries(header.meta ?? {});
  const plain = entries.filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value));
  return { units, notes: plain.length === 0 ? undefined : (Object.fromEntries(plain) as Table['meta']) };
}
