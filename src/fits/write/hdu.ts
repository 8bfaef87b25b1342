// SPDX-License-Identifier: BSD-3-Clause
import { Card } from '../header/card.ts';
import { Header } from '../header/header.ts';
import type { CardValue } from '../header/value.ts';
import type { NumericArray } from '../image/numeric.ts';
import { type Body, EMPTY_BODY } from './body.ts';
import { compressedImage, type TileCompression } from './compressed.ts';
import { assertShape, axisCards, imageBody, offsetCards, storedTypeOf } from './image.ts';
import { type ColumnToWrite, encodeTable } from './table.ts';

interface CommonToWrite {
  /** EXTNAME. */
  name?: string;
  version?: number;
  /** Further cards, in order. Cards that describe the data unit are replaced by the right ones. */
  header?: Header | Readonly<Record<string, CardValue | null>>;
}

/** An image to write: BITPIX follows from the array, unsigned arrays are stored with BZERO. */
export interface ImageToWrite extends CommonToWrite {
  kind: 'image';
  /** Absent: a header without data. */
  data?: NumericArray;
  /** Axis lengths in NAXIS order, first axis fastest: `[width, height]`. */
  shape?: readonly number[];
  compression?: TileCompression;
}

/** A binary table to write. */
export interface TableToWrite extends CommonToWrite {
  kind: 'table';
  columns: readonly ColumnToWrite[];
  /** Needed only for tables without columns. */
  rows?: number;
}

export type HduToWrite = ImageToWrite | TableToWrite;

/** A header (without checksums) and the data it describes. */
export interface EncodedHdu {
  header: Header;
  body: Body;
}

/** Cards of the writer's own: taken out of the header that is given. */
const STRUCTURAL =
  /^(SIMPLE|XTENSION|BITPIX|NAXIS\d*|EXTEND|PCOUNT|GCOUNT|GROUPS|TFIELDS|THEAP|BSCALE|BZERO|BLANK|CHECKSUM|DATASUM|END|T(TYPE|FORM|UNIT|NULL|SCAL|ZERO|DIM|DISP|BCOL)\d+|Z(IMAGE|TABLE|CMPTYPE|BITPIX|NAXIS\d*|TILE\d+|NAME\d+|VAL\d+|SIMPLE|TENSION|EXTEND|BLOCKED|PCOUNT|GCOUNT|HECKSUM|DATASUM|QUANTIZ|DITHER0|BLANK))$/;

/** Whether an HDU can be the primary one. */
export function canBePrimary(hdu: HduToWrite): boolean {
  return hdu.kind === 'image' && hdu.compression === undefined;
}

export function emptyPrimary(): EncodedHdu {
  const cards = [
    Card.of('SIMPLE', true, 'conforms to FITS standard 4.0'),
    ...axisCards(8, []),
    Card.of('EXTEND', true),
  ];
  return { header: new Header(cards), body: EMPTY_BODY };
}

export function encodeHdu(hdu: HduToWrite, position: { primary: boolean; extended: boolean }): EncodedHdu {
  const own = ownCards(hdu);
  if (hdu.kind === 'table') {
    const table = encodeTable(hdu.columns, hdu.rows);
    const cards = [
      ...tableCards(table.rowBytes, table.rows, table.heapBytes, hdu.columns.length),
      ...nameCards(hdu),
      ...table.cards,
      ...own,
    ];
    return { header: new Header(cards), body: table.body };
  }
  const shape = hdu.shape ?? (hdu.data === undefined ? [] : [hdu.data.length]);
  assertShape(shape, hdu.data, hdu.name === undefined ? 'an image' : `image "${hdu.name}"`);
  if (hdu.compression !== undefined && hdu.data !== undefined) {
    const tiled = compressedImage(hdu.data, shape, hdu.compression);
    const columns = tiled.columns.length;
    const table = encodeTable(tiled.columns);
    const cards = [
      ...tableCards(table.rowBytes, table.rows, table.heapBytes, columns),
      ...table.cards,
      ...tiled.cards,
      ...nameCards(hdu),
      ...own,
    ];
    return { header: new Header(cards), body: table.body };
  }
  const stored = hdu.data === undefined ? { bitpix: 8 as const, zero: 0 } : storedTypeOf(hdu.data);
  const cards = [
    position.primary
      ? Card.of('SIMPLE', true, 'conforms to FITS standard 4.0')
      : Card.of('XTENSION', 'IMAGE', 'image extension'),
    ...axisCards(stored.bitpix, shape),
    ...(position.primary
      ? position.extended
        ? [Card.of('EXTEND', true)]
        : []
      : [Card.of('PCOUNT', 0), Card.of('GCOUNT', 1)]),
    ...nameCards(hdu),
    ...offsetCards(stored),
    ...own,
  ];
  return { header: new Header(cards), body: imageBody(hdu.data) };
}

function tableCards(rowBytes: number, rows: number, heapBytes: number, columns: number): Card[] {
  return [
    Card.of('XTENSION', 'BINTABLE', 'binary table extension'),
    ...axisCards(8, [rowBytes, rows]),
    Card.of('PCOUNT', heapBytes, 'bytes of the heap'),
    Card.of('GCOUNT', 1),
    Card.of('TFIELDS', columns, 'number of columns'),
  ];
}

function nameCards(hdu: HduToWrite): Card[] {
  const cards: Card[] = [];
  if (hdu.name !== undefined) cards.push(Card.of('EXTNAME', hdu.name));
  if (hdu.version !== undefined) cards.push(Card.of('EXTVER', hdu.version));
  return cards;
}

function ownCards(hdu: HduToWrite): Card[] {
  if (hdu.header === undefined) return [];
  const header = hdu.header instanceof Header ? hdu.header : Header.from(hdu.header);
  return header.cards.filter(
    (card) =>
      !STRUCTURAL.test(card.keyword) &&
      !(card.keyword === 'EXTNAME' && hdu.name !== undefined) &&
      !(card.keyword === 'EXTVER' && hdu.version !== undefined),
  );
}
