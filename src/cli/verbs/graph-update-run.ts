// SPDX-License-Identifier: BSD-3-Clause
import { dryRunOption } from '../common-options.ts';
import { saveGraph } from '../produce/save-graph.ts';
import { ExitCode, type Verb } from '../verb.ts';

export const graphUpdateRun: Verb = {
  name: 'graph update-run',
  group: 'Produce',
  summary: 'the same work into another run: a graph with new ids for all it will make',
  details:
    'Nothing is looked up again: datasets that exist stay what they are, and the repository is not asked. Where files will be follows from the new run.',
  arguments: [
    ['<graph>', 'graph file'],
    ['<run>', 'name of the new output run'],
  ],
  options: [
    { flags: '-g, --save <file>', description: 'graph file to write', required: true },
    { flags: '-o, --output <chain>', description: 'output chain that will hold the run (default: as before)' },
    dryRunOption,
  ],
  examples: [
    ['graph update-run drp.qgraph u/me/drp/again -g again.qgraph', 'the same quanta, to be executed into another run'],
  ],
  async action({ args, options, out }) {
    const { openGraph, updateRun } = await import('../../graph/index.ts');
    const graph = await openGraph(args['graph'] as string);
    const updated = updateRun(graph, args['run'] as string, options['output']);
    const file = options['save'] as string;
    if (options['dryRun'] !== true && !(await saveGraph(updated, file))) return ExitCode.interrupted;
    const { outputRun, output } = updated.header;
    const done = options['dryRun'] === true ? 'would write' : 'wrote';
    out.say(`${done} ${file}: ${updated.quantumCount} quanta into ${outputRun} instead of ${graph.header.outputRun}.`);
    out.value({ file, id: updated.id, outputRun, output, quanta: updated.quantumCount });
    return 0;
  },
};
