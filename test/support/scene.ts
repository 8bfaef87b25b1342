// SPDX-License-Identifier: BSD-3-Clause
import { type Exposure, newMaskedImage, type Psf } from '../../src/pixels/index.ts';

/** A small reproducible generator (mulberry32): uniform in (0, 1) and normal deviates. */
export function randomSource(seed: number): { uniform: () => number; normal: () => number } {
  let state = seed >>> 0;
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (((t ^ (t >>> 14)) >>> 0) + 0.5) / 4294967296;
  };
  return { uniform, normal: () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()) };
}

export interface Star {
  x: number;
  y: number;
  flux: number;
}

/** A sky with stars: Poisson-like and read noise with gain 1, the variance known. */
export function starField(options: {
  width: number;
  height: number;
  stars: readonly Star[];
  psfAt: (star: Star) => Psf;
  sky?: number;
  readNoise?: number;
  seed?: number;
}): Exposure {
  const { width, height, stars } = options;
  const sky = options.sky ?? 500;
  const readNoise = options.readNoise ?? 5;
  const { normal } = randomSource(options.seed ?? 1);
  const field = newMaskedImage(width, height);
  field.image.fill(sky);
  for (const star of stars) {
    const drawn = options.psfAt(star).imageAt(star.x, star.y);
    for (let j = 0; j < drawn.size; j++)
      for (let i = 0; i < drawn.size; i++) {
        const x = drawn.x0 + i;
        const y = drawn.y0 + j;
        if (x >= 0 && y >= 0 && x < width && y < height)
          field.image[y * width + x] += star.flux * drawn.data[j * drawn.size + i];
      }
  }
  for (let i = 0; i < field.image.length; i++) {
    const mean = field.image[i];
    field.variance[i] = mean + readNoise * readNoise;
    field.image[i] = mean + normal() * Math.sqrt(field.variance[i]);
  }
  return { ...field, metadata: {} };
}

/** Places in a field, no two nearer than `separation`, at least `margin` from the border. */
export function scatter(
  count: number,
  width: number,
  height: number,
  random: { uniform: () => number },
  separation = 14,
  margin = 12,
): { x: number; y: number }[] {
  const placed: { x: number; y: number }[] = [];
  for (let tries = 0; placed.length < count && tries < 50 * count; tries++) {
    const x = margin + random.uniform() * (width - 2 * margin);
    const y = margin + random.uniform() * (height - 2 * margin);
    if (placed.every((p) => Math.hypot(p.x - x, p.y - y) >= separation)) placed.push({ x, y });
  }
  return placed;
}

/** Row of `x`, `y` nearest to a place, and its distance. */
export function nearest(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  at: { x: number; y: number },
): { row: number; distance: number } {
  let row = -1;
  let distance = Number.POSITIVE_INFINITY;
  for (let i = 0; i < x.length; i++) {
    const d = Math.hypot(x[i] - at.x, y[i] - at.y);
    if (d < distance) [row, distance] = [i, d];
  }
  return { row, distance };
}

/** Middle value; sorts a copy. */
export function medianValue(values: readonly number[]): number {
  return values.slice().sort((a, b) => a - b)[values.length >> 1];
}
