// SPDX-License-Identifier: BSD-3-Clause
import { openRun } from '../produce/open-run.ts';
import type { Verb } from '../verb.ts';
import { withButler } from '../with-butler.ts';

export const report: Verb = {
  name: 'report',
  group: 'Understand',
  summary: 'report on a run: what ran, what failed and why, what it cost; with --html a page with pictures',
  arguments: [
    ['<repo>', 'repository'],
    ['<run>', 'run, or output chain for its newest run'],
  ],
  options: [
    { flags: '--html <file>', description: 'write a self-contained page with pictures and plots' },
    { flags: '--truth <file>', description: 'truth of a simulated survey, to measure the catalogues against' },
  ],
  examples: [
    ['report repo u/me/drp', 'tables in the terminal'],
    [
      'report demo/repo u/demo/drp --truth demo/survey/truth.fits --html report.html',
      'a page with residuals against the truth',
    ],
  ],
  async action({ args, options, out }) {
    const { collectReport, formatReport } = await import('../../run/index.ts');
    const { openGraph } = await import('../../graph/index.ts');
    return withButler(args['repo'] as string, { writeable: false }, async (butler) => {
      const folder = await openRun(butler, args['run'] as string);
      const graph = await openGraph(folder.graphPath);
      const run = collectReport(graph, folder);
      out.say(formatReport(run));
      if (options['html'] === undefined && options['truth'] === undefined) {
        out.value(run);
        return 0;
      }
      const { surveyReport } = await import('../../report/index.ts');
      const survey = await surveyReport(butler, run, { truthFile: options['truth'] });
      if (!out.json && survey.checks.length > 0) {
        out.rows(
          ['figure', 'measured', 'goal', ''],
          survey.checks.map((c) => [c.name, c.value, c.goal, c.ok ? 'met' : 'MISSED']),
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
