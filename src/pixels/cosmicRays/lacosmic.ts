// SPDX-License-Identifier: BSD-3-Clause
import { type MaskedImage, maskBits } from '../masked-image.ts';
import { forNeighbours, windowMedian, windowMinimum5 } from './local.ts';

/**
 * Cosmic-ray identification by Laplacian edge detection, L.A.Cosmic: van Dokkum 2001, PASP 113, 1420. The noise comes from the
 * variance plane (its median over 5×5, so that a ray's own counts do not hide it) rather than from one gain and read noise
 * for the whole image.
 */
export interface CosmicRayOptions {
  /** Laplacian-to-noise limit for a cosmic ray (the paper's sigma_lim). */
  sigmaLimit: number;
  /** Neighbours of a cosmic ray are tested against this fraction of the limit. */
  neighbourFraction: number;
  /** Least contrast between Laplacian and fine structure (f_lim): what keeps undersampled stars. */
  contrastLimit: number;
  iterations: number;
  /** More pixels than this fraction of the image are no cosmic rays: the search stops and says so. */
  maximumFraction: number;
}

export const cosmicRayDefaults: CosmicRayOptions = {
  sigmaLimit: 5,
  neighbourFraction: 0.3,
  contrastLimit: 5,
  iterations: 4,
  maximumFraction: 0.05,
};

export interface CosmicRayResult {
  pixels: number;
  rays: number;
  iterations: number;
  /** True when the search was given up and nothing was marked. */
  tooMany: boolean;
}

/** A replaced pixel changes the tests of pixels this far away: Laplacian 1 + median 2, or medians 1 + 3. */
const INFLUENCE = 4;

/**
 * Marks cosmic rays with the CR bit. Pixels having any of BAD, SAT, NO_DATA (and their direct neighbours) are neither tested nor
 * used. Image samples are not changed: interpolation is a step of its own.
 */
export function findCosmicRays(target: MaskedImage, options: Partial<CosmicRayOptions> = {}): CosmicRayResult {
  const settings = { ...cosmicRayDefaults, ...options };
  const search = new Search(target, settings);
  const limit = settings.maximumFraction * target.image.length;
  let added = search.detect(search.brightEdges());
  let total = added.length;
  let round = 1;
  while (added.length > 0 && total <= limit && round < settings.iterations) {
    search.replace(added);
    added = search.detect(search.around(added));
    total += added.length;
    round++;
  }
  if (total > limit) return { pixels: 0, rays: 0, iterations: round, tooMany: true };
  const bit = maskBits('CR');
  for (let i = 0; i < search.found.length; i++) if (search.found[i] !== 0) target.mask[i] |= bit;
  return { pixels: total, rays: search.countIslands(), iterations: round, tooMany: false };
}

/**
 * The state of one search. Tests are made only where they can succeed: a whole-image Laplacian against a lower bound of the noise
 * picks the few pixels for which the medians are worked out.
 */
class Search {
  readonly width: number;
  readonly height: number;
  readonly settings: CosmicRayOptions;
  readonly variance: Float32Array;
  readonly work: Float32Array;
  readonly excluded: Uint8Array;
  readonly found: Uint8Array;

  constructor(target: MaskedImage, settings: CosmicRayOptions) {
    this.width = target.width;
    this.height = target.height;
    this.settings = settings;
    this.variance = target.variance;
    this.work = target.image.slice();
    this.found = new Uint8Array(target.image.length);
    this.excluded = this.#excludedPixels(target);
    this.#fillExcluded();
  }

  /** Pixels whose Laplacian could be significant. */
  brightEdges(): number[] {
    const { width, height, work, excluded } = this;
    const least = windowMinimum5(this.variance, width, height);
    const factor = 4 * this.settings.sigmaLimit ** 2; // (2 N sigma)²
    const list: number[] = [];
    for (let i = 0; i < work.length; i++) {
      if (excluded[i] !== 0) continue;
      const edge = this.#laplacianAt(i);
      if (edge > 0 && edge * edge > factor * Math.max(0, least[i])) list.push(i);
    }
    return list;
  }

  /** Pixels whose tests the replacement of `changed` can have altered. */
  around(changed: readonly number[]): number[] {
    const seen = new Set<number>();
    for (const i of changed) forNeighbours(i, this.width, this.height, INFLUENCE, (j) => seen.add(j));
    return [...seen].filter((i) => this.excluded[i] === 0).sort((a, b) => a - b);
  }

