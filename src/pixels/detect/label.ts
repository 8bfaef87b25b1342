// SPDX-License-Identifier: BSD-3-Clause
import type { Footprints } from './footprints.ts';

/** Runs of pixels in a row, in row order: what labelling works on. */
interface Runs {
  n: number;
  y: Int32Array;
  begin: Int32Array;
  end: Int32Array;
}

/**
 * Connected regions (8-connected) of pixels with `image > threshold * sigma`.
 *
 * @param sigma a noise plane, or one number for the whole image
 * @param minArea regions of fewer pixels are dropped
 */
export function findFootprints(
  image: Float32Array,
  width: number,
  height: number,
  options: { threshold: number; sigma?: Float32Array | number; minArea?: number },
): Footprints {
  const sigma = options.sigma ?? 1;
  const runs =
    typeof sigma === 'number'
      ? runsAboveLevel(image, width, height, options.threshold * sigma)
      : runsAbovePlane(image, sigma, width, height, options.threshold);
  return labelRuns(runs, height, options.minArea ?? 1);
}

/** Connected regions of pixels whose mask has any of `bits`. */
export function maskFootprints(mask: Int32Array, width: number, height: number, bits: number): Footprints {
  const runs = new RunList();
  for (let y = 0; y < height; y++) {
    const row = y * width;
    for (let x = 0; x < width; x++) {
      if ((mask[row + x] & bits) === 0) continue;
      const begin = x;
      while (x < width && (mask[row + x] & bits) !== 0) x++;
      runs.push(y, begin, x);
    }
  }
  return labelRuns(runs, height, 1);
}

/**
 * Footprints dilated by a disc of `radius` pixels; those that come to touch are merged. `member[k]` is the grown object
 * that holds old object k.
 */
export function growFootprints(
  f: Footprints,
  radius: number,
  width: number,
  height: number,
): { footprints: Footprints; member: Int32Array } {
  const plane = new Uint8Array(width * height);
  const reach = Math.floor(radius);
  for (let dy = -reach; dy <= reach; dy++) {
    const dx = Math.floor(Math.sqrt(radius * radius - dy * dy));
    for (let s = 0; s < f.spanStart[f.count]; s++) {
      const y = f.spanY[s] + dy;
      if (y < 0 || y >= height) continue;
      plane.fill(1, y * width + Math.max(0, f.spanX[s] - dx), y * width + Math.min(width, f.spanEnd[s] + dx));
    }
  }
  const runs = new RunList();
  for (let y = 0; y < height; y++) {
    const row = y * width;
    for (let x = plane.indexOf(1, row); x >= 0 && x < row + width; x = plane.indexOf(1, x)) {
      const begin = x;
      while (x < row + width && plane[x] === 1) x++;
      runs.push(y, begin - row, x - row);
    }
  }
  const grown = labelRuns(runs, height, 1);
  const labels = new Int32Array(width * height);
  for (let k = 0; k < grown.count; k++)
    for (let s = grown.spanStart[k]; s < grown.spanStart[k + 1]; s++)
      labels.fill(k, grown.spanY[s] * width + grown.spanX[s], grown.spanY[s] * width + grown.spanEnd[s]);
  const member = new Int32Array(f.count);
  for (let k = 0; k < f.count; k++) {
    const s = f.spanStart[k];
    member[k] = labels[f.spanY[s] * width + f.spanX[s]];
  }
  return { footprints: grown, member };
}

class RunList implements Runs {
  n = 0;
  y = new Int32Array(4096);
  begin = new Int32Array(4096);
  end = new Int32Array(4096);
  push(y: number, begin: number, end: number): void {
    if (this.n === this.y.length) {
      this.y = grow(this.y);
      this.begin = grow(this.begin);
      this.end = grow(this.end);
    }
    this.y[this.n] = y;
    this.begin[this.n] = begin;
    this.end[this.n++] = end;
  }
}

function grow(a: Int32Array): Int32Array<ArrayBuffer> {
  const b = new Int32Array(2 * a.length);
  b.set(a);
  return b;
}

function runsAboveLevel(image: Float32Array, width: number, height: number, level: number): Runs {
  const runs = new RunList();
  for (let y = 0; y < height; y++) {
    const row = y * width;
    for (let x = 0; x < width; x++) {
      if (!(image[row + x] > level)) continue;
      const begin = x;
      do x++;
      while (x < width && image[row + x] > level);
      runs.push(y, begin, x);
    }
  }
  return runs;
}

function runsAbovePlane(
  image: Float32Array,
  sigma: Float32Array,
  width: number,
  height: number,
  threshold: number,
): Runs {
  const runs = new RunList();
  for (let y = 0; y < height; y++) {
    const row = y * width;
    for (let x = 0; x < width; x++) {
      if (!(image[row + x] > threshold * sigma[row + x])) continue;
      const begin = x;
      do x++;
      while (x < width && image[row + x] > threshold * sigma[row + x]);
      runs.push(y, begin, x);
    }
  }
  return runs;
}

/** Union-find over runs of neighbouring rows; the smallest run of a region is its root, so regions come out in reading order. */
function labelRuns(runs: Runs, height: number, minArea: number): Footprints {
  const { n, y, begin, end } = runs;
  const parent = new Int32Array(n);
  const find = (i: number): number => {
    while (parent[i] !== i) i = parent[i] = parent[parent[i]];
    return i;
  };
  const rowStart = new Int32Array(height + 1);
  for (let i = 0; i < n; i++) rowStart[y[i] + 1]++;
  for (let r = 0; r < height; r++) rowStart[r + 1] += rowStart[r];
  for (let i = 0; i < n; i++) parent[i] = i;
  for (let r = 1; r < height; r++) {
    let above = rowStart[r - 1];
    const aboveEnd = rowStart[r];
    for (let i = rowStart[r]; i < rowStart[r + 1]; i++) {
      while (above < aboveEnd && end[above] < begin[i]) above++;
      for (let j = above; j < aboveEnd && begin[j] <= end[i]; j++) {
        const a = find(i);
        const b = find(j);
        if (a < b) parent[b] = a;
        else if (b < a) parent[a] = b;
      }
    }
  }
  const area = new Int32Array(n);
  const spans = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    const root = find(i);
    area[root] += end[i] - begin[i];
    spans[root]++;
  }
  const index = new Int32Array(n).fill(-1);
  let count = 0;
  let total = 0;
  for (let i = 0; i < n; i++)
    if (spans[i] > 0 && area[i] >= minArea) {
      index[i] = count++;
      total += spans[i];
    }
  const spanStart = new Int32Array(count + 1);
  for (let i = 0; i < n; i++) if (index[i] >= 0) spanStart[index[i] + 1] = spans[i];
  for (let k = 0; k < count; k++) spanStart[k + 1] += spanStart[k];
  const cursor = spanStart.slice(0, count);
  const spanY = new Int32Array(total);
  const spanX = new Int32Array(total);
  const spanEnd = new Int32Array(total);
  for (let i = 0; i < n; i++) {
    const k = index[find(i)];
    if (k < 0) continue;
    const s = cursor[k]++;
    spanY[s] = y[i];
    spanX[s] = begin[i];
    spanEnd[s] = end[i];
  }
  return { count, spanStart, spanY, spanX, spanEnd };
}
