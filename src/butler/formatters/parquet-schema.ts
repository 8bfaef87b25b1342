// SPDX-License-Identifier: BSD-3-Clause
import type { FileMetaData, SchemaElement } from 'hyparquet';
import type { Table } from '../../pixels/index.ts';
import { parseTableHeader } from './table-header.ts';

export type ColumnKind = 'float64' | 'float32' | 'int32' | 'int64' | 'bool' | 'string' | 'bytes';

export interface ParquetColumn {
  name: string;
  type: ColumnKind;
  unit?: string;
  /** True of a column with a list of values in each row; such a column `x` is read as columns `x[0]`, `x[1]`, …. */
  list?: boolean;
  /** Of a table with several levels of column names: the name at each level. */
  path?: string[];
}

export interface ParquetSchema {
  rows: number;
  columns: ParquetColumn[];
  /** Columns that are the row labels of a data frame. */
  index?: string[];
  /** Names of the levels of column names, if there are several ('' where a level has none). */
  levels?: string[];
}

/** What of a file's columns cannot be held in a {@link Table}: such a column is refused when it is asked for, not before. */
export interface UnreadableColumn {
  name: string;
  type: string;
}

/** Time stamps are integers of nanoseconds since 1970, whatever unit the file has: their unit says so. */
const timestampUnit = 'ns';

/** Columns of a file from its footer. */
export function schemaOf(metadata: FileMetaData): {
  schema: ParquetSchema;
  unreadable: UnreadableColumn[];
  notes: Table['meta'];
} {
  const header = noteOf(metadata, 'table_meta_yaml');
  const { units, notes } = header === undefined ? { units: {}, notes: undefined } : parseTableHeader(header);
  const pandas = readPandasMeta(metadata);
  const columns: ParquetColumn[] = [];
  const unreadable: UnreadableColumn[] = [];
  for (const element of topLevel(metadata.schema)) {
    const { name } = element[0];
    const leaf = listItem(element) ?? element[0];
    const type = kindOf(leaf);
    if (type === undefined || (element.length > 1 && leaf === element[0])) {
      unreadable.push({ name, type: describe(leaf) });
      continue;
    }
    const unit =
      (units as Record<string, string | undefined>)[name] ??
      (leaf.logical_type?.type === 'TIMESTAMP' ? timestampUnit : undefined);
    const path = pandas.levels === undefined ? undefined : tuple(name);
    columns.push({
      name,
      type,
      ...(unit === undefined ? {} : { unit }),
      ...(element.length > 1 ? { list: true } : {}),
      ...(path === undefined ? {} : { path }),
    });
  }
  return { schema: { rows: Number(metadata.num_rows), columns, ...pandas }, unreadable, notes };
}

/** Each column with everything below it. The list is in depth-first order. */
function topLevel(schema: readonly SchemaElement[]): SchemaElement[][] {
  const size = (at: number): number => {
    let end = at + 1;
    for (let child = 0; child < (schema[at].num_children ?? 0); child++) end += size(end);
    return end - at;
  };
  const out: SchemaElement[][] = [];
  for (let at = 1; at < schema.length; at += out[out.length - 1].length) out.push(schema.slice(at, at + size(at)));
  return out;
}

/** The item of a list of plain values (column, repeated group, item), as Arrow writes it. */
function listItem(column: readonly SchemaElement[]): SchemaElement | undefined {
  const [list, middle, item] = column;
  const isList = list.converted_type === 'LIST' || list.logical_type?.type === 'LIST';
  return column.length === 3 && isList && middle.repetition_type === 'REPEATED' && item.num_children === undefined
    ? item
    : undefined;
}

function kindOf({
  type,
  converted_type,
  logical_type,
  num_children,
  repetition_type,
}: SchemaElement): ColumnKind | undefined {
  if (num_children !== undefined || repetition_type === 'REPEATED') return undefined;
  const logical = logical_type?.type;
  const plain = logical === undefined || logical === 'INTEGER';
  switch (type) {
    case 'DOUBLE':
      return 'float64';
    case 'FLOAT':
      return 'float32';
    case 'BOOLEAN':
      return 'bool';
    case 'INT32':
      if (!plain || converted_type === 'DATE' || converted_type === 'DECIMAL' || converted_type?.startsWith('TIME'))
        return undefined;
      // Unsigned 32-bit values do not all fit a signed one.
      return converted_type === 'UINT_32' || isUnsigned(logical_type, 32) ? 'int64' : 'int32';
    case 'INT64':
      if (logical === 'TIMESTAMP' || converted_type?.startsWith('TIMESTAMP')) return 'int64';
      return plain && converted_type !== 'DECIMAL' && !converted_type?.startsWith('TIME') ? 'int64' : undefined;
    case 'BYTE_ARRAY':
      if (converted_type === 'UTF8' || logical === 'STRING') return 'string';
      return logical === undefined && converted_type === undefined ? 'bytes' : undefined;
    case 'FIXED_LEN_BYTE_ARRAY':
      return logical === 'FLOAT16' ? 'float32' : undefined;
    default:
      return undefined;
  }
}

function isUnsigned(logical: SchemaElement['logical_type'], bits: number): boolean {
  return logical?.type === 'INTEGER' && logical.bitWidth === bits && !logical.isSigned;
}

function describe({ type, converted_type, logical_type }: SchemaElement): string {
  return logical_type?.type ?? converted_type ?? type ?? 'group';
}

/** Row labels and levels of column names as pandas notes them. */
function readPandasMeta(metadata: FileMetaData): Pick<ParquetSchema, 'index' | 'levels'> {
  const text = noteOf(metadata, 'pandas');
  if (text === undefined) return {};
  const note = JSON.parse(text) as { index_columns?: unknown[]; column_indexes?: { name?: string | null }[] };
  const index = (note.index_columns ?? []).filter((one) => typeof one === 'string');
  const levels = note.column_indexes ?? [];
  return {
    ...(index.length > 0 ? { index } : {}),
    ...(levels.length > 1 ? { levels: levels.map(({ name }) => name ?? '') } : {}),
  };
}

function noteOf(metadata: FileMetaData, key: string): string | undefined {
  return metadata.key_value_metadata?.find((one) => one.key === key)?.value;
}

/** `('g', 'ra')`: how a column under several levels of names is called in the file. */
function tuple(name: string): string[] | undefined {
  const inner = /^\((.*)\)$/s.exec(name)?.[1];
  if (inner === undefined) return undefined;
  const items = inner.matchAll(/'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|([^\s,]+)/gs);
  return [...items].map(([, single, double, bare]) => bare ?? (single ?? double).replaceAll(/\\(.)/gs, '$1'));
}
