// SPDX-License-Identifier: BSD-3-Clause
import { automaticConnections } from '../../pipeline/index.ts';
import type { CandidateSource } from '../build/source.ts';
import type { ColumnGraph } from '../column-graph.ts';
import { KeyIndex } from '../columns/key-index.ts';
import { noRow } from '../columns/link.ts';
import { linkOf } from '../derive/link-of.ts';

/** What is left of a graph after some of it was done, by task. */
export interface RescuePlan {
  done: number;
  left: number;
  tasks: {
    label: string;
    quanta: number;
    done: number;
    left: number;
    /** Of those left, by what happened to them: `failed`, `blocked`, `killed`, `not started`. */
    why: Record<string, number>;
    /** Rows of the first few that are left. */
    examples: number[];
  }[];
}

/** `whatOf` says of each quantum `done`, or why it is left. */
export function rescuePlan(graph: ColumnGraph, whatOf: (quantum: number) => string, examples = 5): RescuePlan {
  const plan: RescuePlan = { done: 0, left: 0, tasks: [] };
  for (const { label, firstQuantum, quantumCount } of graph.tasks) {
    const task = {
      label,
      quanta: quantumCount,
      done: 0,
      left: 0,
      why: {} as Record<string, number>,
      examples: [] as number[],
    };
    for (let quantum = firstQuantum; quantum < firstQuantum + quantumCount; quantum++) {
      const what = whatOf(quantum);
      if (what === 'done') {
        task.done++;
        continue;
      }
      task.left++;
      task.why[what] = (task.why[what] ?? 0) + 1;
      if (task.examples.length < examples) task.examples.push(quantum);
    }
    plan.done += task.done;
    plan.left += task.left;
    plan.tasks.push(task);
  }
  return plan;
}

/**
 * Which quanta have their results in these collections: a bit map over quanta. The metadata dataset is written last, so it says
 * that a quantum ended; a task without one is done where all its outputs are there. One question for each dataset type.
 */
export async function doneIn(
  graph: ColumnGraph,
  source: Pick<CandidateSource, 'datasets'>,
  collections: readonly string[],
): Promise<Uint8Array> {
  const done = new Uint8Array(graph.quantumCount);
  for (const [t, task] of graph.index.tasks.entries()) {
    const metadata = task.outputNames.indexOf(automaticConnections.metadata);
    const outputs = metadata < 0 ? task.outputs : [task.outputs[metadata]];
    if (outputs.length === 0) continue;
    const quanta = graph.edges.quantaOf(t);
    const present = await Promise.all(outputs.map(({ type }) => presentRows(graph, source, collections, type)));
    const links = outputs.map(({ link }) => linkOf(graph, link));
    for (let row = 0, quantum = task.firstQuantum; row < quanta.size; row++) {
      if (!quanta.has(row)) continue;
      let all = 1;
      for (const [k, link] of links.entries())
        for (let i = link.begin(row); i < link.end(row); i++)
          if (link.at(i) !== noRow && present[k][link.at(i)] === 0) all = 0;
      done[quantum++] = all;
    }
  }
  return done;
}

async function presentRows(
  graph: ColumnGraph,
  source: Pick<CandidateSource, 'datasets'>,
  collections: readonly string[],
  t: number,
): Promise<Uint8Array> {
  const { name, relation } = graph.index.datasetTypes[t];
  const { required, rows } = graph.index.relations[relation];
  const columns = required.map((dimension) => ({
    values: graph.parts.column(`relation/${relation}/${dimension}`) as Uint32Array,
    cardinality: graph.parts.values(dimension).length,
  }));
  const index = new KeyIndex(columns, rows);
  const codes = required.map((dimension) => new Map(graph.parts.values(dimension).map((value, code) => [value, code])));
  const present = new Uint8Array(rows);
  for await (const batch of source.datasets({ datasetType: name, dimensions: required, collections }))
    for (let row = 0; row < batch.rows; row++) {
      const found = index.find((k) => codes[k].get(batch.columns[required[k]][row]) ?? noRow);
      if (found !== noRow) present[found] = 1;
    }
  return present;
}
