// SPDX-License-Identifier: BSD-3-Clause
import type { Psf, PsfPlain } from '../exposure.ts';

/**
 * A PSF of one shape all over the image: elliptical Gaussian, or Moffat `(1 + q / s)^-beta` whose covariance-like matrix
 * is scaled so that its core has the width given. What is used before stars were found, and where there are too few.
 */
export class AnalyticPsf implements Psf {
  readonly #xx: number;
  readonly #yy: number;
  readonly #xy: number;
  readonly #beta: number | undefined;
  readonly #size: number;
  #last: { fx: number; fy: number; data: Float32Array } | undefined;

  /** @param moments second moments in pixels squared; with `beta` the profile is Moffat and the moments are those of its Gaussian core (equal FWHM) */
  constructor(moments: { xx: number; yy: number; xy: number }, options: { beta?: number; size?: number } = {}) {
    this.#xx = moments.xx;
    this.#yy = moments.yy;
    this.#xy = moments.xy;
    this.#beta = options.beta;
    const sigma = Math.sqrt(Math.max(moments.xx, moments.yy));
    this.#size = options.size ?? 2 * Math.max(7, Math.ceil((options.beta === undefined ? 5 : 7) * sigma)) + 1;
  }

  static round(sigma: number, options: { beta?: number; size?: number } = {}): AnalyticPsf {
    return new AnalyticPsf({ xx: sigma * sigma, yy: sigma * sigma, xy: 0 }, options);
  }

  static fromPlain(plain: PsfPlain): AnalyticPsf {
    const { xx, yy, xy, beta, size } = plain as unknown as {
      xx: number;
      yy: number;
      xy: number;
      beta?: number;
      size: number;
    };
    return new AnalyticPsf({ xx, yy, xy }, { beta, size });
  }

  toPlain(): PsfPlain {
    const shape = { xx: this.#xx, yy: this.#yy, xy: this.#xy, size: this.#size };
    return this.#beta === undefined ? { type: 'gaussian', ...shape } : { type: 'moffat', ...shape, beta: this.#beta };
  }

  kernelAt(_x: number, _y: number): { size: number; data: Float32Array } {
    return { size: this.#size, data: this.#draw(0, 0) };
  }

  imageAt(x: number, y: number): { size: number; x0: number; y0: number; data: Float32Array } {
    const half = (this.#size - 1) / 2;
    const ix = Math.round(x);
    const iy = Math.round(y);
    return { size: this.#size, x0: ix - half, y0: iy - half, data: this.#draw(x - ix, y - iy) };
  }

  sigmaAt(_x: number, _y: number): number {
    return Math.sqrt(Math.sqrt(Math.max(this.#xx * this.#yy - this.#xy * this.#xy, 0)));
  }

  #draw(fx: number, fy: number): Float32Array {
    if (this.#last !== undefined && this.#last.fx === fx && this.#last.fy === fy) return this.#last.data;
    const size = this.#size;
    const half = (size - 1) / 2;
    const det = this.#xx * this.#yy - this.#xy * this.#xy;
    const cxx = this.#yy / det;
    const cyy = this.#xx / det;
    const cxy = -this.#xy / det;
    const beta = this.#beta;
    // q = r^2 / sigma^2; at half maximum q = 2 ln 2 in both profiles.
    const scale = beta === undefined ? 0 : (2 ** (1 / beta) - 1) / (2 * Math.LN2);
    const data = new Float32Array(size * size);
    let sum = 0;
    for (let j = 0; j < size; j++)
      for (let i = 0; i < size; i++) {
        const dx = i - half - fx;
        const dy = j - half - fy;
        const q = cxx * dx * dx + cyy * dy * dy + 2 * cxy * dx * dy;
        const v = beta === undefined ? Math.exp(-0.5 * q) : (1 + scale * q) ** -beta;
        data[j * size + i] = v;
        sum += v;
      }
    for (let k = 0; k < data.length; k++) data[k] /= sum;
    this.#last = { fx, fy, data };
    return data;
  }
}
