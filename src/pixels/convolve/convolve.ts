// SPDX-License-Identifier: BSD-3-Clause

/** An odd-sized square kernel, row-major, centred on its middle pixel. */
export interface Kernel {
  size: number;
  data: Float32Array;
}

/** Unit-sum Gaussian taps for {@link convolveSeparable}. */
export function gaussianTaps(sigma: number, half: number = Math.max(1, Math.ceil(4 * sigma))): Float32Array {
  const taps = new Float32Array(2 * half + 1);
  let sum = 0;
  for (let i = -half; i <= half; i++) {
    const v = Math.exp((-0.5 * i * i) / (sigma * sigma));
    taps[i + half] = v;
    sum += v;
  }
  for (let i = 0; i < taps.length; i++) taps[i] /= sum;
  return taps;
}

/**
 * Convolution with a separable symmetric kernel: rows, then columns. Pixels outside the image count as zero.
 * Work is one pass per axis over row bands: the column pass adds whole rows, so all access is sequential.
 *
 * @param taps odd number of weights of the one-dimensional kernel (symmetric)
 */
export function convolveSeparable(
  image: Float32Array,
  width: number,
  height: number,
  taps: Float32Array,
  target: Float32Array = new Float32Array(width * height),
): Float32Array {
  const half = (taps.length - 1) >> 1;
  const ringSize = 2 * half + 1;
  // Row-filtered lines live in a ring just tall enough for the column pass.
  const ring = new Float32Array(ringSize * width);
  const padded = new Float32Array(width + 2 * half);
  for (let y = -half; y < height; y++) {
    const incoming = y + half;
    const slot = (incoming % ringSize) * width;
    if (incoming < height) {
      padded.set(image.subarray(incoming * width, (incoming + 1) * width), half);
      filterRow(padded, width, taps, half, ring, slot);
    } else ring.fill(0, slot, slot + width);
    if (y < 0) continue;
    const row = y * width;
    const centre = (y % ringSize) * width;
    const middle = taps[half];
    for (let x = 0; x < width; x++) target[row + x] = middle * ring[centre + x];
    for (let k = 1; k <= half; k++) {
      const above = y - k >= 0 ? ((y - k) % ringSize) * width : -1;
      const below = ((y + k) % ringSize) * width;
      const tap = taps[half + k];
      if (above >= 0) for (let x = 0; x < width; x++) target[row + x] += tap * (ring[above + x] + ring[below + x]);
      else for (let x = 0; x < width; x++) target[row + x] += tap * ring[below + x];
    }
  }
  return target;
}

function filterRow(
  padded: Float32Array,
  width: number,
  taps: Float32Array,
  half: number,
  ring: Float32Array,
  slot: number,
): void {
  const middle = taps[half];
  for (let x = 0; x < width; x++) ring[slot + x] = middle * padded[x + half];
  for (let k = 1; k <= half; k++) {
    const tap = taps[half + k];
    const left = half - k;
    const right = half + k;
    for (let x = 0; x < width; x++) ring[slot + x] += tap * (padded[x + left] + padded[x + right]);
  }
}

/** Correlation with any odd square kernel; pixels outside the image count as zero. Rows of weights are applied as whole-row additions. */
export function correlate(
  image: Float32Array,
  width: number,
  height: number,
  kernel: Kernel,
  target: Float32Array = new Float32Array(width * height),
): Float32Array {
  const half = (kernel.size - 1) >> 1;
  const sums = new Float32Array(width);
  for (let y = 0; y < height; y++) {
    sums.fill(0);
    for (let v = -half; v <= half; v++) {
      if (y + v < 0 || y + v >= height) continue;
      const row = (y + v) * width;
      for (let u = -half; u <= half; u++) {
        const weight = kernel.data[(v + half) * kernel.size + u + half];
        if (weight === 0) continue;
        const begin = Math.max(0, -u);
        const end = Math.min(width, width - u);
        const offset = row + u;
        for (let x = begin; x < end; x++) sums[x] += weight * image[offset + x];
      }
    }
    target.set(sums, y * width);
  }
  return target;
}
