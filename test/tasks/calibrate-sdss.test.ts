// SPDX-License-Identifier: BSD-3-Clause
import { beforeAll, expect, test } from 'vitest';
import type { Table } from '../../src/pixels/index.ts';
import { makeTanWcs, type Wcs } from '../../src/sky/index.ts';
import { calibrateFrame, calibrationResiduals } from '../support/science/sdss.ts';
import { sdssFrames, sdssReferences, sdssSourceTables, sdssWcs } from '../support/sdss-lists.ts';
import { describeShared } from '../support/shared.ts';

describeShared('data/sdss-stripe82', 'calibration of real frames', (dir) => {
  let tables: Table[];
  let references: Table;
  beforeAll(async () => {
    tables = sdssSourceTables(dir);
    references = await sdssReferences(dir);
  });

  const calibrated = (frame: number, wcs: Wcs, config: Record<string, unknown> = {}) =>
    calibrateFrame(frame, tables[frame], references, wcs, config);

  test.each(sdssFrames.map((frame, i) => ({ ...frame, i })))('$name', async ({ i, band }) => {
    const { outputs, metrics } = await calibrated(i, sdssWcs(dir, sdssFrames[i]));
    const { columns, rows } = outputs.srcMatch as Table;
    const used = columns['astrometry_used'] as Uint8Array;
    expect(rows).toBeGreaterThanOrEqual(band === 'u' ? 15 : 30);
    expect(used.reduce((s, f) => s + f, 0) / rows).toBeGreaterThan(0.7);
    const figures = calibrationResiduals(outputs.srcMatch);
    process.stderr.write(
      `${band} ${rows} matches, order ${metrics['astrometryOrder']}: ${figures.dRa.toFixed(4)}" ${figures.dDec.toFixed(4)}" ${figures.dMag.toFixed(4)} mag, zp ${Number(metrics['zeroPointMag']).toFixed(3)}\n`,
    );
    expect(figures.dRa).toBeLessThan(0.06);
    expect(figures.dDec).toBeLessThan(0.06);
    expect(figures.dMag).toBeLessThan(0.025);
  });

  test('a pointing that is off by minutes and turned finds the same solution', async () => {
    const right = await calibrated(4, sdssWcs(dir, sdssFrames[4]));
    const centre = right.outputs.calexp.wcs.pixelToSky(1023.5, 744);
    for (const [eastArcsec, northArcsec, turnDeg] of [
      [180, -120, 0],
      [-200, 150, 0.6],
      [30, 220, -0.9],
    ]) {
      const turn = (turnDeg * Math.PI) / 180;
      const cards = sdssWcs(dir, sdssFrames[4]).toCards() as Record<string, number>;
      const [s, c] = [Math.sin(turn), Math.cos(turn)];
      const off = makeTanWcs({
        raDeg: centre.raDeg + eastArcsec / 3600,
        decDeg: centre.decDeg + northArcsec / 3600,
        x: 1023.5,
        y: 744,
        cd: [
          c * cards['CD1_1'] - s * cards['CD2_1'],
          c * cards['CD1_2'] - s * cards['CD2_2'],
          s * cards['CD1_1'] + c * cards['CD2_1'],
          s * cards['CD1_2'] + c * cards['CD2_2'],
        ],
      });
      const { outputs } = await calibrated(4, off);
      for (const [x, y] of [
        [10, 10],
        [2000, 700],
        [500, 1400],
      ]) {
        const there = right.outputs.calexp.wcs.pixelToSky(x, y);
        const back = outputs.calexp.wcs.skyToPixel(there.raDeg, there.decDeg);
        expect(Math.hypot(back.x - x, back.y - y)).toBeLessThan(0.1);
      }
    }
  });

  test('a field without reference stars says where it looked and how far the next shard is', async () => {
    const elsewhere = makeTanWcs({ raDeg: 353, decDeg: 4, x: 1023.5, y: 744, pixelScaleArcsec: 0.396 });
    await expect(calibrated(4, elsewhere)).rejects.toThrow(
      /No star of reference catalogue sdss lies within 12\.\d' of the field centre \(RA 353\.0000, Dec 4\.0000.*nearest star 1\d\d\.\d' away/,
    );
    const wrong = makeTanWcs({ raDeg: 352.9, decDeg: -0.6, x: 1023.5, y: 744, pixelScaleArcsec: 0.396 });
    await expect(calibrated(4, wrong)).rejects.toThrow(/do not match/);
  });

  test('a band that the catalogue lacks is named, with those it has', async () => {
    await expect(calibrated(4, sdssWcs(dir, sdssFrames[4]), { referenceBands: { r: 'R' } })).rejects.toThrow(
      /no flux in band 'R'; it has g, i, r, u, z/,
    );
  });
});
