// SPDX-License-Identifier: BSD-3-Clause
import {
  copyFileSync,
  createWriteStream,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ZipFile } from 'yazl';
import { readDirectory } from '../../src/butler/datastore/zip/archive.ts';
import {
  type Butler,
  type DatasetRef,
  ingestZip,
  retrieveZip,
  transferDatasets,
  verifyRepository,
} from '../../src/butler/index.ts';
import { createButler } from '../support/databases.ts';
import { snapshot } from '../support/repository-snapshot.ts';
import { makeSource } from './transfer-fixture.ts';

let dir: string;
let source: Butler;
let refs: DatasetRef[];
let zip: string;
let counter = 0;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'skymill-zip-'));
  ({ butler: source, refs } = await makeSource(join(dir, 'source')));
  zip = (await retrieveZip(source, refs, { destination: join(dir, 'out') })).path;
});
afterAll(async () => {
  await source.close();
  rmSync(dir, { recursive: true, force: true });
});

/** A repository that knows the dataset types of the source. */
async function withTypes<T>(work: (butler: Butler) => Promise<T>): Promise<T> {
  const butler = await createButler(join(dir, `repo${++counter}`));
  try {
    await butler.registerDatasetTypes(
      (await source.listDatasetTypes()).map((type) =>
        butler.makeDatasetType(type.name, type.dimensions.required, type.storageClass, type),
      ),
    );
    return await work(butler);
  } finally {
    await butler.close();
  }
}

/** The archive with one of its members (by part of the name) replaced, left out, or compressed. */
async function altered(change: (name: string, bytes: Buffer) => Buffer | undefined, compress = false): Promise<string> {
  const out = new ZipFile();
  const all = readFileSync(zip);
  const { readMember } = await import('../../src/butler/datastore/zip/archive.ts');
  for (const member of (await readDirectory(zip)).values()) {
    const bytes = Buffer.from(await readMember(source.datastore.store, zip, member));
    const next = change(member.name, bytes);
    if (next !== undefined) out.addBuffer(next, member.name, { compress });
  }
  expect(all.length).toBeGreaterThan(0);
  out.end();
  const path = join(dir, `altered${++counter}.zip`);
  await pipeline(out.outputStream, createWriteStream(path));
  return path;
}

