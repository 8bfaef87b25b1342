// SPDX-License-Identifier: BSD-3-Clause
import { noRow } from '../columns/link.ts';
import { PagedColumn } from '../paged/column.ts';
import { PagedLink } from '../paged/link.ts';
import { dropOutputs } from './drop-edges.ts';
import type { PruneLog } from './prune-log.ts';
import type { ConnectionEdges, TaskRows } from './tables.ts';

/** What a task changes when it regroups its quanta, by rows: nothing happens to the graph until it is applied. */
export class Regrouping {
  readonly #rows: TaskRows;
  readonly #removed = new Set<number>();
  /** Lists that changed, by connection and quantum. */
  readonly #lists = new Map<ConnectionEdges, Map<number, number[]>>();

  constructor(rows: TaskRows) {
    this.#rows = rows;
  }

  isRemoved(quantum: number): boolean {
    return this.#removed.has(quantum);
  }

  remove(quantum: number): void {
    this.#removed.add(quantum);
  }

  /** Datasets that a quantum has at a connection. */
  list(edges: ConnectionEdges, row: number): number[] {
    const changed = this.#lists.get(edges)?.get(row);
    if (changed !== undefined) return changed;
    const { link, type } = edges;
    const list: number[] = [];
    for (let i = link.begin(row); i < link.end(row); i++)
      if (link.at(i) !== noRow && type.alive.has(link.at(i))) list.push(link.at(i));
    return list;
  }

  set(edges: ConnectionEdges, row: number, list: number[]): void {
    const lists = this.#lists.get(edges) ?? new Map<number, number[]>();
    this.#lists.set(edges, lists);
    lists.set(row, list);
  }

  add(edges: ConnectionEdges, row: number, dataset: number): void {
    const list = this.list(edges, row);
    if (!list.includes(dataset))
      this.set(
        edges,
        row,
        [...list, dataset].sort((a, b) => a - b),
      );
  }

  /** Puts the changes into the task's links; quanta that went take their outputs along. */
  apply(log: PruneLog): void {
    const rows = this.#rows;
    for (const [edges, changed] of this.#lists) {
      edges.link = rebuilt(rows, edges.link, changed);
      edges.own = undefined;
      if (edges.connection.kind === 'output') edges.type.producer = { rows, link: edges.link };
    }
    for (const quantum of [...this.#removed].sort((a, b) => a - b)) {
      log.drop(rows, quantum, 'noWork', { message: 'the task took them out when it regrouped its quanta' });
      dropOutputs(rows, quantum);
    }
  }
}

/** The link with other lists for some rows. */
function rebuilt(
  { relation, alive: { pool } }: TaskRows,
  link: PagedLink,
  changed: ReadonlyMap<number, readonly number[]>,
): PagedLink {
  const lists = { offsets: new PagedColumn(pool), items: new PagedColumn(pool) };
  lists.offsets.push(0);
  for (let row = 0; row < relation.count; row++) {
    const list = changed.get(row);
    if (list !== undefined) for (const one of list) lists.items.push(one);
    else for (let i = link.begin(row), end = link.end(row); i < end; i++) lists.items.push(link.at(i));
    lists.offsets.push(lists.items.length);
  }
  return PagedLink.lists(lists);
}
