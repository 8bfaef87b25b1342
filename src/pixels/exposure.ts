// SPDX-License-Identifier: BSD-3-Clause
import type { Cards, Wcs } from '../sky/index.ts';
import type { MaskedImage } from './masked-image.ts';

/** A point-spread function that may vary over the image. Positions are in the parent frame of the image. */
export interface Psf {
  /** Unit-sum image of the PSF at (x, y), odd-sized, centred on its middle pixel. */
  kernelAt(x: number, y: number): { size: number; data: Float32Array };
  /** As {@link kernelAt} but shifted so that the source centre (x, y), with its sub-pixel part, is where it falls in the image.
   * `x0`, `y0`: parent-frame position of the stamp's first pixel. */
  imageAt(x: number, y: number): { size: number; x0: number; y0: number; data: Float32Array };
  /** Gaussian sigma of the PSF in pixels, from adaptive or unweighted second moments as the model states. */
  sigmaAt(x: number, y: number): number;
  /** Everything needed to build it again (a JSON value with a `type`), for {@link import('./psf-codec.ts')}-style codecs. */
  toPlain(): PsfPlain;
}
/** A PSF as plain data; large arrays are Float32Array, the codec stores them as a table. */
export interface PsfPlain {
  type: string;
  [field: string]: unknown;
}

/** Fluxes in nanojansky: `flux_nJy = counts * nanojanskyPerCount`; the AB zero point of one count is 31.4 - 2.5 log10(nanojanskyPerCount). */
export interface PhotoCalib {
  nanojanskyPerCount: number;
  nanojanskyPerCountErr: number;
}

export interface VisitInfo {
  exposureTimeSeconds: number;
  darkTimeSeconds?: number;
  /** TAI modified Julian date of the middle of the exposure. */
  mjdTai: number;
  boresightRaDeg?: number;
  boresightDecDeg?: number;
  rotatorAngleDeg?: number;
  airmass?: number;
}

/** An image with everything known about it. */
export interface Exposure extends MaskedImage {
  wcs?: Wcs;
  psf?: Psf;
  photoCalib?: PhotoCalib;
  visitInfo?: VisitInfo;
  instrument?: string;
  detector?: number;
  physicalFilter?: string;
  band?: string;
  /** Aperture corrections: measurement name -> low-order polynomial over the image, as plain data. */
  apCorr?: Record<string, { degree: number; coefficients: number[]; widthPx: number; heightPx: number }>;
  /** Further header cards to keep (telescope keywords, provenance). */
  metadata: Record<string, Cards[string] | null>;
}
