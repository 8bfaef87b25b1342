// SPDX-License-Identifier: BSD-3-Clause
import type { ColumnGraph } from '../column-graph.ts';
import { graphErrors } from '../errors.ts';
import type { NamedParts } from './assign.ts';
import type { Assignment } from './cut.ts';

/** Parts that have quanta, in an order in which they can run one after the other. Parts that need each other are an error. */
export function orderParts(graph: ColumnGraph, parts: NamedParts): Assignment & { names: string[] } {
  const { partOf } = parts;
  const needs = new Map<number, Map<number, number>>();
  const counts = new Uint32Array(parts.names.length);
  const { offsets, quanta } = graph.dependencies();
  for (let quantum = 0; quantum < partOf.length; quantum++) {
    const part = partOf[quantum];
    counts[part]++;
    for (let i = offsets[quantum]; i < offsets[quantum + 1]; i++) {
      const other = partOf[quanta[i]];
      if (other === part) continue;
      const of = needs.get(part) ?? new Map<number, number>();
      needs.set(part, of);
      if (!of.has(other)) of.set(other, quantum);
    }
  }
  for (const [part, other] of initNeeds(graph, parts)) {
    const of = needs.get(part) ?? new Map<number, number>();
    needs.set(part, of);
    if (!of.has(other)) of.set(other, 0);
  }
  const order: number[] = [];
  const state = new Uint8Array(parts.names.length); // 1: being placed, 2: placed
  const place = (part: number): void => {
    state[part] = 1;
    for (const [other, quantum] of [...(needs.get(part) ?? [])].sort(([a], [b]) => a - b)) {
      if (state[other] === 0) place(other);
      else if (state[other] === 1)
        throw graphErrors.SPLIT_CYCLE({
          first: parts.names[other],
          second: parts.names[part],
          task: graph.tasks[graph.taskOf(quantum)].label,
        });
    }
    state[part] = 2;
    order.push(part);
  };
  for (const part of parts.names.keys()) if (counts[part] > 0 && state[part] === 0) place(part);
  const rank = new Uint32Array(parts.names.length);
  for (const [at, part] of order.entries()) rank[part] = at;
  const lists = order.map((part) => new Uint32Array(counts[part]));
  const filled = new Uint32Array(order.length);
  const ranked = partOf.map((part) => rank[part]);
  for (let quantum = 0; quantum < ranked.length; quantum++) lists[ranked[quantum]][filled[ranked[quantum]]++] = quantum;
  return { partOf: ranked, quanta: lists, names: order.map((part) => parts.names[part]) };
}

/** Datasets written once a run (schemas) that a part reads and does not write: it needs the first part that has the writing task. */
function initNeeds(graph: ColumnGraph, { partOf, names }: NamedParts): [part: number, other: number][] {
  const partsOf = graph.tasks.map(({ firstQuantum, quantumCount }) => {
    const seen = new Uint8Array(names.length);
    for (let quantum = firstQuantum; quantum < firstQuantum + quantumCount; quantum++) seen[partOf[quantum]] = 1;
    return [...seen.keys()].filter((part) => seen[part] === 1);
  });
  const found: [number, number][] = [];
  for (const [t, task] of graph.tasks.entries())
    for (const row of Object.values(task.initInputs)) {
      const writer = graph.tasks.findIndex(({ initOutputs }) => Object.values(initOutputs).includes(row));
      if (writer < 0 || partsOf[writer].length === 0) continue;
      for (const part of partsOf[t]) if (!partsOf[writer].includes(part)) found.push([part, partsOf[writer][0]]);
    }
  return found;
}
