// SPDX-License-Identifier: BSD-3-Clause
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Butler, buildRepository, type DatasetRef } from '../../src/butler/index.ts';
import { addCamera } from './camera.ts';

let dir: string;
let scratch: string;
let root: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'skymill-build-test-'));
  scratch = join(dir, 'scratch');
  root = join(dir, 'shared/repo');
  mkdirSync(scratch);
});
afterEach(() => rmSync(dir, { recursive: true }));

async function fill(butler: Butler): Promise<DatasetRef> {
  await addCamera(butler);
  await butler.registerDatasetTypes([butler.makeDatasetType('flat', ['detector'], 'StructuredDataDict')]);
  await butler.registerCollection('run', 'RUN');
  expect(existsSync(join(root, 'gen3.sqlite3'))).toBe(false);
  const { ref } = await butler.put({ level: 3 }, 'flat', { instrument: 'Cam', detector: 2 }, 'run');
  return ref;
}

it('a repository built in scratch is the same as one built in its place', async () => {
  const ref = await buildRepository(root, fill, { scratch });
  expect(readdirSync(scratch)).toEqual([]);
  const butler = await Butler.open(root, { writeable: true });
  expect(await butler.get(ref)).toEqual({ level: 3 });
  expect(await butler.getPath(ref)).toBe(join(root, 'run/flat/flat_Cam_Ab_run.yaml'));
  // The datastore has its own name in the tables: what is put now is of the same one.
  await butler.put({ level: 4 }, 'flat', { instrument: 'Cam', detector: 3 }, 'run');
  expect(await butler.registry.db.rows('SELECT DISTINCT datastore_name FROM dataset_location')).toEqual([
    ['FileDatastore@<butlerRoot>'],
  ]);
  await butler.close();
  await expect(buildRepository(root, fill, { scratch })).rejects.toMatchObject({ code: 'BUTLER_REPOSITORY_EXISTS' });
});

it('what fails leaves no repository and no scratch', async () => {
  const failing = buildRepository(
    root,
    async (butler) => {
      await fill(butler);
      throw new Error('no more');
    },
    { scratch },
  );
  await expect(failing).rejects.toThrow('no more');
  expect(readdirSync(scratch)).toEqual([]);
  expect(existsSync(join(root, 'butler.yaml'))).toBe(false);
  expect(existsSync(join(root, 'gen3.sqlite3'))).toBe(false);
  await buildRepository(root, fill, { scratch });
  expect(existsSync(join(root, 'butler.yaml'))).toBe(true);
});
