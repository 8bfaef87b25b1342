// SPDX-License-Identifier: BSD-3-Clause
import { pixelErrors } from '../errors.ts';

/**
 * Regions of connected pixels as horizontal spans, for any number of objects in four arrays. Coordinates are indices of
 * the image they were found in (add its `x0`, `y0` for the parent frame). Spans of object k are
 * `spanStart[k] .. spanStart[k + 1]`, in row order, left to right.
 */
export interface Footprints {
  count: number;
  /** Length count + 1. */
  spanStart: Int32Array;
  spanY: Int32Array;
  /** First pixel of each span. */
  spanX: Int32Array;
  /** One past the last pixel of each span. */
  spanEnd: Int32Array;
}

export interface Box {
  x0: number;
  y0: number;
  /** Exclusive. */
  x1: number;
  y1: number;
}

/** Number of pixels of object k. */
export function footprintArea(f: Footprints, k: number): number {
  let area = 0;
  for (let s = f.spanStart[k]; s < f.spanStart[k + 1]; s++) area += f.spanEnd[s] - f.spanX[s];
  return area;
}

/** Bounding box of object k. */
export function footprintBox(f: Footprints, k: number): Box {
  const first = f.spanStart[k];
  const last = f.spanStart[k + 1];
  let x0 = Number.POSITIVE_INFINITY;
  let x1 = Number.NEGATIVE_INFINITY;
  for (let s = first; s < last; s++) {
    if (f.spanX[s] < x0) x0 = f.spanX[s];
    if (f.spanEnd[s] > x1) x1 = f.spanEnd[s];
  }
  return { x0, y0: f.spanY[first], x1, y1: f.spanY[last - 1] + 1 };
}

/** The objects listed in `keep`, in that order. */
export function selectFootprints(f: Footprints, keep: ArrayLike<number>): Footprints {
  const spanStart = new Int32Array(keep.length + 1);
  for (let i = 0; i < keep.length; i++)
    spanStart[i + 1] = spanStart[i] + f.spanStart[keep[i] + 1] - f.spanStart[keep[i]];
  const total = spanStart[keep.length];
  const out = {
    count: keep.length,
    spanStart,
    spanY: new Int32Array(total),
    spanX: new Int32Array(total),
    spanEnd: new Int32Array(total),
  };
  for (let i = 0; i < keep.length; i++) {
    const begin = f.spanStart[keep[i]];
    const end = f.spanStart[keep[i] + 1];
    out.spanY.set(f.spanY.subarray(begin, end), spanStart[i]);
    out.spanX.set(f.spanX.subarray(begin, end), spanStart[i]);
    out.spanEnd.set(f.spanEnd.subarray(begin, end), spanStart[i]);
  }
  return out;
}

/** Sets `bit` in a mask plane wherever there is a footprint. */
export function paintFootprints(f: Footprints, mask: Int32Array, width: number, bit: number): void {
  for (let s = 0; s < f.spanStart[f.count]; s++) {
    const row = f.spanY[s] * width;
    for (let i = row + f.spanX[s]; i < row + f.spanEnd[s]; i++) mask[i] |= bit;
  }
}

/** A plane with k + 1 in the pixels of object k and 0 elsewhere. */
export function labelImage(f: Footprints, width: number, height: number): Int32Array {
  const labels = new Int32Array(width * height);
  for (let k = 0; k < f.count; k++)
    for (let s = f.spanStart[k]; s < f.spanStart[k + 1]; s++)
      labels.fill(k + 1, f.spanY[s] * width + f.spanX[s], f.spanY[s] * width + f.spanEnd[s]);
  return labels;
}

/**
 * The spans of one object as bytes, positions in the parent frame: little-endian int32 `y, x, length` for each span.
 * This is how footprints travel in tables.
 */
export function encodeSpans(f: Footprints, k: number, x0 = 0, y0 = 0): Uint8Array {
  const n = f.spanStart[k + 1] - f.spanStart[k];
  const bytes = new Uint8Array(12 * n);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < n; i++) {
    const s = f.spanStart[k] + i;
    view.setInt32(12 * i, f.spanY[s] + y0, true);
    view.setInt32(12 * i + 4, f.spanX[s] + x0, true);
    view.setInt32(12 * i + 8, f.spanEnd[s] - f.spanX[s], true);
  }
  return bytes;
}

/** Footprints from encoded spans, one object each, positions relative to (`x0`, `y0`). */
export function decodeSpans(rows: readonly Uint8Array[], x0 = 0, y0 = 0): Footprints {
  const spanStart = new Int32Array(rows.length + 1);
  for (let k = 0; k < rows.length; k++) {
    if (rows[k].byteLength % 12 !== 0)
      throw pixelErrors.SHAPE({
        what: 'a span list',
        expected: 'a multiple of 12 bytes',
        got: `${rows[k].byteLength}`,
      });
    spanStart[k + 1] = spanStart[k] + rows[k].byteLength / 12;
  }
  const total = spanStart[rows.length];
  const out: Footprints = {
    count: rows.length,
    spanStart,
    spanY: new Int32Array(total),
    spanX: new Int32Array(total),
    spanEnd: new Int32Array(total),
  };
  for (let k = 0; k < rows.length; k++) {
    const view = new DataView(rows[k].buffer, rows[k].byteOffset, rows[k].byteLength);
    for (let i = 0, s = spanStart[k]; s < spanStart[k + 1]; i += 12, s++) {
      out.spanY[s] = view.getInt32(i, true) - y0;
      out.spanX[s] = view.getInt32(i + 4, true) - x0;
      out.spanEnd[s] = out.spanX[s] + view.getInt32(i + 8, true);
    }
  }
  return out;
}
