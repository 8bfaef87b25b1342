// SPDX-License-Identifier: BSD-3-Clause
import { fitsErrors, placeOf, type Where } from '../errors.ts';
import type { Header } from '../header/header.ts';
import type { ByteSource } from '../io/source.ts';
import { type Bitpix, bytesOf, decodeStored, type NumericArray, swapInPlace } from './numeric.ts';
import { applyOffset, isDirect, physicalArray, type Scaling, scalingOf, toPhysical } from './scaling.ts';
import { type ImageData, type ReadImageOptions, windowOf } from './section.ts';

const BAND_BYTES = 1 << 20;

/** Where the stored samples of an image are. */
export interface ImageExtent {
  bitpix: Bitpix;
  /** NAXIS order. */
  shape: readonly number[];
  dataOffset: number;
  where: Where;
}

/** Reads an uncompressed image, or a section of it, touching only the rows that are wanted. */
export async function readPlainImage(
  source: ByteSource,
  header: Header,
  extent: ImageExtent,
  options: ReadImageOptions,
): Promise<ImageData> {
  const window = windowOf(extent.shape, options, extent.where);
  const { section, width, height } = window;
  const scaling = scalingOf(header, extent.bitpix);
  const planes = window.lastPlane - window.firstPlane;
  const out = physicalArray(scaling, options.as ?? 'native', width * height * planes);
  const nx = extent.shape[0] ?? 0;
  const ny = extent.shape[1] ?? 1;
  const reader = new SampleReader(source, extent, scaling, out);
  if (width === nx && height === ny) {
    await reader.run(window.firstPlane * nx * ny, width * height * planes, 0);
  } else {
    for (let p = 0; p < planes; p++) {
      const first = ((window.firstPlane + p) * ny + section.y0) * nx;
      if (width === nx) await reader.run(first, width * height, p * width * height);
      else await reader.rows(first + section.x0, nx, width, height, p * width * height);
    }
  }
  return { width, height, shape: window.shape, data: out };
}

/** Moves runs of stored samples from a source to their physical values in `out`. */
class SampleReader {
  readonly #source: ByteSource;
  readonly #extent: ImageExtent;
  readonly #scaling: Scaling;
  readonly #out: NumericArray;
  readonly #width: number;
  readonly #direct: boolean;

  constructor(source: ByteSource, extent: ImageExtent, scaling: Scaling, out: NumericArray) {
    this.#source = source;
    this.#extent = extent;
    this.#scaling = scaling;
    this.#out = out;
    this.#width = Math.abs(extent.bitpix) / 8;
    this.#direct = isDirect(scaling, out);
  }

  /** `count` samples from sample number `first` of the image to `out[at…]`. */
  async run(first: number, count: number, at: number): Promise<void> {
    if (this.#direct) {
      const part = this.#out.subarray(at, at + count);
      const bytes = bytesOf(part);
      await this.#read(first, bytes);
      swapInPlace(bytes, this.#width);
      if (this.#scaling.offsetInteger) applyOffset(part);
      return;
    }
    const band = Math.max(1, Math.floor(BAND_BYTES / this.#width));
    const buffer = Buffer.allocUnsafe(Math.min(band, count) * this.#width);
    for (let done = 0; done < count; done += band) {
      const n = Math.min(band, count - done);
      const bytes = buffer.subarray(0, n * this.#width);
      await this.#read(first + done, bytes);
      toPhysical(decodeStored(bytes, this.#extent.bitpix), this.#scaling, this.#out, at + done);
    }
  }

  /** `height` rows of `width` samples, `stride` samples apart. Wide sections are read with their gaps, narrow ones row by row. */
  async rows(first: number, stride: number, width: number, height: number, at: number): Promise<void> {
    if (width * 8 < stride || stride * this.#width > BAND_BYTES) {
      for (let y = 0; y < height; y++) await this.run(first + y * stride, width, at + y * width);
      return;
    }
    const bandRows = Math.max(1, Math.floor(BAND_BYTES / (stride * this.#width)));
    for (let y0 = 0; y0 < height; y0 += bandRows) {
      const n = Math.min(bandRows, height - y0);
      const bytes = Buffer.allocUnsafe(((n - 1) * stride + width) * this.#width);
      await this.#read(first + y0 * stride, bytes);
      const stored = decodeStored(bytes, this.#extent.bitpix);
      for (let y = 0; y < n; y++) {
        const row = stored.subarray(y * stride, y * stride + width);
        toPhysical(row, this.#scaling, this.#out, at + (y0 + y) * width);
      }
    }
  }

  async #read(firstSample: number, into: Buffer): Promise<void> {
    const offset = this.#extent.dataOffset + firstSample * this.#width;
    const got = await this.#source.read(offset, into.length, into);
    if (got.length === into.length) return;
    const where = { ...this.#extent.where, byteOffset: offset };
    throw fitsErrors.TRUNCATED_DATA(
      { ...where, wantedBytes: into.length, sizeBytes: this.#source.sizeBytes },
      placeOf(where),
    );
  }
}
