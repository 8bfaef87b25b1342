// SPDX-License-Identifier: BSD-3-Clause
import type { QuantumGraph } from '../../graph/index.ts';
import { splitComponent } from '../../pipeline/index.ts';
import { type Clusters, NO_CLUSTER, type SchedulerGraph } from '../scheduler/index.ts';

/** Members, in the order of rows. */
export type Cluster = Uint32Array;

const NOBODY = 0xffffffff;

/** Rows of the datasets of a type, and the quantum that makes each. */
interface Held {
  name: string;
  first: number;
  end: number;
  producers: Uint32Array;
}

/** Finds the quanta that datasets of some types connect: everything that makes or reads one, joined over each edge. */
export class ClusterFinder implements Iterable<Cluster> {
  readonly clusters: Clusters;
  readonly memberCount: number;
  readonly largest: number;
  readonly #graph: QuantumGraph;
  readonly #held: readonly Held[];

  constructor(graph: QuantumGraph, { quantumCount, tasks, inputs, outputs }: SchedulerGraph, types: readonly string[]) {
    this.#graph = graph;
    this.#held = graph.datasetTypes.flatMap(({ name, firstDataset: first, datasetCount }): Held[] => {
      if (!types.includes(name)) return [];
      return [{ name, first, end: first + datasetCount, producers: new Uint32Array(datasetCount).fill(NOBODY) }];
    });
    const parent = new Uint32Array(quantumCount).fill(NOBODY); // of quanta that take part
    const quantaOf = (kinds: readonly string[]) =>
      tasks.filter((_, t) => {
        const connections = Object.values(graph.tasks[t].declaration.connections);
        return connections.some((c) => kinds.includes(c.kind) && types.includes(splitComponent(c.datasetType).parent));
      });
    for (const { firstQuantum, quantumCount: count } of quantaOf(['output'])) {
      for (let q = firstQuantum; q < firstQuantum + count; q++) {
        for (const { dataset } of outputs(q)) {
          const held = this.#heldOf(dataset);
          if (held === undefined) continue;
          held.producers[dataset - held.first] = q;
          parent[q] = q;
        }
      }
    }
    for (const { firstQuantum, quantumCount: count } of quantaOf(['input', 'prerequisite'])) {
      for (let q = firstQuantum; q < firstQuantum + count; q++) {
        for (const { dataset } of inputs(q)) {
          const producer = this.#producerOf(dataset);
          if (producer === NOBODY) continue;
          if (parent[q] === NOBODY) parent[q] = q;
          join(parent, q, producer);
        }
      }
    }
    const { of, offsets, members } = grouped(parent);
    this.clusters = { of, offsets, members, isInMemory: (dataset) => this.#producerOf(dataset) !== NOBODY };
    this.memberCount = members.length;
    let largest = 0;
    for (const cluster of this) largest = Math.max(largest, cluster.length);
    this.largest = largest;
  }

  *[Symbol.iterator](): Generator<Cluster> {
    const { offsets, members } = this.clusters;
    for (let c = 0; c + 1 < offsets.length; c++) yield members.subarray(offsets[c], offsets[c + 1]);
  }

  /** The type that most of a cluster's edges are of. */
  busiestType(cluster: Cluster): string {
    const edges = new Map<string, number>();
    for (const quantum of cluster)
      for (const { dataset } of this.#graph.quantumInputs(quantum)) {
        const held = this.#heldOf(dataset);
        if (held !== undefined) edges.set(held.name, (edges.get(held.name) ?? 0) + 1);
      }
    return [...edges].reduce((a, b) => (b[1] > a[1] ? b : a))[0];
  }

  #heldOf(dataset: number): Held | undefined {
    for (const held of this.#held) if (dataset >= held.first && dataset < held.end) return held;
    return undefined;
  }

  #producerOf(dataset: number): number {
    const held = this.#heldOf(dataset);
    return held === undefined ? NOBODY : held.producers[dataset - held.first];
  }
}

/**
 * Bytes a worker may hold at a time while it runs a cluster depth first, if each dataset takes as much as the task that makes it
 * requests: a bound, since it was in that task's memory beside everything else.
 */
export function heldAtMost({ clusters }: ClusterFinder, numbers: SchedulerGraph, cluster: Cluster): number {
  const { isInMemory } = clusters;
  const bytesOf = (quantum: number): number => {
    const task = numbers.tasks.findLast(({ firstQuantum }) => firstQuantum <= quantum)!;
    return numbers.outputs(quantum).filter(({ dataset }) => isInMemory(dataset)).length * task.memoryBytes;
  };
  const inside = new Set(cluster);
  const near = (offsets: Uint32Array, quanta: Uint32Array, q: number): number[] =>
    [...quanta.subarray(offsets[q], offsets[q + 1])].filter((other) => inside.has(other));
  const before = (q: number) => near(numbers.dependencyOffsets, numbers.dependencies, q);
  const after = (q: number) => near(numbers.dependentOffsets, numbers.dependents, q);
  const wanted = new Map([...cluster].map((q) => [q, after(q).length]));
  let held = 0;
  let most = 0;
  const done = new Set<number>();
  // What the last products need first, each followed by its own: as the scheduler goes about it.
  for (const sink of cluster) {
    if (after(sink).length > 0) continue;
    const open = [sink];
    while (open.length > 0) {
      const quantum = open.at(-1)!;
      const next = before(quantum).find((other) => !done.has(other));
      if (next !== undefined) {
        open.push(next);
        continue;
      }
      open.pop();
      if (done.has(quantum)) continue;
      done.add(quantum);
      held += bytesOf(quantum);
      most = Math.max(most, held);
      for (const other of before(quantum)) {
        const left = wanted.get(other)! - 1;
        wanted.set(other, left);
        if (left === 0) held -= bytesOf(other);
      }
      if (wanted.get(quantum) === 0) held -= bytesOf(quantum);
    }
  }
  return most;
}

/** Joins two trees; the smaller row is the root, so that equal graphs give equal clusters. */
function join(parent: Uint32Array, a: number, b: number): void {
  const [x, y] = [rootOf(parent, a), rootOf(parent, b)];
  if (x < y) parent[y] = x;
  else parent[x] = y;
}

function rootOf(parent: Uint32Array, quantum: number): number {
  let at = quantum;
  while (parent[at] !== at) {
    parent[at] = parent[parent[at]];
    at = parent[at];
  }
  return at;
}

/** Members by root, as columns. */
function grouped(parent: Uint32Array): Pick<Clusters, 'of' | 'offsets' | 'members'> {
  const n = parent.length;
  const of = new Uint32Array(n).fill(NO_CLUSTER);
  const sizes: number[] = [];
  let total = 0;
  for (let q = 0; q < n; q++) {
    if (parent[q] === NOBODY) continue;
    const root = rootOf(parent, q);
    if (root === q) {
      of[q] = sizes.length;
      sizes.push(0);
    } else of[q] = of[root]; // roots come first
    sizes[of[q]]++;
    total++;
  }
  const offsets = new Uint32Array(sizes.length + 1);
  for (let c = 0; c < sizes.length; c++) offsets[c + 1] = offsets[c] + sizes[c];
  const members = new Uint32Array(total);
  const at = offsets.slice();
  for (let q = 0; q < n; q++) if (of[q] !== NO_CLUSTER) members[at[of[q]]++] = q;
  return { of, offsets, members };
}
