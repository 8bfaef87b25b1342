// SPDX-License-Identifier: BSD-3-Clause
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Butler, DatasetRef, ImagePlane, MaskPlaneImage } from '../../src/butler/index.ts';
import { type Exposure, maskBits, type Psf, psfFromPlain } from '../../src/pixels/index.ts';
import { makeTanWcs, type Wcs } from '../../src/sky/index.ts';
import { createButler } from '../support/databases.ts';
import { addCamera } from './camera.ts';

let dir: string;
let butler: Butler;
let ref: DatasetRef;
const width = 60;
const height = 50;
const [x0, y0] = [100, 200];

function makeExposure(): Exposure {
  const n = width * height;
  const exposure: Exposure = {
    width,
    height,
    x0,
    y0,
    image: Float32Array.from({ length: n }, (_, i) => (i === 7 ? Number.NaN : Math.sin(i) * 1e3)),
    variance: Float32Array.from({ length: n }, (_, i) => (i === 9 ? Number.POSITIVE_INFINITY : i)),
    mask: Int32Array.from({ length: n }, (_, i) => (i % 97 === 0 ? maskBits('SAT', 'STREAK') : 0)),
    wcs: makeTanWcs({ raDeg: 150.1, decDeg: 2.2, x: 130, y: 220, pixelScaleArcsec: 0.2 }),
    psf: psfFromPlain({
      type: 'polynomial',
      size: 21,
      degree: 1,
      xCentre: 130,
      yCentre: 225,
      xScale: 30,
      yScale: 25,
      coefficients: Float32Array.from({ length: 3 * 441 }, (_, i) => {
        const [u, v] = [(i % 21) - 10, (Math.floor(i / 21) % 21) - 10];
        return Math.exp(-(u * u + v * v) / (2 * 1.7 ** 2)) * (i < 441 ? 1 : 1e-3 * u);
      }),
    }),
    photoCalib: { nanojanskyPerCount: 57.5439937, nanojanskyPerCountErr: 0.1 },
    visitInfo: { exposureTimeSeconds: 30, darkTimeSeconds: 30.5, mjdTai: 59000.123456789, boresightRaDeg: 150.1 },
    instrument: 'Cam',
    detector: 1,
    physicalFilter: 'Cam-R',
    band: 'r',
    apCorr: { base_PsfFlux: { degree: 1, coefficients: [1, 1e-4, -2e-5], widthPx: width, heightPx: height } },
    metadata: {
      OBSERVER: "O'Neil",
      AIRTEMP: 12.5,
      NOTE: 'x'.repeat(100),
      SATURATED: true,
      UNSET: null,
      'ESO DET ID': 'q',
    },
  };
  return exposure;
}

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'skymill-exposures-'));
  butler = await createButler(join(dir, 'repo'));
  await addCamera(butler);
  await butler.registerCollection('run', 'RUN');
  await butler.registerDatasetTypes(
    [
      ['calexp', 'ExposureF'],
      ['masked', 'MaskedImageF'],
      ['plane', 'ImageF'],
      ['bits', 'MaskX'],
    ].map(([name, storage]) => butler.makeDatasetType(name, ['detector'], storage)),
  );
  ref = (await butler.put(makeExposure(), 'calexp', { instrument: 'Cam', detector: 1 }, 'run')).ref;
});
afterAll(async () => {
  await butler.close();
  rmSync(dir, { recursive: true, force: true });
});

function sameSky(a: Wcs, b: Wcs): void {
  for (const [x, y] of [
    [x0, y0],
    [159, 249],
    [130.3, 221.7],
  ]) {
    const [p, q] = [a.pixelToSky(x, y), b.pixelToSky(x, y)];
    expect(q.raDeg).toBeCloseTo(p.raDeg, 11);
    expect(q.decDeg).toBeCloseTo(p.decDeg, 11);
  }
}

