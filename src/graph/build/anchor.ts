// SPDX-License-Identifier: BSD-3-Clause
import { noRow } from '../columns/link.ts';
import { Flags } from '../paged/flags.ts';
import { dropOutputs } from './drop-edges.ts';
import type { PruneLog } from './prune-log.ts';
import type { BuildReport } from './report.ts';
import type { ConnectionEdges, TaskRows, TypeRows } from './tables.ts';

/** Quanta of `source` are kept only where a quantum of `anchor` comes after them. */
export interface Anchor {
  source: string;
  anchor: string;
}

type Marks = Map<TypeRows, Flags>;

/**
 * Takes out quanta of the source task from which no quantum of the anchor task can be reached, and everything that needs
 * results of theirs. Two passes over the edges with a flag a dataset: up from the anchor, down from what goes.
 */
export function pruneUnanchored(
  log: PruneLog,
  report: BuildReport,
  tasks: readonly TaskRows[],
  { source, anchor }: Anchor,
): void {
  const from = tasks.find((rows) => rows.label === source);
  if (from === undefined) {
    report.warnings.push(`No task "${source}" is in the pipeline: no unanchored quanta to leave out.`);
    return;
  }
  const reached: Marks = new Map();
  const reaches = new Flags(from.alive.pool, from.relation.count);
  for (const rows of tasks.toReversed()) {
    for (let quantum = 0; quantum < rows.relation.count; quantum++) {
      if (!rows.alive.has(quantum)) continue;
      if (rows.label !== anchor && !anyMarked(rows.outputs, quantum, reached)) continue;
      mark(rows.inputs, quantum, reached);
      if (rows === from) reaches.add(quantum);
    }
  }
  const doomed: Marks = new Map();
  for (const rows of tasks) {
    for (let quantum = 0; quantum < rows.relation.count; quantum++) {
      if (!rows.alive.has(quantum)) continue;
      const loose = rows === from && !reaches.has(quantum);
      if (!loose && !anyMarked(rows.inputs, quantum, doomed)) continue;
      const message = loose
        ? `no quantum of ${anchor} comes after them`
        : `they need results of quanta of ${source} without a quantum of ${anchor} after them`;
      log.drop(rows, quantum, 'unanchored', { message });
      mark(rows.outputs, quantum, doomed);
      dropOutputs(rows, quantum);
    }
  }
}

function anyMarked(connections: readonly ConnectionEdges[], quantum: number, marks: Marks): boolean {
  return connections.some(({ type, link }) => {
    const flags = marks.get(type);
    if (flags === undefined) return false;
    for (let i = link.begin(quantum); i < link.end(quantum); i++)
      if (link.at(i) !== noRow && flags.has(link.at(i))) return true;
    return false;
  });
}

function mark(connections: readonly ConnectionEdges[], quantum: number, marks: Marks): void {
  for (const { type, link } of connections) {
    let flags = marks.get(type);
    if (flags === undefined) marks.set(type, (flags = new Flags(type.alive.pool, type.relation.count)));
    for (let i = link.begin(quantum); i < link.end(quantum); i++) {
      const dataset = link.at(i);
      if (dataset !== noRow && type.alive.has(dataset)) flags.add(dataset);
    }
  }
}
