// SPDX-License-Identifier: BSD-3-Clause
import { fitsErrors, placeOf } from '../errors.ts';
import { forRowChunks, type ReadColumnsOptions, rowRange, type StoredTable } from './binary.ts';
import { type ColumnInfo, columnsOf, selectColumns } from './columns.ts';
import type { TableColumn, TableColumns } from './values.ts';

/**
 * Columns of an ASCII table (FITS standard 4.0, section 7.2): A as strings, I as Int32Array or (wider than nine characters) Float64Array,
 * F, E and D as Float64Array. Null fields (TNULLn) are 0, or NaN with `nulls: 'nan'`; blank fields are 0, as the standard says.
 */
export async function readAsciiColumns(
  table: StoredTable,
  names: readonly string[] | undefined,
  options: ReadColumnsOptions,
): Promise<TableColumns> {
  const columns = selectColumns(columnsOf(table.header, table.layout, table.where), names, table.where);
  const [from, to] = rowRange(table, options);
  const stride = table.layout.shape[0] ?? 0;
  const values = columns.map((column) => arrayFor(column, to - from, options));
  await forRowChunks(table, from, to, (bytes, row, n) => {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
    columns.forEach((column, k) => {
      const out = values[k];
      for (let i = 0; i < n; i++) {
        const at = i * stride + column.byteOffset;
        const field = text.slice(at, at + column.byteWidth);
        if (Array.isArray(out)) (out as string[])[row - from + i] = field.trimEnd();
        else out[row - from + i] = numberOf(field, column, table, row + i, options);
      }
    });
  });
  return Object.fromEntries(columns.map((column, k) => [column.name, values[k]]));
}

function arrayFor(column: ColumnInfo, rows: number, options: ReadColumnsOptions): TableColumn {
  if (column.type === 'A') return new Array<string>(rows).fill('');
  const integer = column.type === 'I' && column.byteWidth <= 9 && column.scale === 1 && column.zero === 0;
  const nullable = options.nulls === 'nan' && column.nullValue !== undefined;
  return integer && !nullable ? new Int32Array(rows) : new Float64Array(rows);
}

function numberOf(
  field: string,
  column: ColumnInfo,
  table: StoredTable,
  row: number,
  options: ReadColumnsOptions,
): number {
  const text = field.trim();
  const isNull = typeof column.nullValue === 'string' && text === column.nullValue.trim();
  if (isNull && text !== '') return options.nulls === 'nan' ? Number.NaN : 0;
  if (text === '') return column.zero;
  const value = Number(impliedPoint(text, column).replace(/[dD]/, 'E'));
  if (Number.isNaN(value)) {
    const where = { ...table.where, byteOffset: table.dataOffset + row * (table.layout.shape[0] ?? 0) };
    throw fitsErrors.BAD_FIELD({ ...where, column: column.name, row, text, format: column.format }, placeOf(where));
  }
  return value * column.scale + column.zero;
}

/** Without a decimal point the format's d digits are the fraction (FITS standard 4.0, section 7.2.5). */
function impliedPoint(text: string, column: ColumnInfo): string {
  if (column.type === 'I' || text.includes('.')) return text;
  const digits = /\.(\d+)/.exec(column.format);
  const match = /^([+-]?\d+)(.*)$/.exec(text);
  if (digits === null || match === null || Number(digits[1]) === 0) return text;
  const sign = /^[+-]/.test(match[1]) ? match[1][0] : '';
  const mantissa = match[1].slice(sign.length).padStart(Number(digits[1]) + 1, '0');
  const point = mantissa.length - Number(digits[1]);
  return `${sign}${mantissa.slice(0, point)}.${mantissa.slice(point)}${match[2]}`;
}
