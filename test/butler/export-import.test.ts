// SPDX-License-Identifier: BSD-3-Clause
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Butler,
  type DatasetRef,
  exportDatasets,
  importRepository,
  verifyRepository,
} from '../../src/butler/index.ts';
import { createButler } from '../support/databases.ts';
import { snapshot } from '../support/repository-snapshot.ts';
import { makeSource } from './transfer-fixture.ts';

let dir: string;
let source: Butler;
let refs: DatasetRef[];
let folder: string;
let counter = 0;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'skymill-export-'));
  ({ butler: source, refs } = await makeSource(join(dir, 'source')));
  folder = join(dir, 'out');
  await exportDatasets(source, refs, { directory: folder, transfer: 'copy', collections: ['all'] });
});
afterAll(async () => {
  await source.close();
  rmSync(dir, { recursive: true, force: true });
});

async function withRepository<T>(work: (butler: Butler) => Promise<T>): Promise<T> {
  const butler = await createButler(join(dir, `repo${++counter}`));
  try {
    return await work(butler);
  } finally {
    await butler.close();
  }
}

/** An export with one thing changed. */
function altered(change: (text: string) => string): string {
  const copy = join(dir, `altered${++counter}`);
  cpSync(folder, copy, { recursive: true });
  const text = readFileSync(join(folder, 'export.yaml'), 'utf8');
  const next = change(text);
  expect(next).not.toBe(text);
  writeFileSync(join(copy, 'export.yaml'), next);
  return copy;
}

describe('a repository through an export', () => {
  it.each(['copy', 'hardlink', 'symlink', 'direct', 'auto'] as const)('is the same, by %s', async (transfer) => {
    await withRepository(async (butler) => {
      const report = await importRepository(butler, { directory: folder, transfer });
      expect(report).toMatchObject({ datasets: 5, present: 0, files: 5 });
      const [there, here] = [await snapshot(source, { objects: true }), await snapshot(butler, { objects: true })];
      // Dimension records that no exported dataset needs stay behind.
      expect(here.records['visit']).toEqual(there.records['visit']);
      expect(here.records['visit_definition']).toEqual(there.records['visit_definition']);
      expect({ ...here, records: {} }).toEqual({ ...there, records: {} });
      expect(await verifyRepository(butler, { checksums: true })).toMatchObject({
        problems: [],
        orphans: [],
        scratch: [],
      });
    });
  });

  it('can be brought in again without harm', async () => {
    await withRepository(async (butler) => {
      await importRepository(butler, { directory: folder, transfer: 'copy' });
      const before = await snapshot(butler);
      const again = await importRepository(butler, { directory: folder, transfer: 'copy' });
      expect(again).toMatchObject({ datasets: 0, present: 5, files: 0, records: 0 });
      expect(await snapshot(butler)).toEqual(before);
    });
  });

  it('moves files away only when they are registered', async () => {
    const copy = altered((text) => `${text}# moved\n`);
    await withRepository(async (butler) => {
      await importRepository(butler, { directory: copy, transfer: 'move' });
      expect((await verifyRepository(butler, { checksums: true })).problems).toEqual([]);
      await expect(importRepository(butler, { directory: copy, transfer: 'move' })).resolves.toMatchObject({
        present: 5,
      });
    });
  });

  it('is tried without effect by a dry run, which finds what would fail', async () => {
    await withRepository(async (butler) => {
      const before = await snapshot(butler);
      const report = await importRepository(butler, { directory: folder, transfer: 'copy', dryRun: true });
      expect(report.datasets).toBe(5);
      expect(report.records).toBeGreaterThan(8);
      expect(await snapshot(butler)).toEqual(before);
    });
  });

  it('names files by address, or by their place in the datastore', async () => {
    const direct = join(dir, 'direct');
    await exportDatasets(source, refs, { directory: direct, transfer: 'direct' });
    await withRepository(async (butler) => {
      await importRepository(butler, { directory: direct, transfer: 'direct' });
      expect(await butler.get(refs[0])).toEqual({ a: 1 });
    });
    await exportDatasets(source, refs, { directory: direct, fileName: 'names.yaml', transfer: 'none' });
    await withRepository(async (butler) => {
      cpSync(join(dir, 'source', 'run'), join(butler.root, 'run'), { recursive: true });
      const report = await importRepository(butler, { directory: direct, exportFile: 'names.yaml', transfer: 'none' });
      expect(report.files).toBe(5);
      expect(await butler.get(refs[1])).toEqual({ b: [1, 'ß'] });
    });
  });

  it('is not written over another', async () => {
    await expect(exportDatasets(source, refs, { directory: folder, transfer: 'copy' })).rejects.toThrow(
      /exists already/,
    );
  });
});

