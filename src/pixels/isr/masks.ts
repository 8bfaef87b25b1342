// SPDX-License-Identifier: BSD-3-Clause
import { type MaskedImage, maskBits } from '../masked-image.ts';
import type { PixelBox } from './amplifier.ts';

/** Sets a mask bit in boxes of the image's own array (not its parent frame); parts outside are cut off. */
export function maskBoxes(image: MaskedImage, boxes: readonly PixelBox[], bits: number): void {
  for (const box of boxes) {
    const x0 = Math.max(0, box.x0);
    const x1 = Math.min(image.width, box.x1);
    const y1 = Math.min(image.height, box.y1);
    for (let y = Math.max(0, box.y0); y < y1; y++) {
      for (let i = y * image.width + x0, end = y * image.width + x1; i < end; i++) image.mask[i] |= bits;
    }
  }
}

/** Marks samples that are not finite as UNMASKEDNAN and BAD. Returns how many there were. */
export function maskNaN(image: MaskedImage): number {
  const bits = maskBits('UNMASKEDNAN', 'BAD');
  let count = 0;
  for (let i = 0; i < image.image.length; i++) {
    const v = image.image[i];
    if (!Number.isFinite(v)) {
      image.mask[i] |= bits;
      count++;
    }
  }
  return count;
}

/**
 * Grows the pixels having any of `bits` by `radius` pixels in x and y (a square); the grown pixels get the same bits.
 * Two one-dimensional passes with a countdown, so the cost does not depend on the radius.
 */
export function growMask(image: MaskedImage, bits: number, radius: number): void {
  if (radius <= 0) return;
  const { width, height, mask } = image;
  const row = new Int32Array(width);
  for (let y = 0; y < height; y++) {
    const start = y * width;
    for (let x = 0; x < width; x++) row[x] = mask[start + x] & bits;
    spread(row, width, radius, (x, found) => {
      mask[start + x] |= found;
    });
  }
  const column = new Int32Array(height);
  for (let x = 0; x < width; x++) {
    let any = 0;
    for (let y = 0; y < height; y++) any |= column[y] = mask[y * width + x] & bits;
    if (any === 0) continue;
    spread(column, height, radius, (y, found) => {
      mask[y * width + x] |= found;
    });
  }
}

/** Calls `set` with the bits within `radius` of each place that has any neighbour with bits. */
function spread(line: Int32Array, n: number, radius: number, set: (place: number, bits: number) => void): void {
  for (let i = 0; i < n; i++) {
    const bits = line[i];
    if (bits === 0) continue;
    if (i > 0 && line[i - 1] === bits && i + 1 < n && line[i + 1] === bits) continue; // inside a run: its ends do the work
    const end = Math.min(n, i + radius + 1);
    for (let j = Math.max(0, i - radius); j < end; j++) set(j, bits);
  }
}
