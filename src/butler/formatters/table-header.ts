// SPDX-License-Identifier: BSD-3-Clause
import { parse } from 'yaml';
import type { Column, Table } from '../../pixels/index.ts';

/** One column as the header of a table describes it. */
interface HeaderColumn {
  name: string;
  datatype: string;
  unit?: string;
  subtype?: string;
}

export interface TableHeader {
  columns: readonly HeaderColumn[];
  /** What separates values, in text files. */
  delimiter: string | undefined;
  units: Record<string, string>;
  /** Notes of the table which are plain values. */
  notes: Table['meta'];
}

/** The YAML header that astropy writes into Parquet metadata and at the head of ECSV files. */
export function parseTableHeader(text: string): TableHeader {
  // YAML 1.2: a column may be called "n" or "y".
  const header = parse(text, { version: '1.2', customTags: ['omap', 'binary'], logLevel: 'error' }) as {
    datatype?: HeaderColumn[];
    delimiter?: string;
    meta?: Map<string, unknown> | Record<string, unknown>;
  };
  const columns = (header.datatype ?? []).map((column) => ({ ...column, name: String(column.name) }));
  const units = columns.flatMap(({ name, unit }) => (unit === undefined ? [] : [[name, String(unit)]]));
  const entries = header.meta instanceof Map ? [...header.meta] : Object.entries(header.meta ?? {});
  const plain = entries.filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value));
  return {
    columns,
    delimiter: header.delimiter,
    units: Object.fromEntries(units),
    notes: plain.length === 0 ? undefined : (Object.fromEntries(plain) as Table['meta']),
  };
}

const yamlTypes: [new (length: number) => Column, string][] = [
  [Float64Array, 'float64'],
  [Float32Array, 'float32'],
  [Int32Array, 'int32'],
  [BigInt64Array, 'int64'],
  [Uint8Array, 'bool'],
];

/** The header that astropy reads from Parquet: a line for each column, then the notes. */
export function tableHeader(table: Table): string {
  const lines = ['datatype:'];
  for (const [name, column] of Object.entries(table.columns)) {
    const unit = table.units?.[name];
    const datatype = yamlTypes.find(([type]) => column instanceof type)?.[1] ?? 'string';
    lines.push(
      `- {name: ${quoted(name)}, ${unit === undefined ? '' : `unit: ${quoted(unit)}, `}datatype: ${datatype}}`,
    );
  }
  const notes = Object.entries(table.meta ?? {});
  if (notes.length > 0)
    lines.push('meta: !!omap', ...notes.map(([key, value]) => `- {${quoted(key)}: ${quoted(value)}}`));
  return lines.join('\n');
}

/** JSON is YAML, but for numbers with an exponent and no point, which YAML 1.1 takes for text. */
function quoted(value: string | number | boolean): string {
  const text = JSON.stringify(value) ?? 'null';
  return typeof value === 'number' && text.includes('e') && !text.includes('.') ? text.replace('e', '.0e') : text;
}
