// SPDX-License-Identifier: BSD-3-Clause
import { Card } from '../header/card.ts';
import { Header } from '../header/header.ts';

/** Cards that describe the table of tiles and have no place in the header of the image. */
const TABLE_ONLY =
  /^(XTENSION|BITPIX|NAXIS\d*|PCOUNT|GCOUNT|TFIELDS|THEAP|T(TYPE|FORM|UNIT|NULL|SCAL|ZERO|DIM|DISP)\d+|CHECKSUM|DATASUM|ZIMAGE|ZCMPTYPE|ZTILE\d+|ZNAME\d+|ZVAL\d+|ZQUANTIZ|ZDITHER0|ZMASKCMP|ZBLANK|ZSCALE|ZZERO)$/;

/** Cards that keep the image's own under another name. */
const RENAMED: Readonly<Record<string, string>> = {
  ZSIMPLE: 'SIMPLE',
  ZTENSION: 'XTENSION',
  ZBITPIX: 'BITPIX',
  ZNAXIS: 'NAXIS',
  ZEXTEND: 'EXTEND',
  ZBLOCKED: 'BLOCKED',
  ZPCOUNT: 'PCOUNT',
  ZGCOUNT: 'GCOUNT',
  ZHECKSUM: 'CHECKSUM',
  ZDATASUM: 'DATASUM',
};

/** The name that compressors give to the table of an image without a name of its own. */
const NAMELESS = 'COMPRESSED_IMAGE';

/** The header of the uncompressed image that a table of tiles stands for (FITS standard 4.0, section 10.1). */
export function imageHeaderOf(table: Header): Header {
  const structure: Card[] = [];
  const rest: Card[] = [];
  for (const card of table.cards) {
    const to = RENAMED[card.keyword] ?? (/^ZNAXIS\d+$/.test(card.keyword) ? card.keyword.slice(1) : undefined);
    if (to !== undefined) structure.push(Card.of(to, card.value, card.comment));
    else if (card.keyword === 'EXTNAME' && card.value === NAMELESS) continue;
    else if (!TABLE_ONLY.test(card.keyword)) rest.push(card);
  }
  const isPrimary = structure.some((card) => card.keyword === 'SIMPLE');
  if (!isPrimary && !structure.some((card) => card.keyword === 'XTENSION'))
    structure.push(Card.of('XTENSION', 'IMAGE', 'image extension'));
  if (!isPrimary && !structure.some((card) => card.keyword === 'PCOUNT'))
    structure.push(Card.of('PCOUNT', 0), Card.of('GCOUNT', 1));
  const checksums = structure.filter((card) => rank(card.keyword) === 99);
  const ordered = structure.filter((card) => rank(card.keyword) < 99).sort((a, b) => rank(a.keyword) - rank(b.keyword));
  const header = new Header([...ordered, ...rest, ...checksums]);
  const blank = table.get('ZBLANK');
  const integer = Number(table.get('ZBITPIX')) > 0;
  if (integer && blank !== undefined && !header.has('BLANK')) header.set('BLANK', blank);
  return header;
}

/** Order of the mandatory cards. */
function rank(keyword: string): number {
  const fixed = ['SIMPLE', 'XTENSION', 'BITPIX', 'NAXIS'].indexOf(keyword);
  if (fixed >= 0) return fixed;
  if (keyword.startsWith('NAXIS')) return 10 + Number(keyword.slice(5)) / 1000;
  const later = ['PCOUNT', 'GCOUNT', 'EXTEND', 'BLOCKED'].indexOf(keyword);
  return later < 0 ? 99 : 20 + later;
}
