// SPDX-License-Identifier: BSD-3-Clause
import { maskBits } from '../masked-image.ts';
import { medianInPlace } from '../statistics/select.ts';

/** One warp in a band of rows: planes of `width * rows` samples; NaN or NO_DATA where it has nothing. */
export interface CoaddLayer {
  image: Float32Array;
  variance: Float32Array;
  mask: Int32Array;
  /** One weight for the whole warp (inverse of its typical variance), so that the PSF of the sum is the sum of the PSFs. */
  weight: number;
}

export interface CoaddOptions {
  /** Pixels having one of these bits are left out while another layer has a clean one. */
  rejectBits: number;
  clip: boolean;
  /** Limit in sigma where three or more layers are there (deviation from their median). */
  nSigma: number;
  /** Limit where there are two (only the brighter can be rejected, against the fainter). */
  twoLayerSigma: number;
  /** Deviations up to this multiple of the brightest reference value nearby are differences of seeing, not artefacts (2: peaks may differ threefold). */
  sourceTolerance: number;
  /** How far "nearby" reaches, pixels. */
  sourceRadiusPx: number;
  /** Direct neighbours of a clipped pixel are tested against this fraction of the limit. */
  neighbourFraction: number;
  /** Samples that count in `clipped` and `pixels` (a band without its overlap); all by default. */
  count?: { begin: number; end: number };
}

export const coaddDefaults: CoaddOptions = {
  rejectBits: maskBits('BAD', 'SAT', 'CR', 'NO_DATA', 'SUSPECT', 'UNMASKEDNAN'),
  clip: true,
  nSigma: 4,
  twoLayerSigma: 6,
  sourceTolerance: 2,
  sourceRadiusPx: 4,
  neighbourFraction: 0.4,
};

export interface CoaddBand {
  image: Float32Array;
  variance: Float32Array;
  mask: Int32Array;
  /** Layers used at each pixel: bit k of word `k >> 5`; words are `width * rows` apart. */
  used: Uint32Array[];
  /** Pixels clipped in each layer. */
  clipped: number[];
  /** Pixels used of each layer. */
  pixels: number[];
}

const NO_DATA = maskBits('NO_DATA');
const CLIPPED = maskBits('CLIPPED', 'INEXACT_PSF');
const REJECTED = maskBits('REJECTED', 'INEXACT_PSF');
const EDGE = maskBits('EDGE');
const SENSOR_EDGE = maskBits('SENSOR_EDGE', 'INEXACT_PSF');

/** How a layer takes part at a pixel; 0: it has nothing there. */
const CLEAN = 1;
const FLAGGED = 2;
const OUTLIER = 3;

/**
 * Weighted mean of warps with outlier rejection.
 *
 * A pixel takes part if it has a value and none of `rejectBits`; where no layer is clean, those that are merely flagged are averaged
 * (a core saturated everywhere stays visible, with its mask). Outliers (tracks, ghosts, cosmic rays that were missed) are found against the median of the
 * clean layers, or with two layers against the fainter; with one layer there is no telling. The limit is
 * `nSigma · σ + sourceTolerance · (brightest reference nearby beyond its noise)`: epochs of different seeing disagree about stars by more than noise,
 * and to clip those would bias their fluxes. The mask is the union over the layers used, with CLIPPED, REJECTED and INEXACT_PSF
 * where a layer that covers the pixel was left out, and SENSOR_EDGE and INEXACT_PSF along the borders of detectors: a star across one is seen by different
 * layers in different pixels.
 *
 * Bands must overlap by `sourceRadiusPx + 1` rows for the result not to depend on them.
 */
export function coaddBand(
  layers: readonly CoaddLayer[],
  width: number,
  rows: number,
  options: Partial<CoaddOptions> = {},
): CoaddBand {
  const settings = { ...coaddDefaults, ...options };
  const n = width * rows;
  const states = layers.map((layer) => classify(layer, n, settings.rejectBits));
  if (settings.clip && layers.length > 1) clipOutliers(layers, states, width, rows, settings);
  return average(layers, states, n, settings.count ?? { begin: 0, end: n });
}

function classify(layer: CoaddLayer, n: number, rejectBits: number): Uint8Array {
  const state = new Uint8Array(n);
  for (let i = 0; i < n; i++) {
    if (Number.isNaN(layer.image[i]) || (layer.mask[i] & NO_DATA) !== 0) continue;
    state[i] = (layer.mask[i] & rejectBits) === 0 && layer.variance[i] < Number.POSITIVE_INFINITY ? CLEAN : FLAGGED;
  }
  return state;
}

