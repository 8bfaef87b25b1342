// SPDX-License-Identifier: BSD-3-Clause
import { fitsErrors } from '../errors.ts';
import { Card } from '../header/card.ts';
import { type Bitpix, bytesOf, copyOf, type NumericArray, swapInPlace } from '../image/numeric.ts';
import { applyOffset } from '../image/scaling.ts';
import { type Body, EMPTY_BODY, PIECE_BYTES } from './body.ts';

/** BITPIX that stores an array, and the BZERO of the unsigned convention where it needs one. */
export interface StoredType {
  bitpix: Bitpix;
  zero: number | bigint;
}

export function storedTypeOf(array: NumericArray): StoredType {
  if (array instanceof Uint8Array) return { bitpix: 8, zero: 0 };
  if (array instanceof Int8Array) return { bitpix: 8, zero: -128 };
  if (array instanceof Int16Array) return { bitpix: 16, zero: 0 };
  if (array instanceof Uint16Array) return { bitpix: 16, zero: 32768 };
  if (array instanceof Int32Array) return { bitpix: 32, zero: 0 };
  if (array instanceof Uint32Array) return { bitpix: 32, zero: 2147483648 };
  if (array instanceof BigInt64Array) return { bitpix: 64, zero: 0 };
  if (array instanceof BigUint64Array) return { bitpix: 64, zero: 9223372036854775808n };
  if (array instanceof Float32Array) return { bitpix: -32, zero: 0 };
  if (array instanceof Float64Array) return { bitpix: -64, zero: 0 };
  throw fitsErrors.BAD_INPUT({ what: 'an image', problem: 'its data are not a typed array' });
}

/** Samples of `array` in the stored (signed, big-endian) form, as pieces in one buffer that is used again. */
export function* encodedPieces(array: NumericArray): Generator<Uint8Array> {
  const width = array.BYTES_PER_ELEMENT;
  const step = PIECE_BYTES / width;
  const buffer = copyOf(array, 0, Math.min(step, array.length));
  for (let from = 0; from < array.length; from += step) {
    const n = Math.min(step, array.length - from);
    const piece = buffer.subarray(0, n);
    (piece as Int32Array).set(array.subarray(from, from + n) as Int32Array);
    applyOffset(piece);
    const bytes = bytesOf(piece);
    swapInPlace(bytes, width);
    yield bytes;
  }
}

export function assertShape(shape: readonly number[], data: NumericArray | undefined, what: string): void {
  const samples = shape.length === 0 ? 0 : shape.reduce((a, b) => a * b, 1);
  if (shape.some((length) => !Number.isInteger(length) || length < 0))
    throw fitsErrors.BAD_INPUT({ what, problem: `its shape is ${shape.join(' x ')}` });
  if (samples === (data?.length ?? 0)) return;
  const problem = `shape ${shape.join(' x ')} has ${samples} samples, the array has ${data?.length ?? 0}`;
  throw fitsErrors.BAD_INPUT({ what, problem });
}

/** BITPIX and axes. */
export function axisCards(bitpix: Bitpix, shape: readonly number[]): Card[] {
  return [
    Card.of('BITPIX', bitpix, bitpix < 0 ? 'bits of a floating-point sample' : 'bits of an integer sample'),
    Card.of('NAXIS', shape.length, 'number of axes'),
    ...shape.map((length, k) => Card.of(`NAXIS${k + 1}`, length)),
  ];
}

/** BSCALE and BZERO of the unsigned convention. */
export function offsetCards(stored: StoredType): Card[] {
  if (stored.zero === 0) return [];
  return [Card.of('BSCALE', 1), Card.of('BZERO', stored.zero, 'offset of the other signedness')];
}

export function imageBody(data: NumericArray | undefined): Body {
  if (data === undefined || data.length === 0) return EMPTY_BODY;
  return { sizeBytes: data.byteLength, pieces: () => encodedPieces(data), fill: 0 };
}
