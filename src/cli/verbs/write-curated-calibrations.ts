// SPDX-License-Identifier: BSD-3-Clause
import type { Verb } from '../verb.ts';
import { withButler } from '../with-butler.ts';

export const writeCuratedCalibrations: Verb = {
  name: 'write-curated-calibrations',
  group: 'Ingest',
  summary: "write an instrument's own calibrations (camera geometry, defects), valid for all time",
  arguments: [
    ['<repo>', 'repository'],
    ['<instrument>', 'registered instrument'],
  ],
  options: [{ flags: '--collection <name>', description: 'CALIBRATION collection (default: <instrument>/calib)' }],
  examples: [['write-curated-calibrations repo Nickel', 'into Nickel/calib']],
  async action({ args, options, out }) {
    const { writeCuratedCalibrations: write } = await import('../../instruments/index.ts');
    return withButler(args['repo'] as string, { writeable: true }, async (butler) => {
      const report = await write(butler, args['instrument'] as string, options['collection']);
      out.say(
        `${report.written} calibrations written and certified in ${report.collection}; ${report.present} were there.`,
      );
      out.value(report);
      return 0;
    });
  },
};
