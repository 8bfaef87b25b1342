// SPDX-License-Identifier: BSD-3-Clause
import { splitComponent } from '../resolve/model.ts';
import type { TaskDeclaration } from '../task.ts';

/** One task as drawings see it. */
export interface TaskNode {
  label: string;
  dimensions: readonly string[];
  /** Dataset types that it reads: from where (a task, or undefined for the repository), and how. */
  inputs: {
    datasetType: string;
    from: string | undefined;
    kind: 'input' | 'prerequisite' | 'initInput';
    dimensions: readonly string[];
  }[];
  outputs: { datasetType: string; dimensions: readonly string[]; init: boolean }[];
}

/** The task graph without the datasets that every task has. */
export function taskNodes(pipeline: {
  readonly tasks: readonly { readonly declaration: TaskDeclaration }[];
}): TaskNode[] {
  const producer = new Map<string, string>();
  for (const { declaration } of pipeline.tasks) {
    for (const connection of Object.values(declaration.connections)) {
      if (connection.kind === 'output' || connection.kind === 'initOutput')
        producer.set(connection.datasetType, declaration.label);
    }
  }
  return pipeline.tasks.map(({ declaration }) => {
    const node: TaskNode = { label: declaration.label, dimensions: declaration.dimensions, inputs: [], outputs: [] };
    for (const [name, connection] of Object.entries(declaration.connections)) {
      if (name.startsWith('_')) continue;
      const dimensions = connection.dimensions ?? [];
      if (connection.kind === 'output' || connection.kind === 'initOutput') {
        node.outputs.push({ datasetType: connection.datasetType, dimensions, init: connection.kind === 'initOutput' });
      } else {
        const from = producer.get(splitComponent(connection.datasetType).parent);
        node.inputs.push({ datasetType: connection.datasetType, from, kind: connection.kind, dimensions });
      }
    }
    return node;
  });
}
