// SPDX-License-Identifier: BSD-3-Clause
import type { Header } from '../header/header.ts';
import { type Bitpix, type NumericArray, storedArray } from './numeric.ts';

/** `native`: the type of the physical values: integers stay integers where BSCALE and BZERO allow it. */
export type SampleType = 'native' | 'float32' | 'float64';

/** How stored samples become physical values: `BZERO + BSCALE * stored` (FITS standard 4.0, section 4.4.2.5). */
export interface Scaling {
  bitpix: Bitpix;
  scale: number;
  zero: number;
  /** Stored integer that stands for "no value". */
  blank: bigint | number | undefined;
  /** BZERO is the offset of the unsigned (or signed byte) convention, section 5.2.5. */
  offsetInteger: boolean;
}

export function scalingOf(header: Header, bitpix: Bitpix): Scaling {
  const scale = header.getNumber('BSCALE', 1);
  const zero = header.getNumber('BZERO', 0);
  const blank = header.get('BLANK');
  return {
    bitpix,
    scale,
    zero,
    blank: bitpix > 0 && (typeof blank === 'number' || typeof blank === 'bigint') ? blank : undefined,
    offsetInteger: scale === 1 && zero !== 0 && zero === unsignedOffset(bitpix),
  };
}

/** BZERO of the convention that stores the other signedness; 0 for floats. */
export function unsignedOffset(bitpix: Bitpix): number {
  return bitpix === 8 ? -128 : bitpix > 0 ? 2 ** (bitpix - 1) : 0;
}

/** An array for `length` physical values. */
export function physicalArray(scaling: Scaling, as: SampleType, length: number): NumericArray {
  if (as === 'float32') return new Float32Array(length);
  if (as === 'float64') return new Float64Array(length);
  const { bitpix, scale, zero } = scaling;
  if (bitpix < 0 || (scale === 1 && zero === 0)) return storedArray(bitpix, length);
  if (!scaling.offsetInteger) return Math.abs(bitpix) > 16 ? new Float64Array(length) : new Float32Array(length);
  switch (bitpix) {
    case 8:
      return new Int8Array(length);
    case 16:
      return new Uint16Array(length);
    case 32:
      return new Uint32Array(length);
    default:
      return new BigUint64Array(length);
  }
}

/** Whether stored bytes can be read straight into the physical array (then swapped and, for unsigned, offset in place). */
export function isDirect(scaling: Scaling, out: NumericArray): boolean {
  const width = Math.abs(scaling.bitpix) / 8;
  if (out.BYTES_PER_ELEMENT !== width) return false;
  const float = out instanceof Float32Array || out instanceof Float64Array;
  if (float !== scaling.bitpix < 0) return false;
  return (scaling.scale === 1 && scaling.zero === 0) || scaling.offsetInteger;
}

/** After a direct read: turns the stored two's complement integers into those of the other signedness, by flipping the top bit. */
export function applyOffset(out: NumericArray): void {
  if (out instanceof Uint16Array) for (let i = 0; i < out.length; i++) out[i] ^= 0x8000;
  else if (out instanceof Uint32Array) for (let i = 0; i < out.length; i++) out[i] ^= 0x80000000;
  else if (out instanceof Int8Array) for (let i = 0; i < out.length; i++) out[i] ^= 0x80;
  else if (out instanceof BigUint64Array) for (let i = 0; i < out.length; i++) out[i] ^= 0x8000000000000000n;
}

/** Writes the physical values of `stored` to `out` from `at` on. Integer BLANK becomes NaN where `out` is floating. */
export function toPhysical(stored: NumericArray, scaling: Scaling, out: NumericArray, at: number): void {
  const n = stored.length;
  if (out instanceof Float32Array || out instanceof Float64Array) {
    if (stored instanceof BigInt64Array || stored instanceof BigUint64Array) bigToFloat(stored, scaling, out, at);
    else smallToFloat(stored, scaling, out, at, n);
    return;
  }
  if (stored.constructor === out.constructor && !scaling.offsetInteger) {
    (out as Int32Array).set(stored as Int32Array, at);
    return;
  }
  if (stored instanceof BigInt64Array) {
    const target = out as BigUint64Array;
    for (let i = 0; i < n; i++) target[at + i] = BigInt.asUintN(64, stored[i]) ^ 0x8000000000000000n;
    return;
  }
  const source = stored as Int32Array;
  const target = out as Int32Array;
  const zero = scaling.offsetInteger ? scaling.zero : 0;
  if (zero === 0) target.set(source, at);
  else for (let i = 0; i < n; i++) target[at + i] = source[i] + zero;
}

function smallToFloat(
  stored: Exclude<NumericArray, BigInt64Array | BigUint64Array>,
  scaling: Scaling,
  out: Float32Array | Float64Array,
  at: number,
  n: number,
): void {
  const { scale, zero } = scaling;
  if (scale === 1 && zero === 0) out.set(stored, at);
  else if (stored instanceof Int16Array && out instanceof Float32Array) shortToFloat(stored, scale, zero, out, at);
  else for (let i = 0; i < n; i++) out[at + i] = stored[i] * scale + zero;
  if (scaling.blank !== undefined) {
    const blank = Number(scaling.blank);
    for (let i = 0; i < n; i++) if (stored[i] === blank) out[at + i] = Number.NaN;
  }
}

/** Raw frames, nearly all of them: a loop that sees one pair of types stays fast. */
function shortToFloat(stored: Int16Array, scale: number, zero: number, out: Float32Array, at: number): void {
  for (let i = 0; i < stored.length; i++) out[at + i] = stored[i] * scale + zero;
}

function bigToFloat(
  stored: BigInt64Array | BigUint64Array,
  scaling: Scaling,
  out: Float32Array | Float64Array,
  at: number,
): void {
  const { scale, zero, blank } = scaling;
  const missing = blank === undefined ? undefined : BigInt(blank);
  const offset = scaling.offsetInteger ? BigInt(zero) : undefined;
  for (let i = 0; i < stored.length; i++) {
    if (stored[i] === missing) out[at + i] = Number.NaN;
    else if (offset !== undefined) out[at + i] = Number(stored[i] + offset);
    else out[at + i] = Number(stored[i]) * scale + zero;
  }
}
