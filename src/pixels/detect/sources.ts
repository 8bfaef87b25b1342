// SPDX-License-Identifier: BSD-3-Clause
import { convolveSeparable, gaussianTaps } from '../convolve/convolve.ts';
import type { MaskedImage } from '../masked-image.ts';
import { splitBranches } from './branches.ts';
import type { Footprints } from './footprints.ts';
import { findFootprints, growFootprints } from './label.ts';

export interface DetectOptions {
  /** Width of the smoothing Gaussian in pixels: the PSF's. */
  psfSigma: number;
  /** Detection level on the smoothed image, in units of its noise. Default 5. */
  threshold?: number;
  /** Footprints need this many pixels above the level. Default 1. */
  minArea?: number;
  /** Footprints are dilated by this many PSF sigmas. Default 2.4. */
  growSigma?: number;
  /** A second peak must rise this far above the saddle, in units of the noise. Default 2. */
  minProminence?: number;
  /** … and hold this fraction of the footprint's light above the saddle. Default 0. */
  minContrast?: number;
  /** Pixels with these mask bits are never part of a detection. */
  ignoreMask?: number;
  /** Raise the noise to what the smoothed image shows (correlated noise of resampled images). Default true. */
  empiricalNoise?: boolean;
}

/** Footprints with their peaks; positions are indices of the image. */
export interface Detections {
  footprints: Footprints;
  /** Peaks of footprint k are `peakStart[k] .. peakStart[k + 1]`, most significant first. */
  peakStart: Int32Array;
  /** Sub-pixel position: parabola through the smoothed image. */
  peakX: Float64Array;
  peakY: Float64Array;
  /** Smoothed value over its noise. */
  peakSignificance: Float64Array;
  /** Factor by which the smoothed image is noisier than its variance plane says. */
  noiseScale: number;
}

/**
 * Point-source detection with a matched filter: the image is smoothed with the PSF's Gaussian and compared with its own
 * noise (Lupton et al. 2001; the optimal statistic for isolated stars on white noise). Neighbouring footprints that
 * touch after growing are one, with all their peaks.
 *
 * @param source sky-subtracted; pixels without finite variance are not searched
 */
export function detectSources(
  source: Pick<MaskedImage, 'width' | 'height' | 'image' | 'variance' | 'mask'>,
  options: DetectOptions,
): Detections {
  const { width, height } = source;
  const significance = significanceImage(source, options);
  const noiseScale = (options.empiricalNoise ?? true) ? Math.max(1, robustScatter(significance)) : 1;
  const threshold = options.threshold ?? 5;
  const found = findFootprints(significance, width, height, {
    threshold: threshold * noiseScale,
    minArea: options.minArea ?? 1,
  });
  const grown = growFootprints(found, (options.growSigma ?? 2.4) * options.psfSigma, width, height);
  const peaks: { into: number; x: number; y: number; value: number }[] = [];
  for (let k = 0; k < found.count; k++) {
    const branches = splitBranches(significance, width, found, k, {
      sigma: noiseScale,
      minProminence: options.minProminence ?? 2,
      minContrast: options.minContrast ?? 0,
    });
    for (let b = 0; b < branches.peakX.length; b++) {
      const x = branches.peakX[b];
      const y = branches.peakY[b];
      peaks.push({
        into: grown.member[k],
        ...refinePeak(significance, width, height, x, y),
        value: branches.peakValue[b] / noiseScale,
      });
    }
  }
  peaks.sort((a, b) => a.into - b.into || b.value - a.value);
  const peakStart = new Int32Array(grown.footprints.count + 1);
  for (const peak of peaks) peakStart[peak.into + 1]++;
  for (let k = 0; k < grown.footprints.count; k++) peakStart[k + 1] += peakStart[k];
  return {
    footprints: grown.footprints,
    peakStart,
    peakX: Float64Array.from(peaks, (p) => p.x),
    peakY: Float64Array.from(peaks, (p) => p.y),
    peakSignificance: Float64Array.from(peaks, (p) => p.value),
    noiseScale,
  };
}

/** The smoothed image over its noise; 0 where there is no valid pixel. */
function significanceImage(
  source: Pick<MaskedImage, 'width' | 'height' | 'image' | 'variance' | 'mask'>,
  options: DetectOptions,
): Float32Array {
  const { width, height, image, variance, mask } = source;
  const ignore = options.ignoreMask ?? 0;
  const taps = gaussianTaps(options.psfSigma);
  const clean = new Float32Array(image);
  for (let i = 0; i < clean.length; i++) {
    const v = clean[i];
    if (v - v !== 0 || (mask[i] & ignore) !== 0) clean[i] = 0;
  }
  const smooth = convolveSeparable(clean, width, height, taps);
  let squares = 0;
  for (const t of taps) squares += t * t;
  // Noise of a smoothed image with slowly varying variance V: sqrt(V) times the root sum of squared weights.
  const factor = 1 / squares;
  for (let i = 0; i < smooth.length; i++) {
    const v = variance[i];
    smooth[i] =
      v > 0 && v < Number.POSITIVE_INFINITY && (mask[i] & ignore) === 0 ? (smooth[i] * factor) / Math.sqrt(v) : 0;
  }
  return smooth;
}

/** Sigma of the lower half of a distribution (median less the 16th percentile), from every few pixels; zeros are "no data". */
function robustScatter(values: Float32Array): number {
  const step = Math.max(1, Math.floor(values.length / 20_000));
  const sample: number[] = [];
  for (let i = 0; i < values.length; i += step) if (values[i] !== 0) sample.push(values[i]);
  if (sample.length < 100) return 1;
  const sorted = Float32Array.from(sample).sort();
  // Only the lower half: the upper one is full of sources.
  const median = sorted[sorted.length >> 1];
  const low = sorted[Math.floor(sorted.length * 0.1587)];
  return median - low;
}

/** Sub-pixel peak by parabolas through the three pixels along each axis. */
function refinePeak(
  image: Float32Array,
  width: number,
  height: number,
  x: number,
  y: number,
): { x: number; y: number } {
  const i = y * width + x;
  const along = (before: number, after: number): number => {
    const curve = before + after - 2 * image[i];
    return curve < 0 ? Math.max(-0.5, Math.min(0.5, (0.5 * (before - after)) / curve)) : 0;
  };
  return {
    x: x > 0 && x < width - 1 ? x + along(image[i - 1], image[i + 1]) : x,
    y: y > 0 && y < height - 1 ? y + along(image[i - width], image[i + width]) : y,
  };
}
