// SPDX-License-Identifier: BSD-3-Clause
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Butler, type DatasetRef, verifyRepository } from '../../src/butler/index.ts';
import { createButler } from '../support/databases.ts';
import { addCamera } from './camera.ts';

let dir: string;
let butler: Butler;
let refs: DatasetRef[];

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'skymill-verify-'));
  butler = await createButler(join(dir, 'repo'));
  await addCamera(butler);
  await butler.registerCollection('run', 'RUN');
  await butler.registerDatasetTypes([butler.makeDatasetType('d', ['detector'], 'StructuredDataDict')]);
  refs = [];
  for (let detector = 1; detector <= 4; detector++) {
    refs.push((await butler.put({ detector }, 'd', { instrument: 'Cam', detector }, 'run')).ref);
  }
});
afterEach(async () => {
  await butler.close();
  rmSync(dir, { recursive: true, force: true });
});

it('finds nothing wrong with a sound repository', async () => {
  const report = await verifyRepository(butler, { checksums: true });
  expect(report).toEqual({ files: 4, sizeBytes: 48, problems: [], orphans: [], scratch: [], trash: 0 });
});

it('finds lost, cut and altered files, orphans and unfinished writes', async () => {
  const paths = await Promise.all(refs.map((ref) => butler.getPath(ref)));
  rmSync(paths[0]);
  writeFileSync(paths[1], '');
  const bytes = readFileSync(paths[2]);
  bytes[0] ^= 1;
  writeFileSync(paths[2], bytes);
  writeFileSync(join(butler.root, 'run/stray.txt'), 'x');
  writeFileSync(join(butler.root, 'run/.a.yaml.12-3.part'), 'x');
  const report = await verifyRepository(butler, { checksums: true });
  expect(report.problems.map(({ kind, datasetId }) => [kind, datasetId])).toEqual([
    ['missing', refs[0].id],
    ['size', refs[1].id],
    ['checksum', refs[2].id],
  ]);
  expect(report.orphans).toEqual(['run/stray.txt']);
  expect(report.scratch).toEqual(['run/.a.yaml.12-3.part']);
  expect((await verifyRepository(butler)).problems).toHaveLength(2);
});

it('says how much of a dataset exists', async () => {
  rmSync(await butler.getPath(refs[0]));
  await butler.removeDatasets([refs[1]]);
  const unknown = { ...refs[0], id: crypto.randomUUID() };
  expect(await butler.exists([refs[0], refs[1], refs[2], unknown], { checkFiles: true })).toEqual([
    { recorded: true, stored: true, artifact: false },
    { recorded: false, stored: false, artifact: false },
    { recorded: true, stored: true, artifact: true },
    { recorded: false, stored: false, artifact: false },
  ]);
  expect(await butler.exists([refs[0]])).toEqual([{ recorded: true, stored: true }]);
});
