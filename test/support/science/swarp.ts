// SPDX-License-Identifier: BSD-3-Clause
import { join } from 'node:path';
import { FitsFile } from '../../../src/fits/index.ts';
import {
  backgroundImage,
  emptyWarp,
  type MaskedImage,
  measureBackground,
  medianAndSigma,
  warpInto,
} from '../../../src/pixels/index.ts';
import { type Wcs, wcsFromCards } from '../../../src/sky/index.ts';

export interface Frame {
  wcs: Wcs;
  width: number;
  height: number;
  data: Float32Array;
}

export async function readFrame(path: string): Promise<Frame> {
  const file = await FitsFile.open(path);
  try {
    const { width, height, data } = await file.hdu(0).readImage({ as: 'float32' });
    return { wcs: wcsFromCards(file.hdu(0).header.toCards()), width, height, data };
  } finally {
    await file.close();
  }
}

/** |a - b| over the noise of b: median and 99th percentile. */
export function differences(a: Float32Array, b: Float32Array): { median: number; p99: number } {
  const noise = medianAndSigma(b).sigma;
  const sorted = Float64Array.from(a, (v, i) => Math.abs(v - b[i]) / noise).sort();
  return { median: sorted[sorted.length >> 1], p99: sorted[Math.floor(0.99 * sorted.length)] };
}

const frames = [
  { image: '4192/40/corr/4/fpC-004192-r4-0300.fit.gz', warp: 'r-warp-004192-r4-0300-700.fits.gz' },
  { image: '6377/40/corr/4/fpC-006377-r4-0399.fit.gz', warp: 'r-warp-006377-r4-0399-700.fits.gz' },
];

/** The SDSS r frames less their sky, beside SWarp's warps of them; `dir` is the folder of the references. */
export async function loadSwarp(dir: string): Promise<{
  references: Frame[];
  coadd: Frame;
  /** Our warps of the frames onto the grid of the references. */
  warpAll(centredKernel: boolean): MaskedImage[];
}> {
  const references: Frame[] = [];
  const subtracted: { image: MaskedImage; wcs: Wcs }[] = [];
  for (const frame of frames) {
    references.push(await readFrame(join(dir, frame.warp)));
    const { width, height, data, wcs } = await readFrame(join(dir, '../..', frame.image));
    const sky = backgroundImage(measureBackground({ width, height, image: data }, { binSize: 256, filterSize: 3 }));
    const image = data.map((v, i) => v - sky[i]);
    const variance = new Float32Array(data.length).fill(30);
    subtracted.push({
      image: { width, height, x0: 0, y0: 0, image, variance, mask: new Int32Array(data.length) },
      wcs,
    });
  }
  return {
    references,
    coadd: await readFrame(join(dir, 'r-coadd-700.fits.gz')),
    warpAll: (centredKernel) =>
      subtracted.map(({ image, wcs }, k) => {
        const out = emptyWarp({ x0: 0, y0: 0, width: 700, height: 700 });
        warpInto(out, references[k].wcs, image, wcs, { centredKernel, area: 'centre' });
        return out;
      }),
  };
}
