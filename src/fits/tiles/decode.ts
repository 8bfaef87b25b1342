// SPDX-License-Identifier: BSD-3-Clause
import { type Bitpix, decodeStored, type NumericArray } from '../image/numeric.ts';
import { gunzipTile } from '../io/compressed.ts';
import { hcompressDecode } from './hcompress.ts';
import { plioDecode } from './plio.ts';
import { type RiceSampleBytes, riceDecode } from './rice.ts';
import { unshuffle } from './shuffle.ts';

export type TileAlgorithm = 'RICE_1' | 'GZIP_1' | 'GZIP_2' | 'PLIO_1' | 'HCOMPRESS_1' | 'NOCOMPRESS';

/** ZCMPTYPE as one of the known algorithms; undefined for others. */
export function algorithmOf(name: string): TileAlgorithm | undefined {
  switch (name.trim().toUpperCase()) {
    case 'RICE_1':
    case 'RICE_ONE':
      return 'RICE_1';
    case 'GZIP_1':
    case 'GZIP_2':
    case 'PLIO_1':
    case 'HCOMPRESS_1':
    case 'NOCOMPRESS':
      return name.trim().toUpperCase() as TileAlgorithm;
    default:
      return undefined;
  }
}

export interface TileCoding {
  algorithm: TileAlgorithm;
  /** Type of the stored samples: 32 for quantised floats. */
  bitpix: Bitpix;
  riceBlockSize: number;
  riceSampleBytes: RiceSampleBytes;
}

/**
 * The stored samples of a tile of `n` samples (rows of `width`). Integers that fit come in `scratch`. Throws a plain
 * Error when the bytes are damaged.
 */
export function decodeTile(
  bytes: Uint8Array,
  coding: TileCoding,
  n: number,
  width: number,
  scratch: Int32Array,
): NumericArray {
  switch (coding.algorithm) {
    case 'RICE_1':
      riceDecode(bytes, n, coding.riceBlockSize, coding.riceSampleBytes, scratch);
      return scratch.subarray(0, n);
    case 'PLIO_1':
      plioDecode(bytes, n, scratch);
      return scratch.subarray(0, n);
    case 'HCOMPRESS_1':
      hcompressDecode(bytes, width, n / width, scratch);
      return scratch.subarray(0, n);
    case 'GZIP_1':
    case 'GZIP_2': {
      const plain = gunzipTile(bytes, n * 8);
      const size = plain.length / n;
      const ordered = coding.algorithm === 'GZIP_2' && Number.isInteger(size) ? unshuffle(plain, size) : plain;
      return samplesOf(ordered, coding.bitpix, n);
    }
    case 'NOCOMPRESS':
      return samplesOf(bytes, coding.bitpix, n);
  }
}

/** Big-endian samples; their width follows from their number, as writers widen small integers. */
export function samplesOf(bytes: Uint8Array, bitpix: Bitpix, n: number): NumericArray {
  const width = bytes.length / n;
  if (width === Math.abs(bitpix) / 8) return decodeStored(bytes, bitpix);
  if (bitpix > 0 && (width === 1 || width === 2 || width === 4)) return decodeStored(bytes, (width * 8) as Bitpix);
  throw new Error(`it has ${bytes.length} bytes for ${n} samples of BITPIX ${bitpix}`);
}
