// SPDX-License-Identifier: BSD-3-Clause
import type { DataId } from '../../butler/index.ts';
import type { ColumnGraph } from '../column-graph.ts';
import { linkOf } from '../derive/link-of.ts';
import { graphErrors } from '../errors.ts';

/** One quantum with what it reads and writes, what it waits for and what waits for it. */
export interface Neighbourhood {
  quantum: number;
  id: string;
  label: string;
  dataId: DataId;
  reads: NeighbourDataset[];
  writes: NeighbourDataset[];
  waitsFor: NeighbourQuantum[];
  waitedForBy: NeighbourQuantum[];
}

export interface NeighbourDataset {
  connection: string;
  row: number;
  id: string;
  datasetType: string;
  dataId: DataId;
  run: string;
  /** Quantum that makes it; null: it exists. */
  producer: number | null;
}

export interface NeighbourQuantum {
  quantum: number;
  label: string;
  dataId: DataId;
}

/** Reads the links of the quantum's own task and of the tasks that read its outputs; no other column. */
export function neighbourhood(graph: ColumnGraph, quantum: number): Neighbourhood {
  if (!Number.isInteger(quantum) || quantum < 0 || quantum >= graph.quantumCount)
    throw graphErrors.UNKNOWN_QUANTUM({ quantum: String(quantum), count: graph.quantumCount });
  const task = graph.tasks[graph.taskOf(quantum)];
  const reads = graph.quantumInputs(quantum).map((edge) => dataset(graph, edge, task.inputNames));
  const writes = graph.quantumOutputs(quantum).map((edge) => dataset(graph, edge, task.outputNames));
  const waitsFor = distinct(reads.flatMap(({ producer }) => (producer === null ? [] : [producer])));
  const waitedForBy = distinct(writes.flatMap(({ row }) => consumers(graph, row)));
  return {
    quantum,
    id: graph.quantumUuid(quantum),
    label: task.label,
    dataId: graph.quantumDataId(quantum),
    reads,
    writes,
    waitsFor: waitsFor.map((row) => named(graph, row)),
    waitedForBy: waitedForBy.map((row) => named(graph, row)),
  };
}

/** The quanta that read a dataset, ascending. */
export function consumers(graph: ColumnGraph, dataset: number): number[] {
  const type = graph.typeOf(dataset);
  const wanted = graph.edges.datasetsOf(type).select(dataset - graph.datasetTypes[type].firstDataset);
  const found: number[] = [];
  for (const [t, task] of graph.index.tasks.entries()) {
    for (const edges of task.inputs) {
      if (edges.type !== type) continue;
      const quanta = graph.edges.quantaOf(t);
      const add = (row: number): void => {
        if (quanta.has(row)) found.push(task.firstQuantum + quanta.rank(row));
      };
      const { items, offsets } = linkOf(graph, edges.link);
      if (items === undefined) add(wanted);
      else
        for (let i = items.indexOf(wanted); i >= 0; i = items.indexOf(wanted, i + 1))
          add(offsets === undefined ? i : rowHolding(offsets, i));
    }
  }
  return distinct(found);
}

/** The row whose list holds entry i: the last whose offset is at most i. */
function rowHolding(offsets: Uint32Array, i: number): number {
  let [low, high] = [0, offsets.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (offsets[middle] <= i) low = middle;
    else high = middle;
  }
  return low;
}

function dataset(
  graph: ColumnGraph,
  edge: { dataset: number; connection: number },
  names: readonly string[],
): NeighbourDataset {
  const { row, id, datasetType, dataId, run, producer } = graph.dataset(edge.dataset);
  return { connection: names[edge.connection], row, id, datasetType, dataId, run, producer: producer ?? null };
}

function named(graph: ColumnGraph, quantum: number): NeighbourQuantum {
  return { quantum, label: graph.tasks[graph.taskOf(quantum)].label, dataId: graph.quantumDataId(quantum) };
}

function distinct(rows: readonly number[]): number[] {
  return [...new Set(rows)].sort((a, b) => a - b);
}
