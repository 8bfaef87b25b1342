// SPDX-License-Identifier: BSD-3-Clause
import { anyCodeOption, dryRunOption } from '../common-options.ts';
import { executeOptions } from '../produce/execute-options.ts';
import type { Verb } from '../verb.ts';
import { withButler } from '../with-butler.ts';

export const graphRun: Verb = {
  name: 'graph run',
  group: 'Produce',
  summary: 'execute a graph that stands in a file, register the outputs, report',
  details:
    'The graph was built by `graph build`, cut off by `graph split` or read by `graph import`; it is kept with its output run, and the same command continues. ' +
    'Nothing is looked up again: what came into the repository since is not in it.',
  arguments: [['<graph>', 'graph file']],
  options: [
    { flags: '-b, --repo <repo>', description: 'repository that the graph was built for', required: true },
    ...executeOptions,
    anyCodeOption,
    { flags: '-q, --quiet', description: 'no progress' },
    dryRunOption,
  ],
  examples: [
    ['graph run drp.qgraph -b repo -j 8', 'all of it'],
    ['graph run parts/dr1-1-tract=9813.qgraph -b repo', 'one part; those it needs must have been run'],
    ['graph run drp.qgraph -b repo --dry-run', 'what is left of it, and why'],
  ],
  exitCodes: {
    3: 'some quanta failed or are blocked',
    5: 'stopped before its end, what ran was let end (one Ctrl-C, or a full disk); the same command continues',
    130: 'stopped at once (a second Ctrl-C, or SIGTERM); the same command continues',
  },
  async action({ args, options, out }) {
    const { openGraph } = await import('../../graph/index.ts');
    const { planGraph } = await import('../produce/graph-plan.ts');
    const { runAndReport } = await import('../produce/run-and-report.ts');
    const { sayWhatIsKept, showDryRun } = await import('../produce/show-plan.ts');
    const graph = await openGraph(args['graph'] as string);
    return withButler(options['repo'], { writeable: options['dryRun'] !== true }, async (butler) => {
      const plan = await planGraph(butler, graph, { anyCode: options['anyCode'] === true });
      if (options['dryRun'] === true) {
        await showDryRun(butler, plan, options, out);
        return 0;
      }
      await sayWhatIsKept(plan, out);
      return runAndReport(butler, plan, options, out);
    });
  },
};
