// SPDX-License-Identifier: BSD-3-Clause
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { Butler, type DataId, registerSkyMap } from '../../src/butler/index.ts';
import { AnalyticPsf, type Exposure, inputsAt, maskBits, newMaskedImage, type Table } from '../../src/pixels/index.ts';
import { makeTanWcs, type SkyMap, skyMapFromPlain } from '../../src/sky/index.ts';
import { assembleCoadd } from '../../src/tasks/assembleCoadd/index.ts';
import { makeVisitSummary } from '../../src/tasks/makeVisitSummary/index.ts';
import { makeWarp } from '../../src/tasks/makeWarp/index.ts';
import { addCamera } from '../butler/camera.ts';
import { deferredOf, type RanTask, runTask } from '../support/run-task.ts';

/**
 * Three visits of a camera of two detectors over one patch: other pointings, rotations, seeing, zero points and noise each; stars
 * with known positions and fluxes; a satellite track in one visit, bad columns in all.
 */
const center = { raDeg: 211.3, decDeg: -31.7 };
const stars = Array.from({ length: 24 }, (_, i) => ({
  raDeg: center.raDeg + (((i * 37) % 24) - 11.5) * 6e-4,
  decDeg: center.decDeg + (((i * 61) % 23) - 11) * 5e-4,
  nanojansky: 2e5 * (1 + (i % 5)),
}));
const visits = [
  { visit: 101, rotationDeg: 2, seeing: 1.7, perCount: 50, noise: 3, dx: 4.3, dy: -3.1 },
  { visit: 102, rotationDeg: 93, seeing: 2.0, perCount: 80, noise: 2, dx: -6.7, dy: 5.9 },
  { visit: 103, rotationDeg: -20, seeing: 2.3, perCount: 30, noise: 6, dx: 1.2, dy: 8.4 },
];
const size = 260;

let state = 12345;
const uniform = (): number => {
  state = (state * 48271) % 2147483647;
  return state / 2147483647;
};
const gaussian = (): number => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());

function calexp(v: (typeof visits)[number], detector: number): Exposure {
  const wcs = makeTanWcs({
    ...center,
    // Detectors stand side by side with a gap of 10 px.
    x: (detector === 0 ? size + 5 : -5) + v.dx,
    y: size / 2 + v.dy,
    pixelScaleArcsec: 0.25,
    rotationDeg: v.rotationDeg,
  });
  const out = newMaskedImage(size, size);
  for (let i = 0; i < out.image.length; i++) out.image[i] = v.noise * gaussian();
  out.variance.fill(v.noise * v.noise);
  for (const star of stars) {
    const at = wcs.skyToPixel(star.raDeg, star.decDeg);
    const peak = star.nanojansky / v.perCount / (2 * Math.PI * v.seeing ** 2);
    for (let y = Math.max(0, Math.round(at.y) - 14); y < Math.min(size, Math.round(at.y) + 15); y++) {
      for (let x = Math.max(0, Math.round(at.x) - 14); x < Math.min(size, Math.round(at.x) + 15); x++) {
        out.image[y * size + x] += peak * Math.exp(-((x - at.x) ** 2 + (y - at.y) ** 2) / (2 * v.seeing ** 2));
      }
    }
  }
  if (v.visit === 102 && detector === 0) {
    for (let x = 0; x < size; x++) out.image[200 * size + x] += 500; // a track
  }
  for (let y = 0; y < size; y++) out.mask[y * size + 77] = maskBits('BAD', 'INTRP');
  return {
    ...out,
    wcs,
    psf: AnalyticPsf.round(v.seeing),
    photoCalib: { nanojanskyPerCount: v.perCount, nanojanskyPerCountErr: v.perCount / 1000 },
    visitInfo: { exposureTimeSeconds: 30, mjdTai: 60000 + v.visit, airmass: 1.2 },
    instrument: 'Sim',
    detector,
    physicalFilter: 'Sim-r',
    band: 'r',
    metadata: { BGMEAN: 321, BGNOISE: v.noise },
  };
}

const records = { visit: { physical_filter: 'Sim-r' }, physical_filter: { band: 'r' } };
const skyMap: SkyMap = await skyMapFromPlain({
  name: 'test',
  type: 'discrete',
  pixelScale: 0.25,
  patchInnerDimensions: [400, 400],
  patchBorder: 20,
  raList: [center.raDeg],
  decList: [center.decDeg],
  radiusList: [0.012],
});