  /** Tests the pixels given and, where there is a ray, its neighbours; returns what is new. */
  detect(pixels: readonly number[]): number[] {
    const { width, height, settings, excluded } = this;
    const rays = new Set<number>();
    for (const i of pixels) {
      const edge = this.#significanceAt(i);
      if (edge > settings.sigmaLimit && edge > settings.contrastLimit * this.#fineStructureAt(i)) rays.add(i);
    }
    const grow = (from: readonly number[], limit: number): number[] => {
      const joined: number[] = [];
      for (const i of from) {
        forNeighbours(i, width, height, 1, (j) => {
          if (excluded[j] !== 0 || rays.has(j) || this.#significanceAt(j) <= limit) return;
          rays.add(j);
          joined.push(j);
        });
      }
      return joined;
    };
    // Neighbours need no contrast: first those as sharp as the ray itself, then fainter ones beside any of them.
    grow([...rays], settings.sigmaLimit);
    grow([...rays], settings.sigmaLimit * settings.neighbourFraction);
    const added = [...rays].filter((i) => this.found[i] === 0);
    for (const i of added) this.found[i] = 1;
    return added;
  }

  /** Found pixels take the median of the clean ones in their 5×5 neighbourhood. */
  replace(pixels: readonly number[]): void {
    const values: number[] = [];
    const replacement = pixels.map((i) => {
      values.length = 0;
      forNeighbours(i, this.width, this.height, 2, (j) => {
        if (this.found[j] === 0 && this.excluded[j] === 0) values.push(this.work[j]);
      });
      values.sort((a, b) => a - b);
      return values.length === 0 ? this.work[i] : values[values.length >> 1];
    });
    pixels.forEach((i, k) => {
      this.work[i] = replacement[k];
    });
  }

  /** 8-connected islands of found pixels. */
  countIslands(): number {
    const seen = this.found.slice();
    const stack: number[] = [];
    let islands = 0;
    for (let i = 0; i < seen.length; i++) {
      if (seen[i] === 0) continue;
      islands++;
      stack.push(i);
      seen[i] = 0;
      while (stack.length > 0) {
        forNeighbours(stack.pop() as number, this.width, this.height, 1, (j) => {
          if (seen[j] === 0) return;
          seen[j] = 0;
          stack.push(j);
        });
      }
    }
    return islands;
  }

  /**
   * Laplacian at a pixel of the image sampled twice as finely, negative values clipped, averaged back (the paper's section 3: with the kernel
   * 0 -1 0, -1 4 -1, 0 -1 0 each of the four sub-pixels keeps its two outward differences).
   */
  #laplacianAt(i: number): number {
    const { work, width, height } = this;
    const x = i % width;
    const v = work[i];
    const left = x > 0 ? v - work[i - 1] : 0;
    const right = x + 1 < width ? v - work[i + 1] : 0;
    const below = i >= width ? v - work[i - width] : 0;
    const above = i + width < width * height ? v - work[i + width] : 0;
    return (
      (Math.max(left + below, 0) +
        Math.max(right + below, 0) +
        Math.max(left + above, 0) +
        Math.max(right + above, 0)) /
      4
    );
  }

  #noiseAt(i: number): number {
    const x = i % this.width;
    const variance = windowMedian(this.variance, this.width, this.height, x, (i - x) / this.width, 5, true);
    return variance > 0 ? Math.sqrt(variance) : Number.POSITIVE_INFINITY;
  }

  /** Laplacian over noise, less its median over 5×5 (what a smooth bright object has everywhere). */
  #significanceAt(i: number): number {
    const edges = new Float32Array(25);
    let n = 0;
    forNeighbours(i, this.width, this.height, 2, (j) => {
      edges[n++] = this.#laplacianAt(j);
    });
    const smooth = edges.subarray(0, n).sort()[n >> 1];
    return (this.#laplacianAt(i) - smooth) / (2 * this.#noiseAt(i));
  }

  /** The paper's F: 3×3 median less the 7×7 median of that, in units of the noise; at least 0.01. */
  #fineStructureAt(i: number): number {
    const { width, height, work } = this;
    const medians = new Float32Array(49);
    let n = 0;
    forNeighbours(i, width, height, 3, (j) => {
      const u = j % width;
      medians[n++] = windowMedian(work, width, height, u, (j - u) / width, 3);
    });
    const x = i % width;
    const own = windowMedian(work, width, height, x, (i - x) / width, 3);
    const wide = medians.subarray(0, n).sort()[n >> 1];
    return Math.max((own - wide) / this.#noiseAt(i), 0.01);
  }

  #excludedPixels(target: MaskedImage): Uint8Array {
    const bits = maskBits('BAD', 'SAT', 'NO_DATA');
    const excluded = new Uint8Array(target.mask.length);
    for (let i = 0; i < excluded.length; i++) {
      if ((target.mask[i] & bits) === 0 && Number.isFinite(target.image[i])) continue;
      forNeighbours(i, this.width, this.height, 1, (j) => {
        excluded[j] = 1;
      });
    }
    return excluded;
  }

  /** Excluded pixels take the value of the last good one in their row, so that they make no edges. */
  #fillExcluded(): void {
    const { work, excluded, width, height } = this;
    for (let y = 0; y < height; y++) {
      const start = y * width;
      let first = 0;
      while (first < width && excluded[start + first] !== 0) first++;
      let last = first < width ? work[start + first] : 0;
      for (let x = 0; x < width; x++) {
        if (excluded[start + x] === 0) last = work[start + x];
        else work[start + x] = last;
      }
    }
  }
}
