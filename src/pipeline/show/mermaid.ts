// SPDX-License-Identifier: BSD-3-Clause
import type { ResolvedPipeline } from '../resolve/model.ts';
import { type TaskNode, taskNodes } from './model.ts';

/** The task graph as a Mermaid flowchart: tasks as boxes, dataset types as rounded nodes. */
export function pipelineMermaid(pipeline: ResolvedPipeline): string {
  return tasksMermaid(taskNodes(pipeline), () => undefined);
}

/** The same for any list of tasks; `note` adds a line to a task's box. */
export function tasksMermaid(nodes: readonly TaskNode[], note: (label: string) => string | undefined): string {
  const lines = ['flowchart TD'];
  const ids = new Map<string, string>();
  const id = (prefix: string, name: string): string => {
    const key = `${prefix}${name}`;
    let found = ids.get(key);
    if (found === undefined) {
      found = `${prefix}${ids.size}`;
      ids.set(key, found);
    }
    return found;
  };
  const quote = (text: string) => `"${text.replaceAll('"', '#quot;')}"`;
  const drawn = new Set<string>();
  const dataset = (name: string, dimensions: readonly string[]): string => {
    const node = id('d', name);
    if (!drawn.has(node)) {
      drawn.add(node);
      lines.push(`  ${node}(${quote(dimensions.length === 0 ? name : `${name}<br/>${dimensions.join(', ')}`)})`);
    }
    return node;
  };
  for (const { label, dimensions } of nodes) {
    const text = [`<b>${label}</b>`, dimensions.join(', '), note(label)].filter(
      (line) => line !== undefined && line !== '',
    );
    lines.push(`  ${id('t', label)}[${quote(text.join('<br/>'))}]:::task`);
  }
  for (const node of nodes) {
    for (const input of node.inputs) {
      const arrow = input.kind === 'prerequisite' ? '-.->' : '-->';
      lines.push(`  ${dataset(input.datasetType, input.dimensions)} ${arrow} ${id('t', node.label)}`);
    }
    for (const output of node.outputs)
      lines.push(`  ${id('t', node.label)} --> ${dataset(output.datasetType, output.dimensions)}`);
  }
  lines.push('  classDef task fill:#eef,stroke:#336,stroke-width:2px');
  return lines.join('\n');
}
