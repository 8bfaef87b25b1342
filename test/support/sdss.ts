// SPDX-License-Identifier: BSD-3-Clause
import { join } from 'node:path';
import { FitsFile } from '../../src/fits/index.ts';
import { type Exposure, maskBits } from '../../src/pixels/index.ts';
import { type SdssFrame, sdssFrames, sdssWcs } from './sdss-lists.ts';
import { readPlane } from './source-extractor.ts';

/** Constant that the SDSS pipeline leaves in corrected frames (keyword SOFTBIAS). */
const SOFT_BIAS = 1000;
/** Counts at which the converter is full, soft bias included. */
const FULL = 60_000;
/**
 * Rows of a frame that are its own: the last 128 of a field are the first of the next one in the strip, and the source list
 * stops short of them.
 */
export const SDSS_OWN_ROWS = 1489 - 128;

const bands = ['u', 'g', 'r', 'i', 'z'];

/** A corrected frame as an exposure: soft bias off, variance from gain and dark variance of the field's calibration file, saturated pixels marked. */
export async function sdssExposure(dir: string, frame: SdssFrame): Promise<Exposure> {
  const { width, height, image } = await readPlane(join(dir, frame.path));
  const field = /-(\d{4})\.fit\.gz$/.exec(frame.path)![1];
  const file = await FitsFile.open(join(dir, `${frame.run}/40/calibChunks/4/tsField-00${frame.run}-4-40-${field}.fit`));
  const table = await file.hdu(1).readColumns(['gain', 'dark_variance']);
  await file.close();
  const at = bands.indexOf(frame.band);
  const gain = Number((table['gain'] as Float32Array)[at]);
  const darkVariance = Number((table['dark_variance'] as Float32Array)[at]);
  const variance = new Float32Array(image.length);
  const mask = new Int32Array(image.length);
  for (let i = 0; i < image.length; i++) {
    if (image[i] > FULL) mask[i] = maskBits('SAT');
    image[i] -= SOFT_BIAS;
    variance[i] = Math.max(image[i], 1) / gain + darkVariance;
  }
  return {
    width,
    height,
    x0: 0,
    y0: 0,
    image,
    variance,
    mask,
    wcs: sdssWcs(dir, frame),
    band: frame.band,
    instrument: 'SDSS',
    metadata: {},
  };
}

export { type SdssFrame, sdssFrames };
