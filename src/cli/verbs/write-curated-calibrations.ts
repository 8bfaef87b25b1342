// SPDX-License-Identifier: BSD-3-Clause
import { cliErrors } from '../errors.ts';
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
  options: [
    { flags: '--collection <name>', description: 'CALIBRATION collection (default: <instrument>/calib)' },
    {
      flags: '--label <names>',
      description: 'what follows in the default name: <instrument>/calib/<label>…',
      list: true,
    },
  ],
  examples: [
    ['write-curated-calibrations repo Nickel', 'into Nickel/calib'],
    ['write-curated-calibrations repo Nickel --label DM-1234', 'into Nickel/calib/DM-1234'],
  ],
  async action({ args, options, out }) {
    const { writeCuratedCalibrations: write } = await import('../../instruments/index.ts');
    const label = (options['label'] ?? []) as string[];
    if (options['collection'] !== undefined && label.length > 0)
      throw cliErrors.OPTIONS({ problem: '--label makes the name that --collection gives: leave one of them out' });
    return withButler(args['repo'] as string, { writeable: true }, async (butler) => {
      const report = await write(butler, args['instrument'] as string, { collection: options['collection'], label });
      out.say(
        `${report.written} calibrations written and certified in ${report.collection}; ${report.present} were there.`,
      );
      out.value(report);
      return 0;
    });
  },
};
