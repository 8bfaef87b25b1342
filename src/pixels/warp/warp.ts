// SPDX-License-Identifier: BSD-3-Clause
import type { Wcs } from '../../sky/index.ts';
import { type MaskedImage, maskBits, newMaskedImage } from '../masked-image.ts';
import { type CoordinateGrid, coordinateGrid, type ImageBox, reachedPart } from './grid.ts';
import { PHASES, type WarpKernel, type WarpKernelName, warpKernel } from './kernel.ts';

export interface WarpOptions {
  kernel: WarpKernelName;
  /** Take the first moment out of the kernel (see {@link warpKernel}). */
  centredKernel: boolean;
  /** Factor on the image (variance gets its square), besides the area term. */
  fluxScale: number;
  /**
   * `local`: multiply by the number of input pixels an output pixel covers, so that fluxes are conserved; `centre`: the same factor
   * (of the box's centre) everywhere; `none`: keep surface brightness per pixel.
   */
  area: 'local' | 'centre' | 'none';
  /** Input pixels with one of these bits have no value: nothing that needs them is made. */
  noDataBits: number;
  /** Allowed error of interpolated coordinates, input pixels. */
  tolerancePx: number;
}

export const warpDefaults: WarpOptions = {
  kernel: 'lanczos3',
  centredKernel: true,
  fluxScale: 1,
  area: 'local',
  noDataBits: maskBits('NO_DATA'),
  tolerancePx: 1e-4,
};

export interface WarpResult {
  /** Output pixels that got a value. */
  pixels: number;
  /** Largest coordinate error of the grid, input pixels. */
  errorPx: number;
}

/** An output image with nothing in it yet: NaN, NO_DATA. */
export function emptyWarp(box: ImageBox): MaskedImage {
  const out = newMaskedImage(box.width, box.height, box.x0, box.y0);
  out.image.fill(Number.NaN);
  out.variance.fill(Number.NaN);
  out.mask.fill(maskBits('NO_DATA'));
  return out;
}

/**
 * Resamples an image into the frame of another: `out` (made by {@link emptyWarp}) keeps what it has, pixels still without data are
 * filled. Interpolation is separable in the input's axes with tabulated weights; variance is propagated (Σ w² v: the
 * correlation between neighbouring output pixels is not kept). The mask of an output pixel is the union of the up to four input pixels around its
 * position. Positions whose kernel reaches over the input's border get EDGE and no value.
 */
export function warpInto(
  out: MaskedImage,
  outWcs: Wcs,
  input: MaskedImage,
  inWcs: Wcs,
  options: Partial<WarpOptions> = {},
): WarpResult {
  const settings = { ...warpDefaults, ...options };
  // The area factor of the box's centre is asked for even where the image does not reach there.
  const part = settings.area === 'centre' ? out : reachedPart(out, outWcs, inWcs, input);
  if (part === undefined) return { pixels: 0, errorPx: 0 };
  const grid = coordinateGrid(part, outWcs, inWcs, settings.tolerancePx, input);
  const kernel = warpKernel(settings.kernel, settings.centredKernel);
  const source = blanked(input, settings.noDataBits);
  const row = new RowCoordinates(part, out, grid);
  const centre = (grid.rows >> 1) * grid.columns + (grid.columns >> 1);
  const constantArea = settings.area === 'none' ? 1 : settings.area === 'centre' ? grid.area[centre] : undefined;
  let pixels = 0;
  for (let line = 0; line < part.height; line++) {
    row.at(line, input.x0, input.y0);
    if (constantArea !== undefined) row.area.fill(constantArea);
    pixels +=
      kernel.taps === 6 ? rowOf6(out, row, source, kernel, settings) : rowOfAny(out, row, source, kernel, settings);
  }
  return { pixels, errorPx: grid.errorPx };
}

/** The coordinates of one output row of a part of the output in the input's own array, from the grid. */
class RowCoordinates {
  /** Index in the output's planes of the row's first pixel. */
  start = 0;
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly area: Float64Array;
  readonly grid: CoordinateGrid;
  readonly #firstStart: number;
  readonly #stride: number;

