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

/** Smallest value over the 5×5 window of every pixel, in two one-dimensional passes. */
export function windowMinimum5(plane: Float32Array, width: number, height: number): Float32Array {
  const rows = new Float32Array(plane.length);
  for (let y = 0; y < height; y++) {
    const start = y * width;
    for (let x = 0; x < width; x++) {
      const end = Math.min(width - 1, x + 2);
      let least = plane[start + x];
      for (let u = Math.max(0, x - 2); u <= end; u++) least = Math.min(least, plane[start + u]);
      rows[start + x] = least;
    }
  }
  const out = rows.slice();
  for (let y = 0; y < height; y++) {
    const start = y * width;
    for (let v = Math.max(0, y - 2); v <= Math.min(height - 1, y + 2); v++) {
      for (let x = 0; x < width; x++) out[start + x] = Math.min(out[start + x], rows[v * width + x]);
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
