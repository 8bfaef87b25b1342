// SPDX-License-Identifier: BSD-3-Clause
import { fitsErrors, placeOf, type Where } from '../errors.ts';
import type { NumericArray } from './numeric.ts';
import type { SampleType } from './scaling.ts';

/** Pixels `[x0, x1) × [y0, y1)` of the first two axes, 0-based. */
export interface Section {
  x0: number;
  y0: number;
  x1: number;
  y1: number;
}

export interface ReadImageOptions<T extends SampleType = SampleType> {
  /** Default: the whole image. Of an image with more than two axes, this section of every plane. */
  section?: Section;
  /** One plane of an image with more than two axes: index over the higher axes, the third fastest. */
  plane?: number;
  /** Default `native`. */
  as?: T;
}

export interface ImageData<A = NumericArray> {
  /** Length of the first axis. */
  width: number;
  /** Length of the second axis; 1 for one-dimensional images. */
  height: number;
  /** Lengths in NAXIS order: the first axis varies fastest. */
  shape: number[];
  data: A;
}

/** What of an image is wanted, with all defaults filled in. */
export interface Window {
  section: Section;
  width: number;
  height: number;
  /** Planes `[firstPlane, lastPlane)` of the whole image's higher axes. */
  firstPlane: number;
  lastPlane: number;
  /** Shape of the result. */
  shape: number[];
}

export function windowOf(shape: readonly number[], options: ReadImageOptions, where: Where): Window {
  const nx = shape[0] ?? 0;
  const ny = shape[1] ?? (shape.length === 0 ? 0 : 1);
  const planes = shape.slice(2).reduce((a, b) => a * b, 1);
  const section = options.section ?? { x0: 0, y0: 0, x1: nx, y1: ny };
  const { x0, y0, x1, y1 } = section;
  const ordered = x0 >= 0 && y0 >= 0 && x0 <= x1 && y0 <= y1 && x1 <= nx && y1 <= ny;
  if (!ordered || ![x0, y0, x1, y1].every(Number.isInteger)) {
    const wanted = `section [${x0}, ${x1}) x [${y0}, ${y1})`;
    throw fitsErrors.BAD_RANGE({ ...where, wanted, have: `the image of ${nx} x ${ny} pixels` }, placeOf(where));
  }
  const { plane } = options;
  if (plane !== undefined && !(Number.isInteger(plane) && plane >= 0 && plane < planes))
    throw fitsErrors.BAD_RANGE({ ...where, wanted: `plane ${plane}`, have: `${planes} planes` }, placeOf(where));
  const width = x1 - x0;
  const height = y1 - y0;
  const higher = plane === undefined ? shape.slice(2) : [];
  return {
    section,
    width,
    height,
    firstPlane: plane ?? 0,
    lastPlane: plane === undefined ? planes : plane + 1,
    shape: shape.length < 2 ? shape.map(() => width) : [width, height, ...higher],
  };
}
