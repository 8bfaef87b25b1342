// SPDX-License-Identifier: BSD-3-Clause
import { fitsErrors, placeOf } from '../errors.ts';
import { BLOCK_BYTES, findEnd, Header } from '../header/header.ts';
import type { ByteSource } from '../io/source.ts';

const HEADER_READ_BYTES = 10 * BLOCK_BYTES;

/** Throws unless the bytes begin as a FITS file does. */
export function assertFits(start: Uint8Array, file: string): void {
  const text = Buffer.from(start.buffer, start.byteOffset, Math.min(start.length, 30)).toString('latin1');
  if (text.startsWith('SIMPLE  =')) return;
  const found = text === '' ? '(nothing: the file is empty)' : text.replace(/[^\x20-\x7e]/g, '?');
  throw fitsErrors.NOT_FITS({ file, found }, placeOf({ file, hdu: 0, byteOffset: 0 }));
}

/** Reads the header at `offset`: a first read of 28,800 bytes is enough for most, and often for the next HDU too. */
export async function readHeaderAt(
  source: ByteSource,
  offset: number,
  index: number,
): Promise<{ header: Header; dataOffset: number }> {
  let bytes = await source.read(offset, HEADER_READ_BYTES);
  if (offset === 0) assertFits(bytes, source.name);
  let searched = 0;
  for (;;) {
    const end = findEnd(bytes, searched);
    if (end >= 0) {
      const dataOffset = offset + Math.ceil((end + 80) / BLOCK_BYTES) * BLOCK_BYTES;
      return { header: Header.parse(bytes.subarray(0, end)), dataOffset };
    }
    const more = offset + bytes.length < source.sizeBytes && looksLikeHeader(bytes, searched);
    if (!more) {
      const where = { file: source.name, hdu: index, byteOffset: offset };
      throw fitsErrors.TRUNCATED_HEADER({ ...where, sizeBytes: source.sizeBytes }, placeOf(where));
    }
    searched = bytes.length - (bytes.length % 80);
    bytes = await source.read(offset, bytes.length * 4);
  }
}

/** Cards are ASCII; binary data are noticed at once, so that a header without END does not make us read a whole file. */
function looksLikeHeader(bytes: Uint8Array, from: number): boolean {
  for (let at = from; at < bytes.length; at += 80) if (bytes[at] < 0x20 || bytes[at] > 0x7e) return false;
  return true;
}
