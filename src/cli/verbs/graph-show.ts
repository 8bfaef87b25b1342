// SPDX-License-Identifier: BSD-3-Clause
import type { ColumnGraph } from '../../graph/index.ts';
import type { Output } from '../output.ts';
import { rescueOf } from '../produce/rescue.ts';
import type { Verb } from '../verb.ts';

export const graphShow: Verb = {
  name: 'graph show',
  group: 'Produce',
  summary:
    'show a quantum graph: counts, the task graph as text or picture, one quantum, its inputs, what is left to do',
  details: 'Opens in constant time: only what is shown is read, however large the graph is.',
  arguments: [['<graph>', 'graph file']],
  options: [
    { flags: '--by <dimensions>', description: 'counts by task and the values of these dimensions', list: true },
    { flags: '--inputs', description: 'what it takes from the repository, by dataset type and run' },
    {
      flags: '--quantum <which>',
      description:
        'one quantum with its neighbourhood: row, UUID, or "label key=value …"; a dataset\'s UUID for its producer',
    },
    {
      flags: '--rescue <run-or-collections>',
      description: 'what is left to do after a run (its folder or, with --repo, its name), or of what collections hold',
    },
    { flags: '-b, --repo <repo>', description: 'repository, for --rescue' },
    {
      flags: '--format <format>',
      description: 'the task graph as',
      choices: ['text', 'mermaid', 'dot', 'svg'],
      default: 'text',
    },
    { flags: '--mermaid', description: 'the same as --format mermaid' },
  ],
  examples: [
    ['graph show drp.qgraph', 'counts by task and the task graph'],
    ['graph show drp.qgraph --format svg > drp.svg', 'the task graph as a picture'],
    ['graph show drp.qgraph --by tract,band', 'quanta of each task by tract and band'],
    [
      'graph show drp.qgraph --quantum "calibrate visit=42 detector=3"',
      'what it reads, writes, waits for and lets start',
    ],
    ['graph show drp.qgraph --rescue u/me/drp/20260101T000000Z --repo repo', 'what running it again would do'],
    ['graph show drp.qgraph --inputs --json', 'input datasets by type and run, for programs'],
  ],
  async action({ args, options, out }) {
    const { graphDot, graphInputs, graphMermaid, graphSummary, graphSvg, graphText, openGraph } = await import(
      '../../graph/index.ts'
    );
    const graph = await openGraph(args['graph'] as string);
    if (options['quantum'] !== undefined) return showQuanta(graph, options['quantum'], out);
    if (options['by'] !== undefined) return showCounts(graph, options['by'], out);
    if (options['rescue'] !== undefined) {
      const plan = await rescueOf(graph, options['rescue'], options['repo']);
      if (!out.json)
        out.rows(
          ['task', 'quanta', 'done', 'left', 'why'],
          plan.tasks.map(({ label, quanta, done, left, why }) => [
            label,
            quanta,
            done,
            left,
            Object.entries(why)
              .map(([what, count]) => `${count} ${what}`)
              .join(', '),
          ]),
        );
      out.say(`${plan.left} quanta would run, ${plan.done} are done.`);
      out.value(plan);
      return 0;
    }
    if (options['inputs'] === true) {
      const inputs = graphInputs(graph);
      if (!out.json)
        out.rows(
          ['dataset type', 'datasets', 'files', 'GB', 'runs', 'read by'],
          inputs.map((input) => [
            input.datasetType,
            input.datasets,
            input.files,
            (input.sizeBytes / 1e9).toFixed(3),
            `${input.runs[0].run}${input.runs.length > 1 ? ` and ${input.runs.length - 1} more` : ''}${input.pending > 0 ? ` (${input.pending} not made yet)` : ''}`,
            [...new Set(input.readBy.map(({ label }) => label))].join(', '),
          ]),
        );
      out.value(inputs);
      return 0;
    }
    if (out.json) out.value(graphSummary(graph));
    else {
      const format = options['mermaid'] === true ? 'mermaid' : options['format'];
      const draw = { text: graphText, mermaid: graphMermaid, dot: graphDot, svg: graphSvg };
      out.say(draw[format as keyof typeof draw](graph).trimEnd());
    }
    return 0;
  },
};

async function showQuanta(graph: ColumnGraph, which: string, out: Output): Promise<number> {
  const { findQuanta, neighbourhood, neighbourhoodText } = await import('../../graph/index.ts');
  const found = findQuanta(graph, which);
  const all = found.map((quantum) => neighbourhood(graph, quantum));
  out.say(all.map(neighbourhoodText).join('\n\n'));
  out.value(all);
  if (found.length === 0) out.warn(`no quantum of this graph is "${which}".`);
  return found.length === 0 ? 4 : 0;
}

async function showCounts(graph: ColumnGraph, dimensions: readonly string[], out: Output): Promise<number> {
  const { countsBy } = await import('../../graph/index.ts');
  const { labels, rows } = countsBy(graph, dimensions);
  out.rows(
    [...dimensions, ...labels],
    rows.map(({ values, quanta }) => [...values, ...quanta]),
  );
  return 0;
}
