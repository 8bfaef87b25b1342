// SPDX-License-Identifier: BSD-3-Clause
import { noRow } from '../columns/link.ts';
import { type ConnectionEdges, existingAt, type TaskRows } from './tables.ts';

/** Outputs of a quantum that will not run; those that exist stay. */
export function dropOutputs(rows: TaskRows, quantum: number): void {
  for (const { type, link } of rows.outputs) {
    for (let i = link.begin(quantum); i < link.end(quantum); i++) {
      const dataset = link.at(i);
      if (existingAt(type, dataset) === 0) type.alive[dataset] = 0;
    }
  }
}

/** Takes away edges of one quantum. The link becomes the connection's own: others that share it keep theirs. */
export function dropEdges(edges: ConnectionEdges, rows: TaskRows, quantum: number, keep: ReadonlySet<number>): void {
  const { link } = edges;
  let own = edges.own;
  for (let i = link.begin(quantum); i < link.end(quantum); i++) {
    if (link.at(i) === noRow || keep.has(link.at(i))) continue;
    if (own === undefined) {
      own = link.mapped(rows.relation.count, (dataset) => dataset);
      edges.own = own;
      edges.link = own;
    }
    (own.items as Uint32Array)[i] = noRow;
  }
}
