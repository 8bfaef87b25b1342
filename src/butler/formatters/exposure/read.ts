// SPDX-License-Identifier: BSD-3-Clause
import type { FitsFile, Hdu } from '../../../fits/index.ts';
import { type Exposure, MaskPlanes, type Psf, type PsfPlain, psfFromPlain } from '../../../pixels/index.ts';
import type { Wcs } from '../../../sky/index.ts';
import { plainFromTable } from './arrays-table.ts';
import { labelsOf, metadataOf, photoCalibOf, visitInfoOf } from './cards.ts';
import { type Box, originOf, parentWcs } from './frame.ts';
import type { ImagePlane, MaskPlaneImage } from './planes.ts';

/** An exposure of which any part can be had, wherever it is. */
export interface OpenExposure {
  /** Extent in the parent frame. */
  readonly bbox: Box;
  readonly wcs: Wcs | undefined;
  readonly visitInfo: Exposure['visitInfo'];
  readonly photoCalib: Exposure['photoCalib'];
  readonly labels: ReturnType<typeof labelsOf>;
  readonly metadata: Exposure['metadata'];
  psf(): Promise<Psf | undefined>;
  apCorr(): Promise<Exposure['apCorr']>;
  /** Samples of a box in the parent frame. */
  image(box: Box): Promise<ImagePlane>;
  variance(box: Box): Promise<ImagePlane>;
  mask(box: Box): Promise<MaskPlaneImage>;
  exposure(box: Box): Promise<Exposure>;
}

/** An open exposure file: each part is read when asked for. */
export class ExposureFile implements OpenExposure {
  readonly #fits: FitsFile;
  readonly #image: Hdu;

  constructor(fits: FitsFile) {
    this.#fits = fits;
    const first = fits.hdus.find((hdu) => hdu.kind === 'image' && hdu.shape.length >= 2);
    this.#image = fits.has('IMAGE') ? fits.hdu('IMAGE') : (first ?? fits.hdu('IMAGE'));
  }

  get bbox(): Box {
    const { x0, y0 } = originOf(this.#image.header.toCards());
    const [width, height] = this.#image.shape;
    return { x0, y0, x1: x0 + width, y1: y0 + height };
  }

  get wcs(): Wcs | undefined {
    const cards = this.#image.header.toCards();
    return parentWcs(cards, originOf(cards));
  }

  get visitInfo(): Exposure['visitInfo'] {
    return visitInfoOf(this.#cards());
  }
  get photoCalib(): Exposure['photoCalib'] {
    return photoCalibOf(this.#cards());
  }
  get labels(): ReturnType<typeof labelsOf> {
    return labelsOf(this.#cards());
  }
  get metadata(): Exposure['metadata'] {
    return metadataOf(this.#fits.hdus[0].header.cards);
  }

  async psf(): Promise<Psf | undefined> {
    return this.#fits.has('PSF') ? psfFromPlain((await plainFromTable(this.#fits.hdu('PSF'))) as PsfPlain) : undefined;
  }

  async apCorr(): Promise<Exposure['apCorr']> {
    if (!this.#fits.has('APCORR')) return undefined;
    const columns = await this.#fits.hdu('APCORR').readColumns();
    const names = columns['NAME'] as string[];
    return Object.fromEntries(
      names.map((name, i) => [
        name,
        {
          degree: (columns['DEGREE'] as Int32Array)[i],
          coefficients: Array.from((columns['COEFFICIENTS'] as Float64Array[])[i]),
          widthPx: (columns['WIDTH'] as Float64Array)[i],
          heightPx: (columns['HEIGHT'] as Float64Array)[i],
        },
      ]),
    );
  }

  /** Samples of a box (in the parent frame); touches only its rows or tiles. */
  async image(box: Box): Promise<ImagePlane> {
    return this.#plane(this.#image, box);
  }
  /** NaN where the file has no variance. */
  async variance(box: Box): Promise<ImagePlane> {
    if (this.#fits.has('VARIANCE')) return this.#plane(this.#fits.hdu('VARIANCE'), box);
    return { ...place(box), data: new Float32Array((box.x1 - box.x0) * (box.y1 - box.y0)).fill(Number.NaN) };
  }
  /** In the bits of {@link MaskPlanes}, whatever bits the file uses; zero where it has no mask. */
  async mask(box: Box): Promise<MaskPlaneImage> {
    const placed = place(box);
    if (!this.#fits.has('MASK')) return { ...placed, data: new Int32Array(placed.width * placed.height) };
    const hdu = this.#fits.hdu('MASK');
    const { data } = await hdu.readImage({ section: this.#section(box) });
    const stored = data instanceof Int32Array ? data : Int32Array.from(data as Float32Array);
    return { ...placed, data: translateBits(stored, hdu.header.toCards()) };
  }

  async exposure(box: Box): Promise<Exposure> {
    const [image, variance, mask] = [await this.image(box), await this.variance(box), await this.mask(box)];
    const exposure: Exposure = {
      ...place(box),
      image: image.data,
      variance: variance.data,
      mask: mask.data,
      ...this.labels,
      metadata: this.metadata,
    };
    const { wcs, visitInfo, photoCalib } = this;
    const [psf, apCorr] = [await this.psf(), await this.apCorr()];
    if (wcs !== undefined) exposure.wcs = wcs;
    if (psf !== undefined) exposure.psf = psf;
    if (visitInfo !== undefined) exposure.visitInfo = visitInfo;
    if (photoCalib !== undefined) exposure.photoCalib = photoCalib;
    if (apCorr !== undefined) exposure.apCorr = apCorr;
    return exposure;
  }

  async #plane(hdu: Hdu, box: Box): Promise<ImagePlane> {
    const { data } = await hdu.readImage({ section: this.#section(box), as: 'float32' });
    return { ...place(box), data };
  }

  #section(box: Box): Box {
    const { x0, y0 } = this.bbox;
    return { x0: box.x0 - x0, y0: box.y0 - y0, x1: box.x1 - x0, y1: box.y1 - y0 };
  }

  #cards(): Record<string, string | number | boolean> {
    return this.#fits.hdus[0].header.toCards();
  }
}

export function place(box: Box): { width: number; height: number; x0: number; y0: number } {
  return { width: box.x1 - box.x0, height: box.y1 - box.y0, x0: box.x0, y0: box.y0 };
}

/** Other programs number mask planes otherwise: `MP_` cards say how. Planes that we do not know are dropped. */
function translateBits(data: Int32Array, cards: Readonly<Record<string, string | number | boolean>>): Int32Array {
  const moves: [from: number, to: number][] = [];
  let same = true;
  for (const [name, to] of Object.entries(MaskPlanes)) {
    const from = cards[`MP_${name}`];
    if (typeof from !== 'number') continue;
    moves.push([from, to]);
    if (from !== to) same = false;
  }
  const known = new Set(moves.map(([from]) => from));
  const others = Object.entries(cards).some(([key, bit]) => key.startsWith('MP_') && !known.has(bit as number));
  if (same && !others) return data;
  return data.map((value) => {
    if (value === 0) return 0;
    let out = 0;
    for (const [from, to] of moves) if (value & (1 << from)) out |= 1 << to;
    return out;
  });
}
