// SPDX-License-Identifier: BSD-3-Clause
import { agreeDatasetTypes, selectTasks } from '../../pipeline/index.ts';
import type { ColumnGraph } from '../column-graph.ts';
import { graphErrors } from '../errors.ts';
import { newGraphId } from '../ids.ts';
import { assignByDimensions, assignByTasks, type NamedParts } from './assign.ts';
import { Cutter } from './cut.ts';
import { orderParts } from './order.ts';

export interface SplitOptions {
  /** By the values of these dimensions. */
  by?: readonly string[];
  /** Into so many parts of about equal size, along `by` or the dimension that suits best. */
  parts?: number;
  /** Tasks of each part, as expressions (`isr..calibrate`, `>=makeWarp & ~assemble`); what is left makes a part "rest". */
  tasks?: readonly string[];
}

export interface GraphPartPlan {
  name: string;
  run: string;
  quanta: number;
}

export interface Split {
  /** Parts in the order in which they can run. */
  parts: readonly GraphPartPlan[];
  /** The parts one by one, so that only one is held at a time. */
  graphs(): Generator<ColumnGraph>;
}

/**
 * Splits a graph into parts that are graphs by themselves: every quantum is in one of them, and everything that a part reads is in
 * it: datasets that exist as they are; what an earlier part makes as an existing dataset without files yet, with the id and the run
 * that it will have (header.part.needs). Each part writes to a run of its own, `<output run>/<name>`, because what is written once
 * a run (configurations, schemas) is written by each part; the output chain is that of the whole.
 */
export function splitGraph(graph: ColumnGraph, options: SplitOptions): Split {
  const { names, ...assignment } = orderParts(graph, assign(graph, options));
  const { header } = graph;
  const identities = names.map((name) => ({
    id: newGraphId(),
    name,
    header: {
      ...header,
      createdAt: new Date().toISOString(),
      outputRun: `${header.outputRun}/${name.replace(/[^\w.=,-]/g, '_').replace(/[=,]/g, '-')}`,
      part: { name, of: graph.id, ofRun: header.outputRun, needs: [] },
    },
  }));
  return {
    parts: identities.map(({ name, header: { outputRun } }, part) => ({
      name,
      run: outputRun,
      quanta: assignment.quanta[part].length,
    })),
    *graphs() {
      const cutter = new Cutter(graph, assignment, identities);
      for (const part of identities.keys()) yield cutter.cut(part);
    },
  };
}

function assign(graph: ColumnGraph, { by, parts, tasks }: SplitOptions): NamedParts {
  if (parts !== undefined && !(Number.isInteger(parts) && parts > 0))
    throw graphErrors.SPLIT_HOW({ problem: `${parts} is not a number of parts` });
  if (tasks !== undefined && tasks.length > 0) {
    if (by !== undefined || parts !== undefined)
      throw graphErrors.SPLIT_HOW({ problem: 'tasks cannot be combined with dimensions or a number of parts' });
    return assignByTasks(graph, selectedGroups(graph, tasks));
  }
  if (by !== undefined && by.length > 0) return assignByDimensions(graph, by, parts);
  if (parts === undefined) throw graphErrors.SPLIT_HOW({ problem: 'nothing says how' });
  return assignEqually(graph, parts);
}

function selectedGroups(graph: ColumnGraph, expressions: readonly string[]) {
  const datasetTypes = agreeDatasetTypes(graph.tasks, new Map(), undefined);
  const pipeline = { tasks: graph.tasks, datasetTypes, subsets: new Map() };
  return expressions.map((expression) => ({
    name: expression
      .replaceAll('..', '-to-')
      .replace(/[^\w-]+/g, '_')
      .replace(/^[-_]+|[-_]+$/g, ''),
    labels: [...selectTasks(expression, pipeline)],
  }));
}

/** Along the dimension that most quanta have, among those with enough values whose parts do not need each other. */
function assignEqually(graph: ColumnGraph, parts: number): NamedParts {
  const { index } = graph;
  const coverage = new Map<string, number>();
  for (const { relation, quantumCount } of index.tasks)
    for (const name of index.relations[relation].names)
      if (graph.parts.values(name).length >= parts) coverage.set(name, (coverage.get(name) ?? 0) + quantumCount);
  let cycle: unknown;
  for (const [dimension] of [...coverage].sort(([, a], [, b]) => b - a)) {
    const assigned = assignByDimensions(graph, [dimension], parts);
    const shared = assigned.partOf.reduce((sum, part) => sum + (part >= assigned.names.length - 2 ? 1 : 0), 0);
    if (2 * shared > graph.quantumCount) continue;
    try {
      orderParts(graph, assigned);
      return assigned;
    } catch (error) {
      cycle ??= error;
    }
  }
  if (cycle !== undefined) throw cycle;
  throw graphErrors.SPLIT_HOW({ problem: `no dimension divides most of the quanta into ${parts} parts` });
}
