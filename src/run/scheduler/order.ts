// SPDX-License-Identifier: BSD-3-Clause
import type { SchedulerGraph } from './graph.ts';

/**
 * The order in which ready quanta are preferred: depth first. The last products are taken one after the other, deepest chains
 * first, and each is preceded by all it needs that is not there yet. So one patch is finished before the next is begun,
 * intermediate files are consumed soon after they are made, and a failure late in the pipeline shows early in the run.
 *
 * @returns rank of each quantum, a permutation of 0 … n-1; a quantum's dependencies have smaller ranks than itself.
 *   O(quanta + edges), no recursion.
 */
export function depthFirstRanks(graph: SchedulerGraph): Uint32Array {
  const n = graph.quantumCount;
  const { dependencyOffsets, dependencies } = graph;
  const stack = new Uint32Array(n);
  const cursor = new Uint32Array(n);
  const sinks = sinksByDepth(graph, chainDepths(graph, cursor, stack));
  const rank = new Uint32Array(n).fill(UNSEEN);
  let next = 0;
  for (const sink of sinks) {
    let top = 0;
    stack[0] = sink;
    cursor[sink] = dependencyOffsets[sink];
    rank[sink] = OPEN;
    while (top >= 0) {
      const q = stack[top];
      if (cursor[q] < dependencyOffsets[q + 1]) {
        const d = dependencies[cursor[q]++];
        if (rank[d] === UNSEEN) {
          rank[d] = OPEN;
          cursor[d] = dependencyOffsets[d];
          stack[++top] = d;
        }
      } else {
        rank[q] = next++;
        top--;
      }
    }
  }
  return rank;
}

const UNSEEN = 0xffffffff;
const OPEN = 0xfffffffe;

/** Quanta that nothing depends on, those at the end of the longest chains first, else in order of rows: a counting sort. */
function sinksByDepth({ quantumCount: n, dependentOffsets }: SchedulerGraph, depth: Uint32Array): Uint32Array {
  let deepest = 0;
  let count = 0;
  for (let q = 0; q < n; q++) {
    if (dependentOffsets[q] !== dependentOffsets[q + 1]) continue;
    count++;
    if (depth[q] > deepest) deepest = depth[q];
  }
  const place = new Uint32Array(deepest + 2);
  for (let q = 0; q < n; q++) if (dependentOffsets[q] === dependentOffsets[q + 1]) place[deepest - depth[q] + 1]++;
  for (let d = 1; d < place.length; d++) place[d] += place[d - 1];
  const sinks = new Uint32Array(count);
  for (let q = 0; q < n; q++)
    if (dependentOffsets[q] === dependentOffsets[q + 1]) sinks[place[deepest - depth[q]]++] = q;
  return sinks;
}

/** Longest chain of dependencies above each quantum. Quanta on a cycle keep 0. `left` and `queue` are room to work in. */
function chainDepths(graph: SchedulerGraph, left: Uint32Array, queue: Uint32Array): Uint32Array {
  const n = graph.quantumCount;
  const { dependencyOffsets, dependentOffsets, dependents } = graph;
  const depth = new Uint32Array(n);
  let tail = 0;
  for (let q = 0; q < n; q++) {
    left[q] = dependencyOffsets[q + 1] - dependencyOffsets[q];
    if (left[q] === 0) queue[tail++] = q;
  }
  for (let head = 0; head < tail; head++) {
    const q = queue[head];
    for (let e = dependentOffsets[q]; e < dependentOffsets[q + 1]; e++) {
      const d = dependents[e];
      if (depth[d] <= depth[q]) depth[d] = depth[q] + 1;
      if (--left[d] === 0) queue[tail++] = d;
    }
  }
  return depth;
}
