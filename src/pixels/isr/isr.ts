// SPDX-License-Identifier: BSD-3-Clause
import { pixelErrors } from '../errors.ts';
import { type MaskedImage, maskBits, newMaskedImage } from '../masked-image.ts';
import { medianInPlace } from '../statistics/select.ts';
import type { AmplifierPixels, PixelBox } from './amplifier.ts';
import { assembleAmplifier } from './assemble.ts';
import type { LookupLinearity } from './linearity.ts';
import { growMask, maskBoxes, maskNaN } from './masks.ts';
import { type OverscanMethod, overscanLevels } from './overscan.ts';

/** A calibration plane of the assembled detector, as read. */
export interface CalibrationPlane {
  width: number;
  height: number;
  image: Float32Array;
  mask?: Int32Array;
}

export interface RemovalOptions {
  width: number;
  height: number;
  amplifiers: readonly AmplifierPixels[];
  overscan: OverscanMethod;
  parallelOverscan: boolean;
  /** A constant taken off besides: the soft bias of frames that a camera's own pipeline has corrected already, ADU. */
  pedestalAdu: number;
  linearity: boolean;
  /** Non-linearity by amplifier name, instead of the camera's polynomials. */
  lookups?: ReadonlyMap<string, LookupLinearity>;
  applyGain: boolean;
  bias?: CalibrationPlane;
  /** Counts per second. */
  dark?: CalibrationPlane;
  darkTimeSeconds: number;
  flat?: CalibrationPlane;
  minimumFlat: number;
  defects: readonly PixelBox[];
  growSaturationPx: number;
}

export interface AmplifierSummary {
  name: string;
  overscanLevelAdu: number;
  /** Read noise measured in the overscan, ADU (NaN without overscan). */
  overscanNoiseAdu: number;
  saturatedPixels: number;
}

/**
 * Instrument signature removal of one detector: overscan, assembly, linearity, bias, dark, flat, variance and masks, in one
 * pass over the raw pixels. Mask bits of the calibrations (their BAD pixels) are inherited.
 */
export function removeSignature(options: RemovalOptions): { image: MaskedImage; amplifiers: AmplifierSummary[] } {
  const { width, height, bias, dark, flat } = options;
  checkSize('bias', bias, width, height);
  checkSize('dark', dark, width, height);
  checkSize('flat', flat, width, height);
  const out = newMaskedImage(width, height);
  // What no amplifier covers stays without data.
  out.mask.fill(maskBits('NO_DATA', 'BAD'));
  const summaries: AmplifierSummary[] = [];
  for (const pixels of options.amplifiers) {
    const { box } = pixels.amplifier;
    for (let y = box.y0; y < box.y1; y++) out.mask.fill(0, y * width + box.x0, y * width + box.x1);
    const levels = overscanLevels(pixels, options.overscan, options.parallelOverscan);
    if (options.pedestalAdu !== 0) {
      for (let i = 0; i < levels.perRow.length; i++) levels.perRow[i] += options.pedestalAdu;
    }
    assembleAmplifier(out, pixels, levels, {
      bias: bias?.image,
      dark: dark?.image,
      darkTimeSeconds: options.darkTimeSeconds,
      flat: flat?.image,
      minimumFlat: options.minimumFlat,
      linearity: options.linearity,
      lookup: options.lookups?.get(pixels.amplifier.name),
      applyGain: options.applyGain,
    });
    summaries.push({
      name: pixels.amplifier.name,
      overscanLevelAdu: levels.level,
      overscanNoiseAdu: levels.noiseAdu,
      saturatedPixels: countInBox(out, box, maskBits('SAT')),
    });
  }
  growMask(out, maskBits('SAT'), options.growSaturationPx);
  maskBoxes(out, options.defects, maskBits('BAD'));
  for (const plane of [bias, dark, flat]) inheritBad(out, plane);
  maskNaN(out);
  return { image: out, amplifiers: summaries };
}

/** Median of the pixels without any of `badBits`; `step` looks at every n-th only. NaN when there is none. */
export function goodMedian(image: MaskedImage, badBits: number, step = 1): number {
  const values = new Float32Array(Math.ceil(image.image.length / step));
  let n = 0;
  for (let i = 0; i < image.image.length; i += step) {
    if ((image.mask[i] & badBits) === 0) values[n++] = image.image[i];
  }
  return medianInPlace(values, n);
}

function inheritBad(out: MaskedImage, plane: CalibrationPlane | undefined): void {
  if (plane?.mask === undefined) return;
  const bits = maskBits('BAD');
  for (let i = 0; i < out.mask.length; i++) out.mask[i] |= plane.mask[i] & bits;
}

function countInBox(image: MaskedImage, box: PixelBox, bits: number): number {
  let count = 0;
  for (let y = box.y0; y < box.y1; y++) {
    for (let i = y * image.width + box.x0, end = y * image.width + box.x1; i < end; i++) {
      if ((image.mask[i] & bits) !== 0) count++;
    }
  }
  return count;
}

function checkSize(kind: string, plane: CalibrationPlane | undefined, width: number, height: number): void {
  if (plane === undefined || (plane.width === width && plane.height === height)) return;
  throw pixelErrors.CALIBRATION_SIZE({
    kind,
    got: `${plane.width} x ${plane.height}`,
    expected: `${width} x ${height}`,
  });
}
