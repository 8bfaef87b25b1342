// SPDX-License-Identifier: BSD-3-Clause
import { Progress } from '../progress.ts';
import type { Verb } from '../verb.ts';

export const graphImport: Verb = {
  name: 'graph import',
  group: 'Produce',
  summary: 'read a quantum graph (.qg) of Gen3 middleware and write it as a graph file',
  arguments: [
    ['<file>', 'predicted quantum graph, .qg'],
    ['<graph>', 'graph file to write'],
  ],
  details:
    'Quanta, datasets, edges, ids, file records and dimension records are those of the file. Labelled subsets and steps are not taken over.',
  examples: [
    ['graph import drp.qg drp.qgraph', 'from then on `graph show`, `graph query` and the others know it'],
    ['graph import drp.qg drp.qgraph --json', 'counts for a program'],
  ],
  async action({ args, out }) {
    const { importPeerGraph, writeGraph } = await import('../../graph/index.ts');
    const [from, to] = [args['file'] as string, args['graph'] as string];
    const progress = new Progress('reading quanta', out);
    const graph = await importPeerGraph(from, (done, total) => progress.update(done, total));
    progress.end();
    const { sizeBytes } = await writeGraph(graph, to);
    out.say(`${graph.quantumCount} quanta and ${graph.datasetCount} datasets of ${from} are in ${to}.`);
    out.value({ quanta: graph.quantumCount, datasets: graph.datasetCount, file: to, sizeBytes });
    return 0;
  },
};
