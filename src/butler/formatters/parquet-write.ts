// SPDX-License-Identifier: BSD-3-Clause
import { constants, zstdCompressSync } from 'node:zlib';
import { ByteWriter, type ColumnSource, parquetWrite } from 'hyparquet-writer';
import type { Column, Table } from '../../pixels/index.ts';
import type { ByteSink } from '../datastore/byte-store.ts';
import { butlerErrors } from '../errors.ts';
import { tableHeader } from './table-header.ts';

const compressors = {
  ZSTD: (input: Uint8Array) => zstdCompressSync(input, { params: { [constants.ZSTD_c_compressionLevel]: 3 } }),
};
const rowGroupSize = 200_000;
const flushBytes = 1 << 20;

/**
 * Writes a table as Parquet with zstd, front to back. Units and notes go where astropy and the Gen3 formatters look for them:
 * file metadata `table_meta_yaml`. (The key `lsst::arrow::rowcount` must stay out: beside it, those readers ignore the other one.)
 */
export function writeParquet(table: Table, sink: ByteSink, storageClass: string): void {
  const names = Object.keys(table.columns);
  for (const name of names) {
    const { length } = table.columns[name];
    if (length !== table.rows) {
      throw butlerErrors.BAD_OBJECT({
        storageClass,
        expected: `columns of ${table.rows} values`,
        found: `column "${name}" of ${length}`,
      });
    }
  }
  parquetWrite({
    writer: sinkWriter(sink),
    columnData: names.map((name) => toSource(name, table.columns[name])),
    codec: 'ZSTD',
    compressors,
    rowGroupSize,
    kvMetadata: [
      { key: 'table_meta_yaml', value: tableHeader(table) },
      ...names.flatMap((name) => textLength(name, table.columns[name])),
    ],
    createdBy: 'skymill',
  });
}

/** A writer of hyparquet's kind which hands its buffer on whenever that has grown to a mebibyte. */
function sinkWriter(sink: ByteSink): ByteWriter {
  const writer = new ByteWriter();
  const flush = (): void => {
    sink.write(new Uint8Array(writer.buffer, 0, writer.index));
    writer.index = 0;
  };
  const grow = writer.ensure.bind(writer);
  writer.ensure = (size: number): void => {
    if (writer.index > flushBytes) flush();
    grow(size);
  };
  writer.finish = flush;
  return writer;
}

function toSource(name: string, column: Column): ColumnSource {
  const required = { name, nullable: false };
  if (column instanceof Float64Array) return { ...required, type: 'DOUBLE', data: column };
  if (column instanceof Float32Array) return { ...required, type: 'FLOAT', data: column };
  if (column instanceof Int32Array) return { ...required, type: 'INT32', data: column };
  if (column instanceof BigInt64Array) return { ...required, type: 'INT64', data: column };
  if (column instanceof Uint8Array) return { ...required, type: 'BOOLEAN', data: Array.from(column, Boolean) };
  const type = column[0] instanceof Uint8Array ? 'BYTE_ARRAY' : 'STRING';
  return { ...required, type, data: column, statistics: type === 'STRING' };
}

/** Fixed lengths of text columns, which save readers in numpy a pass over the values. */
function textLength(name: string, column: Column): { key: string; value: string }[] {
  if (!Array.isArray(column)) return [];
  let longest = 1;
  for (const value of column) longest = Math.max(longest, value.length);
  return [{ key: `lsst::arrow::len::${name}`, value: String(longest) }];
}
