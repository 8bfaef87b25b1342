// SPDX-License-Identifier: BSD-3-Clause
import type { DataId, DeferredDataset } from '../../butler/index.ts';
import { type CoaddPsf, clippedStatistics, type Exposure, maskBits, type PixelBox } from '../../pixels/index.ts';

/** A warp read in row bands: whole at once when all warps fit in memory, else part by part. */
export class WarpReader {
  readonly dataId: DataId;
  readonly box: PixelBox;
  readonly wcs: NonNullable<Exposure['wcs']>;
  readonly psf: Exposure['psf'];
  readonly photoCalib: Exposure['photoCalib'];
  readonly apCorr: Exposure['apCorr'];
  readonly meanVariance: number;
  readonly #dataset: DeferredDataset;
  readonly #whole: Exposure | undefined;

  private constructor(dataset: DeferredDataset, dataId: DataId, parts: WarpParts, whole?: Exposure) {
    this.#dataset = dataset;
    this.#whole = whole;
    this.dataId = dataId;
    this.box = parts.box;
    this.wcs = parts.wcs;
    this.psf = parts.psf;
    this.photoCalib = parts.photoCalib;
    this.apCorr = parts.apCorr;
    this.meanVariance = parts.meanVariance;
  }

  static async open(dataset: DeferredDataset, dataId: DataId, keepWhole: boolean): Promise<WarpReader> {
    if (keepWhole) {
      const warp = (await dataset.get()) as Exposure;
      const meanVariance = numberOr(warp.metadata['MEANVAR'], () => typicalVariance(warp));
      const box = { x0: warp.x0, y0: warp.y0, x1: warp.x0 + warp.width, y1: warp.y0 + warp.height };
      const { psf, photoCalib, apCorr } = warp;
      return new WarpReader(dataset, dataId, { box, wcs: warp.wcs!, psf, photoCalib, apCorr, meanVariance }, warp);
    }
    const metadata = ((await dataset.get({ component: 'metadata' })) ?? {}) as Exposure['metadata'];
    const box = (await dataset.get({ component: 'bbox' })) as PixelBox;
    const meanVariance =
      typeof metadata['MEANVAR'] === 'number'
        ? metadata['MEANVAR']
        : typicalVariance((await dataset.get()) as Exposure);
    return new WarpReader(dataset, dataId, {
      box,
      wcs: (await dataset.get({ component: 'wcs' })) as NonNullable<Exposure['wcs']>,
      psf: ((await dataset.get({ component: 'psf' })) ?? undefined) as CoaddPsf | undefined,
      photoCalib: (await dataset.get({ component: 'photoCalib' })) as Exposure['photoCalib'],
      apCorr: ((await dataset.get({ component: 'apCorr' })) ?? undefined) as Exposure['apCorr'],
      meanVariance,
    });
  }

  /** Rows `[y0, y1)` of the parent frame. */
  async rows(y0: number, y1: number): Promise<Pick<Exposure, 'image' | 'variance' | 'mask'>> {
    if (this.#whole === undefined) {
      return (await this.#dataset.get({ parameters: { bbox: { ...this.box, y0, y1 } } })) as Exposure;
    }
    const { width, image, variance, mask } = this.#whole;
    const begin = (y0 - this.box.y0) * width;
    const end = (y1 - this.box.y0) * width;
    return {
      image: image.subarray(begin, end),
      variance: variance.subarray(begin, end),
      mask: mask.subarray(begin, end),
    };
  }
}

interface WarpParts {
  box: PixelBox;
  wcs: NonNullable<Exposure['wcs']>;
  psf: Exposure['psf'];
  photoCalib: Exposure['photoCalib'];
  apCorr: Exposure['apCorr'];
  meanVariance: number;
}

function typicalVariance(warp: Exposure): number {
  return clippedStatistics(warp.variance, warp.mask, maskBits('NO_DATA', 'BAD', 'SAT', 'CR')).median;
}

function numberOr(value: unknown, otherwise: () => number): number {
  return typeof value === 'number' ? value : otherwise();
}
