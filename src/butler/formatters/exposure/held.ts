// SPDX-License-Identifier: BSD-3-Clause
import { FitsFile, MemorySink, MemorySource } from '../../../fits/index.ts';
import { type Exposure, type Psf, psfFromPlain } from '../../../pixels/index.ts';
import type { Wcs } from '../../../sky/index.ts';
import type { Box } from './frame.ts';
import type { ImagePlane, MaskPlaneImage } from './planes.ts';
import { ExposureFile, type OpenExposure, place } from './read.ts';
import { writeExposure } from './write.ts';

/**
 * An exposure in memory that many may read. Whatever can be changed is copied for each reader: planes sample by sample, the PSF by its
 * plain form; a WCS is a value.
 */
export class HeldExposure implements OpenExposure {
  readonly #of: Exposure;

  /** The object belongs to this from now on. */
  constructor(exposure: Exposure) {
    this.#of = exposure;
  }

  /** As it will be when it has gone through a file: all but the samples goes through one, of an image of one pixel. */
  static async asWritten(exposure: Exposure): Promise<HeldExposure> {
    const { width, height, image, variance, mask } = exposure;
    const onePixel = { width: 1, height: 1, image: new Float32Array(1), variance: new Float32Array(1) };
    const sink = new MemorySink();
    const compressions = { image: undefined, mask: undefined, variance: undefined };
    await writeExposure({ ...exposure, ...onePixel, mask: new Int32Array(1) }, sink, compressions);
    await using fits = await FitsFile.open(new MemorySource(sink.toBytes()));
    const file = new ExposureFile(fits);
    return new HeldExposure({ ...(await file.exposure(file.bbox)), width, height, image, variance, mask });
  }

  get sizeBytes(): number {
    const { image, variance, mask } = this.#of;
    return image.byteLength + variance.byteLength + mask.byteLength + (1 << 14);
  }

  get bbox(): Box {
    const { x0, y0, width, height } = this.#of;
    return { x0, y0, x1: x0 + width, y1: y0 + height };
  }
  get wcs(): Wcs | undefined {
    return this.#of.wcs;
  }
  get visitInfo(): Exposure['visitInfo'] {
    return structuredClone(this.#of.visitInfo);
  }
  get photoCalib(): Exposure['photoCalib'] {
    return structuredClone(this.#of.photoCalib);
  }
  get labels(): OpenExposure['labels'] {
    const { instrument, detector, physicalFilter, band } = this.#of;
    const labels = { instrument, detector, physicalFilter, band };
    return Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== undefined)) as typeof labels;
  }
  get metadata(): Exposure['metadata'] {
    return { ...this.#of.metadata };
  }

  async psf(): Promise<Psf | undefined> {
    const { psf } = this.#of;
    return psf && psfFromPlain(structuredClone(psf.toPlain()));
  }
  async apCorr(): Promise<Exposure['apCorr']> {
    return structuredClone(this.#of.apCorr);
  }

  async image(box: Box): Promise<ImagePlane> {
    return { ...place(box), data: this.#cut(this.#of.image, box) };
  }
  async variance(box: Box): Promise<ImagePlane> {
    return { ...place(box), data: this.#cut(this.#of.variance, box) };
  }
  async mask(box: Box): Promise<MaskPlaneImage> {
    return { ...place(box), data: this.#cut(this.#of.mask, box) };
  }

  async exposure(box: Box): Promise<Exposure> {
    const { image, variance, mask } = this.#of;
    const { wcs, visitInfo, photoCalib, labels, metadata } = this;
    const optional = { wcs, psf: await this.psf(), visitInfo, photoCalib, apCorr: await this.apCorr() };
    return {
      ...place(box),
      image: this.#cut(image, box),
      variance: this.#cut(variance, box),
      mask: this.#cut(mask, box),
      ...labels,
      metadata,
      ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
    };
  }

  #cut<T extends Float32Array | Int32Array>(plane: T, box: Box): T {
    const { x0, y0, width, height } = this.#of;
    const size = place(box);
    if (size.width === width && size.height === height) return plane.slice() as T;
    const out = new (plane.constructor as new (length: number) => T)(size.width * size.height);
    for (let row = 0; row < size.height; row++) {
      const from = (box.y0 - y0 + row) * width + (box.x0 - x0);
      out.set(plane.subarray(from, from + size.width), row * size.width);
    }
    return out;
  }
}