function clipOutliers(
  layers: readonly CoaddLayer[],
  states: readonly Uint8Array[],
  width: number,
  rows: number,
  settings: CoaddOptions,
): void {
  const n = width * rows;
  const { reference, noise, count } = referenceOf(layers, states, n);
  const nearby = brightestNearby(reference, noise, width, rows, settings.sourceRadiusPx);
  const limit = (i: number, k: number): number => {
    const two = count[i] === 2;
    const own = layers[k].variance[i];
    // With two layers the reference is a single noisy value; a median of many has little noise of its own.
    const sigma = Math.sqrt(own + noise[i] * noise[i]);
    return (two ? settings.twoLayerSigma : settings.nSigma) * sigma + settings.sourceTolerance * nearby[i];
  };
  const grown: number[] = [];
  layers.forEach((layer, k) => {
    const state = states[k];
    const outliers: number[] = [];
    for (let i = 0; i < n; i++) {
      if (state[i] !== CLEAN || count[i] < 2) continue;
      if (Math.abs(layer.image[i] - reference[i]) > limit(i, k)) outliers.push(i);
    }
    for (const i of outliers) state[i] = OUTLIER;
    grown.length = 0;
    for (const i of outliers) {
      const x = i % width;
      for (let dy = -width; dy <= width; dy += width) {
        for (let dx = -1; dx <= 1; dx++) {
          const j = i + dy + dx;
          if (x + dx < 0 || x + dx >= width || j < 0 || j >= n || state[j] !== CLEAN || count[j] < 2) continue;
          const deviation = Math.abs(layer.image[j] - reference[j]);
          if (deviation > settings.neighbourFraction * limit(j, k)) grown.push(j);
        }
      }
    }
    for (const j of grown) state[j] = OUTLIER;
  });
  // A pixel where every clean layer became an outlier tells nothing about which one is right: keep them all.
  for (let i = 0; i < n; i++) {
    if (count[i] < 2 || states.some((state) => state[i] === CLEAN)) continue;
    for (const state of states) if (state[i] === OUTLIER) state[i] = CLEAN;
  }
}

/** Median of the clean layers (the fainter of two), its noise, and how many there are. */
function referenceOf(layers: readonly CoaddLayer[], states: readonly Uint8Array[], n: number) {
  const reference = new Float32Array(n);
  const noise = new Float32Array(n);
  const count = new Uint16Array(n);
  const values = new Float64Array(layers.length);
  for (let i = 0; i < n; i++) {
    let m = 0;
    let variance = 0;
    for (let k = 0; k < layers.length; k++) {
      if (states[k][i] !== CLEAN) continue;
      values[m++] = layers[k].image[i];
      variance += layers[k].variance[i];
    }
    count[i] = m;
    // A lone layer is no reference: its own artefact would excuse the same artefact beside it.
    if (m < 2) continue;
    reference[i] = m === 2 ? Math.min(values[0], values[1]) : medianInPlace(values, m);
    noise[i] = Math.sqrt(m === 2 ? variance / 2 : ((Math.PI / 2) * variance) / (m * m));
  }
  return { reference, noise, count };
}

/** Largest reference value beyond three sigma of its noise within a square of `radius`; two one-dimensional passes. */
function brightestNearby(
  reference: Float32Array,
  noise: Float32Array,
  width: number,
  rows: number,
  radius: number,
): Float32Array {
  const n = width * rows;
  const excess = new Float32Array(n);
  for (let i = 0; i < n; i++) excess[i] = Math.max(0, reference[i] - 3 * noise[i]);
  const alongRows = new Float32Array(n);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < width; x++) {
      const end = Math.min(width - 1, x + radius);
      let most = 0;
      for (let u = Math.max(0, x - radius); u <= end; u++) most = Math.max(most, excess[y * width + u]);
      alongRows[y * width + x] = most;
    }
  }
  for (let y = 0; y < rows; y++) {
    const end = Math.min(rows - 1, y + radius);
    excess.fill(0, y * width, (y + 1) * width);
    for (let v = Math.max(0, y - radius); v <= end; v++) {
      for (let x = 0; x < width; x++) {
        const value = alongRows[v * width + x];
        if (value > excess[y * width + x]) excess[y * width + x] = value;
      }
    }
  }
  return excess;
}

function average(
  layers: readonly CoaddLayer[],
  states: readonly Uint8Array[],
  n: number,
  count: { begin: number; end: number },
): CoaddBand {
  const image = new Float32Array(n);
  const variance = new Float32Array(n);
  const mask = new Int32Array(n);
  const used = Array.from({ length: Math.max(1, Math.ceil(layers.length / 32)) }, () => new Uint32Array(n));
  const clipped = layers.map(() => 0);
  const pixels = layers.map(() => 0);
  for (let i = 0; i < n; i++) {
    let clean = 0;
    let flagged = 0;
    let bits = 0;
    const counted = i >= count.begin && i < count.end ? 1 : 0;
    for (let k = 0; k < layers.length; k++) {
      const state = states[k][i];
      if (state === CLEAN) clean++;
      else if (state === FLAGGED) flagged++;
      else if (state === OUTLIER) {
        bits |= CLIPPED;
        clipped[k] += counted;
      } else if ((layers[k].mask[i] & EDGE) !== 0) bits |= SENSOR_EDGE;
    }
    if (clean === 0 && flagged === 0) {
      image[i] = Number.NaN;
      variance[i] = Number.NaN;
      mask[i] = bits | NO_DATA;
      continue;
    }
    const wanted = clean > 0 ? CLEAN : FLAGGED;
    if (clean > 0 && flagged > 0) bits |= REJECTED;
    let sum = 0;
    let noise = 0;
    let weights = 0;
    for (let k = 0; k < layers.length; k++) {
      if (states[k][i] !== wanted) continue;
      const layer = layers[k];
      const w = layer.weight;
      sum += w * layer.image[i];
      noise += w * w * layer.variance[i];
      weights += w;
      bits |= layer.mask[i];
      used[k >> 5][i] |= 1 << (k & 31);
      pixels[k] += counted;
    }
    image[i] = sum / weights;
    variance[i] = noise / (weights * weights);
    mask[i] = bits;
  }
  return { image, variance, mask, used, clipped, pixels };
}
