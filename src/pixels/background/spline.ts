// SPDX-License-Identifier: BSD-3-Clause
import type { Background } from './background.ts';

/**
 * Natural bicubic spline through mesh values, evaluated at every pixel: a spline along y through each mesh column, then
 * along x through the interpolated nodes of each row. Beyond the outermost mesh centres the end segments are continued.
 */
export function splineImage(
  mesh: Pick<Background, 'width' | 'height' | 'binSize' | 'nx' | 'ny'>,
  values: Float32Array,
  mode: 'replace' | 'subtract',
  target: Float32Array = new Float32Array(mesh.width * mesh.height),
): Float32Array {
  const { width, height, binSize, nx, ny } = mesh;
  const columnSecond = secondDerivatives(values, nx, ny);
  const node = new Float32Array(nx);
  const line = new Float32Array(width);
  for (let y = 0; y < height; y++) {
    const py = (y + 0.5) / binSize - 0.5;
    const segment = Math.max(0, Math.min(ny - 2, Math.floor(py)));
    for (let x = 0; x < nx; x++) {
      if (ny === 1) node[x] = values[x];
      else {
        const i = segment * nx + x;
        const t = py - segment;
        const s = 1 - t;
        node[x] =
          s * values[i] +
          t * values[i + nx] +
          ((s * s * s - s) * columnSecond[i] + (t * t * t - t) * columnSecond[i + nx]) / 6;
      }
    }
    evaluateRow(node, nx, binSize, line);
    const row = y * width;
    if (mode === 'replace') target.set(line, row);
    else for (let x = 0; x < width; x++) target[row + x] -= line[x];
  }
  return target;
}

/** Fills one row from its nodes: each spline segment is a cubic in t, evaluated by Horner's rule. */
function evaluateRow(node: Float32Array, nx: number, binSize: number, line: Float32Array): void {
  const width = line.length;
  if (nx === 1) {
    line.fill(node[0]);
    return;
  }
  const second = secondDerivatives(node, 1, nx);
  const step = 1 / binSize;
  for (let segment = 0; segment < nx - 1; segment++) {
    // Pixels whose position (x + 0.5) / binSize - 0.5 lies in the segment; the first and last reach the image edges.
    const begin = segment === 0 ? 0 : Math.ceil((segment + 0.5) * binSize - 0.5);
    const end = segment === nx - 2 ? width : Math.min(width, Math.ceil((segment + 1.5) * binSize - 0.5));
    const a = node[segment];
    const b = node[segment + 1];
    const c = second[segment];
    const d = second[segment + 1];
    const c1 = b - a - (2 * c + d) / 6;
    const c2 = c / 2;
    const c3 = (d - c) / 6;
    for (let x = begin; x < end; x++) {
      const t = (x + 0.5) * step - 0.5 - segment;
      line[x] = a + t * (c1 + t * (c2 + t * c3));
    }
  }
}

/** Second derivatives of natural cubic splines of unit node spacing along the slow axis: `n` nodes of `columns` splines. */
function secondDerivatives(values: Float32Array, columns: number, n: number): Float32Array {
  const second = new Float32Array(columns * n);
  if (n < 3) return second;
  // Thomas algorithm for s[i-1] + 4 s[i] + s[i+1] = 6 (v[i-1] - 2 v[i] + v[i+1]), s[0] = s[n-1] = 0.
  const upper = new Float64Array(n);
  const right = new Float64Array(n);
  for (let x = 0; x < columns; x++) {
    for (let i = 1; i < n - 1; i++) {
      const k = i * columns + x;
      const r = 6 * (values[k - columns] - 2 * values[k] + values[k + columns]);
      const pivot = 1 / (4 - upper[i - 1]);
      upper[i] = pivot;
      right[i] = (r - right[i - 1]) * pivot;
    }
    for (let i = n - 2; i > 0; i--) {
      const k = i * columns + x;
      second[k] = right[i] - upper[i] * second[k + columns];
    }
  }
  return second;
}
