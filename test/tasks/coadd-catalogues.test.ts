// SPDX-License-Identifier: BSD-3-Clause
import { describe, expect, test } from 'vitest';
import type { DataId } from '../../src/butler/index.ts';
import { AnalyticPsf, type Exposure, idColumn, numberColumn, type Table } from '../../src/pixels/index.ts';
import { makeTanWcs, type SkyMap } from '../../src/sky/index.ts';
import { deblend } from '../../src/tasks/deblend/index.ts';
import { detectCoaddSources } from '../../src/tasks/detectCoaddSources/index.ts';
import { forcedPhotCcd } from '../../src/tasks/forcedPhotCcd/index.ts';
import { forcedPhotCoadd } from '../../src/tasks/forcedPhotCoadd/index.ts';
import { measure } from '../../src/tasks/measure/index.ts';
import { mergeDetections } from '../../src/tasks/mergeDetections/index.ts';
import { mergeMeasurements } from '../../src/tasks/mergeMeasurements/index.ts';
import { deferredOf, runTask } from '../support/run-task.ts';
import { nearest, randomSource, scatter, starField } from '../support/scene.ts';

const size = 300;
const [x0, y0] = [1000, 2000];
const wcs = makeTanWcs({ raDeg: 150, decDeg: 2, x: x0 + 150, y: y0 + 150, pixelScaleArcsec: 0.3 });
const colours: Record<string, number> = { g: 0.5, r: 1, i: 1.4 };
const psf = AnalyticPsf.round(1.5);
const random = randomSource(21);
const singles = scatter(45, size, size, random, 22).map((at) => ({
  ...at,
  flux: 10 ** (3.2 + 1.8 * random.uniform()),
}));
// Five pairs: a companion 7 px from each of the first five.
const stars = [...singles, ...singles.slice(0, 5).map((s) => ({ x: s.x + 6, y: s.y + 4, flux: 0.7 * s.flux }))];

function coadd(band: string): Exposure {
  const shown = stars.map((s) => ({ ...s, flux: s.flux * colours[band] }));
  const field = starField({ width: size, height: size, stars: shown, psfAt: () => psf, seed: band.charCodeAt(0) });
  return { ...field, x0, y0, wcs, psf, photoCalib: { nanojanskyPerCount: 57.54, nanojanskyPerCountErr: 0 }, band };
}

const inner = { x0: x0 + 20, y0: y0 + 20, x1: x0 + size - 20, y1: y0 + size - 20 };
/** What the tasks ask of a sky map: the inner box of one patch, and which tract a place belongs to. */
const skyMap = {
  tract: () => ({ patch: () => ({ innerBBox: inner }) }),
  findTract: () => ({ id: 5 }),
} as unknown as SkyMap;

const patchId = { skymap: 's', tract: 5, patch: 7 };
const bands = Object.keys(colours);
const bandIds: DataId[] = bands.map((band) => ({ ...patchId, band }));

async function chain() {
  const coadds = Object.fromEntries(bands.map((band) => [band, coadd(band)]));
  const detected: Record<string, { detections: Table; background: Table }> = {};
  for (const band of bands)
    detected[band] = (
      await runTask(detectCoaddSources, { coadd: coadds[band] }, { dataId: { ...patchId, band } })
    ).outputs;
  const { merged } = (
    await runTask(
      mergeDetections,
      { detections: bands.map((band) => detected[band].detections) },
      { dataId: patchId, inputDataIds: { detections: bandIds } },
    )
  ).outputs as { merged: Table };
  const { deblended } = (
    await runTask(
      deblend,
      {
        merged,
        coadds: bands.map((band) => deferredOf(coadds[band])),
        backgrounds: bands.map((band) => detected[band].background),
      },
      {
        dataId: patchId,
        inputDataIds: { coadds: bandIds, backgrounds: bandIds },
        outputDataIds: { deblended: bandIds },
      },
    )
  ).outputs as { deblended: Table[] };
  const inputsOf = (band: string) => ({
    coadd: coadds[band],
    background: detected[band].background,
    merged,
    deblended: deblended[bands.indexOf(band)],
  });
  const measured: Table[] = [];
  for (const band of bands)
    measured.push((await runTask(measure, inputsOf(band), { dataId: { ...patchId, band } })).outputs.measurements);
  const { reference } = (
    await runTask(
      mergeMeasurements,
      { measurements: measured, skyMap },
      { dataId: patchId, inputDataIds: { measurements: bandIds } },
    )
  ).outputs as { reference: Table };
  const forced: Record<string, Table> = {};
  for (const band of bands)
    forced[band] = (
      await runTask(forcedPhotCoadd, { ...inputsOf(band), reference }, { dataId: { ...patchId, band } })
    ).outputs.forced;
  return { coadds, merged, deblended, reference, forced };
}

