// SPDX-License-Identifier: BSD-3-Clause
import { fitPolynomial } from '../measure/polynomial.ts';
import { numberColumn, type Table } from '../table.ts';

export interface StarSelectOptions {
  /** Smallest PSF-flux signal to noise. Default 50; halved (down to 20) while there are fewer than `wanted` stars. */
  minSignalToNoise?: number;
  /** Enough stars: the brightest so many are kept. Default 200. */
  wanted?: number;
  /** Full width of the size window of the stellar locus, in ln(size). Default 0.15. */
  locusWidth?: number;
  widthPx: number;
  heightPx: number;
}

/** Flags that disqualify a PSF star. */
const BAD_FLAGS = [
  'base_SdssCentroid_flag',
  'base_SdssShape_flag',
  'base_PsfFlux_flag',
  'base_PsfFlux_flag_edge',
  'base_PixelFlags_flag_edge',
  'base_PixelFlags_flag_saturated',
  'base_PixelFlags_flag_cr',
  'base_PixelFlags_flag_bad',
  'base_PixelFlags_flag_suspect',
  'base_PixelFlags_flag_nodata',
  'base_PixelFlags_flag_interpolatedCenter',
];

/**
 * Point sources good enough to model the PSF: bright, clean, isolated, and on the stellar locus, the narrow band of sizes
 * that stars of all magnitudes share. The band is the densest window in ln(size) (towards the small end when in doubt);
 * then shapes xx, yy, xy must follow a plane over the image, with 3-sigma clipping, which removes binaries and galaxies.
 *
 * @returns row numbers, brightest first
 */
export function selectPsfStars(table: Table, options: StarSelectOptions): number[] {
  const flux = numberColumn(table, 'base_PsfFlux_instFlux');
  const error = numberColumn(table, 'base_PsfFlux_instFluxErr');
  const xx = numberColumn(table, 'base_SdssShape_xx');
  const yy = numberColumn(table, 'base_SdssShape_yy');
  const xy = numberColumn(table, 'base_SdssShape_xy');
  const x = numberColumn(table, 'base_SdssCentroid_x');
  const y = numberColumn(table, 'base_SdssCentroid_y');
  const peaks = numberColumn(table, 'deblend_parentNPeaks');
  const flags = BAD_FLAGS.map((name) => numberColumn(table, name));
  const wanted = options.wanted ?? 200;
  const clean: number[] = [];
  for (let i = 0; i < table.rows; i++) {
    if (flags.some((flag) => flag[i] !== 0) || peaks[i] > 1) continue;
    if (xx[i] > 0.2 && yy[i] > 0.2 && flux[i] > 20 * error[i]) clean.push(i);
  }
  clean.sort((a, b) => flux[b] - flux[a]);
  let limit = options.minSignalToNoise ?? 50;
  let bright = clean.filter((i) => flux[i] > limit * error[i]);
  while (bright.length < Math.min(wanted, 30) && limit > 20) {
    limit = Math.max(20, limit / 2);
    bright = clean.filter((i) => flux[i] > limit * error[i]);
  }
  if (bright.length === 0) return [];

  const size = bright.map((i) => 0.5 * Math.log(0.5 * (xx[i] + yy[i])));
  const centre = densest(size, options.locusWidth ?? 0.15);
  const half = options.locusWidth ?? 0.15;
  // Twice the window, so that a PSF that varies over the image stays in; the plane fit below takes care of the rest.
  const locus = bright.filter((_, k) => Math.abs(size[k] - centre) < half);
  return clipShapes(locus, [xx, yy, xy], x, y, options).slice(0, wanted);
}

/** Middle of the window of given width that holds most values; of equally full windows the lowest. */
function densest(values: readonly number[], width: number): number {
  const sorted = Float64Array.from(values).sort();
  let best = 0;
  let bestBegin = 0;
  let bestEnd = 0;
  let end = 0;
  for (let begin = 0; begin < sorted.length; begin++) {
    while (end < sorted.length && sorted[end] - sorted[begin] <= width) end++;
    // A larger group must be larger by more than chance to beat a smaller-sized one.
    if (end - begin > best + Math.sqrt(best) * 0.5) {
      best = end - begin;
      bestBegin = begin;
      bestEnd = end;
    }
  }
  return sorted[(bestBegin + bestEnd - 1) >> 1];
}

function clipShapes(
  rows: number[],
  shapes: readonly ArrayLike<number>[],
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  options: StarSelectOptions,
): number[] {
  if (rows.length < 6) return rows;
  const u = rows.map((i) => (2 * x[i]) / options.widthPx - 1);
  const v = rows.map((i) => (2 * y[i]) / options.heightPx - 1);
  const keep = new Uint8Array(rows.length).fill(1);
  const trace = rows.map((i) => shapes[0][i] + shapes[1][i]);
  const floor = 0.005 * trace.slice().sort((a, b) => a - b)[trace.length >> 1];
  for (const shape of shapes) {
    const fit = fitPolynomial(
      u,
      v,
      rows.map((i) => shape[i]),
      undefined,
      {
        degree: rows.length >= 40 ? 2 : 1,
        clipSigma: 3,
        rounds: 8,
        scatterFloor: floor,
      },
    );
    if (fit !== undefined) for (let k = 0; k < rows.length; k++) keep[k] &= fit.used[k];
  }
  return rows.filter((_, k) => keep[k] === 1);
}
