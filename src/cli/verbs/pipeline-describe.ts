// SPDX-License-Identifier: BSD-3-Clause
import { openPipeline, pipelineOptions } from '../produce/pipeline-options.ts';
import type { Verb } from '../verb.ts';

export const pipelineDescribe: Verb = {
  name: 'pipeline describe',
  group: 'Produce',
  summary: 'describe the tasks of a pipeline that are Python classes, and keep the descriptions',
  arguments: [['<pipeline>', 'YAML file; file.yaml#a,b selects tasks']],
  options: [...pipelineOptions, { flags: '--refresh', description: 'ask Python again even where nothing has changed' }],
  details:
    'Graphs are built from descriptions: Python is started only for tasks that have none, or whose files have changed since. Other verbs describe what they need by themselves.',
  examples: [
    [
      'pipeline describe drp.yaml --python /opt/stack/bin/python',
      'once, where the packages of the tasks are installed',
    ],
    ['pipeline describe drp.yaml --json', 'dimensions, connections and configuration of every task'],
  ],
  async action({ args, options, out }) {
    const pipeline = await openPipeline(args['pipeline'] as string, options);
    const tasks = pipeline.tasks.map(({ declaration }) => declaration);
    if (!out.json)
      out.rows(
        ['task', 'class', 'dimensions', 'inputs', 'outputs'],
        tasks.map((task) => {
          const count = (...kinds: string[]) =>
            Object.values(task.connections).filter(({ kind }) => kinds.includes(kind)).length;
          return [
            task.label,
            task.taskClass,
            task.dimensions.join(', '),
            count('input', 'prerequisite'),
            count('output'),
          ];
        }),
      );
    const { hookNames } = await import('../../pipeline/index.ts');
    for (const { label, pythonHooks } of tasks)
      if (pythonHooks !== undefined)
        out.say(`Task ${label} has a say when graphs are built: ${hookNames(pythonHooks).join(', ')}.`);
    out.value({ instrument: pipeline.instrument, tasks });
    return 0;
  },
};
