// SPDX-License-Identifier: BSD-3-Clause

/**
 * An image with its variance and mask planes. Planes are row-major, stride = width, sample (x, y) at `y * width + x`.
 * `x0`, `y0` place the first pixel in the parent frame (0 for a whole detector, the patch corner for a coadd patch);
 * WCS, PSF and catalogue positions are in the parent frame.
 */
export interface MaskedImage {
  width: number;
  height: number;
  x0: number;
  y0: number;
  image: Float32Array;
  /** Same unit as `image` squared; NaN or Infinity where unknown. */
  variance: Float32Array;
  /** Bits of {@link MaskPlanes}. */
  mask: Int32Array;
}

/** Bit numbers of the mask planes; the first nine are those every Rubin-family image has. Written to FITS as `MP_<name>`. */
export const MaskPlanes = Object.freeze({
  BAD: 0,
  SAT: 1,
  INTRP: 2,
  CR: 3,
  EDGE: 4,
  DETECTED: 5,
  DETECTED_NEGATIVE: 6,
  SUSPECT: 7,
  NO_DATA: 8,
  CROSSTALK: 9,
  UNMASKEDNAN: 10,
  CLIPPED: 11,
  REJECTED: 12,
  SENSOR_EDGE: 13,
  INEXACT_PSF: 14,
  STREAK: 15,
} as const);
export type MaskPlane = keyof typeof MaskPlanes;

/** The bit mask of the named planes: `maskBits('BAD', 'SAT')`. */
export function maskBits(...planes: MaskPlane[]): number {
  return planes.reduce((bits, plane) => bits | (1 << MaskPlanes[plane]), 0);
}

export function newMaskedImage(width: number, height: number, x0 = 0, y0 = 0): MaskedImage {
  const n = width * height;
  return {
    width,
    height,
    x0,
    y0,
    image: new Float32Array(n),
    variance: new Float32Array(n),
    mask: new Int32Array(n),
  };
}
