// SPDX-License-Identifier: BSD-3-Clause
import type { UnitVector } from '../angles.ts';

/** Rounding of the determinant of three unit vectors is below this. */
const ERROR_BOUND = 1.8e-15;

/**
 * Sign of (a x b) . c: 1 when c lies to the left of the great circle from a to b, -1 to the right, 0 on it. Exact:
 * a determinant too close to 0 is computed again in integers, so that neighbouring cells agree on their borders.
 */
export function orientation(a: UnitVector, b: UnitVector, c: UnitVector): -1 | 0 | 1 {
  const determinant =
    (a[1] * b[2] - a[2] * b[1]) * c[0] + (a[2] * b[0] - a[0] * b[2]) * c[1] + (a[0] * b[1] - a[1] * b[0]) * c[2];
  if (determinant > ERROR_BOUND) return 1;
  if (determinant < -ERROR_BOUND) return -1;
  if (a === b || b === c || a === c) return 0;
  return exactOrientation(a, b, c);
}

function exactOrientation(a: UnitVector, b: UnitVector, c: UnitVector): -1 | 0 | 1 {
  const all = [...a, ...b, ...c];
  const parts = all.map(split);
  const lowest = parts.reduce((least, p) => (p.mantissa === 0n ? least : Math.min(least, p.exponent)), 1024);
  const n = parts.map((p) => (p.mantissa === 0n ? 0n : p.mantissa << BigInt(p.exponent - lowest)));
  const determinant =
    (n[1] * n[5] - n[2] * n[4]) * n[6] + (n[2] * n[3] - n[0] * n[5]) * n[7] + (n[0] * n[4] - n[1] * n[3]) * n[8];
  return determinant > 0n ? 1 : determinant < 0n ? -1 : 0;
}

const view = new DataView(new ArrayBuffer(8));

/** A double as integer times a power of two. */
function split(value: number): { mantissa: bigint; exponent: number } {
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const biased = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  const magnitude = biased === 0 ? fraction : fraction | 0x10000000000000n;
  return { mantissa: bits >> 63n ? -magnitude : magnitude, exponent: (biased === 0 ? 1 : biased) - 1075 };
}
