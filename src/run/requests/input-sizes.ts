// SPDX-License-Identifier: BSD-3-Clause
import type { QuantumGraph } from '../../graph/index.ts';

/** Sizes of datasets of a graph: recorded ones of what exists, expected ones of what is not made yet. */
export class InputSizes {
  readonly #graph: QuantumGraph;
  readonly #expected: (type: number) => number | undefined;

  /** @param expected mean bytes of a dataset type (its place in the graph's list), where that is known */
  constructor(graph: QuantumGraph, expected: (type: number) => number | undefined) {
    this.#graph = graph;
    this.#expected = expected;
  }

  ofDataset(row: number): number | undefined {
    return this.#graph.datasetBytes(row) ?? this.#expected(this.typeOf(row));
  }

  /** Index into the dataset types of the graph. */
  typeOf(row: number): number {
    const types = this.#graph.datasetTypes;
    let [low, high] = [0, types.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (types[middle].firstDataset <= row) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Of all inputs together; those nobody knows count nothing. */
  ofInputs(quantum: number): number {
    let bytes = 0;
    for (const { dataset } of this.#graph.quantumInputs(quantum)) bytes += this.ofDataset(dataset) ?? 0;
    return bytes;
  }
}
