// SPDX-License-Identifier: BSD-3-Clause

/** Pixels `[x0, x1) × [y0, y1)`, 0-based. */
export interface PixelBox {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

/** What the kernels need to know of a readout channel; the camera model's amplifiers have this shape. */
export interface AmplifierGeometry {
  readonly name: string;
  readonly rawData: PixelBox;
  readonly rawOverscan?: PixelBox;
  readonly rawParallelOverscan?: PixelBox;
  readonly flipX: boolean;
  readonly flipY: boolean;
  readonly box: PixelBox;
  /** Electrons per ADU. */
  readonly gain: number;
  /** Electrons. */
  readonly readNoise: number;
  /** Raw ADU. */
  readonly saturationAdu: number;
  readonly suspectAdu?: number;
  /** corrected = v + c0 v² + c1 v³ + … */
  readonly linearity: readonly number[];
}

/** One amplifier with the array that holds its raw pixels, `y * width + x`. */
export interface AmplifierPixels {
  readonly amplifier: AmplifierGeometry;
  readonly data: Float32Array;
  readonly width: number;
  readonly height: number;
}
