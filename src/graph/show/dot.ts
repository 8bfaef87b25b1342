// SPDX-License-Identifier: BSD-3-Clause
import type { ColumnGraph } from '../column-graph.ts';
import { drawing } from './drawing.ts';

/** The task graph in the DOT language, for those who lay graphs out with their own tools. */
export function graphDot(graph: ColumnGraph): string {
  const { nodes, edges } = drawing(graph);
  const quote = (text: string): string =>
    `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
  const styles = { input: '', output: '', prerequisite: ' [style=dashed]', init: ' [style=dotted]' };
  return [
    'digraph pipeline {',
    '  node [fontname="sans-serif"];',
    ...nodes.map(({ id, kind, name, dimensions, count, init }) => {
      const label = [name, dimensions, count].filter((line) => line !== '').join('\n');
      const look = kind === 'task' ? 'shape=box, style=filled' : `shape=ellipse${init ? ', style=dashed' : ''}`;
      return `  ${quote(id)} [label=${quote(label)}, ${look}];`;
    }),
    ...edges.map(({ from, to, kind }) => `  ${quote(from)} -> ${quote(to)}${styles[kind]};`),
    '}',
    '',
  ].join('\n');
}
