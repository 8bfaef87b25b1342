// SPDX-License-Identifier: BSD-3-Clause
import { dryRunOption, whereOption } from '../common-options.ts';
import { cliErrors } from '../errors.ts';
import { ExitCode, type Verb } from '../verb.ts';
import { withButler } from '../with-butler.ts';

export const certifyCalibrations: Verb = {
  name: 'certify-calibrations',
  group: 'Ingest',
  summary: 'give calibrations a validity range in a CALIBRATION collection',
  arguments: [
    ['<repo>', 'repository'],
    ['<input>', 'collection that holds the calibrations'],
    ['<output>', 'CALIBRATION collection; made if need be'],
    ['<type>', 'dataset type, e.g. bias'],
  ],
  options: [
    {
      flags: '--begin-date <time>',
      description: 'first instant of validity, TAI, e.g. 2026-01-10T00:00:00 (default: always)',
    },
    { flags: '--end-date <time>', description: 'first instant of no validity (default: for ever)' },
    {
      flags: '--search-all-inputs',
      description: 'if the input is a chain, search all its members, not only the first',
    },
    whereOption,
    dryRunOption,
  ],
  examples: [
    [
      'certify-calibrations repo u/me/bias SimCam/calib bias --begin-date 2026-01-01 --end-date 2026-02-01',
      'one month',
    ],
  ],
  exitCodes: { 4: 'the input collection has no such dataset' },
  async action({ args, options, out }) {
    const { parseTaiTime, timespanText } = await import('../timespan-text.ts');
    return withButler(args['repo'] as string, { writeable: options['dryRun'] !== true }, async (butler) => {
      const [given, output, type] = [args['input'], args['output'], args['type']] as string[];
      const { children } = await butler.getCollection(given);
      const input = options['searchAllInputs'] === true ? given : (children?.[0] ?? given);
      await butler.getDatasetType(type);
      let query = butler.query();
      if (options['where'] !== undefined) query = query.where(options['where']);
      const refs = [];
      for await (const ref of query.datasets(type, { collections: [input], findFirst: true })) refs.push(ref);
      const timespan = { beginNs: parseTaiTime(options['beginDate']), endNs: parseTaiTime(options['endDate']) };
      const { beginNs, endNs } = timespan;
      if (beginNs !== undefined && endNs !== undefined && endNs <= beginNs) {
        const problem = `it ends (${options['endDate']}) no later than it begins (${options['beginDate']})`;
        throw cliErrors.BAD_CONFIG({ what: 'validity range', problem });
      }
      if (refs.length === 0) {
        out.warn(`${input} has no ${type}`);
        out.value({ certified: 0 });
        return ExitCode.nothing;
      }
      if (options['dryRun'] !== true) {
        await butler.registerCollection(output, 'CALIBRATION');
        await butler.certify(output, refs, timespan);
      }
      out.say(
        `${options['dryRun'] === true ? 'Would certify' : 'Certified'} ${refs.length} ${type} in ${output} for ${timespanText(timespan)} TAI.`,
      );
      out.value({ certified: refs.length, collection: output, type, timespan });
      return ExitCode.ok;
    });
  },
};
