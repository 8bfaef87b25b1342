// SPDX-License-Identifier: BSD-3-Clause
import { type MaskedImage, maskBits } from '../masked-image.ts';
import type { AmplifierPixels } from './amplifier.ts';
import { type LookupLinearity, polynomialLinearity } from './linearity.ts';
import type { OverscanLevels } from './overscan.ts';

/** What is taken off or divided out while an amplifier is put in its place. Planes have the size of the assembled detector. */
export interface Corrections {
  bias?: Float32Array;
  /** Counts per second of dark time. */
  dark?: Float32Array;
  darkTimeSeconds?: number;
  /** Divides; pixels whose flat is below `minimumFlat` (or NaN) are marked BAD and left undivided. */
  flat?: Float32Array;
  minimumFlat?: number;
  /** Apply the camera's polynomial. */
  linearity: boolean;
  /** Used instead of the polynomial. */
  lookup?: LookupLinearity;
  /** Multiply by the gain at the end, so that the image is in electrons. */
  applyGain: boolean;
}

const SAT = maskBits('SAT');
const SUSPECT = maskBits('SUSPECT');
const BAD = maskBits('BAD');

/**
 * One pass over an amplifier: trims, takes off the overscan level, corrects non-linearity, subtracts bias and dark, makes the
 * variance (photon noise of what is left, over the gain, plus read noise), divides by the flat, and writes the result mirrored
 * into its place on the detector. Saturation and suspect levels are judged on the raw ADU, before anything is done.
 *
 * Variance is that of the same unit as the image: `max(v, 0)/gain + (readNoise/gain)²` in ADU², then divided by flat².
 */
export function assembleAmplifier(
  out: MaskedImage,
  pixels: AmplifierPixels,
  levels: OverscanLevels,
  corrections: Corrections,
): void {
  const { amplifier, data } = pixels;
  const { rawData, box, flipX, flipY, gain } = amplifier;
  const columns = rawData.x1 - rawData.x0;
  const rows = rawData.y1 - rawData.y0;
  const { bias, dark, flat, minimumFlat = 0.1 } = corrections;
  const darkTimeSeconds = corrections.darkTimeSeconds ?? 0;
  const { lookup } = corrections;
  const coefficients = corrections.linearity && lookup === undefined ? amplifier.linearity : [];
  const perColumn = levels.perColumn;
  const saturation = amplifier.saturationAdu;
  const suspect = amplifier.suspectAdu ?? Number.POSITIVE_INFINITY;
  const readVariance = (amplifier.readNoise / gain) ** 2;
  const unit = corrections.applyGain ? gain : 1;
  const step = flipX ? -1 : 1;
  const { image, variance, mask } = out;

  for (let row = 0; row < rows; row++) {
    const level = levels.perRow[row];
    let from = (rawData.y0 + row) * pixels.width + rawData.x0;
    let to = (flipY ? box.y1 - 1 - row : box.y0 + row) * out.width + (flipX ? box.x1 - 1 : box.x0);
    for (let column = 0; column < columns; column++, from++, to += step) {
      const raw = data[from];
      let bits = raw >= saturation ? SAT : raw >= suspect ? SUSPECT : 0;
      let v = raw - level;
      if (perColumn !== undefined) v -= perColumn[column];
      if (coefficients.length > 0) v = polynomialLinearity(v, coefficients);
      else if (lookup !== undefined) v = lookup.correct(v);
      if (bias !== undefined) v -= bias[to];
      if (dark !== undefined) v -= dark[to] * darkTimeSeconds;
      let noise = (v > 0 ? v / gain : 0) + readVariance;
      let scale = unit;
      if (flat !== undefined) {
        const response = flat[to];
        if (response > minimumFlat) scale /= response;
        else bits |= BAD;
      }
      v *= scale;
      noise *= scale * scale;
      image[to] = v;
      variance[to] = noise;
      mask[to] |= bits;
    }
  }
}
