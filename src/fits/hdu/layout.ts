// SPDX-License-Identifier: BSD-3-Clause
import { fitsErrors, placeOf, type Where } from '../errors.ts';
import { BLOCK_BYTES, type Header } from '../header/header.ts';
import { type Bitpix, isBitpix } from '../image/numeric.ts';

export type HduKind = 'image' | 'bintable' | 'ascii-table' | 'groups' | 'other';

/** What the mandatory cards say about the data unit. */
export interface Layout {
  kind: HduKind;
  bitpix: Bitpix;
  /** NAXIS order: the first varies fastest. */
  shape: number[];
  pcount: number;
  gcount: number;
  /** Without the padding to 2880. */
  dataBytes: number;
}

/** The layout of FITS standard 4.0, sections 4.4.1, 6 and 7; throws naming the card that is missing or wrong. */
export function layoutOf(header: Header, where: Where): Layout {
  const bad = (keyword: string, problem: string): Error =>
    fitsErrors.BAD_STRUCTURE({ ...where, keyword, problem }, placeOf(where));
  const count = (keyword: string, fallback?: number): number => {
    const value = header.get(keyword) ?? fallback;
    if (value === undefined) throw bad(keyword, 'is missing');
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
    throw bad(keyword, `is ${String(value)} where a count is wanted`);
  };
  const bitpix = header.get('BITPIX');
  if (typeof bitpix !== 'number' || !isBitpix(bitpix))
    throw bad('BITPIX', bitpix === undefined ? 'is missing' : `is ${String(bitpix)}: not a FITS sample type`);
  const naxis = count('NAXIS');
  if (naxis > 999) throw bad('NAXIS', `is ${naxis}: more than 999`);
  const shape: number[] = [];
  for (let i = 1; i <= naxis; i++) shape.push(count(`NAXIS${i}`));
  const xtension = header.get('XTENSION');
  const groups = xtension === undefined && header.get('GROUPS') === true && shape[0] === 0;
  const pcount = xtension === undefined && !groups ? 0 : count('PCOUNT', 0);
  const gcount = xtension === undefined && !groups ? 1 : count('GCOUNT', 1);
  const axes = groups ? shape.slice(1) : shape;
  const elements = naxis === 0 ? 0 : axes.reduce((a, b) => a * b, 1);
  const dataBytes = naxis === 0 ? 0 : (Math.abs(bitpix) / 8) * gcount * (pcount + elements);
  if (!Number.isSafeInteger(dataBytes)) throw bad('NAXISn', `make a data unit of ${dataBytes} bytes`);
  return { kind: kindOf(xtension, groups), bitpix, shape, pcount, gcount, dataBytes };
}

function kindOf(xtension: unknown, groups: boolean): HduKind {
  if (groups) return 'groups';
  switch (xtension) {
    case undefined:
    case 'IMAGE':
    case 'IUEIMAGE':
      return 'image';
    case 'BINTABLE':
    case 'A3DTABLE':
      return 'bintable';
    case 'TABLE':
      return 'ascii-table';
    default:
      return 'other';
  }
}

export function padded(bytes: number): number {
  return Math.ceil(bytes / BLOCK_BYTES) * BLOCK_BYTES;
}
