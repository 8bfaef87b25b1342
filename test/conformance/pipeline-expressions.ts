// SPDX-License-Identifier: BSD-3-Clause
import { z } from 'zod';
import { SkymillError } from '../../src/base/index.ts';
import {
  type ConnectionKind,
  loadPipelineText,
  type ResolvedPipeline,
  resolvePipeline,
  type TaskDefinition,
} from '../../src/pipeline/index.ts';
import { parseSelection, selectTasks } from '../../src/pipeline/resolve/select.ts';
import type { Adapter, Comparison } from './suite.ts';

interface TaskShape {
  initInputs: string[];
  initOutputs: string[];
  inputs: string[];
  outputs: string[];
}
interface PipelineShape {
  tasks: Record<string, TaskShape>;
  subsets: Record<string, string[]>;
}

function definition(label: string, shape: TaskShape): TaskDefinition {
  const kinds: [ConnectionKind, string[]][] = [
    ['initInput', shape.initInputs],
    ['initOutput', shape.initOutputs],
    ['input', shape.inputs],
    ['output', shape.outputs],
  ];
  const connections = kinds.flatMap(([kind, types]) =>
    types.map((datasetType) => [`${kind}_${datasetType}`, { kind, datasetType, storage: 'S', dimensions: [] }]),
  );
  return {
    name: label,
    dimensions: [],
    connections: Object.fromEntries(connections),
    config: z.object({}),
    run: () => ({}),
  };
}

async function resolved({ tasks, subsets }: PipelineShape): Promise<ResolvedPipeline> {
  const text = JSON.stringify({
    description: 'of the suite',
    tasks: Object.fromEntries(Object.keys(tasks).map((label) => [label, label])),
    subsets,
  });
  return resolvePipeline(await loadPipelineText(text), async (label) => definition(label, tasks[label]));
}

/** The task subset language: parse trees, and what is selected from the suite's pipelines. */
export const pipelineExpressions: Adapter = {
  async run(test, { suite }): Promise<Comparison> {
    const refused = test.kind === 'parse' ? test.expect.ok !== true : test.expect.tasks === undefined;
    try {
      if (test.kind === 'parse') return { actual: parseSelection(test.input), expected: test.expect.tree };
      const pipeline = await resolved(suite.pipelines[test.pipeline]);
      const actual = [...selectTasks(test.expression, pipeline)].sort();
      return { actual, expected: (test.expect.tasks as string[] | undefined)?.toSorted() };
    } catch (error) {
      if (!(error instanceof SkymillError) || error.kind !== 'user') throw error;
      return { actual: error.code, expected: test.expect, equal: refused };
    }
  },
};
