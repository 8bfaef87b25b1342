// SPDX-License-Identifier: BSD-3-Clause
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Butler, DatasetRef } from '../../src/butler/index.ts';
import type { Table } from '../../src/pixels/index.ts';
import { skyMapFromPlain } from '../../src/sky/index.ts';
import { createButler } from '../support/databases.ts';
import { addCamera } from './camera.ts';

let dir: string;
let butler: Butler;
let ref: DatasetRef;
const n = 1000;
const table: Table = {
  rows: n,
  columns: {
    id: BigInt64Array.from({ length: n }, (_, i) => (1n << 62n) + BigInt(i)),
    coord_ra: Float64Array.from({ length: n }, (_, i) => (i === 5 ? Number.NaN : i * 0.36)),
    flux: Float32Array.from({ length: n }, (_, i) => i * 1.5),
    parent: Int32Array.from({ length: n }, (_, i) => -i),
    flag: Uint8Array.from({ length: n }, (_, i) => i % 2),
    name: Array.from({ length: n }, (_, i) => `sø${i}`),
    footprint: Array.from({ length: n }, (_, i) => new Uint8Array([i & 255, 1, 2].slice(0, i % 4))),
  },
  units: { coord_ra: 'deg', flux: 'nJy' },
  meta: { zeroPoint: 31.4, tiny: 1e-9, bands: 'gri', complete: true },
};

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'skymill-tables-'));
  butler = await createButler(join(dir, 'repo'));
  await addCamera(butler);
  await butler.registerCollection('run', 'RUN');
  await butler.registerDatasetTypes([butler.makeDatasetType('src', ['detector'], 'ArrowAstropy')]);
  ref = (await butler.put(table, 'src', { instrument: 'Cam', detector: 1 }, 'run')).ref;
});
afterAll(async () => {
  await butler.close();
  rmSync(dir, { recursive: true, force: true });
});

describe('tables', () => {
  it('come back as they were, with units and notes', async () => {
    expect(await butler.get(ref)).toEqual(table);
  });

  it('are read in part, and cost in part', async () => {
    butler.datastore.takeUsage();
    const part = (await butler.get(ref, { parameters: { columns: ['coord_*', 'id'] } })) as Table;
    expect(Object.keys(part.columns).sort()).toEqual(['coord_ra', 'id']);
    expect(part.units).toEqual({ coord_ra: 'deg' });
    const size = readFileSync(await butler.getPath(ref)).length;
    expect(await butler.get(ref, { component: 'rowcount' })).toBe(n);
    expect(await butler.get(ref, { component: 'columns' })).toEqual(Object.keys(table.columns));
    butler.datastore.takeUsage();
    await butler.get(ref, { parameters: { columns: 'flag' } });
    // A small file is read ahead by its footer; a part never costs more than the whole.
    expect(butler.datastore.takeUsage().bytesRead).toBeLessThanOrEqual(2 * size);
  });

  it('refuse unknown columns, components and wrong objects', async () => {
    await expect(butler.get(ref, { parameters: { columns: ['fluxx'] } })).rejects.toThrow(/Did you mean "flux"/);
    await expect(butler.get(ref, { parameters: { bbox: 1 } })).rejects.toMatchObject({ code: 'BUTLER_BAD_PARAMETER' });
    await expect(butler.get(ref, { component: 'rowcont' })).rejects.toThrow(/Did you mean "rowcount"/);
    const other = { instrument: 'Cam', detector: 2 };
    await expect(butler.put([1, 2], 'src', other, 'run')).rejects.toMatchObject({ code: 'BUTLER_BAD_OBJECT' });
    const uneven = { rows: 2, columns: { a: new Float64Array(3) } };
    await expect(butler.put(uneven, 'src', other, 'run')).rejects.toThrow(/"a" of 3/);
  });

  it('without rows are tables too', async () => {
    const empty: Table = { rows: 0, columns: { a: new Float64Array(0), s: [] } };
    const put = await butler.put(empty, 'src', { instrument: 'Cam', detector: 3 }, 'run');
    expect(await butler.get(put.ref)).toEqual(empty);
  });

  it('that are damaged say so', async () => {
    const put = await butler.put(table, 'src', { instrument: 'Cam', detector: 4 }, 'run');
    const path = await butler.getPath(put.ref);
    const bytes = readFileSync(path).fill(7, 0);
    writeFileSync(path, bytes);
    await expect(butler.get(put.ref)).rejects.toMatchObject({ code: 'BUTLER_BAD_FILE' });
  });
});

it('keeps sky maps', async () => {
  const plain = {
    name: 'one',
    type: 'discrete',
    pixelScale: 0.4,
    patchInnerDimensions: [400, 400],
    patchBorder: 20,
    tractOverlap: 0,
    raList: [10],
    decList: [-1],
    radiusList: [0.1],
  };
  const skyMap = await skyMapFromPlain(plain);
  await butler.insertRecords('skymap', [{ name: 'one', hash: Buffer.from(skyMap.sha1Hex(), 'hex') }]);
  await butler.registerDatasetTypes([butler.makeDatasetType('skyMap', ['skymap'], 'SkyMap')]);
  const { ref: stored } = await butler.put(skyMap, 'skyMap', { skymap: 'one' }, 'run');
  const again = (await butler.get(stored)) as typeof skyMap;
  expect(again.toPlain()).toEqual(skyMap.toPlain());
  expect(again.sha1Hex()).toBe(skyMap.sha1Hex());
});
