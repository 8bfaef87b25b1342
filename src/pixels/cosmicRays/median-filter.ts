// SPDX-License-Identifier: BSD-3-Clause
import { selectKth } from '../statistics/select.ts';

/**
 * Median over a square window of odd `size`; at the border the window is cut (an even count takes the upper middle).
 * Samples must be finite.
 *
 * A sorted window slides along the row: each step takes one column out and one in by binary search and a small move, which for
 * windows up to 7×7 is quicker than selecting afresh; 3×3 goes through selection.
 */
export function medianFilter(image: Float32Array, width: number, height: number, size: number): Float32Array {
  const radius = size >> 1;
  const out = new Float32Array(image.length);
  if (size <= 3) {
    const values = new Float32Array(size * size);
    for (let y = 0; y < height; y++) {
      const y1 = Math.min(height - 1, y + radius);
      for (let x = 0; x < width; x++) {
        const x0 = Math.max(0, x - radius);
        const x1 = Math.min(width - 1, x + radius);
        let n = 0;
        for (let v = Math.max(0, y - radius); v <= y1; v++) {
          for (let u = x0; u <= x1; u++) values[n++] = image[v * width + u];
        }
        out[y * width + x] = selectKth(values, n, n >> 1);
      }
    }
    return out;
  }
  const window = new Float32Array(size * size);
  for (let y = 0; y < height; y++) {
    const y0 = Math.max(0, y - radius);
    const y1 = Math.min(height - 1, y + radius);
    let n = 0;
    for (let u = 0; u < radius && u < width; u++) n = insertColumn(window, n, image, width, u, y0, y1);
    for (let x = 0; x < width; x++) {
      if (x + radius < width) n = insertColumn(window, n, image, width, x + radius, y0, y1);
      out[y * width + x] = window[n >> 1];
      if (x - radius >= 0) n = removeColumn(window, n, image, width, x - radius, y0, y1);
    }
  }
  return out;
}

function insertColumn(
  window: Float32Array,
  count: number,
  image: Float32Array,
  width: number,
  x: number,
  y0: number,
  y1: number,
): number {
  let n = count;
  for (let y = y0; y <= y1; y++) {
    const v = image[y * width + x];
    let i = n++;
    while (i > 0 && window[i - 1] > v) {
      window[i] = window[i - 1];
      i--;
    }
    window[i] = v;
  }
  return n;
}

function removeColumn(
  window: Float32Array,
  count: number,
  image: Float32Array,
  width: number,
  x: number,
  y0: number,
  y1: number,
): number {
  let n = count;
  for (let y = y0; y <= y1; y++) {
    const v = image[y * width + x];
    let low = 0;
    let high = n;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (window[middle] < v) low = middle + 1;
      else high = middle;
    }
    n--;
    for (let i = low; i < n; i++) window[i] = window[i + 1];
  }
  return n;
}
