// SPDX-License-Identifier: BSD-3-Clause

const HALF = 5;

/** Lanczos taps of half-width 5 for a shift of `fraction` pixels (-1..1), unit sum; tap t weighs input sample `t - HALF`. */
function taps(fraction: number, out: Float64Array): void {
  let sum = 0;
  for (let t = -HALF; t <= HALF; t++) {
    const u = t + fraction;
    let v = 0;
    if (Math.abs(u) < 1e-9) v = 1;
    else if (Math.abs(u) < HALF) {
      const p = Math.PI * u;
      v = (HALF * Math.sin(p) * Math.sin(p / HALF)) / (p * p);
    }
    out[t + HALF] = v;
    sum += v;
  }
  for (let t = 0; t < out.length; t++) out[t] /= sum;
}

const tapsX = new Float64Array(2 * HALF + 1);
const tapsY = new Float64Array(2 * HALF + 1);

/**
 * Shifts a square stamp by (dx, dy) pixels, |dx|, |dy| <= 1: light at pixel p goes to p + (dx, dy). Lanczos-5, zero outside.
 * `target` and `source` must differ.
 */
export function shiftStamp(
  source: Float32Array,
  size: number,
  dx: number,
  dy: number,
  target: Float32Array = new Float32Array(size * size),
): Float32Array {
  if (dx === 0 && dy === 0) {
    target.set(source);
    return target;
  }
  taps(dx, tapsX);
  taps(dy, tapsY);
  const rows = new Float32Array(size * size);
  for (let y = 0; y < size; y++) {
    const row = y * size;
    for (let x = 0; x < size; x++) {
      let v = 0;
      const first = Math.max(0, x - HALF);
      const last = Math.min(size - 1, x + HALF);
      for (let u = first; u <= last; u++) v += tapsX[u - x + HALF] * source[row + u];
      rows[row + x] = v;
    }
  }
  target.fill(0);
  for (let y = 0; y < size; y++) {
    const first = Math.max(0, y - HALF);
    const last = Math.min(size - 1, y + HALF);
    const row = y * size;
    for (let v = first; v <= last; v++) {
      const tap = tapsY[v - y + HALF];
      const from = v * size;
      for (let x = 0; x < size; x++) target[row + x] += tap * rows[from + x];
    }
  }
  return target;
}
