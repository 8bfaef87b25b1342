// SPDX-License-Identifier: BSD-3-Clause
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  Butler,
  type DatasetRef,
  exportDatasets,
  importRepository,
  ingestZip,
  retrieveZip,
  transferDatasets,
  verifyRepository,
} from '../../src/butler/index.ts';
import { makeSource } from '../butler/transfer-fixture.ts';
import { describePeer } from '../support/peers.ts';
import { snapshot } from '../support/repository-snapshot.ts';

/** Python that takes the archive `sys.argv[2]` into a copy of our dataset types, reads it, and writes one of its own into `sys.argv[4]`. */
const zipThereAndBack = `
import json, os, sys
from lsst.daf.butler import Butler, DatasetType
ours = Butler.from_config(sys.argv[1])
Butler.makeRepo(sys.argv[3])
b = Butler.from_config(sys.argv[3], writeable=True)
for t in ours.registry.queryDatasetTypes():
    b.registry.registerDatasetType(t)
b.ingest_zip(sys.argv[2], transfer='copy', transfer_dimensions=True)
refs = [r for t in b.registry.queryDatasetTypes() for r in b.registry.queryDatasets(t, collections=...).expanded()]
os.makedirs(sys.argv[4])
# Records come along only where all datasets have some attached.
wanted = [r for t in ours.registry.queryDatasetTypes() if t.name != 'config'
          for r in ours.query_datasets(t, collections='run/*', find_first=False, with_dimension_records=True)]
path = ours.retrieve_artifacts_zip(wanted, sys.argv[4])
import zipfile
print(json.dumps({'zip': path.ospath, 'records': sorted(json.loads(zipfile.ZipFile(path.ospath).read('_butler_zip_index.json'))['refs']['dimension_records'] or {}), 'objects': {str(r.id): b.get(r) for r in refs}}))
`;

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

  it('are the same as archives', async () => {
    const ours = await retrieveZip(source, refs, { destination: join(dir, 'zips') });
    const there = join(dir, 'zipped');
    const answer = JSON.parse(python(zipThereAndBack, source.root, ours.path, there, join(dir, 'their-zips')));
    for (const ref of refs) expect(answer.objects[ref.id]).toEqual(await source.get(ref));
    expect(answer.records).toContain('instrument');
    // The name says which members there are.
    const same = await retrieveZip(
      source,
      refs.filter((ref) => ref.datasetType.name !== 'config'),
      { destination: join(dir, 'zips') },
    );
    expect(basename(answer.zip)).toBe(basename(same.path));
    const theirs = await Butler.open(there);
    const mine = await Butler.create(join(dir, 'from-zip'));
    try {
      // Their repository with our archive in it, and ours with theirs.
      const wanted = await snapshot(theirs, { objects: true });
      for (const ref of refs) expect(wanted.datasets[ref.id]).toEqual(expect.arrayContaining([ref.run]));
      await mine.registerDatasetTypes(
        (await theirs.listDatasetTypes()).map((type) =>
          mine.makeDatasetType(type.name, type.dimensions.required, type.storageClass, type),
        ),
      );
      await ingestZip(mine, answer.zip, { transfer: 'copy', transferDimensions: true });
      const got = await snapshot(mine, { objects: true });
      const config = refs.find((ref) => ref.datasetType.name === 'config')!;
      expect({ ...got.datasets, [config.id]: wanted.datasets[config.id] }).toEqual(wanted.datasets);
      expect(got.records['visit']).toEqual(wanted.records['visit']);
      expect(got.records['visit_detector_region']).toEqual(wanted.records['visit_detector_region']);
      expect(got.records['detector']).toEqual(wanted.records['detector']);
    } finally {
      for (const butler of [theirs, mine]) await butler.close();
    }
  });

  it('are the same after a transfer between repositories of both kinds', async () => {
    const theirs = join(dir, 'made-there');
    python('import sys; from lsst.daf.butler import Butler; Butler.makeRepo(sys.argv[1])', theirs);
    const there = await Butler.open(theirs, { writeable: true });
    try {
      const options = { transfer: 'copy', registerDatasetTypes: true, collections: ['all'] } as const;
      expect(await transferDatasets(source, there, refs, options)).toMatchObject({ transferred: 5 });
    } finally {
      await there.close();
    }
    const seen = JSON.parse(
      python(
        `
import json, sys
from lsst.daf.butler import Butler
b = Butler.from_config(sys.argv[1])
print(json.dumps({
  'bias': [b.get('bias', instrument='Cam', detector=1, exposure=e, collections='all') for e in (1, 2)],
  'chain': list(b.collections.get_info('all').children),
  'exists': all(bool(b.exists(r)) for t in b.registry.queryDatasetTypes() for r in b.registry.queryDatasets(t, collections=...)),
}))`,
        theirs,
      ),
    );
    expect(seen).toEqual({
      bias: [{ detector: 1 }, { detector: 1 }],
      chain: ['tagged', 'inner', 'run/a'],
      exists: true,
    });
  });
});
