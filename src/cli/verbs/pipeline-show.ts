// SPDX-License-Identifier: BSD-3-Clause
import { openPipeline, pipelineOptions } from '../produce/pipeline-options.ts';
import type { Verb } from '../verb.ts';

export const pipelineShow: Verb = {
  name: 'pipeline show',
  group: 'Produce',
  summary: 'show a pipeline: its tasks, how they connect, their configuration',
  arguments: [['<pipeline>', 'YAML file; file.yaml#a,b selects tasks']],
  options: [
    ...pipelineOptions,
    { flags: '--mermaid', description: 'the task graph as Mermaid' },
    { flags: '--task <label>', description: 'one task: connections and every field of its configuration' },
  ],
  examples: [
    ['pipeline show pipelines/drp.yaml', 'tasks in order with what flows between them'],
    ['pipeline show pipelines/drp.yaml --task isr', 'the fields of isr with their values'],
    ['pipeline show pipelines/drp.yaml#..calibrate --mermaid', 'a part of it, for a page'],
  ],
  async action({ args, options, out }) {
    const pipeline = await openPipeline(args['pipeline'] as string, options);
    const { describeConfig, pipelineMermaid, pipelineText, taskText } = await import('../../pipeline/index.ts');
    if (out.json) {
      out.value({
        description: pipeline.description,
        instrument: pipeline.instrument,
        tasks: pipeline.tasks.map((t) => t.declaration),
        subsets: Object.fromEntries(pipeline.subsets),
      });
    } else if (options['mermaid'] === true) out.say(pipelineMermaid(pipeline));
    else if (options['task'] !== undefined) out.say(taskText(pipeline, options['task'], describeConfig));
    else out.say(pipelineText(pipeline));
    return 0;
  },
};
