// SPDX-License-Identifier: BSD-3-Clause
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Butler, transferDatasets } from '../../src/butler/index.ts';
import { execute } from '../../src/run/index.ts';
import { describePeer } from '../support/peers.ts';
import { campaign, cell, testWorker } from '../support/run/campaign.ts';

describePeer('lsst.daf.butler', 'logs and metadata in archives, read by the Python butler', (python) => {
  let dir: string;
  let root: string;

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'skymill-records-peer-'));
    root = join(dir, 'repo');
    const markers = join(dir, 'markers');
    mkdirSync(markers);
    const butler = await Butler.create(root);
    // One worker is killed on the way: its archive is finished by the controller.
    const graph = campaign(butler, { cells: 8, config: { double: { killOnce: [cell(3)], markers } } });
    await execute(graph, butler, { worker: testWorker, jobs: 2, scratchRoot: dir });
    await butler.close();
  }, 120_000);
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  const read = `
import json, sys
from lsst.daf.butler import Butler
b = Butler(sys.argv[1])
out = {}
for task in ('make', 'double', 'sum'):
    refs = sorted(b.query_datasets(task + '_log', collections='test/run', explain=False), key=lambda r: r.dataId['htm7'])
    out[task] = [
        [r.dataId['htm7'], [str(x.message) for x in b.get(r)], b.get(task + '_metadata', r.dataId, collections='test/run')['quantum.outcome'],
         b.getURI(r).unquoted_fragment, b.stored(r)]
        for r in refs]
print(json.dumps(out))`;

  it('one by one, with their names and addresses', () => {
    const found = JSON.parse(python(read, root)) as Record<string, [number, string[], string, string, boolean][]>;
    expect(found['make'].map(([htm7]) => htm7)).toEqual(Array.from({ length: 8 }, (_, i) => cell(i)));
    expect(found['sum'].length).toBe(2);
    for (const [htm7, messages, outcome, fragment, stored] of found['make']) {
      expect(messages).toContain(`making the number of ${htm7}`);
      expect(outcome).toBe('done');
      expect(fragment).toMatch(new RegExp(`^zip-path=make_log_${htm7}[._]`));
      expect(stored).toBe(true);
    }
  }, 60_000);

  it('in another repository to which they were transferred, and there after some were removed', async () => {
    const [from, to] = [await Butler.open(root), await Butler.create(join(dir, 'copy'))];
    const refs = [];
    for (const type of ['make_log', 'make_metadata', 'double_log', 'double_metadata', 'sum_log', 'sum_metadata'])
      for await (const ref of from.query().datasets(type, { collections: ['test/run'] })) refs.push(ref);
    await transferDatasets(from, to, refs, { transfer: 'copy', registerDatasetTypes: true });
    await to.removeDatasets(refs.filter(({ datasetType }) => datasetType.name === 'double_log'));
    await Promise.all([from.close(), to.close()]);
    const found = JSON.parse(python(read, join(dir, 'copy'))) as Record<string, unknown[]>;
    expect(found['make'].length).toBe(8);
    expect(found['double'].length).toBe(0);
  }, 60_000);
});
