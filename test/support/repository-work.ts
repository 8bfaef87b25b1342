// SPDX-License-Identifier: BSD-3-Clause
// What the kill tests of repositories let a process of its own do: `node repository-work.ts chains REPO SEED | transfer SOURCE DESTINATION`.
import { Butler, type DatasetRef, transferDatasets } from '../../src/butler/index.ts';
import { randomFrom } from './random.ts';

const [what, root, other] = process.argv.slice(2);
if (what === 'chains') await editChains(root, Number(other));
else if (what === 'transfer') await transfer(root, other);
else throw new Error(`no such work: ${what}`);

/** Hundreds of edits of two chains; `all` holds `inner` and runs. */
async function editChains(repo: string, seed: number): Promise<void> {
  const butler = await Butler.open(repo, { writeable: true });
  const runs = (await butler.listCollections(undefined, ['RUN'])).map((run) => run.name);
  const random = randomFrom(seed);
  const some = (): string[] => runs.filter(() => random() < 0.5);
  await butler.registerCollection('inner', 'CHAINED');
  await butler.registerCollection('all', 'CHAINED');
  for (let i = 0; i < 300; i++) {
    const chosen = some();
    await butler.setChain('inner', chosen);
    await butler.setChain('all', ['inner', ...some()]);
    await butler.prependToChain('all', some());
    await butler.extendChain('inner', some());
    const { children } = await butler.getCollection('inner');
    if (children!.length > 0) await butler.removeFromChain('inner', children!.slice(0, 1));
    process.stdout.write(`${i}\n`);
  }
  await butler.setChain('inner', runs);
  await butler.setChain('all', ['inner']);
  await butler.close();
}

async function transfer(from: string, to: string): Promise<void> {
  const source = await Butler.open(from);
  const destination = await Butler.open(to, { writeable: true });
  const collections = (await source.listCollections(undefined, ['RUN'])).map((run) => run.name);
  const refs: DatasetRef[] = [];
  for (const { name } of await source.listDatasetTypes()) {
    for await (const ref of source.query().datasets(name, { collections })) refs.push(ref);
  }
  await transferDatasets(source, destination, refs, { transfer: 'copy', registerDatasetTypes: true });
  await destination.close();
  await source.close();
}
