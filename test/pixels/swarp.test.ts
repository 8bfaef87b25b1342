// SPDX-License-Identifier: BSD-3-Clause
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { FitsFile } from '../../src/fits/index.ts';
import {
  backgroundImage,
  coaddBand,
  emptyWarp,
  type MaskedImage,
  measureBackground,
  medianAndSigma,
  warpInto,
} from '../../src/pixels/index.ts';
import { type Wcs, wcsFromCards } from '../../src/sky/index.ts';
import { describeShared } from '../support/shared.ts';

interface Frame {
  wcs: Wcs;
  width: number;
  height: number;
  data: Float32Array;
}

async function readFrame(path: string): Promise<Frame> {
  const file = await FitsFile.open(path);
  try {
    const { width, height, data } = await file.hdu(0).readImage({ as: 'float32' });
    return { wcs: wcsFromCards(file.hdu(0).header.toCards()), width, height, data: data as Float32Array };
  } finally {
    await file.close();
  }
}

/** |a - b| over the noise of b: median and 99th percentile. */
function differences(a: Float32Array, b: Float32Array): { median: number; p99: number } {
  const noise = medianAndSigma(b).sigma;
  const sorted = Float64Array.from(a, (v, i) => Math.abs(v - b[i]) / noise).sort();
  return { median: sorted[sorted.length >> 1], p99: sorted[Math.floor(0.99 * sorted.length)] };
}

/** The manifest beside the references states the settings: TAN grid of the header, Lanczos3, 256 px background mesh with 3x3 filter, mean. */
describeShared('data/sdss-stripe82/reference/swarp', 'SDSS r warps and coadd against SWarp', (dir) => {
  const frames = [
    { image: '4192/40/corr/4/fpC-004192-r4-0300.fit.gz', warp: 'r-warp-004192-r4-0300-700.fits.gz' },
    { image: '6377/40/corr/4/fpC-006377-r4-0399.fit.gz', warp: 'r-warp-006377-r4-0399-700.fits.gz' },
  ];
  const references: Frame[] = [];
  const subtracted: { image: MaskedImage; wcs: Wcs }[] = [];

  beforeAll(async () => {
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
  });

  const warpAll = (centredKernel: boolean): MaskedImage[] =>
    subtracted.map(({ image, wcs }, k) => {
      const out = emptyWarp({ x0: 0, y0: 0, width: 700, height: 700 });
      warpInto(out, references[k].wcs, image, wcs, { centredKernel, area: 'centre' });
      return out;
    });

  test.each([true, false])('warps (kernel of zero first moment: %s)', (centred) => {
    warpAll(centred).forEach((warp, k) => {
      const { median, p99 } = differences(warp.image, references[k].data);
      // The same weights leave only the two estimates of the background; a centred kernel differs where stars are steep.
      expect(median).toBeLessThan(centred ? 0.05 : 0.005);
      expect(p99).toBeLessThan(centred ? 1 : 0.05);
    });
  });

  test('the same kernel gives the same pixels, but for the background', () => {
    warpAll(false).forEach((warp, k) => {
      // The backgrounds differ by something smooth: compare second differences along rows.
      const curvature = (v: Float32Array): Float32Array =>
        v.map((c, i) => (i > 0 && i + 1 < v.length ? v[i - 1] - 2 * c + v[i + 1] : 0));
      const { p99 } = differences(curvature(warp.image), curvature(references[k].data));
      expect(p99).toBeLessThan(1e-3);
    });
  });

  test('coadd', async () => {
    const reference = await readFrame(join(dir, 'r-coadd-700.fits.gz'));
    const layers = warpAll(true).map((warp) => ({ ...warp, weight: 1 }));
    const { median, p99 } = differences(coaddBand(layers, 700, 700, { clip: false }).image, reference.data);
    expect(median).toBeLessThan(0.05);
    expect(p99).toBeLessThan(1);
    // Clipping is for artefacts: hardly a pixel of two clean epochs.
    const clipped = coaddBand(layers, 700, 700).clipped.reduce((a, b) => a + b, 0);
    expect(clipped / reference.data.length).toBeLessThan(2e-3);
  });
});