  constructor(part: ImageBox, out: ImageBox, grid: CoordinateGrid) {
    this.x = new Float64Array(part.width);
    this.y = new Float64Array(part.width);
    this.area = new Float64Array(part.width);
    this.grid = grid;
    this.#firstStart = (part.y0 - out.y0) * out.width + part.x0 - out.x0;
    this.#stride = out.width;
  }

  at(line: number, x0: number, y0: number): void {
    this.start = this.#firstStart + line * this.#stride;
    const { step, columns, x, y, area } = this.grid;
    const j = Math.floor(line / step);
    const t = line / step - j;
    const width = this.x.length;
    for (let i = 0; i * step < width; i++) {
      const a = j * columns + i;
      const b = a + columns;
      const leftX = x[a] + t * (x[b] - x[a]) - x0;
      const leftY = y[a] + t * (y[b] - y[a]) - y0;
      const leftArea = area[a] + t * (area[b] - area[a]);
      const stepX = (x[a + 1] + t * (x[b + 1] - x[a + 1]) - x0 - leftX) / step;
      const stepY = (y[a + 1] + t * (y[b + 1] - y[a + 1]) - y0 - leftY) / step;
      const stepArea = (area[a + 1] + t * (area[b + 1] - area[a + 1]) - leftArea) / step;
      const begin = i * step;
      const end = Math.min(width, begin + step);
      for (let k = begin; k < end; k++) {
        this.x[k] = leftX + (k - begin) * stepX;
        this.y[k] = leftY + (k - begin) * stepY;
        this.area[k] = leftArea + (k - begin) * stepArea;
      }
    }
  }
}

/** The input with NaN where it has no data, copied only if there are such pixels. */
function blanked(input: MaskedImage, noDataBits: number): MaskedImage {
  const { mask } = input;
  let i = 0;
  while (i < mask.length && (mask[i] & noDataBits) === 0) i++;
  if (i === mask.length) return input;
  const image = input.image.slice();
  for (; i < mask.length; i++) if ((mask[i] & noDataBits) !== 0) image[i] = Number.NaN;
  return { ...input, image };
}

const NO_DATA = maskBits('NO_DATA');
const EDGE = maskBits('EDGE');
/** Fractions closer than this to a whole pixel do not take the mask of the neighbour. */
const TOUCH = 1e-4;

function maskAround(source: MaskedImage, ix: number, iy: number, fx: number, fy: number): number {
  const { mask, width } = source;
  const place = iy * width + ix;
  let bits = 0;
  if (fy < 1 - TOUCH) bits |= (fx < 1 - TOUCH ? mask[place] : 0) | (fx > TOUCH ? mask[place + 1] : 0);
  if (fy > TOUCH) bits |= (fx < 1 - TOUCH ? mask[place + width] : 0) | (fx > TOUCH ? mask[place + width + 1] : 0);
  return bits;
}

