// SPDX-License-Identifier: BSD-3-Clause
import { convolveSeparable, gaussianTaps } from '../convolve/convolve.ts';
import { type MaskedImage, maskBits } from '../masked-image.ts';
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
  const { smooth, noise } = smoothWithNoise(source, options);
  const noiseScale = (options.empiricalNoise ?? true) ? Math.max(1, robustScatter(smooth, noise, source.mask)) : 1;
  const found = findFootprints(smooth, width, height, {
    threshold: (options.threshold ?? 5) * noiseScale,
    sigma: noise,
    minArea: options.minArea ?? 1,
  });
  const grown = growFootprints(found, (options.growSigma ?? 2.4) * options.psfSigma, width, height);
  const peaks: { into: number; x: number; y: number; value: number }[] = [];
  for (let k = 0; k < found.count; k++) {
    const branches = splitBranches(smooth, width, found, k, {
      sigma: noise,
      minProminence: (options.minProminence ?? 2) * noiseScale,
      minContrast: options.minContrast ?? 0,
    });
    for (let b = 0; b < branches.peakX.length; b++) {
      const x = branches.peakX[b];
      const y = branches.peakY[b];
      peaks.push({
        into: grown.member[k],
        ...refinePeak(smooth, width, height, x, y),
        value: branches.peakValue[b] / (noise[y * width + x] * noiseScale),
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

/**
 * The smoothed image, and the noise of each of its pixels: the variance smoothed with the squared weights. Where there is no
 * valid pixel the noise is infinite. The noise must be smoothed as well: divided by that of single pixels, bright sources would lose their peaks.
 */
function smoothWithNoise(
  source: Pick<MaskedImage, 'width' | 'height' | 'image' | 'variance' | 'mask'>,
  options: DetectOptions,
): { smooth: Float32Array; noise: Float32Array } {
  const { width, height, image, variance, mask } = source;
  const ignore = options.ignoreMask ?? 0;
  const taps = gaussianTaps(options.psfSigma);
  const plane = image.slice();
  const invalid = new Uint8Array(plane.length);
  for (let i = 0; i < plane.length; i++) {
    const v = plane[i];
    const s = variance[i];
    if (v - v === 0 && s > 0 && s < Number.POSITIVE_INFINITY && (mask[i] & ignore) === 0) continue;
    plane[i] = 0;
    invalid[i] = 1;
  }
  const smooth = convolveSeparable(plane, width, height, taps);
  for (let i = 0; i < plane.length; i++) plane[i] = invalid[i] ? 0 : variance[i];
  const noise = convolveSeparable(
    plane,
    width,
    height,
    taps.map((t) => t * t),
  );
  for (let i = 0; i < noise.length; i++) noise[i] = invalid[i] ? Number.POSITIVE_INFINITY : Math.sqrt(noise[i]);
  return { smooth, noise };
}

/** Sigma of the lower half of the distribution of value over noise (median less the 16th percentile: the upper half is full of sources), from every few pixels that no earlier search marked DETECTED. */
function robustScatter(values: Float32Array, noise: Float32Array, mask: Int32Array): number {
  const detected = maskBits('DETECTED');
  const step = Math.max(1, Math.floor(values.length / 20_000));
  const sample: number[] = [];
  for (let i = 0; i < values.length; i += step)
    if (noise[i] < Number.POSITIVE_INFINITY && (mask[i] & detected) === 0) sample.push(values[i] / noise[i]);
  if (sample.length < 100) return 1;
  const sorted = Float32Array.from(sample).sort();
  return sorted[sorted.length >> 1] - sorted[Math.floor(sorted.length * 0.1587)];
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
