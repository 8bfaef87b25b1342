// SPDX-License-Identifier: BSD-3-Clause
import { selectKth } from '../statistics/select.ts';

const scratch = new Float32Array(49);

/**
 * Median over the square window of odd `size` (at most 7) about (x, y), cut at the image's border (an even count takes the upper
 * middle). Values which are not finite and positive are counted as zero when `positive`.
 */
export function windowMedian(
  plane: Float32Array,
  width: number,
  height: number,
  x: number,
  y: number,
  size: number,
  positive = false,
): number {
  const radius = size >> 1;
  const x0 = Math.max(0, x - radius);
  const x1 = Math.min(width - 1, x + radius);
  const y1 = Math.min(height - 1, y + radius);
  let n = 0;
  for (let v = Math.max(0, y - radius); v <= y1; v++) {
    for (let u = x0; u <= x1; u++) {
      const value = plane[v * width + u];
      scratch[n++] = !positive || (value > 0 && value < Number.POSITIVE_INFINITY) ? value : 0;
    }
  }
  return selectKth(scratch, n, n >> 1);
}

/** Smallest value over the 5×5 window of every pixel, in two one-dimensional passes; beyond the border the last pixel is repeated. */
export function windowMinimum5(plane: Float32Array, width: number, height: number): Float32Array {
  const rows = new Float32Array(plane.length);
  for (let y = 0; y < height; y++) {
    const start = y * width;
    const last = start + width - 1;
    for (let x = 0; x < width; x++) {
      const i = start + x;
      const inside = x >= 2 && x + 2 < width;
      const a = plane[inside ? i - 2 : Math.max(start, i - 2)];
      const b = plane[inside ? i - 1 : Math.max(start, i - 1)];
      const c = plane[inside ? i + 1 : Math.min(last, i + 1)];
      const d = plane[inside ? i + 2 : Math.min(last, i + 2)];
      let least = plane[i];
      if (a < least) least = a;
      if (b < least) least = b;
      if (c < least) least = c;
      if (d < least) least = d;
      rows[i] = least;
    }
  }
  const out = new Float32Array(plane.length);
  for (let y = 0; y < height; y++) {
    const near = [y - 2, y - 1, y + 1, y + 2].map((v) => Math.min(height - 1, Math.max(0, v)) * width);
    const [a, b, c, d] = near;
    const start = y * width;
    for (let x = 0; x < width; x++) {
      let least = rows[start + x];
      if (rows[a + x] < least) least = rows[a + x];
      if (rows[b + x] < least) least = rows[b + x];
      if (rows[c + x] < least) least = rows[c + x];
      if (rows[d + x] < least) least = rows[d + x];
      out[start + x] = least;
    }
  }
  return out;
}

/** Calls `visit` for the pixels within `radius` of pixel i (itself too). */
export function forNeighbours(
  i: number,
  width: number,
  height: number,
  radius: number,
  visit: (j: number) => void,
): void {
  const x = i % width;
  const y = (i - x) / width;
  const x1 = Math.min(width - 1, x + radius);
  const y1 = Math.min(height - 1, y + radius);
  for (let v = Math.max(0, y - radius); v <= y1; v++) {
    for (let u = Math.max(0, x - radius); u <= x1; u++) visit(v * width + u);
  }
}
