// SPDX-License-Identifier: BSD-3-Clause
import { pixelErrors } from '../errors.ts';
import { clippedStatistics } from '../statistics/clipped.ts';
import { medianInPlace } from '../statistics/select.ts';
import type { AmplifierPixels, PixelBox } from './amplifier.ts';

/**
 * How the bias level is had from the overscan: a median for every row, one median for the whole amplifier, or nothing.
 * `median-per-row` follows a level that drifts while the chip is read out.
 */
export type OverscanMethod = 'median-per-row' | 'median' | 'none';

export interface OverscanLevels {
  /** ADU to take off each row of the amplifier's data section (index 0: its first raw row). */
  perRow: Float64Array;
  /** ADU to take off each column besides (parallel overscan); absent where there is none. */
  perColumn?: Float64Array;
  /** Median of the levels, ADU. */
  level: number;
  /** Robust scatter of single overscan pixels, ADU: the read noise as measured. */
  noiseAdu: number;
}

/**
 * Bias levels of one amplifier from its serial overscan and, if asked, what is left in its parallel overscan.
 * Medians are robust against the trails of saturated columns. Throws `PIXELS_OVERSCAN` where the sections do not fit.
 */
export function overscanLevels(pixels: AmplifierPixels, method: OverscanMethod, parallel = false): OverscanLevels {
  const { amplifier } = pixels;
  const rows = amplifier.rawData.y1 - amplifier.rawData.y0;
  const perRow = new Float64Array(rows);
  const box = amplifier.rawOverscan;
  if (method === 'none' || box === undefined) return { perRow, level: 0, noiseAdu: Number.NaN };
  checkBox(pixels, box, rows, method);

  const width = box.x1 - box.x0;
  const scratch = new Float64Array(method === 'median' ? width * (box.y1 - box.y0) : width);
  if (method === 'median') {
    let n = 0;
    for (let y = box.y0; y < box.y1; y++) {
      const start = y * pixels.width;
      for (let x = box.x0; x < box.x1; x++) scratch[n++] = pixels.data[start + x];
    }
    perRow.fill(medianInPlace(scratch, n));
  } else {
    for (let row = 0; row < rows; row++) {
      const start = (amplifier.rawData.y0 + row) * pixels.width;
      for (let i = 0; i < width; i++) scratch[i] = pixels.data[start + box.x0 + i];
      perRow[row] = medianInPlace(scratch, width);
    }
  }
  // Differences of neighbours: no row level enters, so none biases the noise (of few columns a median takes much away).
  const differences = new Float64Array(Math.max(0, width - 1) * rows);
  for (let row = 0, k = 0; row < rows; row++) {
    const start = (amplifier.rawData.y0 + row) * pixels.width + box.x0;
    for (let i = 1; i < width; i++) differences[k++] = pixels.data[start + i] - pixels.data[start + i - 1];
  }
  return {
    perRow,
    perColumn: parallel ? parallelLevels(pixels, perRow) : undefined,
    level: medianInPlace(perRow.slice()),
    noiseAdu: clippedStatistics(differences).sigma / Math.SQRT2,
  };
}

/** Column medians of the parallel overscan above the amplifier's last row level. */
function parallelLevels(pixels: AmplifierPixels, perRow: Float64Array): Float64Array | undefined {
  const { rawData, rawParallelOverscan: box } = pixels.amplifier;
  if (box === undefined) return undefined;
  const columns = rawData.x1 - rawData.x0;
  const levels = new Float64Array(columns);
  const scratch = new Float64Array(box.y1 - box.y0);
  const nearest = box.y0 >= rawData.y1 ? perRow[perRow.length - 1] : perRow[0];
  for (let column = 0; column < columns; column++) {
    let n = 0;
    for (let y = box.y0; y < box.y1; y++) scratch[n++] = pixels.data[y * pixels.width + rawData.x0 + column];
    levels[column] = medianInPlace(scratch, n) - nearest;
  }
  return levels;
}

function checkBox(pixels: AmplifierPixels, box: PixelBox, rows: number, method: OverscanMethod): void {
  const { name, rawData } = pixels.amplifier;
  const inside = box.x0 >= 0 && box.y0 >= 0 && box.x1 <= pixels.width && box.y1 <= pixels.height && box.x1 > box.x0;
  const covers = method === 'median' || (box.y0 <= rawData.y0 && box.y1 >= rawData.y0 + rows);
  if (inside && covers) return;
  throw pixelErrors.OVERSCAN({
    amplifier: name,
    section: `[${box.x0 + 1}:${box.x1},${box.y0 + 1}:${box.y1}]`,
    image: `${pixels.width} x ${pixels.height}`,
  });
}
