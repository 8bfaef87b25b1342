// SPDX-License-Identifier: BSD-3-Clause
import type { Csr } from './columns/csr.ts';
import { noRow } from './columns/link.ts';
import { RowSet } from './columns/row-set.ts';
import type { GraphEdges, GraphIndex, GraphParts } from './data.ts';

/** Edges as three columns, one entry an edge: what {@link QuantumGraph} offers to those who walk through all of them. */
export interface EdgeColumns {
  offsets: Uint32Array;
  datasets: Uint32Array;
  connections: Uint8Array;
}

/** The edges of a graph, from its relations, links and choices of rows. */
export class Edges {
  readonly #index: GraphIndex;
  readonly #parts: GraphParts;
  readonly #quanta = new Map<number, RowSet>();
  readonly #datasets = new Map<number, RowSet>();
  readonly #makers = new Map<number, Uint32Array>();

  constructor(index: GraphIndex, parts: GraphParts) {
    this.#index = index;
    this.#parts = parts;
  }

  /** Rows of its relation that are quanta of the task. */
  quantaOf(task: number): RowSet {
    return this.#rows(this.#quanta, 'task', task, this.#index.tasks[task]);
  }

  /** Rows of its relation that are datasets of the type. */
  datasetsOf(type: number): RowSet {
    return this.#rows(this.#datasets, 'type', type, this.#index.datasetTypes[type]);
  }

  /** Dataset rows at the connections of one quantum, with the index of the connection. */
  of(side: 'inputs' | 'outputs', task: number, relationRow: number): { dataset: number; connection: number }[] {
    const found: { dataset: number; connection: number }[] = [];
    for (const [connection, edges] of this.#index.tasks[task][side].entries()) {
      const rows = this.datasetsOf(edges.type);
      const first = this.#index.datasetTypes[edges.type].firstDataset;
      for (const row of this.#linked(edges.link, relationRow))
        if (row !== noRow && rows.has(row)) found.push({ dataset: first + rows.rank(row), connection });
    }
    return found;
  }

  /** The quantum that makes a dataset of the type (by its row in the relation), or undefined. */
  producer(type: number, relationRow: number): number | undefined {
    const { producer } = this.#index.datasetTypes[type];
    if (producer === undefined) return undefined;
    const task = this.#index.tasks[producer.task];
    const quanta = this.quantaOf(producer.task);
    const maker = this.#makerOf(type, relationRow);
    return maker !== noRow && quanta.has(maker) ? task.firstQuantum + quanta.rank(maker) : undefined;
  }

  /** All edges of one side. */
  columns(side: 'inputs' | 'outputs'): EdgeColumns {
    const offsets = new Uint32Array(this.#index.quantumCount + 1);
    let capacity = 0;
    for (const [t, task] of this.#index.tasks.entries())
      for (const edges of task[side]) capacity += this.#entries(edges, this.quantaOf(t).size);
    const datasets = new Uint32Array(capacity);
    const connections = new Uint8Array(capacity);
    let at = 0;
    this.#walk(side, (quantum, connection, dataset) => {
      datasets[at] = dataset;
      connections[at++] = connection;
      offsets[quantum + 1] = at;
    });
    fillGaps(offsets);
    return { offsets, datasets: datasets.subarray(0, at), connections: connections.subarray(0, at) };
  }

  /** For each quantum those that must end before it: sorted, without repeats. */
  dependencies(): Csr {
    const offsets = new Uint32Array(this.#index.quantumCount + 1);
    let items = new Uint32Array(1024);
    let at = 0;
    let [current, start] = [-1, 0];
    const close = (): void => {
      if (current < 0) return;
      at = distinct(items, start, at);
      offsets[current + 1] = at;
    };
    this.#walk('inputs', (quantum, _connection, _dataset, type, row) => {
      if (quantum !== current) {
        close();
        [current, start] = [quantum, at];
      }
      const producer = this.producer(type, row);
      if (producer === undefined) return;
      if (at === items.length) items = grown(items);
      items[at++] = producer;
    });
    close();
    fillGaps(offsets);
    return { offsets, items: items.slice(0, at) };
  }

