// SPDX-License-Identifier: BSD-3-Clause
import { taskNodes, tasksMermaid } from '../../pipeline/index.ts';
import type { ColumnGraph } from '../column-graph.ts';

/** The task-label graph with counts, as a Mermaid flowchart. */
export function graphMermaid(graph: ColumnGraph): string {
  const counts = new Map(graph.tasks.map((task) => [task.label, task.quantumCount]));
  return tasksMermaid(nodesOf(graph), (label) => `${counts.get(label)} quanta`);
}

export function nodesOf(graph: ColumnGraph) {
  return taskNodes({ tasks: graph.tasks.map(({ declaration }) => ({ declaration })) });
}
