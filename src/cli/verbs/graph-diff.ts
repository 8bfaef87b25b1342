// SPDX-License-Identifier: BSD-3-Clause
import { positiveNumber } from '../common-options.ts';
import type { Verb } from '../verb.ts';

export const graphDiff: Verb = {
  name: 'graph diff',
  group: 'Produce',
  summary: 'what is different between two graphs: quanta, inputs, configurations, dataset types',
  details:
    'Quanta are matched by task and data ID; inputs by id where they exist, else by data ID. Ids of the graphs themselves are not compared.',
  arguments: [
    ['<a>', 'graph file'],
    ['<b>', 'graph file'],
  ],
  options: [
    { flags: '--examples <n>', description: 'at most so many examples each', default: 5, parse: positiveNumber },
  ],
  examples: [
    ['graph diff yesterday.qgraph today.qgraph', 'by task, with examples'],
    ['graph diff a.qgraph b.qgraph --json', 'for programs'],
  ],
  exitCodes: { 3: 'the graphs differ' },
  async action({ args, options, out }) {
    const { diffGraphs, diffText, openGraph } = await import('../../graph/index.ts');
    const [a, b] = [await openGraph(args['a'] as string), await openGraph(args['b'] as string)];
    const diff = diffGraphs(a, b, { examples: options['examples'] });
    out.say(diffText(diff));
    out.value(diff);
    return diff.same ? 0 : 3;
  },
};
