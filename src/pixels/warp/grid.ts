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

/**
 * Builds the grid, halving its step (first 32 px) until the error at all cell centres is below `tolerancePx`.
 * TAN to TAN needs no halving (5e-10 px); strong distortion does.
 */
export function coordinateGrid(box: ImageBox, outWcs: Wcs, inWcs: Wcs, tolerancePx = 1e-4): CoordinateGrid {
  for (let step = 32; ; step >>= 1) {
    const grid = nodes(box, outWcs, inWcs, step);
    grid.errorPx = step === 1 ? 0 : centreError(grid, box, outWcs, inWcs);
    if (grid.errorPx <= tolerancePx || step === 1) return grid;
  }
}

function nodes(box: ImageBox, outWcs: Wcs, inWcs: Wcs, step: number): CoordinateGrid {
  const columns = Math.ceil((box.width - 1) / step) + 2;
  const rows = Math.ceil((box.height - 1) / step) + 2;
  const n = columns * rows;
  const at = (dx: number, dy: number): [Float64Array, Float64Array] => {
    const x = new Float64Array(n);
    const y = new Float64Array(n);
    for (let j = 0; j < rows; j++) {
      for (let i = 0; i < columns; i++) {
        x[j * columns + i] = box.x0 + i * step + dx;
        y[j * columns + i] = box.y0 + j * step + dy;
      }
    }
    mapPoints(n, x, y, outWcs, inWcs);
    return [x, y];
  };
  const [x, y] = at(0, 0);
  // The Jacobian by differences over one pixel (of its value half a pixel on: a part in 10⁵ for strong distortion).
  const [rightX, rightY] = at(1, 0);
  const [upX, upY] = at(0, 1);
  const area = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    area[k] = Math.abs((rightX[k] - x[k]) * (upY[k] - y[k]) - (upX[k] - x[k]) * (rightY[k] - y[k]));
  }
  return { step, columns, rows, x, y, area, errorPx: 0 };
}

/** Output pixels to input pixels, in place. */
export function mapPoints(n: number, x: Float64Array, y: Float64Array, outWcs: Wcs, inWcs: Wcs): void {
  const ra = new Float64Array(n);
  const dec = new Float64Array(n);
  outWcs.pixelToSkyMany(n, x, y, ra, dec);
  inWcs.skyToPixelMany(n, ra, dec, x, y);
}

function centreError(grid: CoordinateGrid, box: ImageBox, outWcs: Wcs, inWcs: Wcs): number {
  const { step, columns, rows } = grid;
  const n = (columns - 1) * (rows - 1);
  const x = new Float64Array(n);
  const y = new Float64Array(n);
  let k = 0;
  for (let j = 0; j < rows - 1; j++) {
    for (let i = 0; i < columns - 1; i++, k++) {
      x[k] = box.x0 + (i + 0.5) * step;
      y[k] = box.y0 + (j + 0.5) * step;
    }
  }
  mapPoints(n, x, y, outWcs, inWcs);
  let worst = 0;
  k = 0;
  for (let j = 0; j < rows - 1; j++) {
    for (let i = 0; i < columns - 1; i++, k++) {
      const a = j * columns + i;
      const b = a + columns;
      const errorX = Math.abs(0.25 * (grid.x[a] + grid.x[a + 1] + grid.x[b] + grid.x[b + 1]) - x[k]);
      const errorY = Math.abs(0.25 * (grid.y[a] + grid.y[a + 1] + grid.y[b] + grid.y[b + 1]) - y[k]);
      // NaN (no projection there) compares false: such cells give no pixels anyway.
      if (errorX > worst) worst = errorX;
      if (errorY > worst) worst = errorY;
    }
  }
  return worst;
}
