// SPDX-License-Identifier: BSD-3-Clause
import { fitsErrors, placeOf, type Where } from '../errors.ts';
import type { Header } from '../header/header.ts';
import { readPlainImage } from '../image/read.ts';
import type { ImageData, ReadImageOptions } from '../image/section.ts';
import type { ByteSource } from '../io/source.ts';
import { readAsciiColumns } from '../table/ascii.ts';
import { type ReadColumnsOptions, readBinaryColumns } from '../table/binary.ts';
import { type ColumnInfo, columnsOf } from '../table/columns.ts';
import type { TableColumns } from '../table/values.ts';
import { expandTable } from '../tiles/compressed-table.ts';
import { TiledImage } from '../tiles/image.ts';
import { type RandomGroups, readGroups } from './groups.ts';
import { type HduKind, type Layout, layoutOf, padded } from './layout.ts';

/** One header and data unit. Nothing of the data is read before it is asked for. */
export class Hdu {
  readonly index: number;
  /** Header and layout as they are in the file: those of a binary table for a tile-compressed image. */
  readonly storedHeader: Header;
  readonly layout: Layout;
  readonly headerOffset: number;
  readonly dataOffset: number;
  readonly #source: ByteSource;
  readonly #tiled: TiledImage | undefined;

  constructor(source: ByteSource, index: number, header: Header, headerOffset: number, dataOffset: number) {
    this.#source = source;
    this.index = index;
    this.storedHeader = header;
    this.headerOffset = headerOffset;
    this.dataOffset = dataOffset;
    this.layout = layoutOf(header, { file: source.name, hdu: index, byteOffset: headerOffset });
    if (this.layout.kind === 'bintable' && header.get('ZIMAGE') === true)
      this.#tiled = new TiledImage(source, header, this.layout, this.where);
  }

  /** `image` also for tile-compressed images. */
  get kind(): HduKind {
    return this.#tiled === undefined ? this.layout.kind : 'image';
  }

  /** The image is stored as compressed tiles of a binary table. */
  get compressed(): boolean {
    return this.#tiled !== undefined;
  }

  /** The header; of a tile-compressed image, the one its uncompressed form has. */
  get header(): Header {
    return this.#tiled === undefined ? this.storedHeader : this.#tiled.header;
  }

  /** EXTNAME, or empty. A compressed image has the name of the image; its table's own name counts only where that has none. */
  get name(): string {
    const name = this.header.get('EXTNAME') ?? this.storedHeader.get('EXTNAME');
    return typeof name === 'string' ? name : '';
  }

  /** EXTVER, or 1. */
  get version(): number {
    const version = this.storedHeader.get('EXTVER');
    return typeof version === 'number' ? version : 1;
  }

  /** Axis lengths of an image in NAXIS order. */
  get shape(): readonly number[] {
    return this.#tiled === undefined ? this.layout.shape : this.#tiled.shape;
  }

  get endOffset(): number {
    return this.dataOffset + padded(this.layout.dataBytes);
  }

  /** The file ends before the data unit does (its padding may be missing). */
  get truncated(): boolean {
    return this.dataOffset + this.layout.dataBytes > this.#source.sizeBytes;
  }

  get where(): Where {
    const hdu = this.name === '' ? this.index : `${this.index} (${this.name})`;
    return { file: this.#source.name, hdu, byteOffset: this.dataOffset };
  }

  /** Pixels of an image, whole or a section, in physical values; touches only the rows or tiles that are wanted. */
  async readImage(options: ReadImageOptions<'float32'> & { as: 'float32' }): Promise<ImageData<Float32Array>>;
  async readImage(options: ReadImageOptions<'float64'> & { as: 'float64' }): Promise<ImageData<Float64Array>>;
  async readImage(options?: ReadImageOptions): Promise<ImageData>;
  async readImage(options: ReadImageOptions = {}): Promise<ImageData> {
    if (this.kind !== 'image') throw this.#wrongKind('an image');
    this.#assertWhole();
    if (this.#tiled !== undefined) return this.#tiled.read(options);
    const { bitpix, shape } = this.layout;
    const extent = { bitpix, shape, dataOffset: this.dataOffset, where: this.where };
    return readPlainImage(this.#source, this.storedHeader, extent, options);
  }

  /** Columns of a table, in order. */
  get columns(): readonly ColumnInfo[] {
    if (this.layout.kind !== 'bintable' && this.layout.kind !== 'ascii-table') throw this.#wrongKind('a table');
    return columnsOf(this.storedHeader, this.layout, this.where);
  }

  get rows(): number {
    const packed = this.storedHeader.get('ZTABLE') === true ? this.storedHeader.getInteger('ZNAXIS2') : undefined;
    return packed ?? this.layout.shape[1] ?? 0;
  }

  /** Columns by name (default: all), all rows or a range. Unnamed columns are `col1`, `col2`, … by position. */
  async readColumns(names?: readonly string[], options: ReadColumnsOptions = {}): Promise<TableColumns> {
    if (this.layout.kind !== 'bintable' && this.layout.kind !== 'ascii-table') throw this.#wrongKind('a table');
    this.#assertWhole();
    const table = {
      source: this.#source,
      header: this.storedHeader,
      layout: this.layout,
      dataOffset: this.dataOffset,
      where: this.where,
    };
    if (this.layout.kind === 'ascii-table') return readAsciiColumns(table, names, options);
    if (this.storedHeader.get('ZTABLE') === true) return readBinaryColumns(await expandTable(table), names, options);
    return readBinaryColumns(table, names, options);
  }

  /** Random groups (FITS standard 4.0, section 6). */
  async readGroups(): Promise<RandomGroups> {
    if (this.kind !== 'groups') throw this.#wrongKind('random groups');
    this.#assertWhole();
    return readGroups(this.#source, this.storedHeader, this.layout, this.dataOffset, this.where);
  }

  /** The bytes of header and data unit as stored, padding included. */
  async readStored(from: number, length: number): Promise<Uint8Array> {
    return this.#source.read(this.headerOffset + from, length);
  }

  #assertWhole(): void {
    if (!this.truncated) return;
    throw fitsErrors.TRUNCATED_DATA(
      { ...this.where, wantedBytes: this.layout.dataBytes, sizeBytes: this.#source.sizeBytes },
      placeOf(this.where),
    );
  }

  #wrongKind(wanted: string): Error {
    return fitsErrors.WRONG_KIND({ ...this.where, kind: describeKind(this.kind), wanted }, placeOf(this.where));
  }
}

function describeKind(kind: HduKind): string {
  switch (kind) {
    case 'image':
      return 'an image';
    case 'bintable':
      return 'a binary table';
    case 'ascii-table':
      return 'an ASCII table';
    case 'groups':
      return 'random groups';
    default:
      return 'an extension of another kind';
  }
}
