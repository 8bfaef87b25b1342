// SPDX-License-Identifier: BSD-3-Clause
import { pixelErrors } from '../errors.ts';

/** `v + c0 v² + c1 v³ + …`, by Horner's rule. */
export function polynomialLinearity(v: number, coefficients: readonly number[]): number {
  let sum = 0;
  for (let i = coefficients.length - 1; i >= 0; i--) sum = (sum + coefficients[i]) * v;
  return v + sum * v;
}

/** Nodes of the uniform grid that a look-up table is put on: finding a value takes no search. */
const NODES = 4096;

/**
 * A non-linearity given as pairs of measured and corrected ADU, linear between them. Beyond the ends the correction of the end pair is
 * added. Throws `PIXELS_LINEARITY` unless there are two pairs at least, in rising order.
 */
export class LookupLinearity {
  readonly #start: number;
  readonly #step: number;
  /** Correction to add at the nodes, ADU. */
  readonly #add = new Float64Array(NODES + 1);

  constructor(amplifier: string, measuredAdu: ArrayLike<number>, correctedAdu: ArrayLike<number>) {
    const n = measuredAdu.length;
    let rising = n >= 2 && correctedAdu.length === n;
    for (let i = 1; i < n; i++) if (!(measuredAdu[i] > measuredAdu[i - 1])) rising = false;
    if (!rising) throw pixelErrors.LINEARITY({ amplifier, pairs: n });
    this.#start = measuredAdu[0];
    this.#step = (measuredAdu[n - 1] - measuredAdu[0]) / (NODES - 1);
    let i = 0;
    for (let node = 0; node < NODES; node++) {
      const at = this.#start + node * this.#step;
      while (i < n - 2 && measuredAdu[i + 1] < at) i++;
      const t = Math.min(1, (at - measuredAdu[i]) / (measuredAdu[i + 1] - measuredAdu[i]));
      const low = correctedAdu[i] - measuredAdu[i];
      this.#add[node] = low + t * (correctedAdu[i + 1] - measuredAdu[i + 1] - low);
    }
    this.#add[NODES] = this.#add[NODES - 1];
  }

  correct(v: number): number {
    const place = Math.min(NODES - 1, Math.max(0, (v - this.#start) / this.#step));
    const node = Math.floor(place);
    return v + this.#add[node] + (place - node) * (this.#add[node + 1] - this.#add[node]);
  }
}
