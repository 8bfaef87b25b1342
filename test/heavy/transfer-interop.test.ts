// SPDX-License-Identifier: BSD-3-Clause
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Butler, type DatasetRef, exportDatasets, importRepository, verifyRepository } from '../../src/butler/index.ts';
import { makeSource } from '../butler/transfer-fixture.ts';
import { describePeer } from '../support/peers.ts';
import { snapshot } from '../support/repository-snapshot.ts';

/** Python that makes an empty repository `sys.argv[2]` from the export in `sys.argv[1]`, and exports that again into `sys.argv[3]`. */
const importAndExport = `
import os, sys
from lsst.daf.butler import Butler
Butler.makeRepo(sys.argv[2])
b = Butler.from_config(sys.argv[2], writeable=True)
b.import_(directory=sys.argv[1], filename=os.path.join(sys.argv[1], 'export.yaml'), transfer='copy')
os.makedirs(sys.argv[3])
with b.export(directory=sys.argv[3], format='yaml', transfer='copy') as e:
    e.saveDatasets([r for t in b.registry.queryDatasetTypes() for r in b.registry.queryDatasets(t, collections=...).expanded()])
    for c in b.collections.query('*'):
        e.saveCollection(c)
`;

describePeer('lsst.daf.butler', 'exports shared with the Python butler', (python) => {
  let dir: string;
  let source: Butler;
  let refs: DatasetRef[];

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'skymill-transfer-'));
    ({ butler: source, refs } = await makeSource(join(dir, 'source')));
  });
  afterAll(async () => {
    await source.close();
    rmSync(dir, { recursive: true, force: true });
  });

  it('are the same after a journey there and back', async () => {
    const [ours, theirs, back] = ['ours', 'theirs', 'back'].map((name) => join(dir, name));
    await exportDatasets(source, refs, { directory: ours, transfer: 'copy', collections: ['all'] });
    python(importAndExport, ours, theirs, back);
    const round = await Butler.create(join(dir, 'round'));
    const once = await Butler.create(join(dir, 'once'));
    const there = await Butler.open(theirs);
    try {
      await importRepository(once, { directory: ours, transfer: 'copy' });
      const wanted = await snapshot(once, { objects: true });
      // What the Python butler made of our export, and what we make of its own.
      expect(await snapshot(there, { objects: true })).toEqual(wanted);
      await importRepository(round, { directory: back, transfer: 'copy' });
      expect(await snapshot(round, { objects: true })).toEqual(wanted);
      expect((await verifyRepository(round, { checksums: true })).problems).toEqual([]);
    } finally {
      for (const butler of [round, once, there]) await butler.close();
    }
  });
});
