// SPDX-License-Identifier: BSD-3-Clause
import { dryRunOption, positiveNumber } from '../common-options.ts';
import { saveParts } from '../produce/save-graph.ts';
import { ExitCode, type Verb } from '../verb.ts';

export const graphSplit: Verb = {
  name: 'graph split',
  group: 'Produce',
  summary: 'split a graph into parts that are graphs by themselves, in the order in which they can run',
  details:
    'Every quantum goes to one part. What a part reads and an earlier part makes stands in it as an existing dataset with the id it will have; run the parts in the order that is printed. Each part writes to its own run, <output run>/<part>.',
  arguments: [['<graph>', 'graph file']],
  options: [
    { flags: '--by <dimensions>', description: 'a part for each value of these dimensions', list: true },
    { flags: '--parts <n>', description: 'so many parts of about equal size', parse: positiveNumber },
    {
      flags: '--tasks <expression>',
      description: 'tasks of one part (isr..calibrate, >=makeWarp); repeat for more; the others make the part "rest"',
      list: true,
      parse: (text) => text,
    },
    { flags: '--into <folder>', description: 'folder for the parts (default: beside the graph)' },
    dryRunOption,
  ],
  examples: [
    ['graph split dr1.qgraph --by tract --dry-run', 'what parts there would be'],
    ['graph split dr1.qgraph --by tract,band --into parts', 'a graph file for each tract and band'],
    ['graph split dr1.qgraph --parts 8', 'eight parts along the dimension that suits best'],
    ['graph split dr1.qgraph --tasks isr..calibrate --tasks makeWarp,assembleCoadd', 'by steps of the pipeline'],
  ],
  async action({ args, options, out }) {
    const { basename, join } = await import('node:path');
    const { openGraph } = await import('../../graph/index.ts');
    const path = args['graph'] as string;
    const into = options['into'] as string | undefined;
    const dryRun = options['dryRun'] === true;
    const by = { by: options['by'], parts: options['parts'], tasks: options['tasks'] };
    const file = into === undefined ? path : join(into, basename(path));
    const parts = await saveParts(await openGraph(path), file, by, { dryRun });
    if (parts === undefined) {
      out.warn('Stopped: no part was written.');
      return ExitCode.interrupted;
    }
    if (!out.json)
      out.rows(
        ['part', 'quanta', 'output run', dryRun ? 'file (not written)' : 'file', 'after'],
        parts.map(({ name, quanta, run, file: to, needs }) => [name, quanta, run, to, needs.join(', ')]),
      );
    out.value(parts);
    return 0;
  },
};
