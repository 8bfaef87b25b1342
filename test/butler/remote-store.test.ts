// SPDX-License-Identifier: BSD-3-Clause
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { parse, stringify } from 'yaml';
import { cacheSettings } from '../../src/butler/datastore/cache/settings.ts';
import { Butler, type DatasetRef, type ImagePlane, retrieveArtifacts } from '../../src/butler/index.ts';
import type { Table } from '../../src/pixels/index.ts';
import { type FileServer, serveFolder } from '../support/file-server.ts';
import { addCamera } from './camera.ts';

let dir: string;
let source: string;
const refs: Record<string, DatasetRef> = {};
const size = 700;
const image: ImagePlane = {
  width: size,
  height: size,
  x0: 0,
  y0: 0,
  data: Float32Array.from({ length: size * size }, (_, i) => Math.fround(Math.sin(i) * 1e3)),
};
const table: Table = {
  rows: 200_000,
  columns: {
    id: BigInt64Array.from({ length: 200_000 }, (_, i) => BigInt(i)),
    flux: Float64Array.from({ length: 200_000 }, (_, i) => Math.sin(i)),
  },
};

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'skymill-remote-test-'));
  source = join(dir, 'source');
  const butler = await Butler.create(source);
  await addCamera(butler);
  await butler.registerCollection('run', 'RUN');
  const make = butler.makeDatasetType.bind(butler);
  await butler.registerDatasetTypes([
    make('metrics', ['detector'], 'StructuredDataDict'),
    make('image', ['detector'], 'ImageF'),
    make('src', ['detector'], 'ArrowAstropy'),
  ]);
  const dataId = { instrument: 'Cam', detector: 1 };
  refs.metrics = (await butler.put({ a: 1 }, 'metrics', dataId, 'run')).ref;
  refs.other = (await butler.put({ a: 2 }, 'metrics', { ...dataId, detector: 2 }, 'run')).ref;
  refs.image = (await butler.put(image, 'image', dataId, 'run')).ref;
  refs.src = (await butler.put(table, 'src', dataId, 'run')).ref;
  await butler.close();
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

let server: FileServer;
let cache: string;
beforeEach(() => {
  cache = mkdtempSync(join(dir, 'cache-'));
  vi.stubEnv('DAF_BUTLER_CACHE_DIRECTORY', cache);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await server.close();
});

/** The registry here, the files behind a server. */
async function openRemotely(options: { authorization?: string; login?: string } = {}): Promise<Butler> {
  server = await serveFolder(source, options);
  const root = mkdtempSync(join(dir, 'repo-'));
  cpSync(join(source, 'gen3.sqlite3'), join(root, 'gen3.sqlite3'));
  const config = parse(readFileSync(join(source, 'butler.yaml'), 'utf8'));
  config.datastore.root = server.url.replace('://', `://${options.login ?? ''}`);
  writeFileSync(join(root, 'butler.yaml'), stringify(config));
  return Butler.open(root);
}

const bytesSent = (): number => server.requests.reduce((sum, { bytes }) => sum + bytes, 0);
const cachedNames = (): string[] => readdirSync(cache).filter((name) => !name.startsWith('.'));

