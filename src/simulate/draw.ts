// SPDX-License-Identifier: BSD-3-Clause

/** Image being exposed: expected electrons, `y * width + x`. */
export interface Canvas {
  width: number;
  height: number;
  electrons: Float64Array;
}

/** Elliptical Moffat profile: full width at half maximum in pixels, axis ratio, position angle in radians from x, exponent. */
export interface Moffat {
  fwhmPx: number;
  axisRatio: number;
  angleRad: number;
  beta: number;
}

/**
 * Adds a source of `electrons` at (x, y). The profile (Moffat 1969) is normalised over the infinite plane and sampled at pixel
 * centres, so it is the effective PSF, pixel included. Drawn out to where less than half an electron a pixel is left, at most `maxRadius`.
 */
export function drawMoffat(
  canvas: Canvas,
  x: number,
  y: number,
  electrons: number,
  profile: Moffat,
  maxRadius = 60,
): void {
  const { fwhmPx, axisRatio, angleRad, beta } = profile;
  const alpha = fwhmPx / (2 * Math.sqrt(2 ** (1 / beta) - 1));
  const peak = (electrons * (beta - 1)) / (Math.PI * alpha * alpha);
  const reach = alpha * Math.sqrt(Math.max(1, (peak / 0.02) ** (1 / beta) - 1));
  const radius = Math.min(maxRadius, Math.ceil(reach / Math.sqrt(axisRatio)) + 2);
  const cos = Math.cos(angleRad);
  const sin = Math.sin(angleRad);
  // Area-preserving: the long axis grows as the short one shrinks.
  const inLong = axisRatio / (alpha * alpha);
  const inShort = 1 / (axisRatio * alpha * alpha);
  const x0 = Math.max(0, Math.floor(x - radius));
  const x1 = Math.min(canvas.width - 1, Math.ceil(x + radius));
  const y0 = Math.max(0, Math.floor(y - radius));
  const y1 = Math.min(canvas.height - 1, Math.ceil(y + radius));
  for (let py = y0; py <= y1; py++) {
    const dy = py - y;
    for (let px = x0; px <= x1; px++) {
      const dx = px - x;
      const along = dx * cos + dy * sin;
      const across = dy * cos - dx * sin;
      const r2 = along * along * inLong + across * across * inShort;
      canvas.electrons[py * canvas.width + px] += peak * (1 + r2) ** -beta;
    }
  }
}

/** A straight track of charge, as a cosmic ray leaves it: `electronsPerPx` along `length` pixels. */
export function drawTrack(
  canvas: Canvas,
  x: number,
  y: number,
  angleRad: number,
  length: number,
  electronsPerPx: number,
): void {
  for (let step = 0; step <= length; step += 0.5) {
    const px = Math.round(x + step * Math.cos(angleRad));
    const py = Math.round(y + step * Math.sin(angleRad));
    if (px < 0 || py < 0 || px >= canvas.width || py >= canvas.height) return;
    canvas.electrons[py * canvas.width + px] += electronsPerPx / 2;
  }
}

/** Charge above `fullWell` spills along its column, half each way, until it finds room. */
export function bleed(canvas: Canvas, fullWell: number): void {
  const { width, height, electrons } = canvas;
  for (let x = 0; x < width; x++) {
    for (let y = 0; y < height; y++) {
      const excess = electrons[y * width + x] - fullWell;
      if (excess <= 0) continue;
      electrons[y * width + x] = fullWell;
      for (const step of [-1, 1]) {
        let left = excess / 2;
        for (let j = y + step; j >= 0 && j < height && left > 0; j += step) {
          const room = fullWell - electrons[j * width + x];
          if (room <= 0) continue;
          const moved = Math.min(room, left);
          electrons[j * width + x] += moved;
          left -= moved;
        }
      }
    }
  }
}
