// SPDX-License-Identifier: BSD-3-Clause
import type { Butler, DataId } from '../../src/butler/index.ts';
import { openGraph } from '../../src/graph/index.ts';

/** Registers what some quanta of a graph would have written; returns how many of the others there are. */
export async function markDone(
  butler: Butler,
  file: string,
  run: string,
  isDone: (quantum: number) => boolean,
): Promise<number> {
  const graph = await openGraph(file);
  await butler.registerCollection(run, 'RUN');
  const collection = await butler.registry.collections.get(run);
  const done = new Map<string, { id: string; dataId: DataId }[]>();
  let left = 0;
  for (let quantum = 0; quantum < graph.quantumCount; quantum++) {
    if (!isDone(quantum)) {
      left++;
      continue;
    }
    for (const output of graph.quantumOutputs(quantum)) {
      const { id, dataId, datasetType } = graph.dataset(output.dataset);
      const list = done.get(datasetType) ?? [];
      done.set(datasetType, list);
      list.push({ id, dataId });
    }
  }
  for (const { name, dimensions, storageClass } of graph.datasetTypes) {
    const made = done.get(name);
    if (made === undefined) continue;
    await butler.registerDatasetTypes([butler.makeDatasetType(name, dimensions, storageClass)]);
    const row = await butler.registry.types.get(name);
    const { type } = row;
    const refs = made.map(({ id, dataId }) => {
      return { id, datasetType: type, dataId: butler.universe.coordinate(type.dimensions, dataId), run };
    });
    await butler.registry.datasets.insert(row, collection, refs, { freshIds: true });
  }
  return left;
}
