// SPDX-License-Identifier: BSD-3-Clause
import type { Readers, Universe } from '../../butler/index.ts';
import type { QuantumGraph } from '../../graph/index.ts';
import { splitComponent } from '../../pipeline/index.ts';

/**
 * By dataset type: whether one of its datasets is read by one quantum or by many. Told from the dimensions, so that it costs nothing however
 * large the graph is: where the data ID of a dataset gives that of the only task that reads it, there is one reader.
 */
export function readersByType(graph: QuantumGraph, universe: Universe): Record<string, Readers> {
  const readers: Record<string, Readers> = {};
  for (const { declaration, inputNames, quantumCount } of graph.tasks) {
    if (quantumCount === 0) continue;
    for (const name of inputNames) {
      const { datasetType, dimensions, isCalibration } = declaration.connections[name];
      const { parent } = splitComponent(datasetType);
      const known = new Set(universe.conform(dimensions ?? []).names);
      const { required } = universe.conform(declaration.dimensions);
      const one =
        !isCalibration && readers[parent] === undefined && required.every((dimension) => known.has(dimension));
      readers[parent] = one ? 'one' : 'many';
    }
  }
  return readers;
}