describe('datasets in an archive', () => {
  it('come whole into another repository, and are read in place', async () => {
    await withTypes(async (butler) => {
      const report = await ingestZip(butler, zip, { transfer: 'copy', transferDimensions: true });
      expect(report).toMatchObject({ datasets: 5, files: 5, runs: ['run/a', 'run/b'] });
      const [here, there] = [await snapshot(butler, { objects: true }), await snapshot(source, { objects: true })];
      expect(here.datasets).toEqual(there.datasets);
      expect(here.records['visit']).toEqual(there.records['visit']);
      expect(readdirSync(join(butler.root, 'zips'))).toEqual([zip.split('/').at(-1)!.slice(0, 4)]);
      expect(await verifyRepository(butler, { checksums: true })).toMatchObject({ problems: [], orphans: [] });
      expect(await butler.getUris([refs[0]])).toEqual([expect.stringMatching(/^file:\/\/.*\.zip#zip-path=.*calexp/)]);
    });
  });

  it('can stay where they are', async () => {
    await withTypes(async (butler) => {
      await ingestZip(butler, zip, { transfer: 'direct', transferDimensions: true });
      expect(await butler.get(refs[1])).toEqual({ b: [1, 'ß'] });
    });
  });

  it('are read when compressed', async () => {
    const path = await altered((_name, bytes) => bytes, true);
    await withTypes(async (butler) => {
      await ingestZip(butler, path, { transfer: 'copy', transferDimensions: true });
      expect(await butler.get(refs[1])).toEqual({ b: [1, 'ß'] });
    });
  });

  it('go on to other repositories and archives', async () => {
    await withTypes(async (butler) => {
      await ingestZip(butler, zip, { transfer: 'copy', transferDimensions: true });
      const again = await retrieveZip(butler, refs.slice(0, 2), { destination: join(dir, 'again') });
      await withTypes(async (other) => {
        await ingestZip(other, again.path, { transfer: 'move', transferDimensions: true });
        expect(await other.get(refs[0])).toEqual({ a: 1 });
        await transferDatasets(butler, other, refs, { transfer: 'copy' });
        for (const ref of refs) expect(await other.get(ref)).toEqual(await source.get(ref));
      });
      await butler.removeDatasets(refs.slice(0, 4));
      expect(await butler.get(refs[4])).toEqual({ detector: 2 });
      await butler.removeDatasets([refs[4]]);
      expect(
        readdirSync(join(butler.root, 'zips'), { recursive: true }).filter((name) => String(name).endsWith('.zip')),
      ).toEqual([]);
    });
  });

  it('are refused where nothing is known of their instrument', async () => {
    await withTypes(async (butler) => {
      await expect(ingestZip(butler, zip, { transfer: 'copy' })).rejects.toMatchObject({
        code: 'BUTLER_NO_RECORD',
        message: expect.stringMatching(/no instrument record/),
      });
      expect(await butler.listCollections()).toEqual([]);
      expect(await verifyRepository(butler)).toMatchObject({ problems: [], orphans: [] });
    });
  });

  it('are refused twice, unless told to pass over', async () => {
    await withTypes(async (butler) => {
      await ingestZip(butler, zip, { transfer: 'copy', transferDimensions: true });
      await expect(ingestZip(butler, zip, { transfer: 'copy' })).rejects.toThrow(/are here already/);
      expect(await ingestZip(butler, zip, { transfer: 'copy', skipExisting: true })).toMatchObject({ skipped: true });
      await butler.removeDatasets([refs[0]]);
      await expect(ingestZip(butler, zip, { transfer: 'copy', skipExisting: true })).rejects.toThrow(
        /4 datasets.*1 that are not/s,
      );
    });
  });

  it('are tried without effect', async () => {
    await withTypes(async (butler) => {
      const before = await snapshot(butler);
      expect(await ingestZip(butler, zip, { transfer: 'copy', dryRun: true })).toMatchObject({ datasets: 5 });
      expect(await snapshot(butler)).toEqual(before);
    });
  });

  it('have a name made of their members, and are not overwritten', async () => {
    expect(await retrieveZip(source, refs, { destination: join(dir, 'elsewhere') })).toMatchObject({
      files: 5,
      datasets: 5,
    });
    await expect(retrieveZip(source, refs, { destination: join(dir, 'elsewhere') })).rejects.toThrow(/exists already/);
    expect(readdirSync(join(dir, 'elsewhere'))).toEqual(readdirSync(join(dir, 'out')));
  });
});

describe('a bad archive is refused, and nothing comes in', () => {
  it.each([
    ['no archive', async () => join(dir, 'source', 'butler.yaml'), /not a whole zip|whole zip file/],
    ['none there', async () => join(dir, 'none.zip'), /no such file/],
    ['cut short', async () => cut(), /zip/],
    ['no index', () => altered((name, b) => (name.endsWith('index.json') ? undefined : b)), /no _butler_zip_index/],
    ['a member missing', () => altered((name, b) => (name.includes('calexp') ? undefined : b)), /no member .*calexp/],
    [
      'a member of another size',
      () => altered((name, b) => (name.includes('calexp') ? Buffer.concat([b, b]) : b)),
      /bytes, not/,
    ],
    [
      'a broken index',
      () => altered((name, b) => (name.endsWith('index.json') ? b.subarray(0, 90) : b)),
      /index cannot be read/,
    ],
    ['a wrong dimension', () => index((text) => text.replaceAll('"detector":2', '"detektor":2')), /detektor/],
    [
      'an unknown dataset',
      () => index((text) => text.replaceAll(/"ids":\["\w{8}/g, '"ids":["00000000')),
      /what dataset 0000/,
    ],
  ] as const)('%s', async (_what, make, message) => {
    const path = await make();
    await withTypes(async (butler) => {
      const before = await snapshot(butler);
      await expect(ingestZip(butler, path, { transfer: 'copy', transferDimensions: true })).rejects.toThrow(message);
      expect(await snapshot(butler)).toEqual(before);
      expect(await verifyRepository(butler)).toMatchObject({ files: 0, problems: [], orphans: [], scratch: [] });
    });
  });

  const index = (change: (text: string) => string): Promise<string> =>
    altered((name, b) => (name.endsWith('index.json') ? Buffer.from(change(b.toString())) : b));
  function cut(): string {
    const path = join(dir, `cut${++counter}.zip`);
    copyFileSync(zip, path);
    writeFileSync(path, readFileSync(zip).subarray(0, 700));
    return path;
  }
});
