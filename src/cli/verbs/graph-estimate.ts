// SPDX-License-Identifier: BSD-3-Clause

import { positiveNumber } from '../common-options.ts';
import type { Cell } from '../output.ts';
import { openPipeline, pipelineOptions } from '../produce/pipeline-options.ts';
import type { Verb } from '../verb.ts';
import { withButler } from '../with-butler.ts';

export const graphEstimate: Verb = {
  name: 'graph estimate',
  group: 'Produce',
  summary: 'how large a graph would be and what it would take to run, in seconds, before anything is built',
  details:
    'Data IDs are counted by the repository; where regions have to be compared, for a random sample of visits that stands for the others (marked ~). Hours, memory and bytes come from the records of earlier runs in the repository. What a build would leave out for a missing prerequisite is counted.',
  arguments: [['<pipeline>', 'YAML file; file.yaml#a,b or #a..b selects tasks']],
  options: [
    { flags: '-b, --repo <repo>', description: 'repository', required: true },
    {
      flags: '-i, --input <collections>',
      description: 'input collections in search order',
      list: true,
      required: true,
    },
    { flags: '-d, --where <expression>', description: 'which data' },
    {
      flags: '-j, --jobs <n>',
      description: 'tell the wall time with so many jobs at a time',
      parse: positiveNumber,
      default: 1,
    },
    {
      flags: '--sample <n>',
      description: 'join about so many data IDs on the sky for the sample',
      parse: positiveNumber,
      default: 20_000,
    },
    { flags: '--runs <n>', description: 'learn from the newest so many runs', parse: positiveNumber, default: 20 },
    ...pipelineOptions,
  ],
  examples: [
    [
      'graph estimate pipelines/drp.yaml -b repo -i SimCam/raw/all,SimCam/calib -d "instrument=\'SimCam\'"',
      'quanta, edges, memory, hours, bytes',
    ],
    ['graph estimate pipelines/drp.yaml#step3 -b repo -i u/me/step2 -j 64 --json', 'for programs'],
  ],
  async action({ args, options, out }) {
    return withButler(options['repo'], { writeable: false }, async (butler) => {
      const pipeline = await openPipeline(args['pipeline'] as string, options, butler.universe);
      const { candidateSource, estimateGraph } = await import('../../graph/index.ts');
      const { formatBytes, formatSeconds, listRuns, measuredUsage, RunFolder } = await import('../../run/index.ts');
      for (const name of options['input'] as string[]) await butler.getCollection(name);
      const runs = listRuns(butler.root).slice(0, options['runs'] as number);
      const usage = measuredUsage(runs.map(({ run }) => RunFolder.open(butler.root, run).outcomesPath));
      const estimate = await estimateGraph(pipeline, candidateSource(butler), {
        inputs: options['input'],
        where: options['where'],
        dataId: pipeline.instrument === undefined ? undefined : { instrument: pipeline.instrument },
        sampleRows: options['sample'],
        usage,
      });
      if (out.json) {
        out.value(estimate);
        return 0;
      }
      const by = new Map(estimate.usage.byTask.map((task) => [task.label, task]));
      out.rows(
        ['task', 'quanta', '', 'inputs', 'outputs', 'CPU hours', 'memory', 'written'],
        estimate.tasks.map((task): Cell[] => {
          const known = by.get(task.label);
          const how = task.error === 0 ? '' : task.error === undefined ? '~' : `~ ${(100 * task.error).toFixed(1)} %`;
          const used =
            known === undefined
              ? ['?', '?', '?']
              : [known.cpuHours.toFixed(2), formatBytes(known.peakMemoryBytes), formatBytes(known.bytesWritten)];
          return [task.label, task.quanta, how, task.inputEdges, task.outputEdges, ...used];
        }),
      );
      const { quanta, inputEdges, outputEdges, datasets, existing, cost, samples } = estimate;
      out.say(
        `${quanta} quanta, ${inputEdges} input and ${outputEdges} output edges, ${datasets} datasets (${existing} exist).`,
      );
      out.say(
        `Building takes about ${formatSeconds(cost.buildSeconds)} and ${formatBytes(cost.buildMemoryBytes)} of memory; the file has about ${formatBytes(cost.fileBytes)}.`,
      );
      if (cost.buildMemoryBytes > cost.leastMemoryBytes)
        out.say(
          `With --memory it takes less, down to ${formatBytes(cost.leastMemoryBytes)}; up to ${formatBytes(cost.spillBytes)} wait on disk then.`,
        );
      const { cpuHours, wallHours, bytesWritten, unknown } = estimate.usage;
      if (by.size > 0)
        out.say(
          `Running takes about ${cpuHours.toFixed(1)} CPU hours (${(wallHours / options['jobs']).toFixed(1)} hours with ${options['jobs']} jobs at a time) and writes ${formatBytes(bytesWritten)}.`,
        );
      if (unknown.length > 0)
        out.say(`No run of this repository tells what ${unknown.join(', ')} take${unknown.length === 1 ? 's' : ''}.`);
      for (const { labels, unit, units, drawn } of samples)
        if (drawn < units)
          out.say(`From ${drawn} of ${units} ${unit.at(-1)}s, joined on the sky: ${labels.join(', ')}.`);
      out.say(`${estimate.questions} questions to the repository, ${estimate.wallSeconds.toFixed(2)} s.`);
      return 0;
    });
  },
};
