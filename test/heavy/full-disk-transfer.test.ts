// SPDX-License-Identifier: BSD-3-Clause
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  Butler,
  type DatasetRef,
  exportDatasets,
  importRepository,
  ingestZip,
  retrieveArtifacts,
  retrieveZip,
  transferDatasets,
  verifyRepository,
} from '../../src/butler/index.ts';
import { addCamera } from '../butler/camera.ts';
import { fillDisk, smallDisk } from '../support/mounts.ts';

const disk = smallDisk(12, 'a full disk during transfers');

describe.skipIf(disk === undefined)('a disk that fills up', () => {
  let dir: string;
  let source: Butler;
  let refs: DatasetRef[];
  const folder = (): string => join(dir, 'export');

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'skymill-full-'));
    source = await Butler.create(join(dir, 'source'));
    await addCamera(source);
    await source.registerCollection('run', 'RUN');
    await source.registerDatasetTypes([source.makeDatasetType('big', ['detector'], 'StructuredDataDict')]);
    refs = [];
    for (const detector of [1, 2, 3, 4]) {
      const text = 'x'.repeat(500_000);
      refs.push((await source.put({ text }, 'big', { instrument: 'Cam', detector }, 'run')).ref);
    }
    await exportDatasets(source, refs, { directory: folder(), transfer: 'copy' });
  });
  afterAll(async () => {
    await source.close();
    rmSync(dir, { recursive: true, force: true });
    disk?.release();
  });

  it.each([
    ['import', (here: Butler) => importRepository(here, { directory: folder(), transfer: 'copy' })],
    [
      'transfer',
      (here: Butler) => transferDatasets(source, here, refs, { transfer: 'copy', registerDatasetTypes: true }),
    ],
    [
      'archive',
      async (here: Butler) => {
        await here.registerDatasetTypes([here.makeDatasetType('big', ['detector'], 'StructuredDataDict')]);
        const zip = await retrieveZip(source, refs, { destination: join(dir, 'zips'), overwrite: true });
        return ingestZip(here, zip.path, { transfer: 'copy', transferDimensions: true });
      },
    ],
  ] as const)(
    'during %s stops it with one clear reason and no half file; with space again it completes',
    async (name, work) => {
      const here = await Butler.create(join(disk!.path, name));
      const free = fillDisk(disk!.path, 1_200_000);
      try {
        await expect(work(here)).rejects.toMatchObject({ code: 'BUTLER_DISK_FULL' });
        expect(await verifyRepository(here)).toMatchObject({ files: 0, problems: [], orphans: [], scratch: [] });
      } finally {
        free();
      }
      await work(here);
      expect(await verifyRepository(here, { checksums: true })).toMatchObject({
        files: 4,
        problems: [],
        orphans: [],
        scratch: [],
      });
      await here.close();
      rmSync(here.root, { recursive: true });
    },
  );

  it('leaves neither an archive nor files cut short', async () => {
    const free = fillDisk(disk!.path, 1_200_000);
    const out = join(disk!.path, 'out');
    try {
      await expect(retrieveZip(source, refs, { destination: out })).rejects.toMatchObject({ code: 'BUTLER_DISK_FULL' });
      expect(readdirSync(out)).toEqual([]);
      await expect(exportDatasets(source, refs, { directory: out, transfer: 'copy' })).rejects.toMatchObject({
        code: 'BUTLER_DISK_FULL',
      });
      expect(readdirSync(out)).not.toContain('export.yaml');
      rmSync(out, { recursive: true });
      const report = await retrieveArtifacts(source, refs, out, {
        transfer: 'copy',
        preservePath: false,
        clobber: false,
      });
      expect(report.failed.length).toBeGreaterThan(0);
      expect(readdirSync(out)).toHaveLength(report.files.length);
    } finally {
      free();
    }
  });
});
