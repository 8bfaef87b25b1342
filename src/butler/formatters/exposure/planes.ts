// SPDX-License-Identifier: BSD-3-Clause
/** One plane of samples, placed in the parent frame: storage classes Image, ImageF and components `image`, `variance`. */
export interface ImagePlane {
  width: number;
  height: number;
  x0: number;
  y0: number;
  data: Float32Array;
}

/** One mask plane: storage classes Mask, MaskX and component `mask`. */
export interface MaskPlaneImage {
  width: number;
  height: number;
  x0: number;
  y0: number;
  data: Int32Array;
}
