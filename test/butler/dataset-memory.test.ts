// SPDX-License-Identifier: BSD-3-Clause
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Butler, DatasetMemory, type DatasetRef, FileLimitedButler, type Readers } from '../../src/butler/index.ts';
import { type Exposure, maskBits, psfFromPlain, type Table } from '../../src/pixels/index.ts';
import { makeTanWcs } from '../../src/sky/index.ts';

let dir: string;
let butler: Butler;
let datasets: { id: string; path: string; formatter: string }[];
let refs: Record<string, DatasetRef>;
const width = 300;
const height = 200;

const types: [name: string, storageClass: string, readers: Readers][] = [
  ['image', 'ExposureF', 'many'],
  ['masked', 'MaskedImageF', 'many'],
  ['plane', 'ImageF', 'many'],
  ['table', 'ArrowAstropy', 'many'],
  ['notes', 'StructuredDataDict', 'many'],
  ['once', 'ExposureF', 'one'],
  ['never', 'ExposureF', 'none'],
];

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'skymill-memory-'));
  butler = await Butler.create(join(dir, 'repo'));
  await butler.registerCollection('run', 'RUN');
  refs = {};
  for (const [i, [name, storageClass]] of types.entries()) {
    const datasetType = butler.makeDatasetType(name, [], storageClass);
    const dataId = butler.universe.coordinate(datasetType.dimensions, {});
    refs[name] = { id: `0192f0c1-2345-7abc-8def-00000000000${i}`, datasetType, dataId, run: 'run' };
  }
  datasets = Object.values(refs).map((ref) => ({ id: ref.id, ...butler.predictFile(ref, {}) }));
});
afterAll(async () => {
  await butler.close();
  rmSync(dir, { recursive: true });
});

/** What a task made: not what a file gives (undefined fields, cards that files drop, a time without its place among the cards). */
function exposure(seed = 1): Exposure {
  const n = width * height;
  return {
    width,
    height,
    x0: 100,
    y0: -20,
    image: Float32Array.from({ length: n }, (_, i) => (i === 7 ? Number.NaN : Math.sin(seed * i) * 1e3)),
    variance: Float32Array.from({ length: n }, (_, i) => (i === 9 ? Number.POSITIVE_INFINITY : i / 3)),
    mask: Int32Array.from({ length: n }, (_, i) => (i % 97 === 0 ? maskBits('SAT', 'STREAK') : 0)),
    wcs: makeTanWcs({ raDeg: 150.1 / 3, decDeg: 2.2 / 7, x: 130 / 3, y: 220 / 7, pixelScaleArcsec: 0.2 }),
    psf: psfFromPlain({ type: 'moffat', xx: 2 / 3, yy: 1.7, xy: 0.1, beta: 2.5, size: 21 }),
    photoCalib: { nanojanskyPerCount: 57.5439937 / 3, nanojanskyPerCountErr: Number.NaN },
    visitInfo: { exposureTimeSeconds: 30, mjdTai: 59000.123456789, airmass: undefined },
    instrument: 'Cam',
    detector: 1,
    physicalFilter: undefined,
    band: 'r',
    apCorr: { flux: { degree: 1, coefficients: [1, 1 / 3, -2e-5], widthPx: width, heightPx: height } },
    metadata: { OBSERVER: "O'Neil", BITPIX: -32, AIRTEMP: 12.5, NOTE: 'x'.repeat(100), UNSET: null, INSTRUME: 'other' },
  };
}

const table = (): Table => ({
  rows: 3,
  columns: { id: BigInt64Array.of(1n, 2n, 3n), flux: Float64Array.of(1 / 3, Number.NaN, -0), name: ['a', 'b', ''] },
  units: { flux: 'nJy' },
  meta: { made: 'here', n: 3 },
});

const objects = (): Record<string, unknown> => {
  const { image: data, width, height, x0, y0 } = exposure();
  return {
    image: exposure(),
    masked: exposure(),
    plane: { width, height, x0, y0, data },
    table: table(),
    notes: { a: 1, gone: undefined, list: [1, { b: 2 }] },
    once: exposure(),
    never: exposure(),
  };
};

