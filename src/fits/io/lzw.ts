// SPDX-License-Identifier: BSD-3-Clause

const CLEAR = 256;

/**
 * Decodes a file of Unix `compress` (LZW of Welch 1984 with code widths from 9 to 16 bits). Codes are read least significant bit
 * first; when the width changes, the rest of the group of eight codes is skipped.
 */
export function lzwDecode(bytes: Uint8Array): Uint8Array {
  const flags = bytes[2];
  const maxBits = flags & 0x1f;
  const blockMode = (flags & 0x80) !== 0;
  if (maxBits < 9 || maxBits > 16) throw new Error(`code width of ${maxBits} bits`);
  const prefix = new Int32Array(1 << maxBits);
  const suffix = new Uint8Array(1 << maxBits);
  const stack = new Uint8Array(1 << maxBits);
  let out = new Uint8Array(bytes.length * 4);
  let length = 0;
  let width = 9;
  let next = blockMode ? 257 : 256;
  let previous = -1;
  let firstByte = 0;
  let groupStart = 3 * 8;
  let bit = groupStart;
  const endBit = bytes.length * 8;

  const widen = (to: number): void => {
    const group = width * 8;
    bit = groupStart + Math.ceil((bit - groupStart) / group) * group;
    groupStart = bit;
    width = to;
  };

  while (bit + width <= endBit) {
    const at = bit >> 3;
    let code = ((bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16)) >>> (bit & 7)) & ((1 << width) - 1);
    bit += width;
    if (blockMode && code === CLEAR) {
      widen(9);
      next = 257;
      previous = -1;
      continue;
    }
    const given = code;
    let depth = 0;
    if (previous < 0) {
      if (code > 255) throw new Error(`code ${code} where a literal byte must be`);
      firstByte = code;
    } else {
      if (code > next) throw new Error(`code ${code} before it is defined`);
      if (code === next) {
        stack[depth++] = firstByte;
        code = previous;
      }
      while (code > 255) {
        stack[depth++] = suffix[code];
        code = prefix[code];
      }
      firstByte = code;
    }
    if (length + depth + 1 > out.length) {
      const larger = new Uint8Array(Math.max(out.length * 2, length + depth + 1));
      larger.set(out);
      out = larger;
    }
    out[length++] = firstByte;
    while (depth > 0) out[length++] = stack[--depth];
    if (previous >= 0 && next < 1 << maxBits) {
      prefix[next] = previous;
      suffix[next] = firstByte;
      next++;
      if (next === 1 << width && width < maxBits) widen(width + 1);
    }
    previous = given;
  }
  return out.subarray(0, length);
}
