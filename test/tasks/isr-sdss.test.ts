// SPDX-License-Identifier: BSD-3-Clause
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadInstrument, readRaw } from '../../src/instruments/index.ts';
import { clippedStatistics, type Exposure } from '../../src/pixels/index.ts';
import { isr } from '../../src/tasks/isr/index.ts';
import { runTask } from '../support/run-task.ts';
import { describeShared } from '../support/shared.ts';

describeShared('data/sdss-stripe82/4192', 'SDSS frames, which come corrected', (dir) => {
  const config = {
    doBias: false,
    doFlat: false,
    doCosmicRays: false,
    overscan: 'none',
    pedestalAdu: 1000,
  };

  test.each(['u', 'g', 'r', 'i', 'z'])(
    '%s: the soft bias is gone and the variance is that of the pixels',
    async (band) => {
      const sdss = await loadInstrument('sdss');
      const raw = await readRaw(join(dir, `40/corr/4/fpC-004192-${band}4-0300.fit.gz`), sdss);
      const { outputs } = await runTask(isr, { raw }, { config });
      const exposure = outputs.outputExposure as Exposure;
      expect([exposure.width, exposure.height, exposure.band]).toEqual([2048, 1489, band]);
      const sky = clippedStatistics(exposure.image, exposure.mask, -1);
      expect(sky.median).toBeGreaterThan(10);
      expect(sky.median).toBeLessThan(300);
      // Differences of neighbours: the sky's own structure drops out.
      const n = exposure.image.length >> 1;
      const differences = Float32Array.from({ length: n }, (_, i) => exposure.image[2 * i + 1] - exposure.image[2 * i]);
      const measured = clippedStatistics(differences).sigma / Math.SQRT2;
      const stated = Math.sqrt(clippedStatistics(exposure.variance).median);
      expect(Math.abs(measured / stated - 1)).toBeLessThan(0.08);
      const centre = exposure.wcs!.pixelToSky(1023.5, 744);
      expect(Math.abs(centre.raDeg - 351.649)).toBeLessThan(0.01);
      expect(Math.abs(centre.decDeg - 0.1036)).toBeLessThan(0.01);
    },
  );
});
