// SPDX-License-Identifier: BSD-3-Clause

/** A plane of any band on a common grid, `y * width + x`, y upwards; NaN where there is nothing. */
export interface ColourPlane {
  data: Float32Array;
  /** Multiplier that puts the band on the common flux scale of the picture. */
  scale: number;
}

/**
 * Three planes as an RGB picture by the asinh stretch of Lupton et al. (2004, PASP 116, 133): the mean intensity is stretched,
 * colours are kept. `softening` is the flux a pixel at which the stretch turns from linear to logarithmic, `stretch` the range shown.
 * Rows are turned so that north (large y) is on top. `bin` averages bin × bin pixels.
 */
export function luptonRgb(
  red: ColourPlane,
  green: ColourPlane,
  blue: ColourPlane,
  width: number,
  height: number,
  options: { softening: number; stretch: number; bin: number },
): { width: number; height: number; rgb: Uint8Array } {
  const { softening, stretch, bin } = options;
  const outWidth = Math.floor(width / bin);
  const outHeight = Math.floor(height / bin);
  const rgb = new Uint8Array(outWidth * outHeight * 3);
  const mean = (plane: ColourPlane, x: number, y: number): number => {
    let sum = 0;
    let n = 0;
    for (let j = 0; j < bin; j++) {
      for (let i = 0; i < bin; i++) {
        const value = plane.data[(y * bin + j) * width + x * bin + i];
        if (value === value) {
          sum += value;
          n++;
        }
      }
    }
    return n === 0 ? Number.NaN : (sum / n) * plane.scale;
  };
  for (let y = 0; y < outHeight; y++) {
    for (let x = 0; x < outWidth; x++) {
      const out = ((outHeight - 1 - y) * outWidth + x) * 3;
      const channels = [mean(red, x, y), mean(green, x, y), mean(blue, x, y)];
      const covered = channels.filter((v) => v === v);
      if (covered.length === 0) {
        rgb.fill(40, out, out + 3);
        continue;
      }
      const intensity = covered.reduce((a, b) => a + b, 0) / covered.length;
      const stretched = Math.asinh(Math.max(0, intensity) / softening) / Math.asinh(stretch / softening);
      const factor = intensity > 0 ? stretched / intensity : 0;
      const values = channels.map((v) => Math.max(0, v === v ? v * factor : 0));
      // Where a channel would burn out, all are turned down together: the colour stays.
      const top = Math.max(1, ...values);
      for (let c = 0; c < 3; c++) rgb[out + c] = Math.round(12 + (243 * values[c]) / top);
    }
  }
  return { width: outWidth, height: outHeight, rgb };
}

const spectrum = ['u', 'g', 'b', 'v', 'r', 'i', 'z', 'y'];

/** Each band once, from blue to red; bands of other names come first, by name. */
export function byWavelength(bands: Iterable<string>): string[] {
  return [...new Set(bands)].sort().sort((a, b) => spectrum.indexOf(a) - spectrum.indexOf(b));
}