describe('exposures', () => {
  it('come back whole', async () => {
    const put = makeExposure();
    const got = (await butler.get(ref)) as Exposure;
    const { wcs, psf, ...rest } = got;
    const { wcs: putWcs, psf: putPsf, ...putRest } = put;
    expect(rest).toEqual(putRest);
    sameSky(putWcs!, wcs!);
    expect(psf!.toPlain()).toEqual(putPsf!.toPlain());
  });

  it('are read in part without the pixels', async () => {
    const part = (component: string) => butler.get(ref, { component });
    expect(await part('bbox')).toEqual({ x0: 100, y0: 200, x1: 160, y1: 250 });
    sameSky(makeExposure().wcs!, (await part('wcs')) as Wcs);
    expect(await part('photoCalib')).toEqual(makeExposure().photoCalib);
    expect(await part('visitInfo')).toEqual(makeExposure().visitInfo);
    expect(await part('apCorr')).toEqual(makeExposure().apCorr);
    expect(await part('metadata')).toEqual(makeExposure().metadata);
    expect(await part('filter')).toEqual({ band: 'r', physicalFilter: 'Cam-R' });
    expect(((await part('psf')) as Psf).sigmaAt(130, 225)).toBe(makeExposure().psf!.sigmaAt(130, 225));
    await expect(part('wsc')).rejects.toThrow(/Did you mean "wcs"/);
  });

  it('cost the headers for a component, and the rows for a cutout', async () => {
    const [w, h] = [1000, 600];
    const plane = () => new Float32Array(w * h);
    const large = {
      ...makeExposure(),
      width: w,
      height: h,
      image: plane(),
      variance: plane(),
      mask: new Int32Array(w * h),
    };
    const put = await butler.put(large, 'calexp', { instrument: 'Cam', detector: 4 }, 'run');
    butler.datastore.takeUsage();
    await butler.get(put.ref, { component: 'wcs' });
    expect(butler.datastore.takeUsage().bytesRead).toBeLessThan(0.06 * put.bytesWritten);
    await butler.get(put.ref, { parameters: { bbox: { x0: 500, y0: 300, x1: 600, y1: 310 } } });
    expect(butler.datastore.takeUsage().bytesRead).toBeLessThan(0.12 * put.bytesWritten);
  });

  it('are cut out by boxes of the parent frame', async () => {
    const bbox = { x0: 110, y0: 205, x1: 113, y1: 207 };
    const cut = (await butler.get(ref, { parameters: { bbox } })) as Exposure;
    const whole = makeExposure();
    expect([cut.width, cut.height, cut.x0, cut.y0]).toEqual([3, 2, 110, 205]);
    for (let y = 205; y < 207; y++) {
      for (let x = 110; x < 113; x++) {
        const [at, from] = [(y - 205) * 3 + (x - 110), (y - y0) * width + (x - x0)];
        expect(cut.image[at]).toBe(whole.image[from]);
        expect(cut.mask[at]).toBe(whole.mask[from]);
        expect(cut.variance[at]).toBe(whole.variance[from]);
      }
    }
    sameSky(whole.wcs!, cut.wcs!);
    const local = await butler.get(ref, { parameters: { bbox: { x0: 10, y0: 5, x1: 13, y1: 7 }, origin: 'LOCAL' } });
    expect((local as Exposure).image).toEqual(cut.image);
    const image = (await butler.get(ref, { component: 'image', parameters: { bbox } })) as ImagePlane;
    expect(image).toEqual({ width: 3, height: 2, x0: 110, y0: 205, data: cut.image });
    const mask = (await butler.get(ref, { component: 'mask', parameters: { bbox } })) as MaskPlaneImage;
    expect(mask.data).toEqual(cut.mask);
    const outside = { x0: 0, y0: 0, x1: 10, y1: 10 };
    await expect(butler.get(ref, { parameters: { bbox: outside } })).rejects.toMatchObject({
      code: 'BUTLER_BAD_PARAMETER',
    });
  });

  it('of fewer parts have their own storage classes', async () => {
    const { width: w, height: h, image, mask, variance } = makeExposure();
    const dataId = { instrument: 'Cam', detector: 2 };
    const masked = { width: w, height: h, x0, y0, image, mask, variance };
    expect(await butler.get((await butler.put(masked, 'masked', dataId, 'run')).ref)).toEqual(masked);
    const plane = { width: w, height: h, x0: 0, y0: -3, data: image };
    expect(await butler.get((await butler.put(plane, 'plane', dataId, 'run')).ref)).toEqual(plane);
    const bits = { width: w, height: h, x0: 0, y0: 0, data: mask };
    expect(await butler.get((await butler.put(bits, 'bits', dataId, 'run')).ref)).toEqual(bits);
    await expect(
      butler.put({ ...masked, mask: new Int32Array(3) }, 'masked', { ...dataId, detector: 3 }, 'run'),
    ).rejects.toThrow(/mask plane of 3 pixels for 3000/);
  });
});
