// SPDX-License-Identifier: BSD-3-Clause
import type { SchedulerGraph } from '../../src/run/scheduler/graph.ts';

export interface TaskShape {
  label?: string;
  cores?: number;
  memoryBytes?: number;
  limitSeconds?: number;
  /** Minimum of the task's only input connection. */
  minimum?: number;
  /** Per quantum: the quanta (rows) it reads one output of. */
  dependencies: readonly (readonly number[])[];
}

/** A scheduler's view of a graph in which every quantum makes one dataset (row = quantum) and reads those of its dependencies. */
export function schedulerGraphOf(shapes: readonly TaskShape[]): SchedulerGraph {
  const dependencyLists = shapes.flatMap((shape) =>
    shape.dependencies.map((list) => [...new Set(list)].sort((a, b) => a - b)),
  );
  const n = dependencyLists.length;
  const dependentLists: number[][] = Array.from({ length: n }, () => []);
  dependencyLists.forEach((list, q) => {
    for (const d of list) dependentLists[d].push(q);
  });
  const dependencies = csr(dependencyLists);
  const dependents = csr(dependentLists);
  let first = 0;
  return {
    quantumCount: n,
    datasetCount: n,
    dependencyOffsets: dependencies.offsets,
    dependencies: dependencies.values,
    dependentOffsets: dependents.offsets,
    dependents: dependents.values,
    inputs: (q) => dependencyLists[q].map((dataset) => ({ dataset, connection: 0 })),
    outputs: (q) => [{ dataset: q, connection: 0 }],
    tasks: shapes.map((shape, t) => {
      const task = {
        label: shape.label ?? `task${t}`,
        firstQuantum: first,
        quantumCount: shape.dependencies.length,
        cores: shape.cores ?? 1,
        memoryBytes: shape.memoryBytes ?? 1,
        limitSeconds: shape.limitSeconds,
        minimums: [shape.minimum ?? 1],
      };
      first += shape.dependencies.length;
      return task;
    }),
  };
}

function csr(lists: readonly (readonly number[])[]): { offsets: Uint32Array; values: Uint32Array } {
  const offsets = new Uint32Array(lists.length + 1);
  lists.forEach((list, i) => {
    offsets[i + 1] = offsets[i] + list.length;
  });
  return { offsets, values: Uint32Array.from(lists.flat()) };
}
