// SPDX-License-Identifier: BSD-3-Clause
import type { Window } from '../image/section.ts';

/** One tile of an image of any number of axes. */
export interface Tile {
  /** Row of the table of tiles. */
  index: number;
  /** First pixel and length along each axis. */
  origin: number[];
  size: number[];
  samples: number;
}

/** The tiles of a grid that have pixels in the window, in table order. */
export function tilesIn(shape: readonly number[], tileShape: readonly number[], window: Window): Tile[] {
  const counts = shape.map((length, axis) => Math.ceil(length / tileShape[axis]));
  const { x0, x1, y0, y1 } = window.section;
  const tiles: Tile[] = [];
  const higher = counts.slice(2).reduce((a, b) => a * b, 1);
  const across = counts[0] ?? 0;
  const down = counts[1] ?? 1;
  const row = tileShape[1] ?? 1;
  for (let h = 0; h < higher; h++) {
    const at = coordinates(h, counts.slice(2));
    const low = planeIndex(
      at.map((c, k) => c * tileShape[k + 2]),
      shape,
    );
    const top = at.map((c, k) => Math.min((c + 1) * tileShape[k + 2], shape[k + 2]) - 1);
    if (low >= window.lastPlane || planeIndex(top, shape) < window.firstPlane) continue;
    for (let j = Math.floor(y0 / row); j < down && j * row < y1; j++)
      for (let i = Math.floor(x0 / tileShape[0]); i < across && i * tileShape[0] < x1; i++) {
        const cell = shape.length < 2 ? [i] : [i, j, ...at];
        const origin = cell.map((c, k) => c * tileShape[k]);
        const size = origin.map((o, k) => Math.min(tileShape[k], shape[k] - o));
        tiles.push({ index: (h * down + j) * across + i, origin, size, samples: size.reduce((a, b) => a * b, 1) });
      }
  }
  return tiles;
}

/** Calls `copy(from, length, to)` for each run of tile samples that belongs to the window. */
export function scatter(
  tile: Tile,
  shape: readonly number[],
  window: Window,
  copy: (from: number, length: number, to: number) => void,
): void {
  const { x0, x1, y0, y1 } = window.section;
  const left = Math.max(tile.origin[0], x0);
  const right = Math.min(tile.origin[0] + tile.size[0], x1);
  const rows = tile.size[1] ?? 1;
  const firstRow = tile.origin[1] ?? 0;
  const planes = tile.samples / (tile.size[0] * rows);
  const fullRows = right - left === tile.size[0] && right - left === window.width;
  for (let p = 0; p < planes; p++) {
    const within = coordinates(p, tile.size.slice(2)).map((c, k) => c + tile.origin[k + 2]);
    const plane = planeIndex(within, shape);
    if (plane < window.firstPlane || plane >= window.lastPlane) continue;
    const top = Math.max(firstRow, y0);
    const bottom = Math.min(firstRow + rows, y1);
    const toPlane = (plane - window.firstPlane) * window.height;
    const start = (p * rows + top - firstRow) * tile.size[0] + left - tile.origin[0];
    if (fullRows) copy(start, (bottom - top) * tile.size[0], (toPlane + top - y0) * window.width);
    else
      for (let y = top; y < bottom; y++)
        copy(start + (y - top) * tile.size[0], right - left, (toPlane + y - y0) * window.width + left - x0);
  }
}

/** Coordinates of the `n`th cell of a grid, first axis fastest. */
function coordinates(n: number, counts: readonly number[]): number[] {
  let rest = n;
  return counts.map((count) => {
    const c = rest % count;
    rest = (rest - c) / count;
    return c;
  });
}

/** Number of the plane at the given coordinates along the axes from the third on. */
function planeIndex(at: readonly number[], shape: readonly number[]): number {
  let index = 0;
  for (let k = at.length - 1; k >= 0; k--) index = index * shape[k + 2] + at[k];
  return index;
}
