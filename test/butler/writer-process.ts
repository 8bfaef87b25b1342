// SPDX-License-Identifier: BSD-3-Clause
/*
 * A process of its own for the concurrency test. `writer root name n`: makes its run, inserts records and puts n datasets one by one.
 * `reader root total`: opens the repository again and again until it sees all datasets, and checks each one it sees.
 */
import { Butler } from '../../src/butler/index.ts';

const [role, root, name, count] = process.argv.slice(2);

if (role === 'writer') {
  const butler = await Butler.open(root, { writeable: true });
  await butler.registerCollection(`run/${name}`, 'RUN');
  const type = butler.makeDatasetType(`data_${name}`, ['detector'], 'StructuredDataDict');
  await butler.registerDatasetTypes([type]);
  await butler.insertRecords('detector', [{ instrument: 'Cam', id: 1, full_name: 'Aa', purpose: 'SCIENCE' }], 'skip');
  for (let i = 0; i < Number(count); i++) {
    await butler.registerCollection(`run/${name}/${i}`, 'RUN');
    const { ref } = await butler.put({ name, i }, type, { instrument: 'Cam', detector: 1 }, `run/${name}/${i}`);
    await butler.prependToChain('everything', [`run/${name}/${i}`]);
    await butler.registerCollection('latest', 'TAGGED');
    await butler.associate('latest', [ref]);
    const isLast = i === Number(count) - 1;
    if (i === 0 || isLast) await butler.extendChain('last', [`run/${name}/${i}`]);
    if (i > 0 && isLast) await butler.removeFromChain('last', [`run/${name}/0`]);
  }
  await butler.close();
} else {
  const seen = new Set<string>();
  const deadline = Date.now() + 60_000;
  while (seen.size < Number(name)) {
    if (Date.now() > deadline) throw new Error(`saw ${seen.size} datasets only`);
    const butler = await Butler.open(root);
    for (const { name: run } of await butler.listCollections(['run/*/*'])) {
      if (seen.has(run)) continue;
      const [, writer, i] = run.split('/');
      const type = (await butler.listDatasetTypes([`data_${writer}`]))[0];
      const ref = await butler.findDataset(type, { instrument: 'Cam', detector: 1 }, { collections: [run] });
      if (ref === undefined) continue;
      const value = (await butler.get(ref)) as { name: string; i: number };
      if (value.name !== writer || value.i !== Number(i)) throw new Error(`${run} holds ${JSON.stringify(value)}`);
      seen.add(run);
    }
    await butler.close();
  }
}
