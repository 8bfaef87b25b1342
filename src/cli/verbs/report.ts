// SPDX-License-Identifier: BSD-3-Clause

import { cliErrors } from '../errors.ts';
import type { Output } from '../output.ts';
import { openRun } from '../produce/open-run.ts';
import { ExitCode, type Verb } from '../verb.ts';
import { withButler } from '../with-butler.ts';

export const report: Verb = {
  name: 'report',
  group: 'Understand',
  summary: 'report on a run: what ran, what failed and why, what it cost; with --html a page with pictures',
  arguments: [
    ['<repo>', 'repository'],
    ['[run]', 'run, or output chain for its newest run; without it the runs are listed, newest first'],
    ['[other]', 'a second run: what is different in it'],
  ],
  options: [
    { flags: '--html <file>', description: 'write a self-contained page with pictures and plots' },
    { flags: '--truth <file>', description: 'truth of a simulated survey, to measure the catalogues against' },
  ],
  examples: [
    ['report repo', 'what runs there are'],
    ['report repo u/me/drp', 'tables in the terminal'],
    [
      'report repo u/me/drp/20260101T000000Z u/me/drp',
      'two runs beside each other, and what failed in only one of them',
    ],
    [
      'report demo/repo u/demo/drp --truth demo/survey/truth.fits --html report.html',
      'a page with residuals against the truth',
    ],
  ],
  exitCodes: { 4: 'the repository has no run' },
  async action({ args, options, out }) {
    if (args['run'] === undefined) return listRunsOf(args['repo'] as string, out);
    const { collectReport, formatReport } = await import('../../run/index.ts');
    const { openGraph } = await import('../../graph/index.ts');
    return withButler(args['repo'] as string, { writeable: false }, async (butler) => {
      const folder = await openRun(butler, args['run'] as string);
      const graph = await openGraph(folder.graphPath);
      if (args['other'] !== undefined) {
        if (options['html'] !== undefined || options['truth'] !== undefined)
          throw cliErrors.OPTIONS({ problem: '--html and --truth are about one run, but two are given' });
        const { compareRuns, formatComparison } = await import('../../run/index.ts');
        const second = await openRun(butler, args['other'] as string);
        const other = { folder: second, graph: await openGraph(second.graphPath) };
        const comparison = compareRuns({ folder, graph }, other);
        out.say(formatComparison(comparison));
        out.value(comparison);
        return 0;
      }
      const run = collectReport(graph, folder);
      out.say(formatReport(run, process.stdout.columns));
      if (options['html'] === undefined && options['truth'] === undefined) {
        out.value(run);
        return 0;
      }
      const { surveyReport } = await import('../../report/index.ts');
      const survey = await surveyReport(butler, run, { truthFile: options['truth'] });
      if (!out.json && survey.checks.length > 0) {
        out.rows(
          ['figure', 'measured', 'goal', ''],
          survey.checks.map((c) => [
            c.name,
            c.value,
            c.goal,
            c.ok === undefined ? 'too few to judge' : c.ok ? 'met' : 'MISSED',
          ]),
        );
      }
      if (options['html'] !== undefined) {
        const { writeFile } = await import('node:fs/promises');
        await writeFile(options['html'], survey.html);
        out.say(`Wrote ${options['html']}.`);
      }
      out.value({ run, checks: survey.checks });
      return 0;
    });
  },
};

async function listRunsOf(repo: string, out: Output): Promise<number> {
  const { listRuns } = await import('../../run/index.ts');
  return withButler(repo, { writeable: false }, async (butler) => {
    const runs = listRuns(butler.root);
    if (runs.length === 0) out.warn('there is no run in this repository');
    if (out.json) out.value(runs);
    else if (runs.length > 0)
      out.rows(
        ['run', 'begun', 'pipeline', 'where'],
        runs.map((r) => [r.run, r.createdAt, r.pipeline, r.where]),
      );
    return runs.length === 0 ? ExitCode.nothing : ExitCode.ok;
  });
}