describe('files on a server', () => {
  it('are read, and once only', async () => {
    await using butler = asDisposable(await openRemotely());
    expect(await butler.get(refs.metrics)).toEqual({ a: 1 });
    expect(await butler.get(refs.image)).toEqual(image);
    const sent = bytesSent();
    expect(await butler.get(refs.image)).toEqual(image);
    expect(bytesSent()).toBe(sent);
    expect(cachedNames().sort()).toEqual([`${refs.metrics.id}.yaml`, `${refs.image.id}.fits`].sort());
    expect(await butler.getUris([refs.metrics])).toEqual([
      `${server.url}/${(await butler.getFileRecords([refs.metrics.id]))[0][0].path}`,
    ]);
    expect(await butler.exists([refs.image], { checkFiles: true })).toEqual([
      { recorded: true, stored: true, artifact: true },
    ]);
  });

  it('are read in part by ranges, without a copy', async () => {
    await using butler = asDisposable(await openRemotely());
    const bbox = { x0: 10, y0: 20, x1: 30, y1: 25 };
    const cut = (await butler.get(refs.image, { parameters: { bbox } })) as ImagePlane;
    expect(cut.data[0]).toBe(image.data[20 * size + 10]);
    expect(await butler.get(refs.image, { component: 'bbox' })).toEqual({ x0: 0, y0: 0, x1: size, y1: size });
    const whole = (await butler.getFileRecords([refs.image.id]))[0][0].sizeBytes;
    expect(bytesSent()).toBeLessThan(whole / 2);
    const before = bytesSent();
    expect(await butler.get(refs.src, { component: 'rowcount' })).toBe(table.rows);
    const part = (await butler.get(refs.src, { parameters: { columns: 'id' } })) as Table;
    expect(part.columns.id).toEqual(table.columns.id);
    const [[{ sizeBytes }]] = await butler.getFileRecords([refs.src.id]);
    expect(bytesSent() - before).toBeLessThan(sizeBytes / 2);
    expect(server.requests.filter((one) => one.method === 'GET').every((one) => one.range !== undefined)).toBe(true);
    expect(cachedNames()).toEqual([]);
  });

  it('leave the cache as its limits say', async () => {
    vi.stubEnv('DAF_BUTLER_CACHE_EXPIRATION_MODE', 'files=1');
    await using butler = asDisposable(await openRemotely());
    await butler.get(refs.metrics);
    await butler.get(refs.other);
    expect(cachedNames()).toEqual([`${refs.other.id}.yaml`]);
  });

  it('are not kept where the cache is off', async () => {
    vi.stubEnv('DAF_BUTLER_CACHE_EXPIRATION_MODE', 'disabled');
    await using butler = asDisposable(await openRemotely());
    expect(await butler.get(refs.image)).toEqual(image);
    expect(cachedNames()).toEqual([]);
  });

  it('are asked for again when the server stumbles, and refused when it refuses', async () => {
    await using butler = asDisposable(
      await openRemotely({ authorization: `Basic ${btoa('ann:sec/ret')}`, login: 'ann:sec%2Fret@' }),
    );
    server.failNext(503, 2);
    expect(await butler.get(refs.metrics)).toEqual({ a: 1 });
    await server.close();
    await using other = asDisposable(await openRemotely({ authorization: 'Basic no', login: 'ann:sec%2Fret@' }));
    const refused = await other.get(refs.other).then(String, String);
    expect(refused).toContain('HTTP 401');
    expect(refused).not.toContain('sec');
  });

  it('that are gone, or of another size, are named', async () => {
    await using butler = asDisposable(await openRemotely());
    const [[{ path }]] = await butler.getFileRecords([refs.other.id]);
    rmSync(join(source, path));
    await expect(butler.get(refs.other)).rejects.toMatchObject({ code: 'BUTLER_FILE_MISSING' });
    writeFileSync(join(source, path), 'a: 2222\n');
    await expect(butler.get(refs.other)).rejects.toMatchObject({ code: 'BUTLER_FILE_SIZE' });
    writeFileSync(join(source, path), 'a: 2\n');
    expect(await butler.get(refs.other)).toEqual({ a: 2 });
  });

  it('are retrieved into a folder here, whole', async () => {
    await using butler = asDisposable(await openRemotely());
    const options = { transfer: 'auto', preservePath: true, clobber: false } as const;
    const out = mkdtempSync(join(dir, 'retrieved-'));
    const report = await retrieveArtifacts(butler, [refs.image, refs.metrics], out, options);
    expect(report.failed).toEqual([]);
    for (const [[{ path }]] of [
      await butler.getFileRecords([refs.image.id]),
      await butler.getFileRecords([refs.metrics.id]),
    ])
      expect(readFileSync(join(out, path)).equals(readFileSync(join(source, path)))).toBe(true);
    const linked = await retrieveArtifacts(butler, [refs.src], out, { ...options, transfer: 'symlink' });
    expect(linked.failed[0].reason).toMatch(/link/);
  });

  it('are not written', async () => {
    const butler = await openRemotely();
    await butler.close();
    await expect(Butler.open(butler.root, { writeable: true })).rejects.toMatchObject({ code: 'BUTLER_UNSUPPORTED' });
  });
});

describe('settings of the cache', () => {
  beforeEach(async () => {
    server = await serveFolder(dir);
  });

  it('come from the configuration, and from the environment over it', () => {
    const section = {
      root: '/c',
      expiry: { mode: 'size', threshold: 1000 },
      default: false,
      cacheable: { Exposure: true },
    };
    expect(cacheSettings(section, {})).toEqual({
      root: '/c',
      mode: 'size',
      threshold: 1000,
      default: false,
      cacheable: { Exposure: true },
    });
    expect(cacheSettings({}, {})).toMatchObject({ root: undefined, mode: 'datasets', threshold: 4, default: true });
    const environment = { DAF_BUTLER_CACHE_DIRECTORY_IF_UNSET: '/d', DAF_BUTLER_CACHE_EXPIRATION_MODE: 'age=60' };
    expect(cacheSettings(section, environment)).toMatchObject({ root: '/c', mode: 'age', threshold: 60 });
    expect(cacheSettings({}, environment)).toMatchObject({ root: '/d' });
    expect(cacheSettings(section, { DAF_BUTLER_CACHE_DIRECTORY: '/e' })).toMatchObject({ root: '/e' });
    expect(() => cacheSettings({}, { DAF_BUTLER_CACHE_EXPIRATION_MODE: 'moons=3' })).toThrow(/moons/);
    expect(() => cacheSettings({}, { DAF_BUTLER_CACHE_EXPIRATION_MODE: 'files' })).toThrow(/limit/);
  });
});

function asDisposable(butler: Butler): Butler & AsyncDisposable {
  return Object.assign(butler, { [Symbol.asyncDispose]: () => butler.close() });
}
