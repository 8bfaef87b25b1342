// SPDX-License-Identifier: BSD-3-Clause
import type { ColumnGraph } from '../column-graph.ts';
import { nodesOf } from './mermaid.ts';

/** The task graph with counts, ready to be drawn: tasks and dataset types as nodes. */
export interface Drawing {
  nodes: {
    id: string;
    kind: 'task' | 'datasetType';
    name: string;
    dimensions: string;
    /** `12 quanta`, `400 datasets, 20 exist`. */
    count: string;
    /** Written once a run. */
    init: boolean;
  }[];
  edges: { from: string; to: string; kind: 'input' | 'prerequisite' | 'init' | 'output' }[];
}

export function drawing(graph: ColumnGraph): Drawing {
  const types = new Map(graph.index.datasetTypes.map((type) => [type.name, type]));
  const nodes = new Map<string, Drawing['nodes'][number]>();
  const edges: Drawing['edges'] = [];
  const datasetNode = (datasetType: string, dimensions: readonly string[], init: boolean): string => {
    const name = datasetType.split('.')[0];
    const id = `d:${name}`;
    const type = types.get(name);
    const count =
      type === undefined
        ? ''
        : `${number(type.datasetCount)}${type.existing === 'all' && type.given === undefined ? ' exist' : ''}`;
    if (!nodes.has(id))
      nodes.set(id, { id, kind: 'datasetType', name, dimensions: dimensions.join(', '), count, init });
    return id;
  };
  const counts = new Map(graph.tasks.map((task) => [task.label, task.quantumCount]));
  for (const { label, dimensions, inputs, outputs } of nodesOf(graph)) {
    const id = `t:${label}`;
    const count = `${number(counts.get(label) ?? 0)} quanta`;
    nodes.set(id, { id, kind: 'task', name: label, dimensions: dimensions.join(', '), count, init: false });
    for (const input of inputs) {
      const init = input.kind === 'initInput';
      const from = datasetNode(input.datasetType, input.dimensions, init);
      if (!edges.some((edge) => edge.from === from && edge.to === id))
        edges.push({ from, to: id, kind: init ? 'init' : (input.kind as 'input' | 'prerequisite') });
    }
    for (const output of outputs)
      edges.push({
        from: id,
        to: datasetNode(output.datasetType, output.dimensions, output.init),
        kind: output.init ? 'init' : 'output',
      });
  }
  return { nodes: [...nodes.values()], edges };
}

/** Thousands apart: 12 345. */
function number(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, '\u202f');
}
