// SPDX-License-Identifier: BSD-3-Clause
import { noRow } from '../columns/link.ts';
import { PagedColumn } from '../paged/column.ts';
import { PagedLink } from '../paged/link.ts';
import { type ConnectionEdges, existingAt, type TaskRows } from './tables.ts';

/**
 * Outputs of a quantum that will not run. Of one that is done those that exist stay; of one that lacks something none does, though an older
 * one may stand in the output run.
 */
export function dropOutputs(rows: TaskRows, quantum: number): void {
  const isDone = rows.done?.has(quantum) === true;
  for (const { type, link } of rows.outputs) {
    for (let i = link.begin(quantum); i < link.end(quantum); i++) {
      const dataset = link.at(i);
      if (!isDone || existingAt(type, dataset) === 0) type.alive.delete(dataset);
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
      own = ownLink(rows, link);
      edges.own = own;
      edges.link = own;
    }
    (own.items as PagedColumn).set(i, noRow);
  }
}

/** The same entries in a column that may be changed. */
function ownLink({ relation, alive }: TaskRows, link: PagedLink): PagedLink {
  const items = new PagedColumn(alive.pool);
  for (let i = 0, end = link.entries(relation.count); i < end; i++) items.push(link.at(i));
  return link.offsets === undefined ? PagedLink.map(items) : PagedLink.lists({ offsets: link.offsets, items });
}
