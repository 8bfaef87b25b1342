// SPDX-License-Identifier: BSD-3-Clause
import { fitsErrors, placeOf, type Where } from '../errors.ts';
import { type Layout, layoutOf } from '../hdu/layout.ts';
import type { Header } from '../header/header.ts';
import type { Bitpix, NumericArray } from '../image/numeric.ts';
import { physicalArray, type Scaling, scalingOf, toPhysical } from '../image/scaling.ts';
import { type ImageData, type ReadImageOptions, windowOf } from '../image/section.ts';
import type { ByteSource } from '../io/source.ts';
import { forRowChunks, type StoredTable } from '../table/binary.ts';
import { type ColumnInfo, columnsOf, ELEMENT_BYTES } from '../table/columns.ts';
import { heapOf, readDescriptor, readRanges } from '../table/heap.ts';
import { algorithmOf, decodeTile, samplesOf, type TileAlgorithm, type TileCoding } from './decode.ts';
import { dequantise, type Quantisation } from './dither.ts';
import { scatter, type Tile, tilesIn } from './grid.ts';
import { imageHeaderOf } from './header.ts';

/** How a tile is stored, as its row of the table says. */
interface StoredTile {
  column: 'COMPRESSED_DATA' | 'GZIP_COMPRESSED_DATA' | 'UNCOMPRESSED_DATA';
  offset: number;
  bytes: number;
  scale: number;
  zero: number;
  blank: number | undefined;
}

const DATA_COLUMNS = ['COMPRESSED_DATA', 'GZIP_COMPRESSED_DATA', 'UNCOMPRESSED_DATA'] as const;

/** A tile-compressed image (FITS standard 4.0, section 10.1). */
export class TiledImage {
  /** The header of the uncompressed image. */
  readonly header: Header;
  readonly shape: readonly number[];
  readonly #table: StoredTable;
  readonly #tileShape: number[];
  readonly #bitpix: Bitpix;
  readonly #algorithmName: string;
  readonly #algorithm: TileAlgorithm | undefined;

