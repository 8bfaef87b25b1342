// SPDX-License-Identifier: BSD-3-Clause
import type { ButlerApi } from '../../butler/index.ts';
import type { QuantumGraph } from '../../graph/index.ts';
import type { QuantumSpecs } from './quantum-specs.ts';

/**
 * Makes the output run, the dataset types it will hold, and puts the run first in the output chain; a new chain goes on with the
 * input collections. Repeating it changes nothing.
 */
export async function prepareCollections(graph: QuantumGraph, butler: ButlerApi, specs: QuantumSpecs): Promise<void> {
  const { outputRun, output, inputs } = graph.header;
  await butler.registerDatasetTypes(specs.outputTypes());
  await butler.registerCollection(outputRun, 'RUN');
  if (output === undefined || output === outputRun) return;
  const [chain] = await butler.listCollections([output]);
  if (chain === undefined) {
    await butler.registerCollection(output, 'CHAINED');
    await butler.setChain(output, [outputRun, ...inputs.filter((name) => name !== output)]);
  } else if (!chain.children?.includes(outputRun)) await butler.prependToChain(output, [outputRun]);
}
