// SPDX-License-Identifier: BSD-3-Clause
import { dryRunOption, positiveNumber } from '../common-options.ts';
import { graphOptions } from '../produce/graph-options.ts';
import { openPipeline, pipelineOptions } from '../produce/pipeline-options.ts';
import { ExitCode, type Verb } from '../verb.ts';
import { withButler } from '../with-butler.ts';

export const graphBuild: Verb = {
  name: 'graph build',
  group: 'Produce',
  summary: 'build a quantum graph and write it to a file',
  details:
    'The repository is only read. The file is written beside its place and renamed there: it is whole or not there at all. ' +
    'An empty graph tells which task, input or condition left nothing, with counts as one constraint is added after the other.',
  arguments: [['<pipeline>', 'YAML file; file.yaml#a,b or #a..b selects tasks']],
  options: [
    ...graphOptions,
    ...pipelineOptions,
    {
      flags: '-g, --save <file>',
      description: 'graph file to write',
      default: 'pipeline.qgraph',
      aliases: ['--save-qgraph <file>'],
    },
    {
      flags: '--partition <dimensions>',
      description:
        'write a graph for each value of these dimensions instead of one, in the order in which they can run',
      list: true,
    },
    {
      flags: '--memory <GB>',
      description: 'most memory of the process; what does not fit waits in a temporary file',
      parse: positiveNumber,
    },
    { flags: '--spill <folder>', description: 'where that temporary file is (default: TMPDIR)' },
    { flags: '-q, --quiet', description: 'no progress' },
    dryRunOption,
  ],
  examples: [
    [
      'graph build pipelines/drp.yaml -b repo -i SimCam/raw/all,SimCam/calib -o u/me/drp -d "instrument=\'SimCam\'" -g drp.qgraph',
      'build and save',
    ],
    [
      'graph build pipelines/drp.yaml -b repo -o u/me/drp -d "tract = 9813" --dry-run --explain',
      'the plan, step by step',
    ],
    [
      'graph build pipelines/drp.yaml -b repo -o u/me/drp --skip-existing-in u/me/drp --retained-dataset-types keep.txt',
      'what is not done yet; intermediates that were not kept are made again',
    ],
    ['graph build pipelines/drp.yaml -b repo -o u/me/drp --extend-run --clobber-outputs', 'go on in the newest run'],
    [
      'graph build pipelines/drp.yaml#isr -b repo -i HSC/raw/all,HSC/calib -o u/me/isr --data-id-table good.ecsv',
      'only these',
    ],
    [
      'graph build pipelines/drp.yaml -b repo -o u/me/drp --partition tract -g parts/drp.qgraph',
      'a graph for each tract',
    ],
  ],
  exitCodes: { 4: 'the graph would be empty; the reason is printed' },
  async action({ args, options, out }) {
    return withButler(options['repo'], { writeable: false }, async (butler) => {
      const { buildFor } = await import('../produce/build-graph.ts');
      const { showBuild } = await import('../produce/build-display.ts');
      const { graphRequest } = await import('../produce/graph-request.ts');
      const pipeline = await openPipeline(args['pipeline'] as string, options, butler.universe);
      const request = await graphRequest(butler, pipeline, options);
      const { graph, report } = await buildFor(butler, pipeline, request, {
        memoryBytes: options['memory'] === undefined ? undefined : options['memory'] * 1e9,
        spillFolder: options['spill'],
        quiet: options['quiet'] === true || out.json,
      });
      const dryRun = options['dryRun'] === true;
      await showBuild(out, report, options['explain'] === true);
      const { saveGraph, saveParts } = await import('../produce/save-graph.ts');
      const file: string = options['save'];
      const partition = options['partition'] as string[] | undefined;
      if (partition !== undefined) {
        const parts = await saveParts(graph, file, { by: partition }, { dryRun });
        if (parts === undefined) {
          out.warn('Stopped: no part was written.');
          return ExitCode.interrupted;
        }
        if (!out.json)
          out.rows(
            ['part', 'quanta', dryRun ? 'file (not written)' : 'file'],
            parts.map((p) => [p.name, p.quanta, p.file]),
          );
        out.value({ quanta: graph.quantumCount, datasets: graph.datasetCount, parts, report });
        return ExitCode.ok;
      }
      if (!dryRun && !(await saveGraph(graph, file))) {
        out.warn('Stopped: no file was written.');
        return ExitCode.interrupted;
      }
      out.say(
        `${graph.quantumCount} quanta, ${graph.datasetCount} datasets in ${report.wallSeconds.toFixed(2)} s and ${report.questions} questions to the repository${dryRun ? '' : `; wrote ${file}`}.`,
      );
      out.value({ quanta: graph.quantumCount, datasets: graph.datasetCount, file: dryRun ? null : file, report });
      return ExitCode.ok;
    });
  },
};