/** What of an object can be compared: instances by their plain forms. */
function plain(object: unknown): unknown {
  if (typeof object !== 'object' || object === null || !('image' in object)) return object;
  const { wcs, psf, ...rest } = object as Exposure;
  return { ...rest, wcs: wcs?.toCards(), psf: psf?.toPlain() };
}

const sizeOf = (path: string): number => statSync(join(butler.datastoreRoot, path)).size;

function memory(limitBytes = 1e8): DatasetMemory {
  return new DatasetMemory(limitBytes, (name) => types.find(([type]) => type === name)![2]);
}
function limited(kept?: DatasetMemory): FileLimitedButler {
  return new FileLimitedButler({ root: butler.root, datasets }, kept);
}

describe('what a process has just written', () => {
  let writer: FileLimitedButler;
  let kept: DatasetMemory;
  beforeEach(async () => {
    kept = memory();
    writer = limited(kept);
    for (const [name, object] of Object.entries(objects())) await writer.put(object, refs[name]);
    writer.takeUsage();
  });

  it.each(['image', 'masked', 'plane', 'table', 'notes', 'once'])(
    'is read without its file, and the same: %s',
    async (name) => {
      const read = await writer.get(refs[name]);
      expect(writer.takeUsage().bytesRead).toBe(0);
      const fromFile = await limited().get(refs[name]);
      expect(plain(read)).toStrictEqual(plain(fromFile));
    },
  );

  it('is also read in parts as its file is', async () => {
    const file = limited();
    const components = ['bbox', 'dimensions', 'xy0', 'wcs', 'psf', 'photoCalib', 'visitInfo', 'apCorr', 'metadata'];
    for (const component of [...components, 'filter', 'detector', 'image', 'mask', 'variance']) {
      const [here, there] = [
        await writer.get(refs['image'], { component }),
        await file.get(refs['image'], { component }),
      ];
      const shown = (value: unknown) =>
        (value as Exposure['psf'])?.toPlain?.() ?? (value as Exposure['wcs'])?.toCards?.() ?? value;
      expect(shown(here), component).toStrictEqual(shown(there));
    }
    for (const parameters of [
      { bbox: { x0: 110, y0: -5, x1: 117, y1: 20 } },
      { bbox: { x0: 0, y0: 3, x1: 300, y1: 4 }, origin: 'LOCAL' },
    ])
      for (const component of [undefined, 'mask'])
        expect(plain(await writer.get(refs['image'], { component, parameters }))).toStrictEqual(
          plain(await file.get(refs['image'], { component, parameters })),
        );
    const columns = { parameters: { columns: ['flux'] } };
    expect(await writer.get(refs['table'], columns)).toStrictEqual(await file.get(refs['table'], columns));
    await expect(writer.get(refs['image'], { component: 'nothing' })).rejects.toMatchObject({
      code: 'BUTLER_NO_COMPONENT',
    });
    expect(writer.takeUsage().bytesRead).toBe(0);
  });

  it('is read from its file where nobody of the run reads it', async () => {
    await writer.get(refs['never']);
    expect(writer.takeUsage().bytesRead).toBeGreaterThan(0);
  });

  it.each(['image', 'table', 'notes'])('is not changed by what a reader does to it: %s', async (name) => {
    const before = await limited().get(refs[name]);
    spoil(await writer.get(refs[name]));
    spoil(await writer.get(refs[name]));
    expect(plain(await writer.get(refs[name]))).toStrictEqual(plain(before));
  });

  it('is forgotten when it is dropped, and when memory is short', async () => {
    const { keptBytes } = kept;
    kept.drop(refs['image'].id);
    expect(kept.keptBytes).toBeLessThan(keptBytes - 4 * width * height);
    await writer.get(refs['image'], { component: 'bbox' });
    expect(writer.takeUsage().bytesRead).toBeGreaterThan(0);
    kept.shrink(0);
    expect(kept.keptBytes).toBe(0);
    expect(await writer.get(refs['table'])).toStrictEqual(await limited().get(refs['table']));
  });
});

