// SPDX-License-Identifier: BSD-3-Clause
import { dryRunOption } from '../common-options.ts';
import { saveGraph } from '../produce/save-graph.ts';
import { ExitCode, type Verb } from '../verb.ts';

export const graphMerge: Verb = {
  name: 'graph merge',
  group: 'Produce',
  summary: 'one graph of several, of the same repository, pipeline and output run',
  details:
    'Parts of a graph become that graph again. A quantum in two graphs, tasks with other configurations, or two datasets in one place are errors.',
  arguments: [['<graphs...>', 'graph files']],
  options: [{ flags: '-g, --save <file>', description: 'graph file to write', required: true }, dryRunOption],
  examples: [['graph merge parts/dr1-*.qgraph -g dr1.qgraph', 'parts of a graph as one again']],
  async action({ args, options, out }) {
    const { mergeGraphs, openGraph } = await import('../../graph/index.ts');
    const paths = args['graphs'] as string[];
    const graphs = [];
    for (const path of paths) graphs.push(await openGraph(path));
    const merged = mergeGraphs(graphs);
    const file = options['save'] as string;
    if (options['dryRun'] !== true && !(await saveGraph(merged, file))) return ExitCode.interrupted;
    const done = options['dryRun'] === true ? 'would write' : 'wrote';
    const { quantumCount, datasetCount } = merged;
    out.say(`${done} ${file}: ${quantumCount} quanta and ${datasetCount} datasets of ${paths.length} graphs.`);
    out.value({ file, id: merged.id, quanta: quantumCount, datasets: datasetCount, graphs: paths });
    return 0;
  },
};
