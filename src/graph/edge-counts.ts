// SPDX-License-Identifier: BSD-3-Clause
import type { ColumnGraph } from './column-graph.ts';
import { noRow } from './columns/link.ts';
import type { GraphEdges } from './data.ts';
import { linkOf } from './derive/link-of.ts';

/** How many edges each connection has: as the file says, else counted now and remembered. By task and connection. */
export function edgeCounts(graph: ColumnGraph, side: 'inputs' | 'outputs'): number[][] {
  return graph.index.tasks.map((task, t) => task[side].map((edges) => (edges.count ??= countEdges(graph, t, edges))));
}

/** Fills in the counts of all connections: what a file keeps, so that showing it reads no column. */
export function rememberEdgeCounts(graph: ColumnGraph): void {
  edgeCounts(graph, 'inputs');
  edgeCounts(graph, 'outputs');
}

function countEdges(graph: ColumnGraph, t: number, edges: GraphEdges): number {
  const quanta = graph.edges.quantaOf(t);
  const datasets = graph.edges.datasetsOf(edges.type);
  const link = linkOf(graph, edges.link);
  if (link.kind === 'same' && quanta.bits === undefined) return datasets.count;
  if (link.kind === 'same' && datasets.bits === undefined) return quanta.count;
  let count = 0;
  for (let row = 0; row < quanta.size; row++) {
    if (!quanta.has(row)) continue;
    for (let i = link.begin(row), end = link.end(row); i < end; i++) {
      const to = link.at(i);
      if (to !== noRow && datasets.has(to)) count++;
    }
  }
  return count;
}