describe('a bad export', () => {
  it.each([
    [
      'broken YAML',
      (t: string) => t.replace('element: detector', 'element: [detector'),
      /not a repository export/,
      true,
    ],
    ['no export', () => 'a: 1\n', /no list "data"/, false],
    ['another version', (t: string) => t.replace('1.0.2', '1.7.0'), /version 1.7.0/, true],
    ['another namespace', (t: string) => t.replace('namespace: daf_butler', 'namespace: mine'), /mine 8/, false],
    ['unknown section', (t: string) => t.replace('type: dataset_type', 'type: dataset_tipe'), /"dataset_tipe"/, true],
    [
      'wrong dimension',
      (t: string) => t.replace('detector: 2}', 'detektor: 2}'),
      /"detektor".*Did you mean "detector"/,
      true,
    ],
    ['wrong value', (t: string) => t.replace('detector: 2}', 'detector: two}'), /"two"/, true],
    ['missing key', (t: string) => t.replace(', detector: 2}', '}'), /no value for detector/, true],
    ['wrong field', (t: string) => t.replace('full_name: Ab', 'full_nam: Ab'), /full_nam/, true],
    ['bad id', (t: string) => t.replace(/!uuid '(\w+)-/, "!uuid 'x"), /UUID/, true],
    ['path outside', (t: string) => t.replace(/path: run\/a/, 'path: ../../run/a'), /leads out/, true],
    ['file gone', (t: string) => t.replace(/path: run\/a/, 'path: run/z'), /does not exist/, true],
    [
      'unknown member',
      (t: string) => t.replace(/(dataset_ids:\n {2}- !uuid ')\w{8}/, '$100000000'),
      /neither in the export/,
      true,
    ],
    [
      'overlapping ranges',
      (t: string) => t.replace(/end: !butler_time\/tai\/iso '2022-01-08/, "end: !butler_time/tai/iso '2023-01-08"),
      /overlaps/,
      true,
    ],
  ] as const)('(%s) is refused, and nothing comes in', async (_what, change, message, hasPlace) => {
    const copy = altered(change);
    await withRepository(async (butler) => {
      const before = await snapshot(butler);
      const failure = await importRepository(butler, { directory: copy, transfer: 'copy' }).catch((error) => error);
      expect(failure.message).toMatch(message);
      expect(failure.code).toMatch(/^(IMPORT|TRANSFER|BUTLER)_/);
      if (hasPlace) expect(failure.place).toMatchObject({ line: expect.any(Number), column: expect.any(Number) });
      expect(await snapshot(butler)).toEqual(before);
      expect(await verifyRepository(butler)).toMatchObject({ files: 0, problems: [], orphans: [], scratch: [] });
    });
  });

  it('of a dataset whose id is taken says by what', async () => {
    const copy = altered((text) =>
      text.replace('{instrument: Cam, detector: 2, exposure: 2}', '{instrument: Cam, detector: 1, exposure: 2}'),
    );
    await withRepository(async (butler) => {
      await importRepository(butler, { directory: folder, transfer: 'copy', skipDimensions: [] });
      await expect(importRepository(butler, { directory: copy, transfer: 'copy' })).rejects.toThrow(
        /detector: 2.*detector: 1/,
      );
    });
  });
});