  constructor(source: ByteSource, header: Header, layout: Layout, where: Where) {
    this.header = imageHeaderOf(header);
    const image = layoutOf(this.header, where);
    this.shape = image.shape;
    this.#bitpix = image.bitpix;
    this.#tileShape = image.shape.map((length, k) =>
      Math.max(1, header.getInteger(`ZTILE${k + 1}`, k === 0 ? length : 1)),
    );
    this.#algorithmName = header.getString('ZCMPTYPE');
    this.#algorithm = algorithmOf(this.#algorithmName);
    this.#table = { source, header, layout, dataOffset: where.byteOffset ?? 0, where };
  }

  /** Reads the image or a section; only the tiles with wanted pixels are read and decompressed. */
  async read(options: ReadImageOptions): Promise<ImageData> {
    const window = windowOf(this.shape, options, this.#table.where);
    const scaling = scalingOf(this.header, this.#bitpix);
    const planes = window.lastPlane - window.firstPlane;
    const out = physicalArray(scaling, options.as ?? 'native', window.width * window.height * planes);
    const result = { width: window.width, height: window.height, shape: window.shape, data: out };
    if (out.length === 0) return result;
    const tiles = tilesIn(this.shape, this.#tileShape, window);
    const stored = await this.#locate(tiles);
    const largest = tiles.reduce((max, tile) => Math.max(max, tile.samples), 0);
    const decoder = new TileDecoder(this.#coding(), scaling, this.#dithering(), largest);
    const { source, header, layout, dataOffset, where } = this.#table;
    const heap = heapOf(source, header, layout, dataOffset, where);
    const describe = (k: number): { row: number; column: string } => ({
      row: tiles[k].index,
      column: stored[k].column,
    });
    await readRanges(heap, stored, describe, (k, bytes) => {
      const tile = tiles[k];
      try {
        const samples = decoder.decode(tile, stored[k], bytes);
        scatter(tile, this.shape, window, (from, length, to) =>
          toPhysical(samples.subarray(from, from + length), scaling, out, to),
        );
      } catch (cause) {
        throw this.#damaged(tile.index, heap.start + stored[k].offset, (cause as Error).message, cause);
      }
    });
    return result;
  }

  #damaged(tile: number, byteOffset: number, problem: string, cause?: unknown): Error {
    const where = { ...this.#table.where, byteOffset };
    return fitsErrors.BAD_TILE(
      { ...where, tile, algorithm: this.#algorithmName, problem },
      { ...placeOf(where), cause },
    );
  }

  #coding(): TileCoding {
    const { where } = this.#table;
    if (this.#algorithm === undefined)
      throw fitsErrors.UNSUPPORTED({ ...where, feature: `tile compression ${this.#algorithmName}` }, placeOf(where));
    const bitpix = this.#bitpix < 0 && this.#quantised ? 32 : this.#bitpix;
    const sampleBytes = this.#setting('BYTEPIX') ?? 4;
    if (sampleBytes !== 1 && sampleBytes !== 2 && sampleBytes !== 4)
      throw fitsErrors.UNSUPPORTED({ ...where, feature: `RICE_1 with BYTEPIX ${sampleBytes}` }, placeOf(where));
    const riceBlockSize = this.#setting('BLOCKSIZE') ?? 32;
    if (!(Number.isInteger(riceBlockSize) && riceBlockSize > 0))
      throw fitsErrors.BAD_STRUCTURE(
        { ...where, keyword: 'BLOCKSIZE', problem: `is ${riceBlockSize}` },
        placeOf(where),
      );
    return { algorithm: this.#algorithm, bitpix, riceBlockSize, riceSampleBytes: sampleBytes };
  }

  /** A parameter of the algorithm: ZVALn of the ZNAMEn that names it. */
  #setting(name: string): number | undefined {
    const { header } = this.#table;
    for (let n = 1; header.has(`ZNAME${n}`); n++)
      if (header.get(`ZNAME${n}`) === name) return header.getNumber(`ZVAL${n}`);
    return undefined;
  }

  get #quantised(): boolean {
    const { header, layout, where } = this.#table;
    const method = header.get('ZQUANTIZ');
    if (typeof method === 'string' && method.trim().toUpperCase() === 'NONE') return false;
    return header.has('ZSCALE') || columnsOf(header, layout, where).some((column) => column.name === 'ZSCALE');
  }

  #dithering(): { method: Quantisation; seed: number; quantised: boolean } {
    const { header, where } = this.#table;
    const name = header.getString('ZQUANTIZ', 'NO_DITHER').trim().toUpperCase();
    const quantised = this.#bitpix < 0 && this.#quantised;
    if (!quantised) return { method: 'NO_DITHER', seed: 1, quantised };
    if (name !== 'NO_DITHER' && name !== 'SUBTRACTIVE_DITHER_1' && name !== 'SUBTRACTIVE_DITHER_2')
      throw fitsErrors.UNSUPPORTED({ ...where, feature: `quantisation ${name}` }, placeOf(where));
    const seed = header.getInteger('ZDITHER0', 1);
    return { method: seed > 0 ? name : 'NO_DITHER', seed, quantised };
  }

  /** Reads the rows of the table that describe the tiles. */
  async #locate(tiles: readonly Tile[]): Promise<StoredTile[]> {
    const { header, layout, where } = this.#table;
    const columns = new Map(columnsOf(header, layout, where).map((column) => [column.name, column]));
    const rows = layout.shape[1] ?? 0;
    const first = tiles[0].index;
    const last = tiles[tiles.length - 1].index;
    if (last >= rows) {
      const problem = `is ${rows} where the image has at least ${last + 1} tiles`;
      throw fitsErrors.BAD_STRUCTURE({ ...where, keyword: 'NAXIS2', problem }, placeOf(where));
    }
    const number = (name: string): number | undefined => {
      const value = header.get(name);
      return typeof value === 'number' ? value : undefined;
    };
    const defaults = { scale: number('ZSCALE') ?? 1, zero: number('ZZERO') ?? 0, blank: number('ZBLANK') };
    const stored: StoredTile[] = [];
    await forRowChunks(this.#table, first, last + 1, (bytes, row, n) => {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      while (stored.length < tiles.length && tiles[stored.length].index < row + n) {
        const at = (tiles[stored.length].index - row) * layout.shape[0];
        stored.push(this.#storedTile(view, at, columns, defaults, tiles[stored.length].index));
      }
    });
    return stored;
  }

  #storedTile(
    view: DataView,
    at: number,
    columns: ReadonlyMap<string, ColumnInfo>,
    defaults: { scale: number; zero: number; blank: number | undefined },
    tile: number,
  ): StoredTile {
    const scale = columns.get('ZSCALE');
    const zero = columns.get('ZZERO');
    const blank = columns.get('ZBLANK');
    const real = (column: ColumnInfo): number =>
      column.type === 'E' ? view.getFloat32(at + column.byteOffset) : view.getFloat64(at + column.byteOffset);
    for (const name of DATA_COLUMNS) {
      const column = columns.get(name);
      if (column === undefined || column.descriptorBytes === 0) continue;
      const { count, offset } = readDescriptor(view, at + column.byteOffset, column.descriptorBytes);
      if (count === 0) continue;
      return {
        column: name,
        offset,
        bytes: count * ELEMENT_BYTES[column.type],
        scale: scale === undefined ? defaults.scale : real(scale),
        zero: zero === undefined ? defaults.zero : real(zero),
        blank: blank === undefined ? defaults.blank : view.getInt32(at + blank.byteOffset),
      };
    }
    throw this.#damaged(tile, this.#table.dataOffset + tile * this.#table.layout.shape[0], 'its row has no data');
  }
}

/** Turns the bytes of tiles into samples; its buffers are used again for each tile. */
class TileDecoder {
  readonly #coding: TileCoding;
  readonly #scaling: Scaling;
  readonly #dithering: { method: Quantisation; seed: number; quantised: boolean };
  readonly #integers: Int32Array;
  readonly #reals: Float32Array | Float64Array;

  constructor(
    coding: TileCoding,
    scaling: Scaling,
    dithering: { method: Quantisation; seed: number; quantised: boolean },
    largest: number,
  ) {
    this.#coding = coding;
    this.#scaling = scaling;
    this.#dithering = dithering;
    this.#integers = new Int32Array(largest);
    const reals = dithering.quantised ? largest : 0;
    this.#reals = scaling.bitpix === -32 ? new Float32Array(reals) : new Float64Array(reals);
  }

  decode(tile: Tile, stored: StoredTile, bytes: Uint8Array): NumericArray {
    const n = tile.samples;
    const { bitpix } = this.#scaling;
    if (stored.column === 'UNCOMPRESSED_DATA') return samplesOf(bytes, bitpix, n);
    if (stored.column === 'GZIP_COMPRESSED_DATA')
      return decodeTile(bytes, { ...this.#coding, algorithm: 'GZIP_1', bitpix }, n, tile.size[0], this.#integers);
    const samples = decodeTile(bytes, this.#coding, n, tile.size[0], this.#integers);
    if (!this.#dithering.quantised) return samples;
    const { method, seed } = this.#dithering;
    const { scale, zero, blank } = stored;
    const by = { scale, zero, blank, method, seed, tile: tile.index };
    dequantise(samples as Int32Array, n, by, this.#reals);
    return this.#reals.subarray(0, n);
  }
}
