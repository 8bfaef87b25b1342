// SPDX-License-Identifier: BSD-3-Clause
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  Butler,
  type DatasetType,
  type IngestFile,
  type IngestOptions,
  type TransferMode,
} from '../../src/butler/index.ts';
import { createButler } from '../support/databases.ts';
import { addCamera } from './camera.ts';

let dir: string;
let butler: Butler;
let raw: DatasetType;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'skymill-ingest-'));
  mkdirSync(join(dir, 'data'));
  butler = await createButler(join(dir, 'repo'));
  await addCamera(butler);
  await butler.registerCollection('Cam/raw', 'RUN');
  raw = butler.makeDatasetType('raw', ['exposure', 'detector'], 'StructuredDataDict');
  await butler.registerDatasetTypes([raw]);
});
afterEach(async () => {
  await butler.close();
  rmSync(dir, { recursive: true, force: true });
});

function source(exposure: number, ...detectors: number[]): IngestFile {
  const path = join(dir, 'data', `d${exposure}-${detectors.join('-')}.yaml`);
  writeFileSync(path, `exposure: ${exposure}\n`);
  const coordinate = (detector: number) =>
    butler.universe.coordinate(raw.dimensions, { instrument: 'Cam', exposure, detector });
  return { path, datasetType: raw, dataIds: detectors.map(coordinate) };
}
function ingest(files: IngestFile[], transfer: TransferMode, more: Partial<IngestOptions> = {}) {
  return butler.ingest(files, { run: 'Cam/raw', transfer, ...more });
}
function repositoryFiles(): string[] {
  return readdirSync(butler.root, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory() && !/^(gen3\.sqlite3.*|butler\.yaml)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(butler.root.length + 1));
}
const place = 'Cam/raw/raw/20200826/obs1/raw_Cam_Cam-R_obs1_Aa_Cam_raw.yaml';

it('a file at a place that waits to be emptied stays there', async () => {
  const { ingested } = await ingest([source(1, 1)], 'copy');
  const folder = join(butler.root, place, '..');
  const { db, trash } = butler.registry;
  await db.transaction(async () => {
    await trash.addDatasets(ingested.map((ref) => ref.id));
    await butler.registry.datasets.remove(ingested.map((ref) => ref.id));
  });
  expect(readdirSync(folder)).toHaveLength(1);
  const again = await ingest([source(1, 1)], 'copy');
  await butler.removeDatasets([]);
  expect(await trash.count()).toBe(0);
  expect(await butler.get(again.ingested[0])).toEqual({ exposure: 1 });
});

