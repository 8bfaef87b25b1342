// SPDX-License-Identifier: BSD-3-Clause

export type WarpKernelName = 'lanczos3' | 'lanczos5' | 'bilinear';

/**
 * Interpolation weights tabulated over the sub-pixel phase: row p holds the `taps` weights for a fraction p / {@link PHASES}, each row of
 * unit sum (so that a constant image stays constant). Between rows the weights are interpolated linearly: with 1024 phases
 * the error is below 2e-6 of the central weight. One row more than PHASES, for the interpolation at the end.
 */
export interface WarpKernel {
  readonly name: WarpKernelName;
  readonly taps: number;
  /** The first tap lies so many pixels before floor(position). */
  readonly reach: number;
  readonly table: Float64Array;
}

export const PHASES = 1024;

const made = new Map<string, WarpKernel>();

/**
 * The table of a kernel. Plain Lanczos weights, even of unit sum, have a first moment of up to 0.02 px (order 3) or 0.011 px (order 5): a
 * coherent shift of everything that depends on the dither phase, several milliarcseconds for usual pixels. With
 * `centred` (the default) that is taken out, see {@link centre}; without it the weights are those of other resampling programs.
 */
export function warpKernel(name: WarpKernelName, centred = true): WarpKernel {
  const key = `${name} ${centred}`;
  let kernel = made.get(key);
  if (kernel === undefined) {
    kernel = makeKernel(name, centred);
    made.set(key, kernel);
  }
  return kernel;
}

function makeKernel(name: WarpKernelName, centred: boolean): WarpKernel {
  const order = name === 'bilinear' ? 1 : name === 'lanczos3' ? 3 : 5;
  const taps = 2 * order;
  const reach = order - 1;
  const weight = name === 'bilinear' ? triangle : (x: number) => lanczos(x, order);
  const table = new Float64Array((PHASES + 2) * taps);
  for (let p = 0; p <= PHASES; p++) {
    const fraction = p / PHASES;
    let sum = 0;
    for (let k = 0; k < taps; k++) sum += table[p * taps + k] = weight(k - reach - fraction);
    for (let k = 0; k < taps; k++) table[p * taps + k] /= sum;
    if (centred && name !== 'bilinear') centre(table, p * taps, taps, reach, fraction);
  }
  table.copyWithin((PHASES + 1) * taps, PHASES * taps, (PHASES + 1) * taps);
  return { name, taps, reach, table };
}

/**
 * Takes the first moment m out of one row of weights by adding -m times the derivative of the cubic through the four middle taps. That
 * leaves the moments of order 0, 2 and 3 as they were: positions become right and shapes stay.
 */
function centre(table: Float64Array, at: number, taps: number, reach: number, fraction: number): void {
  let moment = 0;
  for (let k = 0; k < taps; k++) moment += table[at + k] * (k - reach - fraction);
  const f = fraction;
  const middle = at + reach - 1;
  table[middle] += (moment * (3 * f * f - 6 * f + 2)) / 6;
  table[middle + 1] -= (moment * (3 * f * f - 4 * f - 1)) / 2;
  table[middle + 2] += (moment * (3 * f * f - 2 * f - 2)) / 2;
  table[middle + 3] -= (moment * (3 * f * f - 1)) / 6;
}

/** Lanczos window of order a (Duchon 1979, J. Appl. Meteor. 18, 1016). */
function lanczos(x: number, a: number): number {
  if (Math.abs(x) < 1e-12) return 1;
  if (Math.abs(x) >= a) return 0;
  const t = Math.PI * x;
  return (a * Math.sin(t) * Math.sin(t / a)) / (t * t);
}

function triangle(x: number): number {
  return Math.max(0, 1 - Math.abs(x));
}
