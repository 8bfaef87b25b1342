// SPDX-License-Identifier: BSD-3-Clause

/** Undoes the byte shuffle of GZIP_2 (FITS standard 4.0, section 10.4.2): all most significant bytes come first. */
export function unshuffle(bytes: Uint8Array, width: number): Uint8Array {
  if (width === 1) return bytes;
  const n = bytes.length / width;
  const out = new Uint8Array(bytes.length);
  for (let k = 0; k < width; k++)
    for (let i = 0, at = k, from = k * n; i < n; i++, at += width) out[at] = bytes[from + i];
  return out;
}

/** The byte shuffle of GZIP_2, of big-endian samples. */
export function shuffle(bytes: Uint8Array, width: number): Uint8Array {
  if (width === 1) return bytes;
  const n = bytes.length / width;
  const out = new Uint8Array(bytes.length);
  for (let k = 0; k < width; k++)
    for (let i = 0, from = k, at = k * n; i < n; i++, from += width) out[at + i] = bytes[from];
  return out;
}
