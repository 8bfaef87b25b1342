// SPDX-License-Identifier: BSD-3-Clause
import { beforeAll, expect, test } from 'vitest';
import { coaddBand } from '../../src/pixels/index.ts';
import { differences, loadSwarp } from '../support/science/swarp.ts';
import { describeShared } from '../support/shared.ts';

/** The manifest beside the references states the settings: TAN grid of the header, Lanczos3, 256 px background mesh with 3x3 filter, mean. */
describeShared('data/sdss-stripe82/reference/swarp', 'SDSS r warps and coadd against SWarp', (dir) => {
  let swarp: Awaited<ReturnType<typeof loadSwarp>>;
  beforeAll(async () => {
    swarp = await loadSwarp(dir);
  });

  test.each([true, false])('warps (kernel of zero first moment: %s)', (centred) => {
    swarp.warpAll(centred).forEach((warp, k) => {
      const { median, p99 } = differences(warp.image, swarp.references[k].data);
      // The same weights leave only the two estimates of the background; a centred kernel differs where stars are steep.
      expect(median).toBeLessThan(centred ? 0.05 : 0.005);
      expect(p99).toBeLessThan(centred ? 1 : 0.05);
    });
  });

  test('the same kernel gives the same pixels, but for the background', () => {
    swarp.warpAll(false).forEach((warp, k) => {
      // The backgrounds differ by something smooth: compare second differences along rows.
      const curvature = (v: Float32Array): Float32Array =>
        v.map((c, i) => (i > 0 && i + 1 < v.length ? v[i - 1] - 2 * c + v[i + 1] : 0));
      const { p99 } = differences(curvature(warp.image), curvature(swarp.references[k].data));
      expect(p99).toBeLessThan(1e-3);
    });
  });

  test('coadd', () => {
    const reference = swarp.coadd;
    const layers = swarp.warpAll(true).map((warp) => ({ ...warp, weight: 1 }));
    const { median, p99 } = differences(coaddBand(layers, 700, 700, { clip: false }).image, reference.data);
    expect(median).toBeLessThan(0.05);
    expect(p99).toBeLessThan(1);
    // Clipping is for artefacts: hardly a pixel of two clean epochs.
    const clipped = coaddBand(layers, 700, 700).clipped.reduce((a, b) => a + b, 0);
    expect(clipped / reference.data.length).toBeLessThan(2e-3);
  });
});
