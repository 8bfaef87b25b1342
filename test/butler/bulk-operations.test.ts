// SPDX-License-Identifier: BSD-3-Clause
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ALL_TIME, type Butler, type DatasetRef, type DatasetType } from '../../src/butler/index.ts';
import { describeEngines } from '../support/engines.ts';
import { addCamera } from './camera.ts';

describeEngines('operations on 10 000 datasets of 12 types take a bounded number of statements', (engine) => {
  const types = 12;
  const detectors = 834;
  let dir: string;
  let butler: Butler;
  let refs: DatasetRef[] = [];

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'skymill-bulk-'));
    butler = await engine.createButler(join(dir, 'repo'));
    await addCamera(butler);
    const numbers = Array.from({ length: detectors }, (_, i) => 100 + i);
    await butler.insertRecords(
      'detector',
      numbers.map((id) => ({ instrument: 'Cam', id, full_name: `D${id}` })),
    );
    const made: DatasetType[] = Array.from({ length: types }, (_, i) => {
      const dimensions = ['detector', ...(i % 2 === 0 ? [] : ['physical_filter'])];
      return butler.makeDatasetType(`type_${i}`, dimensions, 'StructuredDataDict', { isCalibration: true });
    });
    await butler.registerDatasetTypes(made);
    for (const [name, type] of [
      ['run', 'RUN'],
      ['tags', 'TAGGED'],
      ['calib', 'CALIBRATION'],
    ] as const) {
      await butler.registerCollection(name, type);
    }
    for (const type of made) {
      const dataIds = numbers.map((detector) => ({ instrument: 'Cam', detector, physical_filter: 'Cam-R' }));
      refs.push(
        ...(await butler.registerDatasets(
          type,
          dataIds.map((dataId) => butler.universe.coordinate(type.dimensions, dataId)),
          'run',
        )),
      );
    }
    // Records of files without files: what counts here is the database.
    await butler.registry.files.insert(
      refs.map((ref) => ({
        datasetId: ref.id,
        path: `run/${ref.datasetType.name}/${ref.id}.yaml`,
        formatter: 'lsst.daf.butler.formatters.yaml.YamlFormatter',
        storageClass: 'StructuredDataDict',
        component: null,
        sizeBytes: 10,
        checksum: null,
      })),
    );
  }, 60_000);
  afterAll(async () => {
    await butler.close();
    rmSync(dir, { recursive: true, force: true });
  });

  async function statements(action: () => Promise<unknown>): Promise<number> {
    const before = butler.registry.db.statementCount;
    await action();
    return butler.registry.db.statementCount - before;
  }

  async function members(collection: string): Promise<number> {
    let found = 0;
    for (let i = 0; i < types; i++) {
      for await (const _ of butler.associations(`type_${i}`, { collections: [collection] })) found++;
    }
    return found;
  }

  // Besides a few for the whole, each type has its own: two to four.
  it('associate and disassociate', async () => {
    expect(refs.length).toBeGreaterThan(10_000);
    expect(await statements(() => butler.associate('tags', refs))).toBeLessThanOrEqual(10 + 5 * types);
    expect(await members('tags')).toBe(refs.length);
    expect(await statements(() => butler.disassociate('tags', refs))).toBeLessThanOrEqual(10 + types);
    expect(await members('tags')).toBe(0);
    await butler.associate('tags', refs);
  });

  it('certify and decertify', async () => {
    expect(await statements(() => butler.certify('calib', refs, ALL_TIME))).toBeLessThanOrEqual(10 + 8 * types);
    expect(await members('calib')).toBe(refs.length);
    const day = { beginNs: 1_600_000_000_000_000_000n, endNs: 1_600_086_400_000_000_000n };
    expect(await statements(() => butler.decertify('calib', 'type_1', day))).toBeLessThanOrEqual(12);
    expect(await members('calib')).toBe(refs.length + detectors);
  });

  it('exists and getUris', async () => {
    expect(await statements(() => butler.exists(refs))).toBeLessThanOrEqual(10);
    expect(await statements(() => butler.getUris(refs))).toBeLessThanOrEqual(3);
  });

  it('removal', async () => {
    const preview = await butler.removeRuns(['run'], { dryRun: true });
    expect(preview).toMatchObject({ files: refs.length, disassociatedFrom: ['calib', 'tags'] });
    expect(preview.sizeBytes).toBe(10 * refs.length);
    const half = refs.slice(0, refs.length / 2);
    refs = refs.slice(refs.length / 2);
    // Trash is emptied 2000 datasets at a time.
    expect(await statements(() => butler.pruneDatasets(half, { mode: 'purge' }))).toBeLessThanOrEqual(80);
    expect(await members('tags')).toBe(refs.length);
    expect(await statements(() => butler.removeRuns(['run'], { unlink: true }))).toBeLessThanOrEqual(60);
    expect(await members('tags')).toBe(0);
    expect(await butler.registry.db.rows('SELECT count(*) FROM file_datastore_records')).toEqual([[0]]);
    expect(await butler.registry.trash.count()).toBe(0);
  });
});