describe('transfer modes', () => {
  it.each(['copy', 'auto', 'move', 'link', 'hardlink', 'symlink', 'relsymlink'] as const)(
    '%s brings the file to its place',
    async (mode) => {
      const file = source(1, 1);
      const { ingested } = await ingest([file], mode);
      const [[record]] = await butler.getFileRecords([ingested[0].id]);
      expect(record.path).toBe(place);
      expect(record.sizeBytes).toBe(12);
      expect(await butler.get(ingested[0])).toEqual({ exposure: 1 });
      const path = join(butler.root, place);
      expect(existsSync(file.path)).toBe(mode !== 'move');
      if (mode === 'link' || mode === 'hardlink') expect(statSync(path).ino).toBe(statSync(file.path).ino);
      if (mode === 'symlink') expect(readlinkSync(path)).toBe(file.path);
      if (mode === 'relsymlink') expect(readlinkSync(path)).toMatch(/^\.\.\/.*data\//);
      if (mode === 'copy' || mode === 'auto') {
        expect(lstatSync(path).isFile()).toBe(true);
        expect(statSync(path).ino).not.toBe(statSync(file.path).ino);
        expect(record.checksum).toMatch(/^[0-9a-f]{128}$/);
      }
      expect(repositoryFiles()).toEqual([place]);
    },
  );

  it('direct and split leave a file where it is; removing the dataset keeps it', async () => {
    const file = source(1, 1);
    const { ingested } = await ingest([file], 'direct');
    expect(await butler.getPath(ingested[0])).toBe(file.path);
    expect(await butler.get(ingested[0])).toEqual({ exposure: 1 });
    await butler.registerCollection('Cam/other', 'RUN');
    const shared = await ingest([file], 'direct', { run: 'Cam/other' });
    expect(await butler.getPath(shared.ingested[0])).toBe(file.path);
    await butler.removeDatasets([...ingested, ...shared.ingested]);
    expect(existsSync(file.path)).toBe(true);
    expect((await ingest([file], 'split')).ingested).toHaveLength(1);
    expect(repositoryFiles()).toEqual([]);
  });

  it('files inside the repository stay there', async () => {
    const file = source(1, 1);
    const inside = join(butler.root, 'incoming/a.yaml');
    mkdirSync(join(butler.root, 'incoming'));
    writeFileSync(inside, readFileSync(file.path));
    const { ingested } = await ingest([{ ...file, path: inside }], 'auto');
    expect((await butler.getFileRecords([ingested[0].id]))[0][0].path).toBe('incoming/a.yaml');
  });
});

describe('ingest', () => {
  it('takes several datasets of one file, and deletes it with the last of them', async () => {
    const { ingested } = await ingest([source(1, 1, 2)], 'copy');
    expect(ingested).toHaveLength(2);
    const paths = await Promise.all(ingested.map((ref) => butler.getPath(ref)));
    expect(paths[0]).toBe(paths[1]);
    await butler.removeDatasets([ingested[0]]);
    expect(existsSync(paths[0])).toBe(true);
    await butler.removeDatasets([ingested[1]]);
    expect(existsSync(paths[0])).toBe(false);
  });

  it('is repeatable: skip says what it left out, fail refuses before anything moves', async () => {
    const files = [source(1, 1), source(1, 2)];
    await ingest(files, 'copy');
    const again = await ingest([...files, source(2, 1)], 'copy', { onConflict: 'skip' });
    expect(again.ingested).toHaveLength(1);
    expect(again.skipped.map((one) => one.path)).toEqual(files.map((file) => file.path));
    expect(again.skipped[0].reason).toContain('detector: 1');
    const third = source(2, 2);
    await expect(ingest([third, files[0]], 'move')).rejects.toMatchObject({ code: 'BUTLER_DATASET_CONFLICT' });
    expect(existsSync(third.path)).toBe(true);
    expect(repositoryFiles()).toHaveLength(3);
  });

  it('sees the same raw twice in one batch', async () => {
    const twin = source(1, 1);
    const copy = { ...twin, path: join(dir, 'data/copy.yaml') };
    writeFileSync(copy.path, 'exposure: 1\n');
    await expect(ingest([twin, copy], 'copy')).rejects.toMatchObject({ code: 'BUTLER_DATASET_CONFLICT' });
    const report = await ingest([twin, copy], 'copy', { onConflict: 'skip' });
    expect(report.skipped).toEqual([{ path: copy.path, reason: expect.stringContaining(twin.path) }]);
  });

  it('gives the same ids to the same raws everywhere, if asked', async () => {
    const [first] = (await ingest([source(1, 1)], 'copy', { idMode: 'DATAID_TYPE_RUN' })).ingested;
    await butler.removeDatasets([first]);
    const [second] = (await ingest([source(1, 1)], 'copy', { idMode: 'DATAID_TYPE_RUN' })).ingested;
    expect(second.id).toBe(first.id);
    expect(first.id[14]).toBe('5');
  });

  it('puts everything back when one file of a batch is bad', async () => {
    const good = source(1, 1);
    const gone = { ...source(1, 2), path: join(dir, 'data/gone.yaml') };
    await expect(ingest([good, gone], 'move')).rejects.toThrow(/gone\.yaml/);
    expect(existsSync(good.path)).toBe(true);
    const unknown = source(1, 3);
    const missing = source(77, 1);
    await expect(ingest([unknown, missing], 'copy')).rejects.toMatchObject({ code: 'BUTLER_NO_RECORD' });
    expect(repositoryFiles()).toEqual([]);
    expect((await ingest([good, unknown], 'move')).ingested).toHaveLength(2);
  });

  it('refuses two files for one place', async () => {
    const config = join(butler.root, 'butler.yaml');
    const text = readFileSync(config, 'utf8').replace(
      'datastore:',
      "datastore:\n  templates: { raw: '{run}/{exposure}' }",
    );
    writeFileSync(config, text);
    const other = await Butler.open(butler.root, { writeable: true });
    const options = { run: 'Cam/raw', transfer: 'copy' } as const;
    await expect(other.ingest([source(1, 1), source(1, 2)], options)).rejects.toMatchObject({
      code: 'BUTLER_FILE_EXISTS',
    });
    expect(repositoryFiles()).toEqual([]);
    await other.ingest([source(1, 1)], options);
    expect(repositoryFiles()).toEqual(['Cam_raw/1.yaml']);
    await expect(other.ingest([source(1, 2)], options)).rejects.toMatchObject({ code: 'BUTLER_FILE_EXISTS' });
    await other.close();
  });

  it('costs a bounded number of statements, however many files come', async () => {
    await butler.insertRecords(
      'detector',
      Array.from({ length: 400 }, (_, i) => ({ instrument: 'Cam', id: 100 + i, full_name: `X${i}` })),
    );
    const batch = (exposure: number, n: number) => Array.from({ length: n }, (_, i) => source(exposure, 100 + i));
    const count = async (files: IngestFile[]) => {
      const before = butler.registry.db.statementCount;
      await ingest(files, 'direct');
      return butler.registry.db.statementCount - before;
    };
    const few = await count(batch(1, 10));
    const many = await count(batch(2, 400));
    expect(few).toBeLessThanOrEqual(20);
    expect(many).toBeLessThanOrEqual(few + 4);
  });
});
