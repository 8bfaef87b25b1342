// SPDX-License-Identifier: BSD-3-Clause
import type { Cards, Wcs } from '../../sky/index.ts';
import { wcsFromCards } from '../../sky/index.ts';
import { pixelErrors } from '../errors.ts';
import type { Psf, PsfPlain } from '../exposure.ts';
import type { PixelBox } from '../isr/amplifier.ts';
import { addMappedStamp, localMap } from '../warp/stamp.ts';

/** One image that went into a coadd (or warp): its PSF, its WCS, the part of it that was used, and its weight. */
export interface CoaddPsfInput {
  psf: Psf;
  wcs: Wcs;
  /** Where in its own frame the image has pixels: `[x0, x1) × [y0, y1)`. */
  box: PixelBox;
  weight: number;
}

/** Largest stamp that is made, pixels. */
const MAXIMUM_SIZE = 101;

/**
 * The PSF of a weighted mean of images (Jee & Tyson 2011, PASP 123, 596; Bosch et al. 2018, PASJ 70, S5, §3.3): at a position, the weighted mean of the
 * PSFs of those inputs which cover it, each mapped into the coadd's frame by the local linear part of the two WCSs. Where no
 * input covers the position the nearest one serves. The set of inputs is geometric: pixels masked or clipped in single inputs are not followed
 * (such coadd pixels carry INEXACT_PSF).
 */
export class CoaddPsf implements Psf {
  readonly wcs: Wcs;
  readonly inputs: readonly CoaddPsfInput[];

  constructor(wcs: Wcs, inputs: readonly CoaddPsfInput[]) {
    if (inputs.length === 0) throw pixelErrors.COMBINE_EMPTY({ what: 'a coadd PSF without inputs' });
    this.wcs = wcs;
    this.inputs = inputs;
  }

  kernelAt(x: number, y: number): { size: number; data: Float32Array } {
    const parts = this.#partsAt(x, y);
    const size = this.#sizeFor(parts);
    return { size, data: stampOf(parts, size, (size - 1) / 2, (size - 1) / 2) };
  }

  imageAt(x: number, y: number): { size: number; x0: number; y0: number; data: Float32Array } {
    const parts = this.#partsAt(x, y);
    const size = this.#sizeFor(parts);
    const x0 = Math.round(x) - (size - 1) / 2;
    const y0 = Math.round(y) - (size - 1) / 2;
    return { size, x0, y0, data: stampOf(parts, size, x - x0, y - y0) };
  }

  /** Root of the weighted mean of the inputs' second moments, in coadd pixels. */
  sigmaAt(x: number, y: number): number {
    let sum = 0;
    let weights = 0;
    for (const { input, map } of this.#coveringAt(x, y)) {
      const sigma = input.psf.sigmaAt(map.x, map.y);
      sum += (input.weight * sigma * sigma) / Math.abs(map.xx * map.yy - map.xy * map.yx);
      weights += input.weight;
    }
    return Math.sqrt(sum / weights);
  }

  toPlain(): PsfPlain {
    return {
      type: 'coadd',
      wcs: this.wcs.toCards(),
      inputs: this.inputs.map(({ psf, wcs, box, weight }) => ({
        psf: psf.toPlain(),
        wcs: wcs.toCards(),
        box: { ...box },
        weight,
      })),
    };
  }

  #coveringAt(x: number, y: number): Covering[] {
    const all = this.inputs.map((input) => ({ input, map: localMap(x, y, this.wcs, input.wcs) }));
    const covering = all.filter(({ input, map }) => distanceOutside(input.box, map.x, map.y) <= 0);
    if (covering.length > 0) return covering;
    let nearest = all[0];
    let least = Number.POSITIVE_INFINITY;
    for (const candidate of all) {
      const distance = distanceOutside(candidate.input.box, candidate.map.x, candidate.map.y);
      if (distance < least) {
        least = distance;
        nearest = candidate;
      }
    }
    return [nearest];
  }

  #partsAt(x: number, y: number): Part[] {
    return this.#coveringAt(x, y).map((covering) => ({
      ...covering,
      stamp: covering.input.psf.kernelAt(covering.map.x, covering.map.y),
    }));
  }

  /** Odd size that holds every mapped stamp. */
  #sizeFor(parts: readonly Part[]): number {
    let largest = 3;
    for (const { stamp, map } of parts) {
      const scale = Math.sqrt(Math.abs(map.xx * map.yy - map.xy * map.yx));
      largest = Math.max(largest, Math.ceil(stamp.size / scale));
    }
    const size = Math.min(largest, MAXIMUM_SIZE);
    return size % 2 === 1 ? size : size + 1;
  }
}

interface Covering {
  input: CoaddPsfInput;
  map: ReturnType<typeof localMap>;
}
interface Part extends Covering {
  stamp: { size: number; data: Float32Array };
}

function stampOf(parts: readonly Part[], size: number, centreX: number, centreY: number): Float32Array {
  const sum = new Float64Array(size * size);
  for (const { input, map, stamp } of parts) addMappedStamp(sum, size, centreX, centreY, stamp, map, input.weight);
  const total = sum.reduce((a, b) => a + b, 0);
  return Float32Array.from(sum, (v) => v / total);
}

/** How far outside a box a position is, pixels (0 or less inside). */
function distanceOutside(box: PixelBox, x: number, y: number): number {
  return Math.max(box.x0 - 0.5 - x, x - box.x1 + 0.5, box.y0 - 0.5 - y, y - box.y1 + 0.5);
}

/** Rebuilds a coadd PSF; `build` makes the PSFs of the inputs from their plain form. */
export function coaddPsfFromPlain(plain: PsfPlain, build: (plain: PsfPlain) => Psf): CoaddPsf {
  const inputs = plain['inputs'] as { psf: PsfPlain; wcs: Cards; box: PixelBox; weight: number }[];
  return new CoaddPsf(
    wcsFromCards(plain['wcs'] as Cards),
    inputs.map(({ psf, wcs, box, weight }) => ({ psf: build(psf), wcs: wcsFromCards(wcs), box, weight })),
  );
}
