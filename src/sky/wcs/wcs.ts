// SPDX-License-Identifier: BSD-3-Clause

/** Header cards as plain data: what a WCS needs of a header, and what it writes into one. */
export type Cards = Readonly<Record<string, string | number | boolean>>;

/**
 * A map between pixels and the sky (ICRS). Pixel coordinates are 0-based: the centre of the first pixel is (0, 0);
 * FITS header values are 1-based and are converted when read and written. Angles are degrees.
 */
export interface Wcs {
  /** Sky position of a pixel; NaN where the projection has none. */
  pixelToSky(x: number, y: number): { raDeg: number; decDeg: number };
  /** Pixel position of a sky point; NaN where the projection has none. */
  skyToPixel(raDeg: number, decDeg: number): { x: number; y: number };
  /** As {@link pixelToSky} for `n` points; arrays of length >= n, outputs may alias inputs. */
  pixelToSkyMany(n: number, x: Float64Array, y: Float64Array, raDeg: Float64Array, decDeg: Float64Array): void;
  /** As {@link skyToPixel} for `n` points. */
  skyToPixelMany(n: number, raDeg: Float64Array, decDeg: Float64Array, x: Float64Array, y: Float64Array): void;
  /** Geometric mean pixel scale in arcseconds at a pixel (default: the reference pixel). */
  pixelScaleArcsec(x?: number, y?: number): number;
  /** The FITS cards of this WCS (1-based CRPIX). With `origin`, for an image whose first pixel is (x0, y0) in this WCS's frame. */
  toCards(origin?: { x0: number; y0: number }): Cards;
}
