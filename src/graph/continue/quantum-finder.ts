// SPDX-License-Identifier: BSD-3-Clause
import type { DataId, DataIdValue } from '../../butler/index.ts';
import type { ColumnGraph } from '../column-graph.ts';
import { KeyIndex } from '../columns/key-index.ts';
import { noRow } from '../columns/link.ts';

/** Finds the quantum of a task by its data ID (required dimensions are enough). */
export function quantumFinder(graph: ColumnGraph): (label: string, dataId: DataId) => number | undefined {
  const finders = new Map<string, (dataId: DataId) => number | undefined>();
  return (label, dataId) => {
    let find = finders.get(label);
    if (find === undefined) {
      find = finderOf(graph, label);
      finders.set(label, find);
    }
    return find(dataId);
  };
}

function finderOf(graph: ColumnGraph, label: string): (dataId: DataId) => number | undefined {
  const t = graph.tasks.findIndex((task) => task.label === label);
  if (t < 0) return () => undefined;
  const { relation, firstQuantum } = graph.index.tasks[t];
  const { required, rows } = graph.index.relations[relation];
  const columns = required.map((name) => ({
    values: graph.parts.column(`relation/${relation}/${name}`) as Uint32Array,
    cardinality: graph.parts.values(name).length,
  }));
  const index = new KeyIndex(columns, rows);
  const codes = required.map(
    (name) => new Map<DataIdValue, number>(graph.parts.values(name).map((value, code) => [value, code])),
  );
  const quanta = graph.edges.quantaOf(t);
  return (dataId) => {
    const row = index.find((k) => codes[k].get(dataId[required[k]]) ?? noRow);
    return row !== noRow && quanta.has(row) ? firstQuantum + quanta.rank(row) : undefined;
  };
}
