// SPDX-License-Identifier: BSD-3-Clause
import { fitsErrors, placeOf, type Where } from '../errors.ts';
import type { Layout } from '../hdu/layout.ts';
import type { Header } from '../header/header.ts';
import type { NumericArray } from '../image/numeric.ts';
import type { ByteSource } from '../io/source.ts';
import { type ColumnInfo, columnsOf, ELEMENT_BYTES, selectColumns } from './columns.ts';
import { decodeElements, FixedColumn, finishNumbers } from './decode.ts';
import { type HeapRange, heapOf, readDescriptor, readRanges } from './heap.ts';
import type { TableColumn, TableColumns } from './values.ts';

const CHUNK_BYTES = 1 << 22;

export interface ReadColumnsOptions {
  /** Rows `[from, to)`, 0-based. */
  rows?: readonly [number, number];
  /** `nan`: integer columns with TNULL come as Float64Array with NaN for null. `keep` (default): integers stay integers, nulls as stored. */
  nulls?: 'keep' | 'nan';
}

/** A table in a source. */
export interface StoredTable {
  source: ByteSource;
  header: Header;
  layout: Layout;
  dataOffset: number;
  where: Where;
}

export function rowRange(table: StoredTable, options: ReadColumnsOptions): [number, number] {
  const rows = table.layout.shape[1] ?? 0;
  const [from, to] = options.rows ?? [0, rows];
  if (Number.isInteger(from) && Number.isInteger(to) && from >= 0 && from <= to && to <= rows) return [from, to];
  const { where } = table;
  throw fitsErrors.BAD_RANGE(
    { ...where, wanted: `rows [${from}, ${to})`, have: `the table of ${rows} rows` },
    placeOf(where),
  );
}

/** Calls `take(chunk, row, n)` for the rows in pieces of some MiB. */
export async function forRowChunks(
  table: StoredTable,
  from: number,
  to: number,
  take: (bytes: Uint8Array, row: number, n: number) => void,
): Promise<void> {
  const stride = table.layout.shape[0] ?? 0;
  const chunkRows = Math.max(1, Math.floor(CHUNK_BYTES / Math.max(1, stride)));
  for (let row = from; row < to; row += chunkRows) {
    const n = Math.min(chunkRows, to - row);
    const offset = table.dataOffset + row * stride;
    const bytes = await table.source.read(offset, n * stride);
    if (bytes.length < n * stride) {
      const where = { ...table.where, byteOffset: offset };
      throw fitsErrors.TRUNCATED_DATA(
        { ...where, wantedBytes: n * stride, sizeBytes: table.source.sizeBytes },
        placeOf(where),
      );
    }
    take(bytes, row, n);
  }
}

export async function readBinaryColumns(
  table: StoredTable,
  names: readonly string[] | undefined,
  options: ReadColumnsOptions,
): Promise<TableColumns> {
  const columns = selectColumns(columnsOf(table.header, table.layout, table.where), names, table.where);
  const [from, to] = rowRange(table, options);
  const stride = table.layout.shape[0] ?? 0;
  const fixed = columns.map((c) => (c.descriptorBytes === 0 ? new FixedColumn(c, to - from, stride) : undefined));
  const ranges: Descriptors[] = columns.map(() => ({ counts: [], ranges: [] }));
  await forRowChunks(table, from, to, (bytes, row, n) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    columns.forEach((column, k) => {
      const decoder = fixed[k];
      if (decoder !== undefined) decoder.decode(bytes, view, row - from, n);
      else collect(column, view, stride, n, ranges[k]);
    });
  });
  const result: TableColumns = {};
  for (let k = 0; k < columns.length; k++) {
    const column = columns[k];
    const done = fixed[k]?.finish(options.nulls === 'nan');
    result[column.name] = done ?? (await readVariable(table, column, ranges[k], from, options));
  }
  return result;
}

interface Descriptors {
  counts: number[];
  ranges: HeapRange[];
}

function collect(column: ColumnInfo, view: DataView, stride: number, n: number, into: Descriptors): void {
  const half = column.descriptorBytes as 4 | 8;
  for (let i = 0; i < n; i++) {
    const { count, offset } =
      column.byteWidth === 0 ? { count: 0, offset: 0 } : readDescriptor(view, i * stride + column.byteOffset, half);
    into.counts.push(count);
    into.ranges.push({
      offset,
      bytes: column.type === 'X' ? Math.ceil(count / 8) : count * ELEMENT_BYTES[column.type],
    });
  }
}

async function readVariable(
  table: StoredTable,
  column: ColumnInfo,
  { counts, ranges }: Descriptors,
  firstRow: number,
  options: ReadColumnsOptions,
): Promise<TableColumn> {
  const heap = heapOf(table.source, table.header, table.layout, table.dataOffset, table.where);
  const values = counts.map(() => decodeElements(column, new Uint8Array(0), 0));
  const where = (i: number): { row: number; column: string } => ({ row: firstRow + i, column: column.name });
  await readRanges(heap, ranges, where, (i, bytes) => {
    values[i] = decodeElements(column, bytes, counts[i]);
  });
  if (column.type === 'A') return values as string[];
  return (values as NumericArray[]).map((array) => finishNumbers(column, array, options.nulls === 'nan'));
}
