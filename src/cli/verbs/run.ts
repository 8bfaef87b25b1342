// SPDX-License-Identifier: BSD-3-Clause
import { anyCodeOption, dryRunOption, positiveNumber } from '../common-options.ts';
import { executeOptions } from '../produce/execute-options.ts';
import { graphOptions } from '../produce/graph-options.ts';
import { openPipeline, pipelineOptions } from '../produce/pipeline-options.ts';
import type { ProductionPlan } from '../produce/produce.ts';
import { definitionsOf, sayRequests } from '../produce/show-requests.ts';
import type { Verb } from '../verb.ts';
import { withButler } from '../with-butler.ts';

export const run: Verb = {
  name: 'run',
  group: 'Produce',
  summary: 'run a pipeline: build the graph, execute it, register the outputs, report',
  details:
    'The same command again continues: what is done is not done again. Ctrl-C lets what runs end and stops; a second one stops at once. ' +
    'Progress goes to stderr (with --json: one event a line), the report to stdout.',
  arguments: [['<pipeline>', 'YAML file; file.yaml#a,b or #a..b selects tasks']],
  options: [
    ...graphOptions,
    ...pipelineOptions,
    ...executeOptions,
    {
      flags: '--build-memory <GB>',
      description: 'most memory for building the graph; what does not fit waits in a temporary file (in TMPDIR)',
      parse: positiveNumber,
    },
    { flags: '--new-run', description: 'begin a new run and do everything, whatever there is already' },
    { flags: '--new-graph', description: 'build the graph anew, for inputs that came since; what is done is kept' },
    anyCodeOption,
    { flags: '-q, --quiet', description: 'no progress' },
    dryRunOption,
  ],
  examples: [
    [
      'run pipelines/drp.yaml -b repo -i SimCam/raw/all,SimCam/calib,refcats,skymaps -o u/me/drp -d "instrument = \'SimCam\'"',
      'the whole production',
    ],
    [
      'run pipelines/drp.yaml#isr -b repo -i HSC/raw/all,HSC/calib -o u/me/isr -d "instrument = \'HSC\' AND exposure = 903334" -c isr:doFlat=false',
      'one task, one exposure, one field changed',
    ],
    [
      'run pipelines/drp.yaml … --dry-run --explain',
      'say what would run, why the rest would not, and how that was found',
    ],
    [
      'run pipelines/drp.yaml -b repo -o u/me/drp --extend-run --clobber-outputs',
      'go on in the newest run of the chain',
    ],
  ],
  exitCodes: {
    3: 'some quanta failed or are blocked',
    4: 'nothing matched; the reason is printed',
    5: 'stopped before its end, what ran was let end (one Ctrl-C, or a full disk); the same command continues',
    130: 'stopped at once (a second Ctrl-C, or SIGTERM); the same command continues',
  },
  async action({ args, options, out }) {
    const { planProduction, workerCommand } = await import('../produce/produce.ts');
    const { WarmProcesses } = await import('../../run/index.ts');
    // The first worker loads its code while it is found out what is to be done.
    const warm = new WarmProcesses(workerCommand).begin(options['dryRun'] === true ? 0 : 1);
    const { runAndReport } = await import('../produce/run-and-report.ts');
    const { showBuild } = await import('../produce/build-display.ts');
    const { sayWhatIsKept, showDryRun } = await import('../produce/show-plan.ts');
    return withButler(options['repo'], { writeable: options['dryRun'] !== true }, async (butler) => {
      const pipeline = await openPipeline(args['pipeline'] as string, options, butler.universe);
      const plan = await planProduction(butler, pipeline, options);
      if (options['dryRun'] === true) {
        if (plan.report !== undefined) await showBuild(out, plan.report, options['explain'] === true);
        await showDryRun(butler, plan, options, out);
        await sayRequests(butler, plan.graph, pipeline, options, out);
        return 0;
      }
      if (!(await sayWhatIsKept(plan, out))) return 0;
      for (const sentence of await leftOut(plan, options['explain'] === true)) out.warn(sentence);
      return runAndReport(butler, plan, options, out, { definitions: definitionsOf(pipeline), warm });
    }).finally(() => warm.end());
  },
};

/** Why quanta that might have been are not in the graph. */
async function leftOut({ report }: ProductionPlan, explain: boolean): Promise<string[]> {
  if (report === undefined) return [];
  const { explainReport, stepLines } = await import('../../graph/index.ts');
  return [...(explain ? stepLines(report) : []), ...explainReport(report)];
}
