// SPDX-License-Identifier: BSD-3-Clause
import { gzipSync } from 'node:zlib';
import { addToChecksum } from '../checksum.ts';
import { fitsErrors } from '../errors.ts';
import { Card } from '../header/card.ts';
import { type Bitpix, bytesOf, copyOf, encodeStored, type NumericArray } from '../image/numeric.ts';
import { applyOffset } from '../image/scaling.ts';
import { windowOf } from '../image/section.ts';
import { NULL_SAMPLE, type Quantisation } from '../tiles/dither.ts';
import { scatter, type Tile, tilesIn } from '../tiles/grid.ts';
import { quantise } from '../tiles/quantise.ts';
import { type RiceSampleBytes, riceBound, riceEncode } from '../tiles/rice.ts';
import { shuffle } from '../tiles/shuffle.ts';
import { offsetCards, storedTypeOf } from './image.ts';
import type { ColumnToWrite } from './table.ts';

/** How to store an image as compressed tiles. Integers and GZIP_2 are lossless; RICE_1 of floats quantises them. */
export interface TileCompression {
  algorithm: 'RICE_1' | 'GZIP_2';
  /** Tile lengths along each axis; default one row a tile. */
  tile?: readonly number[];
  /** RICE_1 of floats: quantisation step as a fraction 1/level of the tile's noise (default 4); a negative level is the step itself. */
  level?: number;
  /** Default SUBTRACTIVE_DITHER_2, which keeps exact zeros. */
  dither?: Quantisation;
  /** ZDITHER0, 1 to 10,000; default from a checksum of the data, so that equal data give equal files and different images different dithers. */
  seed?: number;
  /** zlib level 1 to 9, default 4. */
  gzipLevel?: number;
}

const BLOCK_SIZE = 32;
const NOTHING = new Uint8Array(0);

/** The columns and cards of the table of tiles that stands for an image. */
export function compressedImage(
  data: NumericArray,
  shape: readonly number[],
  how: TileCompression,
): { columns: ColumnToWrite[]; cards: Card[] } {
  const stored = storedTypeOf(data);
  const tileShape = shape.map((length, k) => Math.max(1, how.tile?.[k] ?? (k === 0 ? length : 1)));
  const floating = stored.bitpix < 0;
  const lossy = floating && how.algorithm === 'RICE_1';
  if (stored.bitpix === 64)
    throw fitsErrors.BAD_INPUT({
      what: 'a compressed image',
      problem: 'other readers know no tiles of 64-bit integers',
    });
  const window = windowOf(shape, {}, { file: '(new image)' });
  const tiles = data.length === 0 ? [] : tilesIn(shape, tileShape, window);
  const largest = tiles.reduce((max, tile) => Math.max(max, tile.samples), 0);
  const samples = copyOf(data, 0, largest);
  const gather = (tile: Tile): NumericArray => {
    const part = samples.subarray(0, tile.samples);
    scatter(tile, shape, window, (from, length, at) =>
      (part as Int32Array).set(data.subarray(at, at + length) as Int32Array, from),
    );
    applyOffset(part);
    return part;
  };
  const base = [
    Card.of('ZIMAGE', true, 'tile-compressed image'),
    Card.of('ZCMPTYPE', how.algorithm),
    Card.of('ZBITPIX', stored.bitpix),
    Card.of('ZNAXIS', shape.length),
    ...shape.map((length, k) => Card.of(`ZNAXIS${k + 1}`, length)),
    ...tileShape.map((length, k) => Card.of(`ZTILE${k + 1}`, length)),
  ];
  const level = how.gzipLevel ?? 4;
  if (how.algorithm === 'GZIP_2') {
    const packed = tiles.map((tile) => gzipShuffled(gather(tile), level));
    const cards = [...base, ...(floating ? [Card.of('ZQUANTIZ', 'NONE')] : []), ...offsetCards(stored)];
    return { columns: [{ name: 'COMPRESSED_DATA', data: packed }], cards };
  }
  const sampleBytes = riceSampleBytes(stored.bitpix);
  const scratch = new Uint8Array(riceBound(largest, BLOCK_SIZE, sampleBytes));
  const rice = (values: ArrayLike<number>, n: number): Uint8Array =>
    scratch.slice(0, riceEncode(values, n, BLOCK_SIZE, sampleBytes, scratch));
  const riceCards = [
    Card.of('ZNAME1', 'BLOCKSIZE', 'samples a block'),
    Card.of('ZVAL1', BLOCK_SIZE),
    Card.of('ZNAME2', 'BYTEPIX', 'bytes a sample'),
    Card.of('ZVAL2', sampleBytes),
  ];
  if (!lossy) {
    const packed = tiles.map((tile) => rice(gather(tile) as Int32Array, tile.samples));
    return {
      columns: [{ name: 'COMPRESSED_DATA', data: packed }],
      cards: [...base, ...riceCards, ...offsetCards(stored)],
    };
  }
  const seed = how.seed ?? seedOf(data);
  const method = how.dither ?? 'SUBTRACTIVE_DITHER_2';
  const quantised = new Int32Array(largest);
  const packed: Uint8Array[] = [];
  const exact: Uint8Array[] = [];
  const scales = new Float64Array(tiles.length);
  const zeros = new Float64Array(tiles.length);
  tiles.forEach((tile, k) => {
    const values = gather(tile) as Float32Array | Float64Array;
    const by = { level: how.level ?? 4, method, seed, tile: tile.index, width: tile.size[0] };
    const scale = quantise(values, by, quantised);
    // A tile that has no noise, or too large a range, is kept exactly.
    packed.push(scale === undefined ? NOTHING : rice(quantised, tile.samples));
    exact.push(scale === undefined ? gzipSync(encodeStored(values, 0, values.length), { level }) : NOTHING);
    scales[k] = scale?.scale ?? 0;
    zeros[k] = scale?.zero ?? 0;
  });
  const cards = [
    ...base,
    ...riceCards,
    Card.of('ZQUANTIZ', method, 'quantisation of the samples'),
    ...(method === 'NO_DITHER' ? [] : [Card.of('ZDITHER0', seed, 'start of the dither sequence')]),
    Card.of('ZBLANK', NULL_SAMPLE, 'stored value of NaN'),
  ];
  const columns: ColumnToWrite[] = [
    { name: 'COMPRESSED_DATA', data: packed },
    { name: 'GZIP_COMPRESSED_DATA', data: exact },
    { name: 'ZSCALE', data: scales },
    { name: 'ZZERO', data: zeros },
  ];
  return { columns, cards };
}

function gzipShuffled(samples: NumericArray, level: number): Uint8Array {
  return gzipSync(shuffle(encodeStored(samples, 0, samples.length), samples.BYTES_PER_ELEMENT), { level });
}

function riceSampleBytes(bitpix: Bitpix): RiceSampleBytes {
  return bitpix === 8 ? 1 : bitpix === 16 ? 2 : 4;
}

function seedOf(data: NumericArray): number {
  return (addToChecksum(0, bytesOf(data)) % 10_000) + 1;
}
