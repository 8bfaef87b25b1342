// SPDX-License-Identifier: BSD-3-Clause
import type { ColumnGraph } from './column-graph.ts';
import { noRow } from './columns/link.ts';
import type { ColumnBlock, GraphEdges } from './data.ts';

/** How many edges each connection has: as the file says, else counted now and remembered. By task and connection. */
export function edgeCounts(graph: ColumnGraph, side: 'inputs' | 'outputs'): number[][] {
  return graph.index.tasks.map((task, t) => task[side].map((edges) => (edges.count ??= countEdges(graph, t, edges))));
}

/** Fills in the counts of all connections: what a file keeps, so that showing it reads no column. */
export function rememberEdgeCounts(graph: ColumnGraph): void {
  edgeCounts(graph, 'inputs');
  edgeCounts(graph, 'outputs');
}

/** Rows whose lists are read at once. */
const blockRows = 65_536;

function countEdges(graph: ColumnGraph, t: number, edges: GraphEdges): number {
  const quanta = graph.edges.quantaOf(t);
  const datasets = graph.edges.datasetsOf(edges.type);
  const { kind } = graph.index.links[edges.link];
  if (kind === 'same' && quanta.bits === undefined) return datasets.count;
  if (kind === 'same' && datasets.bits === undefined) return quanta.count;
  const items = kind === 'same' ? undefined : graph.parts.block(`link/${edges.link}/items`);
  const offsets = kind === 'lists' ? graph.parts.block(`link/${edges.link}/offsets`) : undefined;
  let count = 0;
  for (let begin = 0; begin < quanta.size; begin += blockRows) {
    const end = Math.min(begin + blockRows, quanta.size);
    const ends = offsets === undefined ? undefined : words(offsets, begin, end + 1);
    const first = ends === undefined ? begin : ends[0];
    const own = items === undefined ? undefined : words(items, first, ends === undefined ? end : ends[end - begin]);
    for (let row = begin; row < end; row++) {
      if (!quanta.has(row)) continue;
      const last = ends === undefined ? row + 1 : ends[row - begin + 1];
      for (let i = ends === undefined ? row : ends[row - begin]; i < last; i++) {
        const to = own === undefined ? i : own[i - first];
        if (to !== noRow && datasets.has(to)) count++;
      }
    }
  }
  return count;
}

function words({ read }: ColumnBlock, begin: number, end: number): Uint32Array {
  const bytes = read(4 * begin, 4 * end);
  if (bytes.byteOffset % 4 === 0) return new Uint32Array(bytes.buffer, bytes.byteOffset, end - begin);
  return new Uint32Array(bytes.slice().buffer);
}
