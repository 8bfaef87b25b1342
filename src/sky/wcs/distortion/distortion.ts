// SPDX-License-Identifier: BSD-3-Clause

/** A smooth map of the plane onto itself, close to the identity. Both directions write (x, y) to `out`. */
export interface Distortion {
  apply(x: number, y: number, out: Float64Array): void;
  /** Returns false where no inverse is found. */
  invert(x: number, y: number, out: Float64Array): boolean;
}

/** Value and Jacobian of a map: [x', y', dx'/dx, dx'/dy, dy'/dx, dy'/dy]. */
export type Jacobian = (x: number, y: number, out: Float64Array) => void;

const scratch = new Float64Array(6);

/**
 * Newton's method for map(x, y) = (targetX, targetY) from the guess in `out`. `tolerance` is in the map's unit.
 * A last step is taken after the residual is within tolerance, so that the answer is good to rounding.
 */
export function newtonInverse(
  map: Jacobian,
  targetX: number,
  targetY: number,
  tolerance: number,
  out: Float64Array,
): boolean {
  let x = out[0];
  let y = out[1];
  for (let i = 0; i < 30; i++) {
    map(x, y, scratch);
    const dx = targetX - scratch[0];
    const dy = targetY - scratch[1];
    const determinant = scratch[2] * scratch[5] - scratch[3] * scratch[4];
    const stepX = (scratch[5] * dx - scratch[3] * dy) / determinant;
    const stepY = (scratch[2] * dy - scratch[4] * dx) / determinant;
    if (!Number.isFinite(stepX) || !Number.isFinite(stepY)) return false;
    x += stepX;
    y += stepY;
    if (Math.abs(dx) <= tolerance && Math.abs(dy) <= tolerance) {
      out[0] = x;
      out[1] = y;
      return true;
    }
  }
  return false;
}
