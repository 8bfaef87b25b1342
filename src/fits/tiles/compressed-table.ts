// SPDX-License-Identifier: BSD-3-Clause
import { fitsErrors, placeOf } from '../errors.ts';
import { layoutOf } from '../hdu/layout.ts';
import { Header } from '../header/header.ts';
import { bytesOf } from '../image/numeric.ts';
import { gunzipTile } from '../io/compressed.ts';
import { MemorySource } from '../io/source.ts';
import { readBinaryColumns, type StoredTable } from '../table/binary.ts';
import { columnsOf, ELEMENT_BYTES } from '../table/columns.ts';
import { type RiceSampleBytes, riceDecode } from './rice.ts';
import { unshuffle } from './shuffle.ts';

/**
 * The table that a tile-compressed table (ZTABLE, FITS standard 4.0, section 10.3) stands for, in memory. Each tile of ZTILELEN
 * rows has its columns one after another, each compressed on its own.
 */
export async function expandTable(packed: StoredTable): Promise<StoredTable> {
  const { header, where } = packed;
  const original = new Header(header.cards);
  original.set('NAXIS1', header.getInteger('ZNAXIS1')).set('NAXIS2', header.getInteger('ZNAXIS2'));
  original.set('PCOUNT', header.getInteger('ZPCOUNT', 0));
  const fields = header.getInteger('TFIELDS');
  for (let n = 1; n <= fields; n++) original.set(`TFORM${n}`, header.getString(`ZFORM${n}`));
  original.delete('ZTABLE');
  original.delete('THEAP');
  const layout = layoutOf(original, where);
  const columns = columnsOf(original, layout, where);
  if (columns.some((column) => column.descriptorBytes > 0))
    throw fitsErrors.UNSUPPORTED(
      { ...where, feature: 'a compressed table with variable-length columns' },
      placeOf(where),
    );
  const [stride, rows] = layout.shape;
  const tileRows = header.getInteger('ZTILELEN', rows);
  const plain = new Uint8Array(stride * rows);
  const cells = await readBinaryColumns(packed, undefined, {});
  Object.values(cells).forEach((column, k) => {
    const { byteOffset, byteWidth, type, name } = columns[k];
    const algorithm = header.getString(`ZCTYP${k + 1}`, 'GZIP_2').trim();
    (column as Uint8Array[]).forEach((cell, tile) => {
      const first = tile * tileRows;
      const n = Math.min(tileRows, rows - first);
      let bytes: Uint8Array;
      try {
        bytes = expandCell(bytesOf(cell), algorithm, n * byteWidth, elementBytes(type));
      } catch (cause) {
        const problem = `column "${name}": ${(cause as Error).message}`;
        throw fitsErrors.BAD_TILE({ ...where, tile, algorithm, problem }, { ...placeOf(where), cause });
      }
      for (let i = 0; i < n; i++)
        plain.set(bytes.subarray(i * byteWidth, (i + 1) * byteWidth), (first + i) * stride + byteOffset);
    });
  });
  return { source: new MemorySource(plain, where.file), header: original, layout, dataOffset: 0, where };
}

function elementBytes(type: string): number {
  if (type === 'C') return 4;
  return type === 'M' ? 8 : ELEMENT_BYTES[type];
}

function expandCell(cell: Uint8Array, algorithm: string, wantedBytes: number, width: number): Uint8Array {
  let bytes: Uint8Array;
  if (algorithm === 'RICE_1') {
    const n = wantedBytes / width;
    const samples = new Int32Array(n);
    riceDecode(cell, n, 32, width as RiceSampleBytes, samples);
    bytes = new Uint8Array(wantedBytes);
    for (let i = 0; i < n; i++)
      for (let k = 0; k < width; k++) bytes[i * width + k] = samples[i] >>> (8 * (width - 1 - k));
  } else if (algorithm === 'GZIP_1') bytes = gunzipTile(cell, wantedBytes);
  else if (algorithm === 'GZIP_2') bytes = unshuffle(gunzipTile(cell, wantedBytes), width);
  else if (algorithm === 'NOCOMPRESS') bytes = cell;
  else throw new Error('this algorithm is unknown for tables');
  if (bytes.length !== wantedBytes) throw new Error(`it has ${bytes.length} bytes where ${wantedBytes} are wanted`);
  return bytes;
}
