// SPDX-License-Identifier: BSD-3-Clause
/**
 * Subtractive dithering of quantised floating-point tiles (FITS standard 4.0, section 10.2 and appendix I): a fixed sequence of
 * 10,000 pseudo-random numbers (Park and Miller 1988), entered at a place that the tile number and ZDITHER0 choose.
 */
export type Quantisation = 'NO_DITHER' | 'SUBTRACTIVE_DITHER_1' | 'SUBTRACTIVE_DITHER_2';

/** Stored for pixels that are exactly zero under SUBTRACTIVE_DITHER_2. */
export const ZERO_SAMPLE = -2147483646;
/** Stored for NaN; also written as ZBLANK. */
export const NULL_SAMPLE = -2147483647;

const SEQUENCE_LENGTH = 10_000;
let sequence: Float32Array | undefined;

function ditherSequence(): Float32Array {
  if (sequence === undefined) {
    sequence = new Float32Array(SEQUENCE_LENGTH);
    let seed = 1;
    for (let i = 0; i < SEQUENCE_LENGTH; i++) {
      seed = (seed * 16807) % 2147483647;
      sequence[i] = seed / 2147483647;
    }
  }
  return sequence;
}

/** Steps through the sequence, pixel by pixel of one tile. */
export class Dither {
  readonly #numbers = ditherSequence();
  #start: number;
  #next: number;

  /** `tile` counts from 0; `seed` is ZDITHER0 (1 to 10,000). */
  constructor(tile: number, seed: number) {
    this.#start = (tile + seed - 1) % SEQUENCE_LENGTH;
    this.#next = Math.floor(this.#numbers[this.#start] * 500);
  }

  next(): number {
    const value = this.#numbers[this.#next++];
    if (this.#next === SEQUENCE_LENGTH) {
      this.#start = (this.#start + 1) % SEQUENCE_LENGTH;
      this.#next = Math.floor(this.#numbers[this.#start] * 500);
    }
    return value;
  }
}

export interface TileScale {
  scale: number;
  zero: number;
  /** Stored integer of NaN. */
  blank: number | undefined;
  method: Quantisation;
  tile: number;
  seed: number;
}

/** Physical values of `n` quantised samples. */
export function dequantise(stored: Int32Array, n: number, by: TileScale, out: Float32Array | Float64Array): void {
  const { scale, zero, blank, method } = by;
  if (method === 'NO_DITHER') {
    for (let i = 0; i < n; i++) out[i] = stored[i] === blank ? Number.NaN : stored[i] * scale + zero;
    return;
  }
  const dither = new Dither(by.tile, by.seed);
  const zeros = method === 'SUBTRACTIVE_DITHER_2';
  for (let i = 0; i < n; i++) {
    const offset = dither.next();
    const sample = stored[i];
    if (sample === blank) out[i] = Number.NaN;
    else if (zeros && sample === ZERO_SAMPLE) out[i] = 0;
    else out[i] = (sample - offset + 0.5) * scale + zero;
  }
}
