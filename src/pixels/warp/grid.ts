// SPDX-License-Identifier: BSD-3-Clause
import type { Wcs } from '../../sky/index.ts';

/** A box of pixels in a parent frame. */
export interface ImageBox {
  x0: number;
  y0: number;
  width: number;
  height: number;
}

/**
 * Where the pixels of an output box fall in an input image: exact at the nodes of a grid, bilinear between them. Node (i, j)
 * is output pixel `(x0 + i * step, y0 + j * step)` of the parent frame; arrays are `j * columns + i`.
 */
export interface CoordinateGrid {
  step: number;
  columns: number;
  rows: number;
  /** Input pixel coordinates in the input's parent frame; NaN where the sky point has no place in the input. */
  x: Float64Array;
  y: Float64Array;
  /** Input pixels that one output pixel covers. */
  area: Float64Array;
  /** Largest error found at the cell centres, input pixels. */
  errorPx: number;
}

const FIRST_STEP = 32;

/**
 * Builds the grid with the widest step (32 px and its halves) that keeps the error at all cell centres below `tolerancePx`. TAN to TAN
 * needs no halving (5e-10 px); strong distortion does. Cells that fall beside `input`, where there is one, are not asked: distortion
 * polynomials go astray outside the image they were fitted to, and no pixel comes from there.
 */
export function coordinateGrid(
  box: ImageBox,
  outWcs: Wcs,
  inWcs: Wcs,
  tolerancePx = 1e-4,
  input?: ImageBox,
): CoordinateGrid {
  for (let step = FIRST_STEP; ; ) {
    const grid = nodes(box, outWcs, inWcs, step);
    grid.errorPx = step === 1 ? 0 : centreError(grid, box, outWcs, inWcs, input);
    if (grid.errorPx <= tolerancePx || step === 1) return grid;
    // Bilinear interpolation errs by the square of the step.
    let expected = grid.errorPx;
    do {
      step >>= 1;
      expected /= 4;
    } while (expected > tolerancePx && step > 1);
  }
}

/** The part of an output box that an input image can reach, with a margin; undefined where they do not meet. */
export function reachedPart(box: ImageBox, outWcs: Wcs, inWcs: Wcs, input: ImageBox): ImageBox | undefined {
  const step = FIRST_STEP;
  const { columns, rows, x, y } = nodes(box, outWcs, inWcs, step);
  let [left, right, low, high] = [columns, -1, rows, -1];
  const centreX = new Float64Array((columns - 1) * (rows - 1));
  const centreY = new Float64Array(centreX.length);
  cellCentres(box, step, columns, rows, centreX, centreY);
  mapPoints(centreX.length, centreX, centreY, outWcs, inWcs);
  for (let j = 0, k = 0; j < rows - 1; j++) {
    for (let i = 0; i < columns - 1; i++, k++) {
      const a = j * columns + i;
      const b = a + columns;
      if (isBeside(input, x, y, a, b, centreX[k], centreY[k])) continue;
      left = Math.min(left, i);
      right = Math.max(right, i);
      low = Math.min(low, j);
      high = Math.max(high, j);
    }
  }
  if (right < 0) return undefined;
  const x0 = left * step;
  const y0 = low * step;
  return {
    x0: box.x0 + x0,
    y0: box.y0 + y0,
    width: Math.min(box.width, (right + 1) * step) - x0,
    height: Math.min(box.height, (high + 1) * step) - y0,
  };
}

function nodes(box: ImageBox, outWcs: Wcs, inWcs: Wcs, step: number): CoordinateGrid {
  const columns = Math.ceil((box.width - 1) / step) + 2;
  const rows = Math.ceil((box.height - 1) / step) + 2;
  const n = columns * rows;
  const x = new Float64Array(n);
  const y = new Float64Array(n);
  for (let j = 0, k = 0; j < rows; j++) {
    for (let i = 0; i < columns; i++, k++) {
      x[k] = box.x0 + i * step;
      y[k] = box.y0 + j * step;
    }
  }
  mapPoints(n, x, y, outWcs, inWcs);
  const area = new Float64Array(n);
  for (let j = 0, k = 0; j < rows; j++) {
    for (let i = 0; i < columns; i++, k++) {
      const xx = slope(x, k, i, columns, 1);
      const yx = slope(y, k, i, columns, 1);
      const xy = slope(x, k, j, rows, columns);
      const yy = slope(y, k, j, rows, columns);
      area[k] = Math.abs(xx * yy - yx * xy) / (step * step);
    }
  }
  return { step, columns, rows, x, y, area, errorPx: 0 };
}

