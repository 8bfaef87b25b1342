// SPDX-License-Identifier: BSD-3-Clause
import { type Clusters, NO_CLUSTER } from '../../src/run/scheduler/cluster-state.ts';
import type { SchedulerGraph } from '../../src/run/scheduler/graph.ts';

export interface TaskShape {
  label?: string;
  cores?: number;
  memoryBytes?: number;
  limitSeconds?: number;
  /** Minimum of the task's only input connection. */
  minimum?: number;
  /** Its products are only handed over in memory. */
  inMemory?: boolean;
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

/** The quanta that products in memory connect, found in the plainest way. */
export function clustersOf(shapes: readonly TaskShape[]): Clusters | undefined {
  const inMemory = shapes.flatMap(({ inMemory = false, dependencies }) => dependencies.map(() => inMemory));
  const readers = shapes.flatMap(({ dependencies }) => dependencies);
  const group = inMemory.map((held, q) => (held ? q : NO_CLUSTER));
  const merge = (a: number, b: number) => {
    for (const [q, one] of group.entries()) if (one === a) group[q] = b;
  };
  readers.forEach((list, reader) => {
    for (const maker of list) {
      if (!inMemory[maker]) continue;
      if (group[reader] === NO_CLUSTER) group[reader] = group[maker];
      else merge(group[reader], group[maker]);
    }
  });
  const names = [...new Set(group)].filter((name) => name !== NO_CLUSTER);
  if (names.length === 0) return undefined;
  const { offsets, values } = csr(names.map((name) => group.flatMap((one, q) => (one === name ? [q] : []))));
  return {
    of: Uint32Array.from(group, (name) => (name === NO_CLUSTER ? NO_CLUSTER : names.indexOf(name))),
    offsets,
    members: values,
    isInMemory: (dataset) => inMemory[dataset],
  };
}

function csr(lists: readonly (readonly number[])[]): { offsets: Uint32Array; values: Uint32Array } {
  const offsets = new Uint32Array(lists.length + 1);
  lists.forEach((list, i) => {
    offsets[i + 1] = offsets[i] + list.length;
  });
  return { offsets, values: Uint32Array.from(lists.flat()) };
}
