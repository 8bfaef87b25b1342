// SPDX-License-Identifier: BSD-3-Clause
import type { Verb } from '../verb.ts';

export const demo: Verb = {
  name: 'demo',
  group: 'Start here',
  summary: 'the whole story on a simulated survey: raw exposures to catalogues and a report',
  details:
    'Runs the commands a survey team would type, one after the other, and shows each. Interrupted, the same command goes on where it was.',
  options: [
    { flags: '--folder <folder>', description: 'where to work', default: 'demo' },
    { flags: '--tiny', description: 'one detector, one band, a minute at most' },
    { flags: '--dry-run', description: 'only print the commands' },
  ],
  examples: [
    ['demo', 'about a minute on two cores; report in demo/report.html'],
    ['demo --tiny --folder /tmp/tiny', 'the smallest survey that exercises everything'],
    ['demo --dry-run', 'the commands, to copy'],
  ],
  exitCodes: { 3: 'a step ended with failures' },
  async action({ options, out, runLine }) {
    const { runDemo } = await import('../demo/run-demo.ts');
    return runDemo(options['folder'], {
      tiny: options['tiny'] === true,
      dryRun: options['dryRun'] === true,
      out,
      runLine,
    });
  },
};