/** Lanczos3, the usual kernel, written out: the twelve weights stay in registers. */
function rowOf6(
  out: MaskedImage,
  row: RowCoordinates,
  source: MaskedImage,
  kernel: WarpKernel,
  settings: WarpOptions,
): number {
  const { image, variance, width, height } = source;
  const { table } = kernel;
  let made = 0;
  for (let x = 0, to = row.start; x < row.x.length; x++, to++) {
    if ((out.mask[to] & NO_DATA) === 0) continue;
    const px = row.x[x];
    const py = row.y[x];
    if (!(px > -0.5 && py > -0.5 && px < width - 0.5 && py < height - 0.5)) continue;
    const ix = Math.floor(px);
    const iy = Math.floor(py);
    if (ix < 2 || iy < 2 || ix + 3 >= width || iy + 3 >= height) {
      out.mask[to] |= EDGE;
      continue;
    }
    const fx = px - ix;
    const fy = py - iy;
    const tx = fx * PHASES;
    const ax = (tx | 0) * 6;
    const rx = tx - (tx | 0);
    const x0 = table[ax] + rx * (table[ax + 6] - table[ax]);
    const x1 = table[ax + 1] + rx * (table[ax + 7] - table[ax + 1]);
    const x2 = table[ax + 2] + rx * (table[ax + 8] - table[ax + 2]);
    const x3 = table[ax + 3] + rx * (table[ax + 9] - table[ax + 3]);
    const x4 = table[ax + 4] + rx * (table[ax + 10] - table[ax + 4]);
    const x5 = table[ax + 5] + rx * (table[ax + 11] - table[ax + 5]);
    const s0 = x0 * x0;
    const s1 = x1 * x1;
    const s2 = x2 * x2;
    const s3 = x3 * x3;
    const s4 = x4 * x4;
    const s5 = x5 * x5;
    const ty = fy * PHASES;
    const ay = (ty | 0) * 6;
    const ry = ty - (ty | 0);
    let value = 0;
    let noise = 0;
    let i = (iy - 2) * width + ix - 2;
    for (let k = ay; k < ay + 6; k++, i += width) {
      const w = table[k] + ry * (table[k + 6] - table[k]);
      value +=
        w *
        (x0 * image[i] +
          x1 * image[i + 1] +
          x2 * image[i + 2] +
          x3 * image[i + 3] +
          x4 * image[i + 4] +
          x5 * image[i + 5]);
      noise +=
        w *
        w *
        (s0 * variance[i] +
          s1 * variance[i + 1] +
          s2 * variance[i + 2] +
          s3 * variance[i + 3] +
          s4 * variance[i + 4] +
          s5 * variance[i + 5]);
    }
    if (Number.isNaN(value)) continue;
    const scale = settings.fluxScale * row.area[x];
    out.image[to] = value * scale;
    out.variance[to] = noise * scale * scale;
    out.mask[to] = maskAround(source, ix, iy, fx, fy) & ~NO_DATA;
    made++;
  }
  return made;
}

function rowOfAny(
  out: MaskedImage,
  row: RowCoordinates,
  source: MaskedImage,
  kernel: WarpKernel,
  settings: WarpOptions,
): number {
  const { image, variance, width, height } = source;
  const { table, taps, reach } = kernel;
  const weights = new Float64Array(taps);
  let made = 0;
  for (let x = 0, to = row.start; x < row.x.length; x++, to++) {
    if ((out.mask[to] & NO_DATA) === 0) continue;
    const px = row.x[x];
    const py = row.y[x];
    if (!(px > -0.5 && py > -0.5 && px < width - 0.5 && py < height - 0.5)) continue;
    const ix = Math.floor(px);
    const iy = Math.floor(py);
    if (ix < reach || iy < reach || ix - reach + taps > width || iy - reach + taps > height) {
      out.mask[to] |= EDGE;
      continue;
    }
    const tx = (px - ix) * PHASES;
    const ax = (tx | 0) * taps;
    const rx = tx - (tx | 0);
    for (let k = 0; k < taps; k++) weights[k] = table[ax + k] + rx * (table[ax + taps + k] - table[ax + k]);
    const ty = (py - iy) * PHASES;
    const ay = (ty | 0) * taps;
    const ry = ty - (ty | 0);
    let value = 0;
    let noise = 0;
    for (let j = 0; j < taps; j++) {
      const w = table[ay + j] + ry * (table[ay + taps + j] - table[ay + j]);
      const from = (iy - reach + j) * width + ix - reach;
      let sum = 0;
      let squares = 0;
      for (let k = 0; k < taps; k++) {
        sum += weights[k] * image[from + k];
        squares += weights[k] * weights[k] * variance[from + k];
      }
      value += w * sum;
      noise += w * w * squares;
    }
    if (Number.isNaN(value)) continue;
    const scale = settings.fluxScale * row.area[x];
    out.image[to] = value * scale;
    out.variance[to] = noise * scale * scale;
    out.mask[to] = maskAround(source, ix, iy, px - ix, py - iy) & ~NO_DATA;
    made++;
  }
  return made;
}
