// SPDX-License-Identifier: BSD-3-Clause
import type { Wcs } from '../../sky/index.ts';
import { mapPoints } from './grid.ts';
import { PHASES, warpKernel } from './kernel.ts';

/** The linear part of the map from output to input pixels about an output position: `d(in) = A d(out)`. */
export interface LocalMap {
  /** The position in the input frame. */
  x: number;
  y: number;
  xx: number;
  xy: number;
  yx: number;
  yy: number;
}

export function localMap(x: number, y: number, outWcs: Wcs, inWcs: Wcs): LocalMap {
  const xs = Float64Array.of(x, x + 0.5, x - 0.5, x, x);
  const ys = Float64Array.of(y, y, y, y + 0.5, y - 0.5);
  mapPoints(5, xs, ys, outWcs, inWcs);
  return { x: xs[0], y: ys[0], xx: xs[1] - xs[2], xy: xs[3] - xs[4], yx: ys[1] - ys[2], yy: ys[3] - ys[4] };
}

/**
 * Adds `weight` times a stamp (odd-sized, centred on its middle pixel), mapped linearly, to an output stamp of `size`² pixels whose
 * source centre lies at output pixel (centreX, centreY). Lanczos3; outside the stamp is zero. The sum is kept (area term).
 */
export function addMappedStamp(
  out: Float64Array,
  size: number,
  centreX: number,
  centreY: number,
  stamp: { size: number; data: Float32Array },
  map: Pick<LocalMap, 'xx' | 'xy' | 'yx' | 'yy'>,
  weight: number,
): void {
  const { taps, reach, table } = warpKernel('lanczos3');
  const area = Math.abs(map.xx * map.yy - map.xy * map.yx) * weight;
  const middle = (stamp.size - 1) / 2;
  for (let j = 0; j < size; j++) {
    for (let i = 0; i < size; i++) {
      const dx = i - centreX;
      const dy = j - centreY;
      const px = middle + map.xx * dx + map.xy * dy;
      const py = middle + map.yx * dx + map.yy * dy;
      const ix = Math.floor(px);
      const iy = Math.floor(py);
      if (ix < -reach - 1 || iy < -reach - 1 || ix > stamp.size + reach || iy > stamp.size + reach) continue;
      const phaseX = Math.round((px - ix) * PHASES) * taps;
      const phaseY = Math.round((py - iy) * PHASES) * taps;
      let value = 0;
      for (let v = 0; v < taps; v++) {
        const y = iy - reach + v;
        if (y < 0 || y >= stamp.size) continue;
        let sum = 0;
        for (let u = 0; u < taps; u++) {
          const x = ix - reach + u;
          if (x >= 0 && x < stamp.size) sum += table[phaseX + u] * stamp.data[y * stamp.size + x];
        }
        value += table[phaseY + v] * sum;
      }
      out[j * size + i] += area * value;
    }
  }
}
