// SPDX-License-Identifier: BSD-3-Clause
import { didYouMean } from '../../base/index.ts';
import type { DataIdValue } from '../../butler/index.ts';
import type { ColumnGraph } from '../column-graph.ts';
import { groupRows, type KeyColumn, take } from '../columns/group.ts';
import { graphErrors } from '../errors.ts';

/** Quanta of each task by the values of some dimensions. */
export interface ValueCounts {
  dimensions: readonly string[];
  /** Tasks that have all of the dimensions. */
  labels: readonly string[];
  rows: { values: readonly DataIdValue[]; quanta: readonly number[] }[];
}

/** Reads the columns of these dimensions and nothing else. Values come in ascending order. */
export function countsBy(graph: ColumnGraph, dimensions: readonly string[]): ValueCounts {
  for (const name of dimensions) {
    if (graph.index.relations.some(({ names }) => names.includes(name))) continue;
    const known = graph.index.dimensions;
    throw graphErrors.UNKNOWN_DIMENSION({ dimension: name, hint: didYouMean(name, known), known: known.join(', ') });
  }
  const values = dimensions.map((name) => graph.parts.values(name));
  const ranks = values.map(ranksOf);
  const tasks = graph.index.tasks.flatMap((task, t) =>
    dimensions.every((name) => graph.index.relations[task.relation].names.includes(name)) ? [{ task, t }] : [],
  );
  const rows = new Map<string, { ranks: number[]; values: DataIdValue[]; quanta: number[] }>();
  for (const [k, { task, t }] of tasks.entries()) {
    const picked = graph.edges.quantaOf(t).rows();
    const columns = dimensions.map((name, d): KeyColumn => {
      const codes = take(graph.parts.column(`relation/${task.relation}/${name}`) as Uint32Array, picked);
      return { values: codes, cardinality: Math.max(1, values[d].length) };
    });
    const { of, count, first } = groupRows(columns, picked.length);
    const quanta = new Uint32Array(count);
    for (const group of of) quanta[group]++;
    for (let group = 0; group < count; group++) {
      const codes = columns.map((column) => column.values[first[group]]);
      const key = codes.join();
      let row = rows.get(key);
      if (row === undefined) {
        row = {
          ranks: codes.map((code, d) => ranks[d][code]),
          values: codes.map((code, d) => values[d][code]),
          quanta: tasks.map(() => 0),
        };
        rows.set(key, row);
      }
      row.quanta[k] = quanta[group];
    }
  }
  const sorted = [...rows.values()].sort((a, b) => compareLists(a.ranks, b.ranks));
  return {
    dimensions,
    labels: tasks.map(({ task }) => task.label),
    rows: sorted.map((row) => ({ values: row.values, quanta: row.quanta })),
  };
}

function ranksOf(values: readonly DataIdValue[]): Uint32Array {
  const order = [...values.keys()].sort((a, b) => (values[a] < values[b] ? -1 : values[a] > values[b] ? 1 : 0));
  const ranks = new Uint32Array(values.length);
  for (const [rank, code] of order.entries()) ranks[code] = rank;
  return ranks;
}

function compareLists(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((rank, i) => rank !== b[i]);
  return at < 0 ? 0 : a[at] - b[at];
}
