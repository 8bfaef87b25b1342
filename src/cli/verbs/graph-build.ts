// SPDX-License-Identifier: BSD-3-Clause
import { dryRunOption } from '../common-options.ts';
import { buildFor, graphOptions, graphRequest } from '../produce/graph-options.ts';
import { openPipeline, pipelineOptions } from '../produce/pipeline-options.ts';
import type { Verb } from '../verb.ts';
import { withButler } from '../with-butler.ts';

export const graphBuild: Verb = {
  name: 'graph build',
  group: 'Produce',
  summary: 'build a quantum graph and write it to a file',
  arguments: [['<pipeline>', 'YAML file; file.yaml#a,b selects tasks']],
  options: [
    ...graphOptions,
    ...pipelineOptions,
    { flags: '-g, --save <file>', description: 'graph file to write', default: 'pipeline.qgraph' },
    dryRunOption,
  ],
  examples: [
    [
      'graph build pipelines/drp.yaml -b repo -i SimCam/raw/all,SimCam/calib -o u/me/drp -d "instrument=\'SimCam\'" -g drp.qgraph',
      'build and save',
    ],
  ],
  exitCodes: { 4: 'the graph would be empty; the reason is printed' },
  async action({ args, options, out }) {
    return withButler(options['repo'], { writeable: false }, async (butler) => {
      const pipeline = await openPipeline(args['pipeline'] as string, options, butler.universe);
      const { graph, report } = await buildFor(butler, pipeline, graphRequest(options));
      const { explainReport, writeGraph } = await import('../../graph/index.ts');
      if (options['dryRun'] !== true) await writeGraph(graph, options['save']);
      if (!out.json) {
        out.rows(
          ['task', 'quanta', 'candidates', 'left out'],
          report.tasks.map((t) => [t.label, t.quanta, t.candidates, t.pruned + t.skipped]),
        );
        for (const sentence of explainReport(report)) out.say(sentence);
      }
      out.say(
        `${graph.quantumCount} quanta, ${graph.datasetCount} datasets in ${report.wallSeconds.toFixed(2)} s and ${report.questions} questions to the repository${options['dryRun'] === true ? '' : `; wrote ${options['save']}`}.`,
      );
      out.value({ quanta: graph.quantumCount, datasets: graph.datasetCount, file: options['save'], report });
      return 0;
    });
  },
};
