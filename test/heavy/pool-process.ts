// SPDX-License-Identifier: BSD-3-Clause
/* A process of its own for the test of many clients: `pool-process ROOT NAME N` puts N datasets and looks each of them up, all at the same time. */
import { Butler } from '../../src/butler/index.ts';

const [root, name, count] = process.argv.slice(2);
const butler = await Butler.open(root, { writeable: true });
await butler.registerCollection(`run/${name}`, 'RUN');
const one = async (detector: number): Promise<void> => {
  const dataId = { instrument: 'Cam', detector };
  await butler.put({ name, detector }, 'd', dataId, `run/${name}`);
  const ref = await butler.findDataset('d', dataId, { collections: [`run/${name}`] });
  const value = (await butler.get(ref!)) as { name: string };
  if (value.name !== name) throw new Error(`found ${JSON.stringify(value)}`);
};
await Promise.all(Array.from({ length: Number(count) }, (_, i) => one(1000 + i)));
await butler.close();