describe('from calibrated images to a coadd', () => {
  const summaries: Table[] = [];
  const images = new Map<number, ReturnType<typeof deferredOf<Exposure>>[]>();
  const warps: Exposure[] = [];
  let coadd: RanTask;
  const tract = skyMap.tract(0);
  const patch = tract.findPatch(center.raDeg, center.decDeg)!;
  const dataId = { skymap: 'test', tract: 0, patch: patch.index };
  const assemble = (config: Record<string, unknown> = {}): Promise<RanTask> =>
    // In another order than by visit: the result must not depend on it.
    runTask(
      assembleCoadd,
      { warps: [2, 0, 1].map((i) => deferredOf(warps[i])) },
      {
        config,
        dataId: { ...dataId, band: 'r' },
        inputDataIds: { warps: [2, 0, 1].map((i) => ({ ...dataId, visit: visits[i].visit })) },
      },
    );

  beforeAll(async () => {
    for (const v of visits) {
      const calexps = [0, 1].map((detector) => deferredOf(calexp(v, detector)));
      images.set(v.visit, calexps);
      const inputDataIds = { calexps: [0, 1].map((detector) => ({ visit: v.visit, detector })) };
      const summary = await runTask(
        makeVisitSummary,
        { calexps },
        { dataId: { visit: v.visit }, inputDataIds, records },
      );
      for (const calexp of calexps) expect(calexp.asked).not.toContain('whole');
      for (const calexp of calexps) calexp.asked.length = 0;
      summaries.push(summary.outputs.visitSummary);
      const warp = await runTask(
        makeWarp,
        { calexps, visitSummary: summaries.at(-1), skyMap },
        { dataId: { ...dataId, visit: v.visit }, inputDataIds, records },
      );
      warps.push(warp.outputs.warp);
    }
    coadd = await assemble();
  });

  test('the summary says what the images say', () => {
    const [table] = summaries;
    expect(table.rows).toBe(2);
    const c = table.columns as Record<string, Float64Array>;
    expect([...c['id']]).toEqual([0, 1]);
    expect(c['zeroPoint'][0]).toBeCloseTo(31.4 - 2.5 * Math.log10(50), 9);
    expect(c['psfSigma'][1]).toBeCloseTo(1.7, 2);
    expect(c['skyBg'][0]).toBe(321);
    const wcs = calexp(visits[0], 1).wcs!;
    const corner = wcs.pixelToSky(size - 0.5, size - 0.5);
    expect(c['raCorner2'][1]).toBeCloseTo(corner.raDeg, 12);
    expect(c['decCorner2'][1]).toBeCloseTo(corner.decDeg, 12);
    expect(table.columns['band']).toEqual(['r', 'r']);
  });

  test('a warp reads each detector once, and only the part it needs', () => {
    for (const calexp of images.get(101)!) {
      expect(calexp.asked.length).toBe(1);
      expect(calexp.asked[0]).toMatch(/^bbox /);
    }
    const box = patch.outerBBox;
    for (const warp of warps) {
      expect([warp.x0, warp.y0, warp.width, warp.height]).toEqual([box.x0, box.y0, box.x1 - box.x0, box.y1 - box.y0]);
      expect(warp.metadata['NDETECT']).toBe(2);
      expect(warp.photoCalib!.nanojanskyPerCount).toBeCloseTo(57.544, 3);
    }
  });

  test('a patch off the detectors has no warp', async () => {
    const far = await skyMapFromPlain({ ...skyMap.toPlain(), raList: [center.raDeg + 0.2] });
    const run = runTask(
      makeWarp,
      { calexps: images.get(101), visitSummary: summaries[0], skyMap: far },
      { dataId: { tract: 0, patch: 0, visit: 101 }, inputDataIds: { calexps: [{ detector: 0 }, { detector: 1 }] } },
    );
    await expect(run).rejects.toMatchObject({ name: 'NoWorkFound' });
  });

  test('stars of the coadd have the right position, flux and shape', () => {
    const image = coadd.outputs.coadd as Exposure;
    let checked = 0;
    let fluxBias = 0;
    let offset = 0;
    for (const star of stars) {
      const at = image.wcs!.skyToPixel(star.raDeg, star.decDeg);
      const x0 = Math.round(at.x) - image.x0;
      const y0 = Math.round(at.y) - image.y0;
      if (x0 < 20 || y0 < 20 || x0 >= image.width - 20 || y0 >= image.height - 20) continue;
      const near = stars.filter((s) => {
        const p = image.wcs!.skyToPixel(s.raDeg, s.decDeg);
        return Math.hypot(p.x - at.x, p.y - at.y) < 25;
      });
      if (near.length > 1) continue;
      let touched = 0;
      const psf = image.psf!.imageAt(at.x, at.y);
      // Least-squares flux with the coadd's PSF, and its centroid in a window.
      let top = 0;
      let bottom = 0;
      let sx = 0;
      let sw = 0;
      for (let j = 0; j < psf.size; j++) {
        for (let i = 0; i < psf.size; i++) {
          const x = psf.x0 + i - image.x0;
          const y = psf.y0 + j - image.y0;
          if (x < 0 || y < 0 || x >= image.width || y >= image.height) continue;
          const p = psf.data[j * psf.size + i];
          const value = image.image[y * image.width + x];
          if (p > 1e-4) touched |= image.mask[y * image.width + x];
          top += p * value;
          bottom += p * p;
          sx += p * value * (x + image.x0 - at.x);
          sw += p * value;
        }
      }
      if ((touched & maskBits('INEXACT_PSF', 'NO_DATA', 'EDGE')) !== 0) continue;
      const flux = (top / bottom) * image.photoCalib!.nanojanskyPerCount;
      fluxBias += flux / star.nanojansky - 1;
      offset += sx / sw;
      checked++;
      expect(Math.abs(flux / star.nanojansky - 1)).toBeLessThan(0.02);
    }
    expect(checked).toBeGreaterThan(4);
    expect(Math.abs(fluxBias / checked)).toBeLessThan(0.004);
    expect(Math.abs(offset / checked)).toBeLessThan(0.01);
  });

  test('the track is gone, the inputs are on record, and noise is as the variance says', () => {
    const { coadd: image, inputs, regions } = coadd.outputs as { coadd: Exposure; inputs: Table; regions: Table };
    expect([...(inputs.columns['visit'] as BigInt64Array)]).toEqual([101n, 102n, 103n]);
    const weights = inputs.columns['weight'] as Float64Array;
    expect(weights.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9);
    const clipped = inputs.columns['pixelsClipped'] as Int32Array;
    expect(clipped[1]).toBeGreaterThan(150);
    expect(clipped[0] + clipped[2]).toBeLessThan(0.05 * clipped[1]);

    const { wcs } = calexp(visits[1], 0);
    let onTrack = 0;
    for (let x = 20; x < size - 20; x += 5) {
      const sky = wcs!.pixelToSky(x, 200);
      const at = image.wcs!.skyToPixel(sky.raDeg, sky.decDeg);
      const [px, py] = [Math.round(at.x), Math.round(at.y)];
      const [u, v] = [px - image.x0, py - image.y0];
      if (u < 0 || v < 0 || u >= image.width || v >= image.height) continue;
      const used = inputsAt(regions, px, py);
      const nearStar = stars.some((s) => {
        const p = image.wcs!.skyToPixel(s.raDeg, s.decDeg);
        return Math.hypot(p.x - at.x, p.y - at.y) < 14;
      });
      if (nearStar) continue; // there a difference of seeing cannot be told from a track
      if (used.length < 2) continue; // two others must be there to tell
      expect(used).not.toContain(1);
      expect(image.mask[v * image.width + u] & maskBits('CLIPPED')).not.toBe(0);
      onTrack++;
    }
    expect(onTrack).toBeGreaterThan(10);
    const good = Array.from(image.image.keys()).filter((i) => {
      const v = image.image[i];
      return (image.mask[i] & ~maskBits('INTRP')) === 0 && Math.abs(v) < 3 * Math.sqrt(image.variance[i]);
    });
    const pulls = good.map((i) => (image.image[i] / Math.sqrt(image.variance[i])) ** 2);
    const rms = Math.sqrt(pulls.reduce((a, b) => a + b, 0) / pulls.length);
    expect(Math.abs(rms - 1)).toBeLessThan(0.1);
  });

  test('row bands give the same coadd as the whole', async () => {
    const banded = await assemble({ memoryLimitBytes: 3 * 13 * warps[0].width * 40 });
    const [a, b] = [coadd.outputs, banded.outputs];
    expect(b.coadd.image).toEqual(a.coadd.image);
    expect(b.coadd.variance).toEqual(a.coadd.variance);
    expect(b.coadd.mask).toEqual(a.coadd.mask);
    expect(b.regions).toEqual(a.regions);
    expect(b.inputs).toEqual(a.inputs);
  });

  test('through files of a repository: only parts are read, and the coadd is the same', async () => {
    const root = mkdtempSync(join(tmpdir(), 'skymill-coadd-'));
    const butler = await Butler.create(join(root, 'repo'));
    try {
      await addCamera(butler);
      await registerSkyMap(butler, skyMap);
      await butler.insertRecords(
        'visit',
        visits.map(({ visit }) => ({
          instrument: 'Cam',
          id: visit,
          name: `v${visit}`,
          physical_filter: 'Cam-R',
          day_obs: 20200826,
        })),
      );
      await butler.registerCollection('u/test', 'RUN');
      const put = async (type: string, dimensions: string[], object: unknown, id: DataId, storage = 'ExposureF') => {
        const datasetType = butler.makeDatasetType(type, dimensions, storage);
        await butler.registerDatasetTypes([datasetType]);
        return (await butler.put(object, datasetType, id, 'u/test')).ref;
      };
      const warpIds = visits.map(({ visit }) => ({ ...dataId, instrument: 'Cam', visit }));
      const refs = [];
      for (const [i, warp] of warps.entries()) {
        refs.push(await put('deepCoadd_directWarp', ['tract', 'patch', 'visit'], warp, warpIds[i]));
      }
      const fromFiles = await runTask(
        assembleCoadd,
        { warps: refs.map((ref) => butler.getDeferred(ref)) },
        {
          config: { memoryLimitBytes: 3 * 13 * warps[0].width * 100 },
          dataId: { ...dataId, band: 'r' },
          inputDataIds: { warps: warpIds },
        },
      );
      const [a, b] = [coadd.outputs, fromFiles.outputs];
      expect(b.coadd.image).toEqual(a.coadd.image);
      expect(b.coadd.mask).toEqual(a.coadd.mask);
      expect(b.regions).toEqual(a.regions);
      const ref = await put('deepCoadd', ['tract', 'patch', 'band'], b.coadd, { ...dataId, band: 'r' });
      const again = (await butler.get(ref)) as Exposure;
      const [x, y] = [again.x0 + 200, again.y0 + 150];
      expect(again.psf!.sigmaAt(x, y)).toBeCloseTo(a.coadd.psf.sigmaAt(x, y), 9);
      expect(again.psf!.kernelAt(x, y).data).toEqual(a.coadd.psf.kernelAt(x, y).data);

      const detectorIds = [0, 1].map((detector) => ({ instrument: 'Cam', visit: 101, detector: detector + 1 }));
      const calexps = [];
      for (const [detector, id] of detectorIds.entries()) {
        const image = { ...calexp(visits[0], detector), detector: id.detector };
        calexps.push(await put('calexp', ['instrument', 'visit', 'detector'], image, id));
      }
      const context = { dataId: { visit: 101 }, inputDataIds: { calexps: detectorIds }, records };
      const deferred = calexps.map((r) => butler.getDeferred(r));
      const summary = await runTask(makeVisitSummary, { calexps: deferred }, context);
      const summaryId = { instrument: 'Cam', visit: 101 };
      const table = summary.outputs.visitSummary;
      const summaryRef = await put('visitSummary', ['instrument', 'visit'], table, summaryId, 'ArrowAstropy');
      const warp = await runTask(
        makeWarp,
        { calexps: deferred, visitSummary: await butler.get(summaryRef), skyMap },
        { ...context, dataId: { ...dataId, visit: 101 } },
      );
      const made = warp.outputs.warp as Exposure;
      expect([made.width, made.height]).toEqual([warps[0].width, warps[0].height]);
      expect(made.mask).toEqual(warps[0].mask);
    } finally {
      await butler.close();
      rmSync(root, { recursive: true });
    }
  });
});
