// SPDX-License-Identifier: BSD-3-Clause
import type { ColumnGraph } from '../column-graph.ts';
import { noRow } from '../columns/link.ts';
import { Matcher } from '../diff/match.ts';

/** A run that came before, as far as its graph and its log tell. */
export interface EarlierRun {
  readonly graph: ColumnGraph;
  /** By quantum: 1 if it ended well and what it wrote is there as recorded. */
  readonly whole: Uint8Array;
  /** By dataset row: 1 if it was made; 2 if it was made and handed over in memory only. */
  readonly made: Uint8Array;
}

/** An earlier run beside the graph that is judged; rows and types are those of the latter unless said otherwise. */
export class Side {
  readonly earlier: EarlierRun;
  readonly matcher: Matcher;
  readonly #full: ColumnGraph;
  readonly #types = new Map<number, number>();

  constructor(full: ColumnGraph, earlier: EarlierRun) {
    this.#full = full;
    this.earlier = earlier;
    this.matcher = new Matcher(earlier.graph, full);
  }

  /** Index of the task of the same label there; -1: none. */
  taskIndex(t: number): number {
    const { label } = this.#full.tasks[t];
    return this.earlier.graph.tasks.findIndex((task) => task.label === label);
  }

  /** From the row of a quantum its row there, or `noRow`; undefined: there is no such task. */
  task(t: number): ((row: number) => number) | undefined {
    const there = this.taskIndex(t);
    if (there < 0) return undefined;
    const { graph } = this.earlier;
    const rows = this.matcher.rows(graph.index.tasks[there].relation, this.#full.index.tasks[t].relation);
    const chosen = graph.edges.quantaOf(there);
    return (row) => (rows[row] !== noRow && chosen.has(rows[row]) ? rows[row] : noRow);
  }

  quantum(t: number, rowThere: number): number {
    const there = this.taskIndex(t);
    return this.earlier.graph.tasks[there].firstQuantum + this.earlier.graph.edges.quantaOf(there).rank(rowThere);
  }

  /** Index of the dataset type of the same name there; -1: none. */
  typeIndex(type: number): number {
    let there = this.#types.get(type);
    if (there === undefined) {
      const { name } = this.#full.datasetTypes[type];
      there = this.earlier.graph.datasetTypes.findIndex((one) => one.name === name);
      this.#types.set(type, there);
    }
    return there;
  }

  /** Rows there of the same data IDs. */
  rowsOf(type: number): Uint32Array {
    const there = this.typeIndex(type);
    const { graph } = this.earlier;
    return this.matcher.rows(graph.index.datasetTypes[there].relation, this.#full.index.datasetTypes[type].relation);
  }

  /** 0: not made by this run; 1: made; 2: made, never on disk. */
  madeAt(type: number, row: number): number {
    const there = this.typeIndex(type);
    if (there < 0) return 0;
    const rowThere = this.rowsOf(type)[row];
    const datasets = this.earlier.graph.edges.datasetsOf(there);
    if (rowThere === noRow || !datasets.has(rowThere)) return 0;
    return this.earlier.made[this.earlier.graph.datasetTypes[there].firstDataset + datasets.rank(rowThere)];
  }
}