  /** Visits every edge, by quantum, connection and dataset. */
  #walk(
    side: 'inputs' | 'outputs',
    visit: (quantum: number, connection: number, dataset: number, type: number, row: number) => void,
  ): void {
    for (const [t, task] of this.#index.tasks.entries()) {
      const quanta = this.quantaOf(t);
      const sides = task[side].map((edges) => ({
        type: edges.type,
        rows: this.datasetsOf(edges.type),
        first: this.#index.datasetTypes[edges.type].firstDataset,
        ...this.#columnsOf(edges.link),
      }));
      let quantum = task.firstQuantum;
      for (let row = 0; row < quanta.size; row++) {
        if (!quanta.has(row)) continue;
        for (const [connection, { type, rows, first, offsets, items }] of sides.entries()) {
          const end = offsets === undefined ? row + 1 : offsets[row + 1];
          for (let i = offsets === undefined ? row : offsets[row]; i < end; i++) {
            const to = items === undefined ? i : items[i];
            if (to !== noRow && rows.has(to)) visit(quantum, connection, first + rows.rank(to), type, to);
          }
        }
        quantum++;
      }
    }
  }

  #rows(known: Map<number, RowSet>, kind: 'task' | 'type', at: number, choice: { relation: number; whole: boolean }) {
    let rows = known.get(at);
    if (rows === undefined) {
      const bits = choice.whole ? undefined : (this.#parts.column(`${kind}/${at}/rows`) as Uint8Array);
      rows = new RowSet(this.#index.relations[choice.relation].rows, bits);
      known.set(at, rows);
    }
    return rows;
  }

  #linked(link: number, row: number): number[] {
    const { kind } = this.#index.links[link];
    if (kind === 'same') return [row];
    if (kind === 'map') return [this.#parts.at(`link/${link}/items`, row)];
    const found: number[] = [];
    const end = this.#parts.at(`link/${link}/offsets`, row + 1);
    for (let i = this.#parts.at(`link/${link}/offsets`, row); i < end; i++)
      found.push(this.#parts.at(`link/${link}/items`, i));
    return found;
  }

  #columnsOf(link: number): { offsets?: Uint32Array; items?: Uint32Array } {
    const { kind } = this.#index.links[link];
    if (kind === 'same') return {};
    const items = this.#parts.column(`link/${link}/items`) as Uint32Array;
    return kind === 'map' ? { items } : { items, offsets: this.#parts.column(`link/${link}/offsets`) as Uint32Array };
  }

  #entries({ link }: GraphEdges, rows: number): number {
    return this.#columnsOf(link).items?.length ?? rows;
  }

  /** Row of the producing task's relation for a row of the type's. */
  #makerOf(type: number, row: number): number {
    const { producer } = this.#index.datasetTypes[type] as { producer: { task: number; output: number } };
    const { link } = this.#index.tasks[producer.task].outputs[producer.output];
    if (this.#index.links[link].kind === 'same') return row;
    let makers = this.#makers.get(link);
    if (makers === undefined) {
      makers = this.#inverse(link);
      this.#makers.set(link, makers);
    }
    return makers[row];
  }

  #inverse(link: number): Uint32Array {
    const { from, to } = this.#index.links[link];
    const { offsets, items } = this.#columnsOf(link);
    const makers = new Uint32Array(this.#index.relations[to].rows).fill(noRow);
    for (let row = 0; row < this.#index.relations[from].rows; row++) {
      const end = offsets === undefined ? row + 1 : offsets[row + 1];
      for (let i = offsets === undefined ? row : offsets[row]; i < end; i++) {
        const item = (items as Uint32Array)[i];
        if (item !== noRow) makers[item] = row;
      }
    }
    return makers;
  }
}

/** Quanta without edges end where the one before them ends. */
function fillGaps(offsets: Uint32Array): void {
  for (let i = 1; i < offsets.length; i++) if (offsets[i] < offsets[i - 1]) offsets[i] = offsets[i - 1];
}

/** Sorts items[start, end) and drops repeats; returns the new end. */
function distinct(items: Uint32Array, start: number, end: number): number {
  if (end - start < 2) return end;
  items.subarray(start, end).sort();
  let kept = start;
  for (let i = start; i < end; i++) if (i === start || items[i] !== items[kept - 1]) items[kept++] = items[i];
  return kept;
}

function grown(items: Uint32Array): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(2 * items.length);
  larger.set(items);
  return larger;
}
