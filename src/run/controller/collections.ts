// SPDX-License-Identifier: BSD-3-Clause
import { SkymillError } from '../../base/index.ts';
import type { ButlerApi } from '../../butler/index.ts';
import type { QuantumGraph } from '../../graph/index.ts';
import type { QuantumSpecs } from './quantum-specs.ts';

/**
 * Makes the output run, the dataset types it will hold, and puts the run first in the output chain; a new chain goes on with the
 * input collections. Repeating it changes nothing.
 */
export async function prepareCollections(
  graph: QuantumGraph,
  butler: ButlerApi,
  specs: QuantumSpecs,
  inMemory: readonly string[],
): Promise<void> {
  await emptyTrash(butler);
  const { outputRun, output, inputs } = graph.header;
  await butler.registerDatasetTypes(specs.outputTypes(inMemory));
  await butler.registerCollection(outputRun, 'RUN');
  if (output === undefined || output === outputRun) return;
  const [chain] = await butler.listCollections([output]);
  if (chain === undefined) {
    await butler.registerCollection(output, 'CHAINED');
    await butler.setChain(output, [outputRun, ...inputs.filter((name) => name !== output)]);
  } else if (!chain.children?.includes(outputRun)) await butler.prependToChain(output, [outputRun]);
}

/**
 * What was removed from this run and waits to be deleted has the places that jobs are about to write to: it goes first, or it would
 * go when the new files are there and not registered yet.
 */
async function emptyTrash(butler: ButlerApi): Promise<void> {
  try {
    await butler.removeDatasets([]);
  } catch (error) {
    // What cannot be deleted now is told by removals and by the doctor, and need not keep anyone from working.
    if (!(error instanceof SkymillError && error.code === 'BUTLER_FILES_NOT_DELETED')) throw error;
  }
}