/**
 * Derivative along one axis at node `k` (the `at`-th of `count`, `stride` apart in the array), a step: of second order, at the ends too.
 * Where the grid keeps its tolerance its error is below a part in 10⁵.
 */
function slope(values: Float64Array, k: number, at: number, count: number, stride: number): number {
  if (at > 0 && at < count - 1) return (values[k + stride] - values[k - stride]) / 2;
  const inward = at === 0 ? stride : -stride;
  const first = values[k + inward] - values[k];
  const value = count < 3 ? first : 2 * first - (values[k + 2 * inward] - values[k]) / 2;
  return at === 0 ? value : -value;
}

/** Output pixels to input pixels, in place. */
export function mapPoints(n: number, x: Float64Array, y: Float64Array, outWcs: Wcs, inWcs: Wcs): void {
  const ra = new Float64Array(n);
  const dec = new Float64Array(n);
  outWcs.pixelToSkyMany(n, x, y, ra, dec);
  inWcs.skyToPixelMany(n, ra, dec, x, y);
}

/** Pixels around the input that a cell may lie in and still matter: more than the reach of the widest kernel. */
const BESIDE_PX = 8;

function centreError(
  { step, columns, rows, ...grid }: CoordinateGrid,
  box: ImageBox,
  outWcs: Wcs,
  inWcs: Wcs,
  input: ImageBox | undefined,
): number {
  const n = (columns - 1) * (rows - 1);
  const x = new Float64Array(n);
  const y = new Float64Array(n);
  cellCentres(box, step, columns, rows, x, y);
  mapPoints(n, x, y, outWcs, inWcs);
  let worst = 0;
  for (let j = 0, k = 0; j < rows - 1; j++) {
    for (let i = 0; i < columns - 1; i++, k++) {
      const a = j * columns + i;
      const b = a + columns;
      if (input !== undefined && isBeside(input, grid.x, grid.y, a, b, x[k], y[k])) continue;
      const errorX = Math.abs(0.25 * (grid.x[a] + grid.x[a + 1] + grid.x[b] + grid.x[b + 1]) - x[k]);
      const errorY = Math.abs(0.25 * (grid.y[a] + grid.y[a + 1] + grid.y[b] + grid.y[b + 1]) - y[k]);
      // NaN (no projection there) compares false: such cells give no pixels anyway.
      if (errorX > worst) worst = errorX;
      if (errorY > worst) worst = errorY;
    }
  }
  return worst;
}

function cellCentres(
  box: ImageBox,
  step: number,
  columns: number,
  rows: number,
  x: Float64Array,
  y: Float64Array,
): void {
  for (let j = 0, k = 0; j < rows - 1; j++) {
    for (let i = 0; i < columns - 1; i++, k++) {
      x[k] = box.x0 + (i + 0.5) * step;
      y[k] = box.y0 + (j + 0.5) * step;
    }
  }
}

/**
 * Whether a cell, by its corners (nodes a, a + 1, b, b + 1: interpolated positions lie between them) and by its true centre, misses
 * the input on one side.
 */
function isBeside(
  { x0, y0, width, height }: ImageBox,
  x: Float64Array,
  y: Float64Array,
  a: number,
  b: number,
  centreX: number,
  centreY: number,
): boolean {
  const left = x0 - BESIDE_PX;
  const right = x0 + width + BESIDE_PX;
  const low = y0 - BESIDE_PX;
  const high = y0 + height + BESIDE_PX;
  return (
    (x[a] < left && x[a + 1] < left && x[b] < left && x[b + 1] < left && centreX < left) ||
    (x[a] > right && x[a + 1] > right && x[b] > right && x[b + 1] > right && centreX > right) ||
    (y[a] < low && y[a + 1] < low && y[b] < low && y[b + 1] < low && centreY < low) ||
    (y[a] > high && y[a + 1] > high && y[b] > high && y[b + 1] > high && centreY > high)
  );
}
