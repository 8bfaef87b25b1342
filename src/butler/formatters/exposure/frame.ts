// SPDX-License-Identifier: BSD-3-Clause
import { type Cards, type Wcs, wcsFromCards } from '../../../sky/index.ts';

/** Pixels `[x0, x1) × [y0, y1)`. */
export interface Box {
  x0: number;
  y0: number;
  x1: number;
  y1: number;
}

/**
 * Cards that place an image in its parent frame: LTV1, LTV2 (IRAF's offset of image pixels against parent pixels), the same as
 * a linear alternate WCS "A", and the sky WCS of the image as it is stored.
 */
export function frameCards(x0: number, y0: number, wcs: Wcs | undefined): Record<string, string | number | boolean> {
  return {
    ...wcs?.toCards({ x0, y0 }),
    LTV1: 0 - x0,
    LTV2: 0 - y0,
    CRPIX1A: 1,
    CRPIX2A: 1,
    CRVAL1A: x0,
    CRVAL2A: y0,
    CTYPE1A: 'LINEAR',
    CTYPE2A: 'LINEAR',
    CUNIT1A: 'PIXEL',
    CUNIT2A: 'PIXEL',
  };
}

/** Position of the first pixel in the parent frame. */
export function originOf(cards: Cards): { x0: number; y0: number } {
  const axis = (n: 1 | 2): number => {
    const value = cards[`CRVAL${n}A`];
    if (typeof value === 'number' && cards[`CTYPE${n}A`] === 'LINEAR') return value;
    const ltv = cards[`LTV${n}`];
    return typeof ltv === 'number' && ltv !== 0 ? -ltv : 0;
  };
  return { x0: axis(1), y0: axis(2) };
}

/** The WCS of the parent frame from the cards of an image whose first pixel is at (x0, y0) there; undefined if the header has none. */
export function parentWcs(cards: Cards, { x0, y0 }: { x0: number; y0: number }): Wcs | undefined {
  const projected = typeof cards['CTYPE1'] === 'string' && /^.{4}-/.test(cards['CTYPE1']);
  if (!projected) return undefined;
  const shifted = { ...cards, CRPIX1: Number(cards['CRPIX1'] ?? 0) + x0, CRPIX2: Number(cards['CRPIX2'] ?? 0) + y0 };
  return wcsFromCards(shifted);
}