describe('what a process reads', () => {
  it('is read once, however often and in whatever parts it is asked for', async () => {
    for (const [name, object] of Object.entries(objects())) await limited().put(object, refs[name]);
    for (const name of ['image', 'masked', 'table', 'notes', 'plane']) {
      const reader = limited(memory());
      const first = await reader.get(refs[name]);
      const { bytesRead } = reader.takeUsage();
      const { path } = datasets.find(({ id }) => id === refs[name].id)!;
      expect(bytesRead).toBeLessThanOrEqual(sizeOf(path));
      spoil(first);
      expect(plain(await reader.get(refs[name])), name).toStrictEqual(plain(await limited().get(refs[name])));
      if (name === 'image') await reader.get(refs[name], { component: 'wcs' });
      expect(reader.takeUsage().bytesRead).toBe(0);
    }
    const cutter = limited(memory());
    const bbox = { x0: 110, y0: 0, x1: 120, y1: 10 };
    const parts = [{ component: 'wcs' }, { parameters: { bbox } }, { component: 'psf' }, { parameters: { bbox } }];
    for (const options of parts) await cutter.get(refs['image'], options);
    expect(cutter.takeUsage().bytesRead).toBeLessThanOrEqual(sizeOf(datasets[0].path));
  });

  it('stays within the limit, the least recently used going first', async () => {
    const bytes = 12 * width * height + 2 ** 14;
    const kept = memory(2.5 * bytes);
    const writer = limited(kept);
    for (const name of ['image', 'once', 'masked']) await writer.put(exposure(), refs[name]);
    expect(kept.keptBytes).toBe(2 * bytes);
    writer.takeUsage();
    await writer.get(refs['once']);
    await writer.get(refs['masked']);
    expect(writer.takeUsage().bytesRead).toBe(0);
    await writer.get(refs['image']);
    expect(writer.takeUsage().bytesRead).toBeGreaterThan(0);
    expect(kept.get(refs['once'].id)).toBeUndefined();
    const small = memory(1.5 * bytes); // half of it is not enough for one
    await limited(small).put(exposure(), refs['image']);
    expect(small.keptBytes).toBe(0);
  });
});

describe('what is only in memory', () => {
  it('writes no file, is the same as from one, and stays until it is dropped', async () => {
    for (const [name, object] of Object.entries(objects())) {
      await limited().put(object, refs[name]);
      const expected = plain(await limited().get(refs[name]));
      const id = `${refs[name].id.slice(0, -1)}f`;
      const ref = { ...refs[name], id };
      const path = `only/${name}`;
      const kept = memory(0); // it is no part of what may be kept
      const { formatter } = datasets.find((one) => one.id === refs[name].id)!;
      const holder = new FileLimitedButler({ root: butler.root, datasets: [{ id, path, formatter }] }, kept);
      expect(await holder.exists(ref)).toBe(false);
      const { sizeBytes } = await holder.hold(object, ref);
      expect(kept.onlyBytes).toBe(sizeBytes);
      kept.shrink(0);
      expect(await holder.exists(ref)).toBe(true);
      spoil(await holder.get(ref));
      expect(plain(await holder.get(ref)), name).toStrictEqual(expected);
      if (name === 'table')
        expect(await holder.get(ref, { parameters: { columns: ['id'] } })).toMatchObject({
          columns: { id: BigInt64Array.of(1n, 2n, 3n) },
        });
      expect(holder.takeUsage()).toEqual({ bytesRead: 0, bytesWritten: 0 });
      kept.drop(id);
      expect(kept.onlyBytes).toBe(0);
      await expect(holder.get(ref)).rejects.toMatchObject({ code: 'BUTLER_FILE_MISSING' });
    }
  });
});

/** All that a careless task could do to an object it was given. */
function spoil(object: unknown): void {
  if (typeof object !== 'object' || object === null) return;
  if (ArrayBuffer.isView(object)) {
    new Uint8Array(object.buffer, object.byteOffset, object.byteLength).fill(5);
    return;
  }
  if (Object.isFrozen(object)) return;
  const record = object as Record<string, unknown>;
  const { psf } = record as { psf?: Exposure['psf'] };
  if (psf !== undefined) spoil(psf.kernelAt(0, 0).data);
  for (const key of Object.keys(record)) {
    if (key === 'wcs' || key === 'psf') continue;
    spoil(record[key]);
    if (!ArrayBuffer.isView(record[key])) delete record[key];
  }
  record['spoilt'] = true;
}
