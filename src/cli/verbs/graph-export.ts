// SPDX-License-Identifier: BSD-3-Clause
import type { ColumnGraph } from '../../graph/index.ts';
import { Progress } from '../progress.ts';
import type { Verb } from '../verb.ts';
import { withButler } from '../with-butler.ts';

export const graphExport: Verb = {
  name: 'graph export',
  group: 'Produce',
  summary: 'write a quantum graph as a file (.qg) of Gen3 middleware',
  arguments: [
    ['<graph>', 'graph file'],
    ['<file>', 'predicted quantum graph to write, .qg'],
  ],
  options: [
    { flags: '-b, --repo <repo>', description: 'repository of the dimension records that the graph has not' },
    { flags: '--datastore <name>', description: 'name of the datastore that holds the files (default: the usual one)' },
  ],
  details:
    'The file can be executed where the classes of its tasks can be imported: tasks that exist as Python classes. Tasks of another kind can be looked at only.',
  examples: [
    ['graph export drp.qgraph drp.qg --repo repo', 'for the programs of Gen3 middleware'],
    ['graph export imported.qgraph drp.qg', 'a graph that was imported has all its records'],
  ],
  async action({ args, options, out }) {
    const { candidateSource, exportPeerGraph, openGraph } = await import('../../graph/index.ts');
    const file = args['file'] as string;
    const graph = await openGraph(args['graph'] as string);
    const progress = new Progress('writing quanta', out);
    const common = {
      datastore: options['datastore'] as string | undefined,
      command: ['skymill', ...process.argv.slice(2)].join(' '),
      onProgress: (done: number, total: number) => progress.update(done, total),
    };
    const { sizeBytes } =
      options['repo'] === undefined
        ? await exportPeerGraph(graph, file, common)
        : await withButler(options['repo'], { writeable: false }, async (butler) => {
            const source = candidateSource(butler);
            const fetch = (element: string, within: Parameters<typeof source.records>[1]) =>
              source.records(element, within);
            return exportPeerGraph(graph, file, { ...common, repository: { universe: butler.universe, fetch } });
          });
    progress.end();
    for (const label of notPython(graph)) out.warn(`Task ${label} is no Python class: it can be looked at, not run.`);
    out.say(`Wrote ${graph.quantumCount} quanta to ${file} (${sizeBytes} bytes).`);
    out.value({
      quanta: graph.quantumCount,
      datasets: graph.datasetCount,
      file,
      sizeBytes,
      notPython: notPython(graph),
    });
    return 0;
  },
};

function notPython(graph: ColumnGraph): string[] {
  return graph.tasks.filter(({ declaration }) => declaration.runner !== 'python').map(({ label }) => label);
}
