// SPDX-License-Identifier: BSD-3-Clause
import { endianness } from 'node:os';
import type { FitsFile } from './hdu/file.ts';

const LITTLE = endianness() === 'LE';
/** Words that 16-bit lanes can sum up. */
const LANE_WORDS = 256;

/**
 * Adds `bytes` to a running 32-bit ones' complement sum of big-endian words (FITS standard 4.0, section 4.4.2.7 and appendix J).
 * Bytes beyond the last whole word count as if followed by zeros, so only the last piece may have such a rest.
 */
export function addToChecksum(sum: number, bytes: Uint8Array): number {
  const words = bytes.length >>> 2;
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes);
  const array = new Uint32Array(aligned.buffer, aligned.byteOffset, words);
  let total = sum;
  for (let from = 0; from < words; from += LANE_WORDS) {
    const to = Math.min(from + LANE_WORDS, words);
    // Two 16-bit lanes in each of two numbers hold the sums of the four byte positions.
    let even = 0;
    let odd = 0;
    for (let i = from; i < to; i++) {
      const word = array[i];
      even += word & 0xff00ff;
      odd += (word >>> 8) & 0xff00ff;
    }
    const lanes = [even & 0xffff, odd & 0xffff, even >>> 16, odd >>> 16];
    if (!LITTLE) lanes.reverse();
    total += lanes[0] * 2 ** 24 + lanes[1] * 2 ** 16 + lanes[2] * 2 ** 8 + lanes[3];
  }
  for (let k = 0; k < (bytes.length & 3); k++) total += bytes[words * 4 + k] * 2 ** (24 - 8 * k);
  return fold(total);
}

function fold(total: number): number {
  let value = total;
  while (value > 0xffffffff) value = Math.floor(value / 2 ** 32) + (value % 2 ** 32);
  return value;
}

/** The 16 characters of CHECKSUM that make the sum of an HDU, whose other bytes sum to `sum`, all ones (appendix J). */
export function encodeChecksum(sum: number): string {
  const complement = ~sum >>> 0;
  const grid = new Uint8Array(16);
  for (let b = 0; b < 4; b++) {
    const byte = (complement >>> (24 - 8 * b)) & 0xff;
    const parts = [0, 0, 0, 0].fill((byte >> 2) + 48);
    parts[0] += byte & 3;
    // Keep to letters and digits: move pairs apart until no part is punctuation.
    for (let again = true; again; ) {
      again = false;
      for (const k of [0, 2])
        if (isPunctuation(parts[k]) || isPunctuation(parts[k + 1])) {
          parts[k]++;
          parts[k + 1]--;
          again = true;
        }
    }
    for (let k = 0; k < 4; k++) grid[4 * k + b] = parts[k];
  }
  // The value begins in column 12, one byte beyond a word: rotate right by one.
  return String.fromCharCode(grid[15], ...grid.subarray(0, 15));
}

function isPunctuation(code: number): boolean {
  return (code >= 58 && code <= 64) || (code >= 91 && code <= 96);
}

export interface ChecksumVerdict {
  hdu: number;
  name: string;
  /** `absent` where the HDU has no such card. */
  checksum: 'ok' | 'wrong' | 'absent';
  datasum: 'ok' | 'wrong' | 'absent';
}

const READ_BYTES = 1 << 20;

/** Compares every HDU with its CHECKSUM and DATASUM cards. Reads the file once, a MiB at a time. */
export async function verifyChecksums(file: FitsFile): Promise<ChecksumVerdict[]> {
  const verdicts: ChecksumVerdict[] = [];
  for (const hdu of file.hdus) {
    const headerBytes = hdu.dataOffset - hdu.headerOffset;
    const sumOf = async (from: number, to: number): Promise<number> => {
      let sum = 0;
      for (let at = from; at < to; at += READ_BYTES) {
        const bytes = await hdu.readStored(at, Math.min(READ_BYTES, to - at));
        sum = addToChecksum(sum, bytes);
        if (bytes.length < Math.min(READ_BYTES, to - at)) break;
      }
      return sum;
    };
    const whole = hdu.endOffset - hdu.headerOffset;
    const data = await sumOf(headerBytes, whole);
    const total = fold((await sumOf(0, headerBytes)) + data);
    const declared = hdu.storedHeader.get('DATASUM');
    const checksum = hdu.storedHeader.get('CHECKSUM');
    const datasumOk = !hdu.truncated && Number(declared) === data;
    const blank = checksum === undefined || (typeof checksum === 'string' && checksum.trim() === '');
    verdicts.push({
      hdu: hdu.index,
      name: hdu.name,
      checksum: blank ? 'absent' : !hdu.truncated && (total === 0xffffffff || total === 0) ? 'ok' : 'wrong',
      datasum: declared === undefined || declared === '' ? 'absent' : datasumOk ? 'ok' : 'wrong',
    });
  }
  return verdicts;
}
