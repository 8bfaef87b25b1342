// SPDX-License-Identifier: BSD-3-Clause

/** A rectangle of pixel values; (x0, y0) is its first pixel. */
export interface Stamp {
  x0: number;
  y0: number;
  width: number;
  height: number;
  data: Float32Array;
}

/**
 * What the image would look like around a peak if the object were symmetric about it and fell monotonically outward:
 * each pixel is the smaller of itself and its mirror image, then no pixel is brighter than the pixels inward of it.
 * Pixels whose mirror lies outside the footprint get no template.
 *
 * @param image footprint box of the given size, `inside` tells its footprint pixels; (px, py) the peak in box coordinates
 */
export function symmetricTemplate(
  image: Float32Array,
  inside: Uint8Array,
  width: number,
  height: number,
  px: number,
  py: number,
): Stamp {
  // Mirroring about half pixels is exact: 2 px rounds to an integer sum of coordinates.
  const sumX = Math.round(2 * px);
  const sumY = Math.round(2 * py);
  const x0 = Math.max(0, sumX - (width - 1));
  const x1 = Math.min(width - 1, sumX);
  const y0 = Math.max(0, sumY - (height - 1));
  const y1 = Math.min(height - 1, sumY);
  const w = x1 - x0 + 1;
  const h = y1 - y0 + 1;
  if (w <= 0 || h <= 0) return { x0: 0, y0: 0, width: 0, height: 0, data: new Float32Array(0) };
  const data = new Float32Array(w * h);
  for (let y = 0; y < h; y++)
    for (let x = 0; x < w; x++) {
      const i = (y + y0) * width + x + x0;
      const j = (sumY - y - y0) * width + sumX - x - x0;
      if (!inside[i] || !inside[j]) continue;
      const v = Math.min(image[i], image[j]);
      if (v > 0) data[y * w + x] = v;
    }
  monotonic(data, w, h, sumX / 2 - x0, sumY / 2 - y0);
  return { x0, y0, width: w, height: h, data };
}

/** Lowers pixels, ring after ring from the centre outward, to at most the value interpolated one step inward. */
function monotonic(data: Float32Array, w: number, h: number, cx: number, cy: number): void {
  const reach = Math.ceil(Math.max(cx, cy, w - 1 - cx, h - 1 - cy));
  const visit = (x: number, y: number): void => {
    if (x >= 0 && x < w && y >= 0 && y < h) lower(data, w, h, x, y, cx, cy);
  };
  for (let ring = 1; ring <= reach; ring++) {
    const left = Math.floor(cx) - ring;
    const right = Math.ceil(cx) + ring;
    const top = Math.floor(cy) - ring;
    const bottom = Math.ceil(cy) + ring;
    for (let x = Math.max(0, left + 1); x < Math.min(w, right); x++) {
      visit(x, top);
      visit(x, bottom);
    }
    for (let y = Math.max(0, top + 1); y < Math.min(h, bottom); y++) {
      visit(left, y);
      visit(right, y);
    }
    // Corners look inward at the sides of their own ring.
    visit(left, top);
    visit(right, top);
    visit(left, bottom);
    visit(right, bottom);
  }
}

function lower(data: Float32Array, w: number, h: number, x: number, y: number, cx: number, cy: number): void {
  const dx = x - cx;
  const dy = y - cy;
  const longest = Math.max(Math.abs(dx), Math.abs(dy));
  // One step towards the centre along the longer axis; interpolate across the other.
  const ix = x - dx / longest;
  const iy = y - dy / longest;
  const fx = Math.floor(ix);
  const fy = Math.floor(iy);
  const tx = ix - fx;
  const ty = iy - fy;
  let sum = 0;
  for (let v = 0; v <= 1; v++)
    for (let u = 0; u <= 1; u++) {
      const weight = (u === 1 ? tx : 1 - tx) * (v === 1 ? ty : 1 - ty);
      if (weight < 1e-9) continue;
      const qx = fx + u;
      const qy = fy + v;
      if (qx >= 0 && qx < w && qy >= 0 && qy < h) sum += weight * data[qy * w + qx];
    }
  const i = y * w + x;
  if (data[i] > sum) data[i] = sum;
}
