// SPDX-License-Identifier: BSD-3-Clause
import type { SourceList } from '../deblend/source-list.ts';

/**
 * The image with every detected source taken out, into which one source at a time is put back: what is measured then is
 * that source alone. Emptied pixels hold zero, the level of the subtracted sky.
 */
export class Scene {
  readonly image: Float32Array;
  readonly #original: Float32Array;
  readonly #width: number;
  readonly #sources: SourceList;

  constructor(image: Float32Array, width: number, sources: SourceList) {
    this.#original = image;
    this.#width = width;
    this.#sources = sources;
    this.image = image.slice();
    const { footprints } = sources;
    for (let s = 0; s < footprints.spanStart[footprints.count]; s++) {
      const row = footprints.spanY[s] * width;
      this.image.fill(0, row + footprints.spanX[s], row + footprints.spanEnd[s]);
    }
  }

  /** Shows source i alone. */
  put(i: number): void {
    const { footprints, footprint, share } = this.#sources;
    const own = share[i];
    if (own !== undefined) {
      for (let y = 0; y < own.height; y++) {
        const to = (y + own.y0) * this.#width + own.x0;
        const from = y * own.width;
        for (let x = 0; x < own.width; x++) if (own.data[from + x] !== 0) this.image[to + x] = own.data[from + x];
      }
      return;
    }
    const k = footprint[i];
    for (let s = footprints.spanStart[k]; s < footprints.spanStart[k + 1]; s++) {
      const row = footprints.spanY[s] * this.#width;
      this.image.set(
        this.#original.subarray(row + footprints.spanX[s], row + footprints.spanEnd[s]),
        row + footprints.spanX[s],
      );
    }
  }

  /** Takes the footprint of source i out again. */
  remove(i: number): void {
    const { footprints, footprint } = this.#sources;
    const k = footprint[i];
    for (let s = footprints.spanStart[k]; s < footprints.spanStart[k + 1]; s++) {
      const row = footprints.spanY[s] * this.#width;
      this.image.fill(0, row + footprints.spanX[s], row + footprints.spanEnd[s]);
    }
  }
}

/** OR of the mask over a source's own pixels, and their number. */
export function sourcePixels(
  sources: SourceList,
  i: number,
  mask: Int32Array,
  width: number,
): { bits: number; area: number } {
  let bits = 0;
  let area = 0;
  const own = sources.share[i];
  if (own !== undefined) {
    for (let y = 0; y < own.height; y++)
      for (let x = 0; x < own.width; x++)
        if (own.data[y * own.width + x] !== 0) {
          bits |= mask[(y + own.y0) * width + own.x0 + x];
          area++;
        }
    return { bits, area };
  }
  const { footprints } = sources;
  const k = sources.footprint[i];
  for (let s = footprints.spanStart[k]; s < footprints.spanStart[k + 1]; s++) {
    const row = footprints.spanY[s] * width;
    area += footprints.spanEnd[s] - footprints.spanX[s];
    for (let q = row + footprints.spanX[s]; q < row + footprints.spanEnd[s]; q++) bits |= mask[q];
  }
  return { bits, area };
}
