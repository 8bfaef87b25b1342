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

/** How a layer takes part at a pixel. */
const ABSENT = 0;
const CLEAN = 1;
const FLAGGED = 2;
const OUTLIER = 3;
/** State of no layer. */
const NONE = 9;

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
  // With two layers the reference is a single noisy value; a median of many has little noise of its own.
  const limit = (i: number, k: number): number =>
    (count[i] === 2 ? settings.twoLayerSigma : settings.nSigma) * Math.sqrt(layers[k].variance[i] + noise[i]) +
    settings.sourceTolerance * nearby[i];
  const twoSquared = settings.twoLayerSigma ** 2;
  const manySquared = settings.nSigma ** 2;
  const grown: number[] = [];
  layers.forEach((layer, k) => {
    const state = states[k];
    const { image, variance } = layer;
    const outliers: number[] = [];
    for (let i = 0; i < n; i++) {
      if (state[i] !== CLEAN || count[i] < 2) continue;
      const beyond = Math.abs(image[i] - reference[i]) - settings.sourceTolerance * nearby[i];
      if (beyond <= 0) continue;
      const squared = count[i] === 2 ? twoSquared : manySquared;
      if (beyond * beyond > squared * (variance[i] + noise[i])) outliers.push(i);
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

/** Median of the clean layers (the fainter of two), the variance of that, and how many there are. */
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
    noise[i] = m === 2 ? variance / 2 : ((Math.PI / 2) * variance) / (m * m);
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
  for (let i = 0; i < n; i++) excess[i] = reference[i] > 0 ? Math.max(0, reference[i] - 3 * Math.sqrt(noise[i])) : 0;
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

/** Samples averaged at a time: small enough for the cache, layer after layer. */
const CHUNK = 4096;

function average(
  layers: readonly CoaddLayer[],
  states: readonly Uint8Array[],
  n: number,
  count: { begin: number; end: number },
): CoaddBand {
  const out: CoaddBand = {
    image: new Float32Array(n),
    variance: new Float32Array(n),
    mask: new Int32Array(n),
    used: Array.from({ length: Math.max(1, Math.ceil(layers.length / 32)) }, () => new Uint32Array(n)),
    clipped: layers.map(() => 0),
    pixels: layers.map(() => 0),
  };
  const wanted = new Uint8Array(CHUNK);
  const sums = {
    image: new Float64Array(CHUNK),
    variance: new Float64Array(CHUNK),
    weight: new Float64Array(CHUNK),
  };
  for (let begin = 0; begin < n; begin += CHUNK) {
    const end = Math.min(n, begin + CHUNK);
    chooseStates(layers, states, begin, end, wanted, out.mask);
    sums.image.fill(0);
    sums.variance.fill(0);
    sums.weight.fill(0);
    for (let k = 0; k < layers.length; k++) {
      addLayer(layers[k], states[k], begin, end, wanted, sums, out.mask, out.used[k >> 5], 1 << (k & 31));
      countPixels(states[k], wanted, begin, Math.max(begin, count.begin), Math.min(end, count.end), out, k);
    }
    for (let i = begin; i < end; i++) {
      const weight = sums.weight[i - begin];
      if (weight > 0) {
        out.image[i] = sums.image[i - begin] / weight;
        out.variance[i] = sums.variance[i - begin] / (weight * weight);
      } else {
        out.image[i] = Number.NaN;
        out.variance[i] = Number.NaN;
        out.mask[i] |= NO_DATA;
      }
    }
  }
  return out;
}

/** Which state takes part at each pixel (clean if there is one, else flagged, else none), and the bits for layers left out. */
function chooseStates(
  layers: readonly CoaddLayer[],
  states: readonly Uint8Array[],
  begin: number,
  end: number,
  wanted: Uint8Array,
  mask: Int32Array,
): void {
  // Bit s of a pixel: some layer has state s there.
  wanted.fill(0);
  for (let k = 0; k < states.length; k++) {
    const state = states[k];
    const own = layers[k].mask;
    for (let i = begin; i < end; i++) {
      const s = state[i];
      wanted[i - begin] |= 1 << s;
      if (s === OUTLIER) mask[i] |= CLIPPED;
      else if (s === ABSENT && (own[i] & EDGE) !== 0) mask[i] |= SENSOR_EDGE;
    }
  }
  for (let i = begin; i < end; i++) {
    const present = wanted[i - begin];
    const clean = (present & (1 << CLEAN)) !== 0;
    const flagged = (present & (1 << FLAGGED)) !== 0;
    if (clean && flagged) mask[i] |= REJECTED;
    // Nothing there: no layer can be the edge of anything.
    if (!clean && !flagged) mask[i] &= ~SENSOR_EDGE;
    wanted[i - begin] = clean ? CLEAN : flagged ? FLAGGED : NONE;
  }
}

function addLayer(
  layer: CoaddLayer,
  state: Uint8Array,
  begin: number,
  end: number,
  wanted: Uint8Array,
  sums: { image: Float64Array; variance: Float64Array; weight: Float64Array },
  mask: Int32Array,
  used: Uint32Array,
  bit: number,
): void {
  const w = layer.weight;
  const { image, variance, mask: own } = layer;
  for (let i = begin, c = 0; i < end; i++, c++) {
    if (state[i] !== wanted[c]) continue;
    sums.image[c] += w * image[i];
    sums.variance[c] += w * w * variance[i];
    sums.weight[c] += w;
    mask[i] |= own[i];
    used[i] |= bit;
  }
}

function countPixels(
  state: Uint8Array,
  wanted: Uint8Array,
  begin: number,
  from: number,
  to: number,
  out: CoaddBand,
  k: number,
): void {
  let pixels = 0;
  let clipped = 0;
  for (let i = from; i < to; i++) {
    if (state[i] === wanted[i - begin]) pixels++;
    else if (state[i] === OUTLIER) clipped++;
  }
  out.pixels[k] += pixels;
  out.clipped[k] += clipped;
}
