// SPDX-License-Identifier: BSD-3-Clause
import type { Verb } from '../verb.ts';

export const graphShow: Verb = {
  name: 'graph show',
  group: 'Produce',
  summary: 'show a quantum graph: counts by task, the task graph, one quantum',
  arguments: [['<graph>', 'graph file']],
  options: [
    { flags: '--mermaid', description: 'the task graph as Mermaid' },
    { flags: '--quantum <id>', description: 'one quantum with its neighbourhood: UUID or row number' },
  ],
  examples: [
    ['graph show drp.qgraph', 'counts by task and the task graph'],
    ['graph show drp.qgraph --quantum 17', 'what it reads, writes, waits for and lets start'],
  ],
  async action({ args, options, out }) {
    const { graphMermaid, graphSummary, graphText, openGraph, quantumText } = await import('../../graph/index.ts');
    const graph = await openGraph(args['graph'] as string);
    if (out.json) out.value(graphSummary(graph));
    else if (options['mermaid'] === true) out.say(graphMermaid(graph));
    else if (options['quantum'] !== undefined) out.say(quantumText(graph, options['quantum']));
    else out.say(graphText(graph));
    return 0;
  },
};
