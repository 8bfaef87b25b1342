// SPDX-License-Identifier: BSD-3-Clause
import { endianness } from 'node:os';

/** Sample types of FITS data units: BITPIX values. */
export type Bitpix = 8 | 16 | 32 | 64 | -32 | -64;

export type NumericArray =
  | Uint8Array
  | Int8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

const LITTLE = endianness() === 'LE';

export function isBitpix(value: number): value is Bitpix {
  return value === 8 || value === 16 || value === 32 || value === 64 || value === -32 || value === -64;
}

/** An array for `length` stored samples of a BITPIX, before scaling. */
export function storedArray(bitpix: Bitpix, length: number): NumericArray {
  switch (bitpix) {
    case 8:
      return new Uint8Array(length);
    case 16:
      return new Int16Array(length);
    case 32:
      return new Int32Array(length);
    case 64:
      return new BigInt64Array(length);
    case -32:
      return new Float32Array(length);
    case -64:
      return new Float64Array(length);
  }
}

export function bytesOf(array: NumericArray): Buffer {
  return Buffer.from(array.buffer, array.byteOffset, array.byteLength);
}

/** Swaps between FITS (big-endian) and machine byte order in place. `bytes` must start at a multiple of `width` in its buffer for speed. */
export function swapInPlace(bytes: Buffer, width: number): void {
  if (!LITTLE) return;
  if (width === 2) bytes.swap16();
  else if (width === 4) bytes.swap32();
  else if (width === 8) bytes.swap64();
}

/** The stored samples in `bytes` (big-endian), copied to machine order. */
export function decodeStored(bytes: Uint8Array, bitpix: Bitpix): NumericArray {
  const width = Math.abs(bitpix) / 8;
  const out = storedArray(bitpix, Math.floor(bytes.length / width));
  const target = bytesOf(out);
  target.set(bytes.length === target.length ? bytes : bytes.subarray(0, target.length));
  swapInPlace(target, width);
  return out;
}

/** Samples `[from, to)` of an array as big-endian bytes; a new buffer. */
export function encodeStored(array: NumericArray, from: number, to: number): Buffer {
  const part = array.subarray(from, to);
  const out = Buffer.allocUnsafeSlow(part.byteLength);
  out.set(bytesOf(part));
  swapInPlace(out, array.BYTES_PER_ELEMENT);
  return out;
}

/** A copy of elements `[from, to)`, never a view (as `slice` of a `Buffer` is). */
export function copyOf(array: NumericArray, from: number, to: number): NumericArray {
  if (array instanceof Uint8Array) return new Uint8Array(array.subarray(from, to));
  return array.slice(from, to);
}