describe('from coadds to catalogues', async () => {
  const { coadds, merged, deblended, reference, forced } = await chain();
  const x = numberColumn(reference, 'base_SdssCentroid_x');
  const y = numberColumn(reference, 'base_SdssCentroid_y');
  const rowOf = (star: { x: number; y: number }) => nearest(x, y, { x: star.x + x0, y: star.y + y0 });

  test('each star is one object, blended pairs are two, in the frame of the tract', () => {
    expect(merged.rows).toBeGreaterThanOrEqual(stars.length);
    expect(merged.rows).toBeLessThanOrEqual(stars.length + 2);
    for (const star of stars) expect(rowOf(star).distance).toBeLessThan(0.6);
    expect(new Set(stars.map((star) => rowOf(star).row)).size).toBe(stars.length);
    const ids = idColumn(merged);
    expect(ids[0]).toBe((((5n << 12n) | 7n) << 23n) + 1n);
    expect([...numberColumn(merged, 'merge_peak_i')].filter(Boolean).length).toBeGreaterThan(45);
  });

  test('forced fluxes have the colours and scale of the stars, blended or not', () => {
    for (const [band, factor] of Object.entries(colours)) {
      const flux = numberColumn(forced[band], 'base_PsfFlux_instFlux');
      const error = numberColumn(forced[band], 'base_PsfFlux_instFluxErr');
      const pulls: number[] = [];
      for (const star of stars) {
        const { row } = rowOf(star);
        const expected = star.flux * factor;
        expect(Math.abs(flux[row] / expected - 1)).toBeLessThan(0.03 + (6 * error[row]) / expected);
        pulls.push((flux[row] - expected) / Math.hypot(error[row], 0.01 * expected));
      }
      const mean = pulls.reduce((a, b) => a + b) / pulls.length;
      expect(Math.abs(mean)).toBeLessThan(0.5);
    }
  });

  test('rows stay in step through all tables, coordinates agree with the WCS', () => {
    for (const band of bands) expect([...idColumn(forced[band])]).toEqual([...idColumn(merged)]);
    expect([...idColumn(reference)]).toEqual([...idColumn(merged)]);
    const { raDeg, decDeg } = wcs.pixelToSky(x[3], y[3]);
    expect(numberColumn(reference, 'coord_ra')[3]).toBeCloseTo(raDeg, 9);
    expect(numberColumn(reference, 'coord_dec')[3]).toBeCloseTo(decDeg, 9);
    expect(deblended[0].columns['child_pixels']).toHaveLength(merged.rows);
    const blended = [...numberColumn(deblended[0], 'deblend_blended')].reduce((a, b) => a + b, 0);
    expect(blended).toBeGreaterThanOrEqual(10);
  });

  test('objects are primary inside the inner part of the patch only; the reference band is the preferred one that saw them', () => {
    const primary = numberColumn(reference, 'detect_isPrimary');
    for (let i = 0; i < reference.rows; i++) {
      const inside = x[i] >= inner.x0 - 0.5 && x[i] < inner.x1 - 0.5 && y[i] >= inner.y0 - 0.5 && y[i] < inner.y1 - 0.5;
      expect(primary[i]).toBe(inside ? 1 : 0);
    }
    expect((reference.columns['refBand'] as string[]).filter((band) => band === 'i').length).toBeGreaterThan(40);
  });

  test('forced photometry on a detector image finds the objects by sky position', async () => {
    // The same sky, half a pixel and 40 rows away, on a detector of its own.
    const detector: Exposure = { ...coadds['r'], x0: 0, y0: 0, apCorr: undefined };
    for (let i = 0; i < detector.image.length; i++) detector.image[i] -= 500;
    detector.wcs = makeTanWcs({ raDeg: 150, decDeg: 2, x: 150, y: 150, pixelScaleArcsec: 0.3 });
    const dataId = { instrument: 'Sim', visit: 3, detector: 1, tract: 5 };
    const { outputs } = await runTask(
      forcedPhotCcd,
      { calexp: detector, references: [deferredOf(reference)] },
      { dataId, inputDataIds: { references: [patchId] } },
    );
    const table: Table = outputs.forced;
    const primary = [...numberColumn(reference, 'detect_isPrimary')].reduce((a, b) => a + b, 0);
    expect(table.rows).toBe(primary);
    const ids = idColumn(table, 'objectId');
    const psfFlux = numberColumn(table, 'psfFlux');
    for (const star of singles.slice(5)) {
      const at = ids.indexOf(idColumn(reference)[rowOf(star).row]);
      if (at >= 0) expect(Math.abs(psfFlux[at] / (57.54 * star.flux) - 1)).toBeLessThan(0.03 + 800 / star.flux);
    }
    const far: Exposure = {
      ...detector,
      wcs: makeTanWcs({ raDeg: 151, decDeg: 2, x: 150, y: 150, pixelScaleArcsec: 0.3 }),
    };
    await expect(
      runTask(forcedPhotCcd, { calexp: far, references: [deferredOf(reference)] }, { dataId }),
    ).rejects.toThrow(/no object of this tract falls on the detector/);
  });

  test('an empty patch gives empty tables with all their columns', async () => {
    const empty: Exposure = {
      ...coadd('r'),
      ...starField({ width: 120, height: 120, stars: [], psfAt: () => psf, seed: 2 }),
    };
    const coaddOut = (
      await runTask(
        detectCoaddSources,
        { coadd: empty },
        { dataId: { ...patchId, band: 'r' }, config: { threshold: 7 } },
      )
    ).outputs;
    const r = [{ ...patchId, band: 'r' }];
    const none = (
      await runTask(
        mergeDetections,
        { detections: [coaddOut.detections] },
        { dataId: patchId, inputDataIds: { detections: r } },
      )
    ).outputs.merged as Table;
    expect(none.rows).toBe(0);
    const shares = (
      await runTask(
        deblend,
        { merged: none, coadds: [deferredOf(empty)], backgrounds: [coaddOut.background] },
        { dataId: patchId, inputDataIds: { coadds: r, backgrounds: r }, outputDataIds: { deblended: r } },
      )
    ).outputs.deblended as Table[];
    const inputs = { coadd: empty, background: coaddOut.background, merged: none, deblended: shares[0] };
    const table = (await runTask(measure, inputs, { dataId: patchId })).outputs.measurements as Table;
    expect(table.rows).toBe(0);
    const ref = (
      await runTask(
        mergeMeasurements,
        { measurements: [table], skyMap },
        { dataId: patchId, inputDataIds: { measurements: r } },
      )
    ).outputs.reference as Table;
    const last = (await runTask(forcedPhotCoadd, { ...inputs, reference: ref }, { dataId: patchId })).outputs
      .forced as Table;
    expect(last.rows).toBe(0);
    expect(Object.keys(last.columns).filter((name) => !(name in forced['r'].columns))).toEqual([]);
  });
});
